"""The list of findings as operators read it: newest first, narrowed, with names."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.cursor import Cursor
from gongdao.base.db import Queryable
from gongdao.flows.guard.access import UNTIED, require_reader
from gongdao.flows.guard.see import Warned, warned_of
from gongdao.flows.settings import current_pack
from gongdao.policy.guard import Level, Subject
from gongdao.risk.finding import Verdict
from gongdao.risk.store import kept_of

PAGE_MAX = 100

_LIST = """
SELECT f.*, s.name AS shop, b.name AS buyer, c.number AS talk_number, k.number AS case_number,
       o.number AS order_number
  FROM ({found}) AS f
  LEFT JOIN shops s ON s.id = f.shop_id
  LEFT JOIN people b ON b.id = f.buyer_id
  LEFT JOIN chat_conversations c ON c.id = f.conversation_id
  LEFT JOIN cases k ON k.id = f.case_id
  LEFT JOIN orders o ON o.id = f.order_id
 ORDER BY f.found_at DESC, f.id DESC
"""
_FOUND = f"""
SELECT f.* FROM risk_findings f
 WHERE {UNTIED} {{where}} ORDER BY f.found_at DESC, f.id DESC LIMIT $2
"""  # noqa: S608 - made of constants
# The newest of each weight: where few are so heavy, a list by time alone would read all the others.
_OF_WEIGHTS = """
SELECT f.* FROM generate_series({least}, 100) AS heavy (weight) CROSS JOIN LATERAL ({found}) AS f
 ORDER BY f.found_at DESC, f.id DESC LIMIT $2
"""


class FindingFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed to; None is any."""

    finding_id: UUID | None = None
    code: str | None = None
    subject: Subject | None = None
    shop_id: UUID | None = None
    buyer_id: UUID | None = None
    named: UUID | None = None
    """A person whom the evidence names; asked together with a code."""
    about: Literal["buyer", "shop", "other"] | None = None
    verdict: Verdict | Literal["unmarked"] | None = None
    weight: int | None = None
    """At least so heavy by itself."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A finding with the names of what it is about."""

    warned: Warned
    level: Level
    """What it comes to by itself."""
    by: str
    pack: str
    found_at: datetime
    shop_id: UUID | None
    shop: str
    buyer_id: UUID | None
    buyer: str
    talk_number: int | None
    order_id: UUID | None
    order_number: str
    case_id: UUID | None
    case_number: int | None


class FindingPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some findings, and where the rest begins."""

    findings: tuple[Listed, ...]
    following: Cursor | None


async def list_findings(
    database: Queryable,
    who: Principal,
    wanted: FindingFilter,
    *,
    after: Cursor | None = None,
    limit: int = 50,
) -> FindingPage:
    """The newest findings of that kind. Raises Refusal wrong_role."""
    require_reader(who)
    assert 1 <= limit <= PAGE_MAX, "the edge checks the limit"
    found, values = _narrowed(wanted, after)
    rows = await database.fetch(_LIST.format(found=found), who.person_id, limit + 1, *values)
    book = (await current_pack(database)).guard
    listed: list[Listed] = []
    for row in rows[:limit]:
        warned = warned_of(who, kept_of(row), book)
        assert warned is not None, "who reads all is told of all"
        listed.append(
            Listed(
                warned=warned,
                level=book.level([] if row["verdict"] == "wrong" else [row["weight"]]),
                by=row["by"],
                pack=row["pack"],
                found_at=row["found_at"],
                shop_id=row["shop_id"],
                shop=row["shop"] or "",
                buyer_id=row["buyer_id"],
                buyer=row["buyer"] or "",
                talk_number=row["talk_number"],
                order_id=row["order_id"],
                order_number=row["order_number"] or "",
                case_id=row["case_id"],
                case_number=row["case_number"],
            )
        )
    more = len(rows) > limit
    last = Cursor(listed[-1].found_at, listed[-1].warned.finding_id) if more else None
    return FindingPage(findings=tuple(listed), following=last)


def _narrowed(wanted: FindingFilter, after: Cursor | None) -> tuple[str, list[Any]]:
    values: list[Any] = []
    conditions: list[str] = []

    def must(condition: str, *given: Any) -> None:
        marks = [f"${len(values) + 3 + i}" for i in range(len(given))]
        values.extend(given)
        conditions.append(condition.format(*marks))

    if wanted.finding_id is not None:
        must("f.id = {}", wanted.finding_id)
    for column in ("code", "subject", "about", "shop_id", "buyer_id"):
        if (value := getattr(wanted, column)) is not None:
            must(f"f.{column} = {{}}", value)
    if wanted.named is not None:
        person = "jsonb_build_array(jsonb_build_object('shows', 'person', 'said', {}::text))"
        must(f"f.evidence @> {person}", str(wanted.named))
    if wanted.verdict == "unmarked":
        must("f.verdict IS NULL")
    elif wanted.verdict:
        must("f.verdict = {}", wanted.verdict)
    if after is not None:
        must("(f.found_at, f.id) < ({}, {})", after.at, after.id)
    if wanted.weight:
        conditions.append("f.weight = heavy.weight")
    found = _FOUND.format(where="".join(f" AND {one}" for one in conditions))
    if wanted.weight:
        values.append(wanted.weight)
        found = _OF_WEIGHTS.format(least=f"${len(values) + 2}::integer", found=found)
    return found, values

"""The platform's queue: cases by stage and clock, a page at a time, and how many wait.

What the platform has let run out comes first, then what is due first. A page is one statement: each
stage is an index range of its own, so that it costs the same whether forty cases are open or a
million.
"""
# ruff: noqa: S608 - statements are put together from constants, words and ids; all else is a parameter

import re
from datetime import UTC, datetime
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from gongdao.base.cursor import Instant, Place
from gongdao.base.db import Queryable, Record
from gongdao.base.values import Values
from gongdao.cases.case import Case
from gongdao.cases.chain import decode_state
from gongdao.flows.conflicts import free_for_arbiter
from gongdao.policy.words import Stage

PAGE = 50
#: Counts stop here: nobody needs to know more exactly.
COUNT_MAX = 1000
#: A search looks at so many orders that begin like what was typed.
HITS_MAX = 200
#: A search by order or buyer asks each shop's own index; an installation has at most so many.
SHOPS_MAX = 5000
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
#: What a word of a filter looks like; nothing else gets into a statement.
_WORD = re.compile(r"[a-z_]{1,40}", re.ASCII)
_NIL, _END = UUID(int=0), UUID(int=2**128 - 1)

_JUDGED = ("triage", "adjudication", "supervisor_review")
_COMING = ("evidence", "seller_preprocessing", "mediation", "jury")
#: The stages of each view of the queue; closed cases are in none.
STAGES: dict[str, tuple[str, ...]] = {
    "waiting": _JUDGED,
    "coming": _COMING,
    "parties": tuple(s for s in get_args(Stage) if s not in (*_JUDGED, *_COMING, "closed")),
    "closed": (),
}
#: The index cases_missed serves this.
_MISSED = "state ? 'missed'"
_COLUMNS = (
    "c.id, c.number, c.order_id, c.shop_id, c.buyer_id, c.due_at, c.opened_at, c.ended, c.state"
)


#: In whose hands a case is: anybody's, mine, nobody's, or at least not another's.
Claimed = Literal["", "mine", "free", "not_others"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the queue is narrowed to; empty is any."""

    tab: str = "waiting"
    """One of STAGES."""
    stage: str = ""
    procedure: str = ""
    kind: str = ""
    reason: str = ""
    shop: UUID | None = None
    buyer: UUID | None = None
    claim: Claimed = ""
    me: UUID | None = None
    """Whose claims are "mine"."""
    fits: bool = False
    """Only what nothing keeps this person from ruling on."""
    text: str = ""
    """A case's or an order's number, or the beginning of a shop's or a buyer's name."""


class RowPlace(Place, frozen=True):
    """The last row of a page; the next page begins after it."""

    at: Instant | None
    case_id: UUID
    missed: bool = False
    """Whether that row was one of those that the platform has let run out."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the queue."""

    number: int
    case: Case
    due_at: datetime | None
    order_number: str
    shop_name: str
    buyer_name: str
    product: str
    claimed_by: UUID | None
    claimed_name: str
    barred: bool
    """Whether whoever looks must leave this case to somebody else."""

    @property
    def amount_fen(self) -> int:
        """What was agreed or ruled, else what is asked for."""
        return sum(self.case.award_fen.values()) or self.case.asked_fen


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the queue, and where the next one begins."""

    rows: tuple[Row, ...]
    following: RowPlace | None = None


async def read_queue(
    database: Queryable, wanted: Wanted, *, after: RowPlace | None = None, limit: int = PAGE
) -> Queue:
    """A page of cases, the most urgent clock first; closed ones the newest first."""
    values = Values()
    if wanted.text:
        page = _hits(wanted, values)
    elif wanted.tab == "closed":
        page = _closed_page(wanted, after, limit, values)
    else:
        page = _open_page(wanted, after, limit, values)
    found = await database.fetch(_with_details(page, values.add(wanted.me)), *values.all)
    more = len(found) > limit and not wanted.text
    rows = tuple(_row(record) for record in found[:limit])
    return Queue(rows=rows, following=_place(found[limit - 1]) if more else None)


async def next_waiting(database: Queryable, *, me: UUID, not_this: UUID | None) -> UUID | None:
    """The most urgent case that no other arbiter has and that this one may rule on.

    The one that was just looked at is passed over.
    """
    rows: list[Row] = []
    for stage in ("adjudication", "triage"):
        wanted = Wanted(stage=stage, claim="not_others", me=me, fits=True)
        rows += (await read_queue(database, wanted, limit=2)).rows
    rows.sort(key=lambda row: (not row.case.missed, row.due_at or _LAST, row.case.id))
    return next((row.case.id for row in rows if row.case.id != not_this), None)


async def find_by_number(database: Queryable, number: int) -> UUID | None:
    """The case of a number."""
    if not 0 < number < 2**63:
        return None
    return await database.fetchval("SELECT id FROM cases WHERE number = $1", number)


async def count_tabs(database: Queryable) -> dict[str, int]:
    """How many open cases each view has, and how many were missed; COUNT_MAX is that or more."""
    conditions = {tab: "true" for tab, stages in STAGES.items() if stages} | {"missed": _MISSED}
    values: list[Any] = []
    parts: list[str] = []
    for name, condition in conditions.items():
        values.append(list(STAGES.get(name, STAGES["waiting"])))
        parts.append(
            f"(SELECT count(*) FROM (SELECT FROM cases WHERE stage = ANY (${len(values)})"
            f" AND ended IS NULL AND {condition} LIMIT {COUNT_MAX}) AS {name}) AS {name}"
        )
    row = await database.fetchrow(f"SELECT {', '.join(parts)}", *values)
    assert row, "a count always answers"
    return {name: row[name] for name in conditions}


def _narrow(wanted: Wanted, values: Values) -> str:
    """The filters, in front of each an " AND ".

    Words and the shop stand in the statement itself: only so the planner knows whether almost all
    cases are meant, and walks the queue, or hardly any, and takes the index of words.
    """
    columns = {"procedure": wanted.procedure, "kind": wanted.kind, "reason": wanted.reason}
    asked = {column: word for column, word in columns.items() if word}
    if not all(_WORD.fullmatch(word) for word in asked.values()):
        return " AND false"
    terms = [f"c.{column} = '{word}'" for column, word in asked.items()]
    if asked:
        words = [*asked.values()]
        if wanted.kind and wanted.reason:
            words.append(f"{wanted.kind}/{wanted.reason}")
        said = ", ".join(f"'{word}'" for word in words)
        terms.append(f"cases_words(c.procedure, c.kind, c.reason) @> ARRAY[{said}]")
    if wanted.shop:
        terms.append(f"c.shop_id = '{wanted.shop}'")
    if wanted.buyer:
        terms.append(f"c.buyer_id = {values.add(wanted.buyer)}")
    if wanted.claim:
        terms.append(_claimed(wanted.claim, values.add(wanted.me)))
    if wanted.fits and wanted.me:
        terms.append(free_for_arbiter(f"'{wanted.me}'::uuid"))
    return "".join(f" AND {term}" for term in terms)


def _claimed(claim: Claimed, me: str) -> str:
    """In whose hands; a case that nobody has claimed is in nobody's."""
    hands = "SELECT FROM case_claims k WHERE k.case_id = c.id"
    match claim:
        case "mine":
            return f"c.id = ANY (ARRAY(SELECT case_id FROM case_claims WHERE person_id = {me}))"
        case "not_others":
            return f"NOT EXISTS ({hands} AND k.person_id <> {me})"
        case _:
            return f"NOT EXISTS ({hands}) AND {me}::uuid IS NOT NULL"


def _open_page(wanted: Wanted, after: RowPlace | None, limit: int, values: Values) -> str:
    stages = values.add([wanted.stage] if wanted.stage else list(STAGES[wanted.tab]))
    narrowed = _narrow(wanted, values)
    ranges: list[str] = []
    for missed in (True, False):
        if after and after.missed < missed:
            continue
        start = after if after and after.missed == missed else None
        which = f"c.{_MISSED}" if missed else f"NOT c.{_MISSED}"
        waiting = f"c.stage = s.stage AND c.ended IS NULL AND {which}{narrowed}"
        ranges += _ranges(f"{missed} AS missed, {_COLUMNS}", waiting, start, limit, values)
    return (
        f"SELECT c.* FROM unnest({stages}::text[]) AS s (stage)"
        f" CROSS JOIN LATERAL ({' UNION ALL '.join(ranges)}) c"
        f" ORDER BY c.missed DESC, c.due_at NULLS LAST, c.id LIMIT {limit + 1}"
    )


def _ranges(
    columns: str, waiting: str, start: RowPlace | None, limit: int, values: Values
) -> tuple[str, str]:
    """The cases with a clock from where a page ended, and behind them those without."""
    at, case_id, undated = _FIRST, _NIL, _NIL
    if start and start.at is None:
        at, case_id, undated = _LAST, _END, start.case_id
    elif start and start.at:
        at, case_id = start.at, start.case_id
    # Ordered by both columns, although one is null: by the id alone the primary key is walked.
    read = f"SELECT {columns} FROM cases c WHERE {waiting} AND"
    order = f"ORDER BY c.due_at, c.id LIMIT {limit + 1}"
    return (
        f"({read} (c.due_at, c.id) > ({values.add(at)}, {values.add(case_id)}) {order})",
        f"({read} c.due_at IS NULL AND c.id > {values.add(undated)} {order})",
    )


def _closed_page(wanted: Wanted, after: RowPlace | None, limit: int, values: Values) -> str:
    at = values.add(after.at if after and after.at else _LAST)
    case_id = values.add(after.case_id if after else _END)
    return (
        f"SELECT {_COLUMNS} FROM cases c WHERE c.ended IS NOT NULL"
        f" AND (c.opened_at, c.id) < ({at}, {case_id}){_narrow(wanted, values)}"
        f" ORDER BY c.opened_at DESC, c.id DESC LIMIT {limit + 1}"
    )


def _hits(wanted: Wanted, values: Values) -> str:
    """Cases by number, by their order's number, by the shop, or by the buyer."""
    text = wanted.text
    number = values.add(int(text) if text.isdecimal() and len(text) < 16 else 0)
    # Comparisons that the byte-ordered indexes serve; LIKE would need escaping.
    begins, ends = values.add(text), values.add(text + "\U0010ffff")
    of_shops = " UNION ALL ".join(
        f"(SELECT d.id FROM (SELECT o.id FROM (SELECT id FROM shops LIMIT {SHOPS_MAX}) s"
        f" CROSS JOIN LATERAL (SELECT id FROM orders WHERE shop_id = s.id"
        f" AND {column} >= {begins} AND {column} < {ends} LIMIT {PAGE}) o LIMIT {HITS_MAX}) o"
        f" JOIN cases d ON d.order_id = o.id LIMIT {HITS_MAX})"
        for column in ("number", "buyer_name")
    )
    shop, person = values.add(text), values.add(text.lower())
    return (
        f"SELECT {_COLUMNS} FROM cases c WHERE c.id IN ("
        f"SELECT id FROM cases WHERE number = {number} UNION ALL {of_shops}"
        f" UNION ALL (SELECT d.id FROM cases d WHERE d.shop_id IN"
        f" (SELECT id FROM shops WHERE name = {shop}) AND d.ended IS NULL LIMIT {HITS_MAX})"
        f" UNION ALL (SELECT d.id FROM cases d WHERE d.buyer_id ="
        f" (SELECT id FROM people WHERE sign_in_name = {person}) LIMIT {HITS_MAX})"
        f"){_narrow(wanted, values)} ORDER BY c.ended IS NOT NULL, c.due_at NULLS LAST, c.id"
        f" LIMIT {PAGE}"
    )


def _with_details(page: str, me: str) -> str:
    return (
        f"WITH page AS MATERIALIZED (SELECT row_number() OVER () AS place, p.* FROM ({page}) p)"
        f" SELECT c.*, {me}::uuid IS NOT NULL AND NOT {free_for_arbiter(f'{me}::uuid')} AS barred,"
        " o.number AS order_number, o.buyer_name, s.name AS shop_name,"
        " (SELECT l ->> 'title' FROM jsonb_array_elements(o.lines) l"
        "   WHERE coalesce(c.state -> 'lines', '[]') @> (l -> 'line') LIMIT 1) AS product,"
        " k.person_id AS claimed_by, p.name AS claimed_name"
        " FROM page c JOIN orders o ON o.id = c.order_id JOIN shops s ON s.id = c.shop_id"
        " LEFT JOIN case_claims k ON k.case_id = c.id LEFT JOIN people p ON p.id = k.person_id"
        " ORDER BY c.place"
    )


def _row(record: Record) -> Row:
    return Row(
        number=record["number"],
        case=decode_state(record["state"]),
        due_at=record["due_at"],
        order_number=record["order_number"],
        shop_name=record["shop_name"],
        buyer_name=record["buyer_name"],
        product=record["product"] or "",
        claimed_by=record["claimed_by"],
        claimed_name=record["claimed_name"] or "",
        barred=record["barred"],
    )


def _place(record: Record) -> RowPlace:
    if record["ended"] is not None:
        return RowPlace(at=record["opened_at"], case_id=record["id"])
    return RowPlace(at=record["due_at"], case_id=record["id"], missed=record["missed"])

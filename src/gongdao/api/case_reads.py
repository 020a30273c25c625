"""Lists of cases for the API: permission in the statement, keyset pages, one index read."""

from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal, party_role
from gongdao.base.cursor import Cursor
from gongdao.base.db import Queryable
from gongdao.cases.store import PAGE_MAX, Stored, stored


class CasesWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases a list shows; None is any."""

    stage: str | None = None
    waiting_on: str | None = None
    procedure: str | None = None
    kind: str | None = None
    order_id: UUID | None = None
    is_open: bool | None = None


async def list_cases(
    database: Queryable,
    who: Principal,
    wanted: CasesWanted,
    *,
    after: Cursor | None,
    limit: int,
) -> tuple[list[Stored], Cursor | None]:
    """The newest cases of the person's own side. Returns a page and where the next one begins."""
    assert 1 <= limit <= PAGE_MAX, "the edge checks the limit"
    conditions, values = _conditions(who, wanted)
    if after is not None:
        values += [after.at, after.id]
        conditions.append(f"(opened_at, id) < (${len(values) - 1}, ${len(values)})")
    where = " AND ".join(conditions) or "TRUE"
    rows = await database.fetch(
        f"SELECT number, head, state, opened_at, id FROM cases WHERE {where}"  # noqa: S608 - constants
        f" ORDER BY opened_at DESC, id DESC LIMIT {limit + 1}",
        *values,
    )
    more = len(rows) > limit
    rows = rows[:limit]
    last = Cursor(rows[-1]["opened_at"], rows[-1]["id"]) if more else None
    return [stored(row) for row in rows], last


def _conditions(who: Principal, wanted: CasesWanted) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []

    def must(column: str, value: Any) -> None:
        values.append(value)
        conditions.append(f"{column} = ${len(values)}")

    if who.kind == "buyer":
        must("buyer_id", who.person_id)
    elif who.kind == "shop":
        must("shop_id", who.shop_id)
    for column in ("stage", "waiting_on", "procedure", "kind", "order_id"):
        value = getattr(wanted, column)
        if value is not None:
            must(column, value)
    if wanted.order_id is not None and who.kind != "platform":
        # That a report is about this order would tell the reported side who made it.
        values.append(party_role(who))
        conditions.append(f"NOT (state ? 'anonymous' AND state ->> 'opened_by' <> ${len(values)})")
    if wanted.is_open is not None:
        conditions.append(f"ended IS {'NULL' if wanted.is_open else 'NOT NULL'}")
    return conditions, values

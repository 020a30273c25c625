"""Payouts that the guard keeps back for a person to look at, and how they are let go."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.people_store import names_of_people
from gongdao.accounts.principal import Principal
from gongdao.base.cursor import NEWEST, Cursor
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.flows.guard.access import channels_of_hold, require_reader, require_watcher
from gongdao.flows.guard.see import Warned, warned_of
from gongdao.flows.settings import current_pack
from gongdao.ledger.payout_store import hasten
from gongdao.risk.finding import Why
from gongdao.risk.hold_store import PAGE_MAX, Hold, hold_of, read_holds, release_hold
from gongdao.risk.store import kept_of

_AROUND = """
SELECT p.id, p.order_id, p.person AS buyer_id, b.name AS buyer, o.number AS order_number,
       k.number AS case_number, s.id AS shop_id, s.name AS shop
  FROM payouts p
  LEFT JOIN people b ON b.id = p.person
  LEFT JOIN orders o ON o.id = p.order_id
  LEFT JOIN cases k ON k.id = p.case_id
  LEFT JOIN shops s ON s.id = coalesce(k.shop_id, o.shop_id)
 WHERE p.id = ANY ($1)
   AND NOT EXISTS (SELECT FROM ties t
                    WHERE t.person_id = $2 AND t.tied_to IN (p.person, s.id))
"""
_FINDINGS = "SELECT f.* FROM risk_findings f WHERE f.id = ANY ($1) LIMIT 1000"
_TIED = """
SELECT EXISTS (SELECT FROM ties t JOIN payouts p ON p.id = $2
                 LEFT JOIN orders o ON o.id = p.order_id
                WHERE t.person_id = $1 AND t.tied_to IN (p.person, o.shop_id))
"""


class ReleaseArgs(msgspec.Struct, frozen=True, kw_only=True):
    """Which payout is let go, and why."""

    payout_id: UUID
    why: Why


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A payout that waits, for whom, and what was found."""

    hold: Hold
    buyer_id: UUID | None
    buyer: str
    shop_id: UUID | None
    shop: str
    order_id: UUID | None
    order_number: str
    case_number: int | None
    released_by: str
    signs: tuple[Warned, ...]


class HoldPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of them, and where the rest begins."""

    holds: tuple[Held, ...]
    following: Cursor | None


async def list_holds(
    database: Queryable,
    who: Principal,
    *,
    with_past: bool = False,
    after: Cursor | None = None,
    limit: int = 50,
) -> HoldPage:
    """What waits now, the newest first, with what was found. Raises Refusal wrong_role."""
    require_reader(who)
    assert 1 <= limit <= PAGE_MAX, "the edge checks the limit"
    found = await read_holds(database, with_past=with_past, after=after or NEWEST, limit=limit + 1)
    page = found[:limit]
    last = Cursor(page[-1].since, page[-1].payout_id) if len(found) > limit else None
    return HoldPage(holds=await _with_names(database, who, page), following=last)


async def release(pool: Pool, who: Principal, args: ReleaseArgs, *, now: datetime) -> Hold:
    """Let a payout go at once; let go again it stays as it is.

    Raises Refusal: wrong_role, reason_required, not_found, not_eligible (tied to a side).
    """
    require_watcher(who)
    why = args.why.strip()
    if not why:
        raise Refusal("reason_required", N_("Say why the money may go."))
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(_TIED, who.person_id, args.payout_id):
            raise Refusal(
                "not_eligible",
                N_("You are tied to one of the sides; somebody else has to decide this."),
            )
        hold = await release_hold(connection, args.payout_id, by_id=who.person_id, why=why, at=now)
        if hold is not None:
            await hasten(connection, [args.payout_id], now=now)
        else:
            hold = await hold_of(connection, args.payout_id)
    if hold is None:
        raise Refusal("not_found", N_("There is no payout of that id that waits."))
    changed(channels_of_hold(hold))
    return hold


async def _with_names(database: Queryable, who: Principal, holds: list[Hold]) -> tuple[Held, ...]:
    if not holds:
        return ()
    # Whoever is tied to a side reads nothing of it.
    rows = await database.fetch(_AROUND, [one.payout_id for one in holds], who.person_id)
    around = {row["id"]: row for row in rows}
    found = await database.fetch(_FINDINGS, [each for one in holds for each in one.findings])
    book = (await current_pack(database)).guard
    told = {row["id"]: warned_of(who, kept_of(row), book) for row in found}
    names = await names_of_people(database, [one.released_by for one in holds])
    return tuple(
        Held(
            hold=one,
            buyer_id=row["buyer_id"],
            buyer=row["buyer"] or "",
            shop_id=row["shop_id"],
            shop=row["shop"] or "",
            order_id=row["order_id"],
            order_number=row["order_number"] or "",
            case_number=row["case_number"],
            released_by=names.get(one.released_by, "") if one.released_by else "",
            signs=tuple(sign for each in one.findings if (sign := told.get(each))),
        )
        for one in holds
        if (row := around.get(one.payout_id)) is not None
    )

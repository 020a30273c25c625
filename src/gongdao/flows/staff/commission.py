"""The month of commission: drawn from the remarks on orders, closed by a lead, then frozen.

A refund after the end goes into the next month as a line of its own. A remark that comes after the
month was closed is too late; so says the house whose rules these are (S0-63).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.staff.access import led_by, shop_of, team_of
from gongdao.settings.store import load_setting
from gongdao.settings.team import CommissionRules
from gongdao.shops.order import Line
from gongdao.shops.remark import Sold
from gongdao.shops.remark_store import remarks_of_month
from gongdao.staff import month_store as store
from gongdao.staff.commission import (
    Counted,
    MonthLine,
    Rates,
    Sale,
    correction_of,
    count_by,
    line_of,
    mentor_lines,
    totals_of,
)
from gongdao.staff.days import day_of, month_of, next_month, start_of
from gongdao.staff.month_store import Month
from gongdao.staff.profile_store import passed_between
from gongdao.staff.shift_store import lock_team

#: Refunds of orders of so many closed months are looked after, and so many changes at once.
LOOK_BACK, CHANGES_MAX = timedelta(days=186), 20_000
_LINES = "SELECT id, lines FROM orders WHERE id = ANY ($1)"
# Orders of closed months of which another sum has been refunded than when they were last counted.
_CHANGED = """
SELECT l.order_id, l.number, l.person_id, o.paid_fen, o.refunded_fen, o.lines, m.rules,
       l.amount_fen + coalesce(c.amount_fen, 0)::bigint AS given_fen
  FROM staff_months m
  JOIN staff_month_lines l ON l.shop_id = m.shop_id AND l.month = m.month
  JOIN orders o ON o.id = l.order_id
  LEFT JOIN LATERAL (
       SELECT sum(amount_fen) AS amount_fen,
              (array_agg(refunded_fen ORDER BY month DESC))[1] AS refunded_fen
         FROM staff_month_lines WHERE order_id = l.order_id AND kind = 'correction') AS c ON TRUE
 WHERE m.shop_id = $1 AND m.month < $2 AND m.month >= $3 AND l.kind = 'order'
   AND l.person_id IS NOT NULL AND o.refunded_fen <> coalesce(c.refunded_fen, l.refunded_fen)
 ORDER BY l.month, l.position LIMIT $4
"""
_lines_of = msgspec.json.Decoder(tuple[Line, ...]).decode


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one person gets of a month; nobody's orders are counted under no person."""

    person_id: UUID | None
    orders: int
    amount_fen: int


class MonthShown(msgspec.Struct, frozen=True, kw_only=True):
    """A month with its shares, and a page of its lines."""

    month: date
    closed: Month | None
    rates: Rates
    shares: list[Share]
    total_fen: int
    lines: list[MonthLine]
    following: int | None
    """After which line the next page begins."""


async def see_month(
    database: Queryable,
    who: Principal,
    month: date,
    *,
    after: int = 0,
    limit: int = 100,
    now: datetime,
) -> MonthShown:
    """A month: as it was closed, or as it would be now. An agent sees their own lines only.

    Raises Refusal: wrong_role, too_early for a month that has not begun.
    """
    shop_id, first = shop_of(who), month_of(month)
    if first > day_of(now):
        raise Refusal("too_early", N_("This month has not begun."))
    own = None if who.may("staff.lead") else who.person_id
    closed = await store.find_month(database, shop_id, first)
    if closed:
        return await _closed(database, shop_id, closed, own, after=after, limit=limit)
    rates, lines = await count_month(database, shop_id, first)
    if own:
        lines = [line for line in lines if line.person_id == own]
    page = lines[after : after + limit]
    return MonthShown(
        month=first, closed=None, rates=rates, shares=_shares(lines),
        total_fen=sum(line.amount_fen for line in lines), lines=page,
        following=after + limit if len(lines) > after + limit else None,
    )  # fmt: skip


async def close_month(pool: Pool, who: Principal, month: date, *, now: datetime) -> Month:
    """Freeze a month that is over: from now on it stays as it is.

    Raises Refusal: wrong_role, too_early, duplicate, not_eligible (a later month is closed,
    or an earlier one is not).
    """
    shop_id, first = led_by(who), month_of(month)
    if now < start_of(next_month(first)):
        raise Refusal("too_early", N_("A month is closed once it is over."))
    async with pool.acquire() as connection, connection.transaction():
        await lock_team(connection, shop_id)
        last = await store.months_of(connection, shop_id, limit=1)
        if last and last[0].month == first:
            raise Refusal("duplicate", N_("This month is closed already."))
        if last and last[0].month > first:
            raise Refusal("not_eligible", N_("Months are closed in their order."))
        if last and next_month(last[0].month) < first:
            raise Refusal(
                "not_eligible",
                N_("Close {month} first: a month that is passed over is never counted."),
                month=f"{next_month(last[0].month):%Y-%m}",
            )
        rates, lines = await count_month(connection, shop_id, first)
        await store.close_month(
            connection, shop_id, first, lines, rates=rates, by_id=who.person_id, now=now
        )
        closed = await store.find_month(connection, shop_id, first)
    assert closed, "it was closed just now"
    return closed


async def all_lines(
    database: Queryable, who: Principal, month: date, *, now: datetime, most: int = 100_000
) -> list[MonthLine]:
    """Every line of a month that one may see, for a file."""
    return (await see_month(database, who, month, limit=most, now=now)).lines


async def count_month(
    database: Queryable, shop_id: UUID, month: date
) -> tuple[Rates, list[MonthLine]]:
    """The lines of a month as they are now, by the rates as they are now."""
    rules = (await load_setting(database, CommissionRules, of=shop_id)).value
    rates = Rates(rate_bp=rules.rate_bp, groups=rules.groups)
    last = next_month(month)
    sold = await remarks_of_month(database, shop_id, start_of(month), start_of(last))
    sales = await _sales(database, sold, rates)
    team = set(await team_of(database, shop_id))
    lines = [line_of(sale, rates, team) for sale in sales]
    changed = await _changed_since(database, shop_id, month)
    lines += [line for line in map(correction_of, changed) if line]
    passed = await passed_between(database, shop_id, month, last)
    return rates, lines + mentor_lines(passed, rules.mentor_fen)


async def _sales(database: Queryable, sold: Sequence[Sold], rates: Rates) -> list[Sale]:
    goods: dict[UUID, tuple[tuple[str, int], ...]] = {}
    if rates.groups:
        ids = [each.order_id for each in sold if each.agent_id]
        goods = {row["id"]: _goods(row["lines"]) for row in await database.fetch(_LINES, ids)}
    return [
        Sale(
            order_id=each.order_id,
            number=each.number,
            paid_fen=each.paid_fen,
            refunded_fen=each.refunded_fen,
            agent_id=each.agent_id,
            goods=goods.get(each.order_id, ()),
        )
        for each in sold
    ]


async def _changed_since(database: Queryable, shop_id: UUID, month: date) -> list[Counted]:
    rows = await database.fetch(_CHANGED, shop_id, month, month - LOOK_BACK, CHANGES_MAX)
    return [_counted(dict(row)) for row in rows]


def _counted(row: dict[str, Any]) -> Counted:
    rates = msgspec.json.decode(row.pop("rules"), type=Rates)
    lines = row.pop("lines")
    return Counted(**row, rates=rates, goods=_goods(lines) if rates.groups else ())


def _goods(lines: bytes) -> tuple[tuple[str, int], ...]:
    return tuple((line.category, line.total_fen) for line in _lines_of(lines))


async def _closed(
    database: Queryable,
    shop_id: UUID,
    closed: Month,
    own: UUID | None,
    *,
    after: int,
    limit: int,
) -> MonthShown:
    totals = await store.month_totals(database, shop_id, closed.month)
    shares = [
        Share(person_id=person_id, orders=orders, amount_fen=amount)
        for person_id, (amount, orders) in totals.items()
        if own is None or person_id == own
    ]
    lines, following = await store.month_lines(
        database, shop_id, closed.month, person_id=own, after=after, limit=limit
    )
    return MonthShown(
        month=closed.month, closed=closed, rates=closed.rates, shares=_sorted(shares),
        total_fen=sum(share.amount_fen for share in shares), lines=lines, following=following,
    )  # fmt: skip


def _shares(lines: Sequence[MonthLine]) -> list[Share]:
    counts = count_by(lines)
    shares = [
        Share(person_id=person_id, orders=counts.get(person_id, 0), amount_fen=amount)
        for person_id, amount in totals_of(lines).items()
    ]
    if nobodys := sum(line.person_id is None for line in lines):
        shares.append(Share(person_id=None, orders=nobodys, amount_fen=0))
    return _sorted(shares)


def _sorted(shares: Iterable[Share]) -> list[Share]:
    return sorted(shares, key=lambda share: (share.person_id is None, -share.amount_fen))

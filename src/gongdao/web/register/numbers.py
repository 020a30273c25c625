"""Where complaints come from, month by month, and how they went."""

from collections import Counter
from typing import Any

import msgspec
from litestar import Response, get

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.flows.keep_register import shop_of
from gongdao.flows.register_list import (
    MonthCount,
    count_conduct,
    count_months,
    count_views,
    months_until,
)
from gongdao.flows.register_reads import rules_of
from gongdao.register.entry import REASONS
from gongdao.register.words import WORDS
from gongdao.web.register.lists import READERS
from gongdao.web.shell import page

#: The chart, in its own units.
WIDTH, HEIGHT, FOOT = 720, 240, 26


class Bar(msgspec.Struct, frozen=True):
    """A piece of a column: where it stands, and what it says."""

    x: float
    y: float
    width: float
    height: float
    month: str
    reason: str
    entries: int


@get("/shop/register/numbers", guards=READERS, include_in_schema=False)
async def show_numbers(request: Asked) -> Response[str]:
    """The last twelve months at a glance."""
    who, now, pool = principal_of(request), utc_now(), request.app.state.pool
    shop_id = shop_of(who)
    rules = await rules_of(pool, shop_id)
    counts = await count_months(pool, shop_id, now=now)
    months = months_until(now)
    table = {(one.month, one.reason): one.entries for one in counts}
    by_reason = Counter[str]()
    for one in counts:
        by_reason[one.reason] += one.entries
    return page(
        request,
        "register/numbers.html",
        months=months,
        reasons=[reason for reason in REASONS if by_reason[reason]],
        table=table,
        by_reason=by_reason,
        totals={m: sum(one.entries for one in counts if one.month == m) for m in months},
        bars=draw_bars(counts, months),
        size=(WIDTH, HEIGHT, FOOT),
        sums=_sums(counts),
        views=await count_views(pool, shop_id, person_id=who.person_id, now=now),
        conduct=await count_conduct(pool, shop_id, now=now) if rules.count_conduct else None,
        words=WORDS,
    )


def draw_bars(counts: list[MonthCount], months: list[str]) -> list[Bar]:
    """The columns of the chart, each month's reasons on top of each other."""
    totals = Counter[str]()
    for one in counts:
        totals[one.month] += one.entries
    tallest = max([*totals.values(), 4])
    step, room = WIDTH / len(months), HEIGHT - FOOT - 18
    bars: list[Bar] = []
    for place, month in enumerate(months):
        floor = float(HEIGHT - FOOT)
        of_month = {one.reason: one.entries for one in counts if one.month == month}
        for reason in REASONS:
            entries = of_month.get(reason, 0)
            if entries:
                tall = room * entries / tallest
                floor -= tall
                left = place * step + step * 0.2
                bars.append(
                    Bar(round(left, 1), round(floor, 1), round(step * 0.6, 1), round(tall, 1),
                        month, reason, entries)
                )  # fmt: skip
    return bars


def _sums(counts: list[MonthCount]) -> dict[str, int]:
    return {
        "entries": sum(one.entries for one in counts),
        "settled": sum(one.settled for one in counts),
        "clocked": sum(one.clocked for one in counts),
        "in_time": sum(one.in_time for one in counts),
        "agreed_fen": sum(one.agreed_fen for one in counts),
    }


number_routes: list[Any] = [show_numbers]

"""The figures of a shop: counted by hand, with everything that can lie on a boundary."""

from datetime import datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest
from tests.figures.town import DAY, HOUR, MONDAY, SUNDAY, Town

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.figures.line import Line
from gongdao.figures.measures import MEASURES, By, is_small, sample_of
from gongdao.figures.shop import (
    days_between,
    figures_by,
    filled_days,
    range_before,
    shop_figures,
)
from gongdao.figures.written import length_of

_TICK = timedelta(microseconds=1)


@pytest.fixture
async def town(pool: Pool) -> Town:
    return await Town(pool).open()


async def total(town: Town, since: datetime = MONDAY, until: datetime = SUNDAY) -> Line:
    return (await shop_figures(town.pool, town.shop_id, since, until, now=until))[0]


async def lines(town: Town, by: By) -> dict[str, Line]:
    found = await shop_figures(town.pool, town.shop_id, MONDAY, SUNDAY, by=by, now=SUNDAY)
    return {line.key: line for line in found}


@pytest.mark.fact("S0-48")
async def test_what_a_customer_spends(town: Town) -> None:
    twice = new_id()
    await town.order(MONDAY, buyer=twice)
    await town.order(MONDAY + DAY, buyer=twice, lines=(("lamp", 5_000),))
    await town.order(SUNDAY - _TICK, lines=(("lamp", 20_000),))
    await town.order(None, lines=(("lamp", 99_900),))
    await town.order(MONDAY - _TICK, lines=(("lamp", 77_700),))
    await town.order(SUNDAY, lines=(("lamp", 66_600),))
    found = await total(town)
    assert (found.orders, found.buyers, found.paid_fen) == (3, 2, 35_000)
    assert found.order_value_fen == 17_500


async def test_refunds_by_orders_and_by_amount(town: Town) -> None:
    await town.order(MONDAY, refunded_fen=2_500)
    await town.order(MONDAY, refunded_fen=10_000)
    await town.order(MONDAY)
    await town.order(MONDAY - DAY, refunded_fen=10_000)
    found = await total(town)
    assert (found.refunded_orders, found.refunded_fen) == (2, 12_500)
    assert (found.refund_rate, found.refund_share) == (2 / 3, 12_500 / 30_000)


async def test_disputes_are_orders_about_which_the_platform_was_asked(town: Town) -> None:
    quiet, disputed, reported, earlier = [
        await town.order(at) for at in (MONDAY, MONDAY, MONDAY, MONDAY - DAY)
    ]
    await town.case(quiet, MONDAY + DAY, MONDAY + 2 * DAY)
    # Two cases about one order, one of them filed after the period: one order in dispute.
    await town.case(disputed, MONDAY + DAY, platform=True)
    await town.case(disputed, SUNDAY + DAY, platform=True, procedure="complaint")
    await town.case(reported, MONDAY + DAY, platform=True, procedure="report", anonymous=True)
    await town.case(earlier, MONDAY + DAY, platform=True)
    found = await total(town)
    assert (found.disputed_orders, found.disputed_fen) == (1, 10_000)
    assert (found.dispute_rate, found.dispute_share) == (1 / 3, 1 / 3)


async def test_completion_counts_where_cases_end(town: Town) -> None:
    order = await town.order(MONDAY - 30 * DAY)
    await town.case(order, MONDAY - 2 * DAY, MONDAY)  # across the boundary: 48 h
    await town.case(order, MONDAY + HOUR, MONDAY + 5 * HOUR, platform=True)  # 4 h
    await town.case(order, MONDAY + HOUR, SUNDAY)  # ends with the next week
    await town.case(order, MONDAY - DAY, MONDAY - _TICK)
    await town.case(order, MONDAY + HOUR)  # open, or taken up again after an appeal
    await town.case(order, MONDAY - 181 * DAY, MONDAY + DAY)
    await town.case(order, MONDAY, MONDAY + HOUR, procedure="report")
    await town.case(order, MONDAY, MONDAY + HOUR, anonymous=True)
    found = await total(town)
    assert (found.ended, found.own) == (2, 1)
    assert found.completion_s == (48 + 4) / 2 * 3600
    assert found.self_completion == 0.5


async def test_taken_up_again_a_case_counts_when_it_ends_again(town: Town) -> None:
    order = await town.order(MONDAY)
    case_id = await town.case(order, MONDAY, MONDAY + DAY)
    assert (await total(town)).ended == 1
    reopen = "UPDATE cases SET closed_at = $2, state = (state - 'ended') || $3 WHERE id = $1"
    await town.pool.execute(reopen, case_id, None, b'{"reopened": true, "rulings": 1}')
    assert (await total(town)).ended == 0
    await town.pool.execute(reopen, case_id, MONDAY + 3 * DAY, b'{"ended": "decided"}')
    found = await total(town)
    assert (found.ended, found.own, found.completion_s) == (1, 0, 3 * 24 * 3600)


@pytest.mark.fact("S0-48")
async def test_conversion_counts_each_buyer_once(town: Town) -> None:
    asked_twice = await town.talk(MONDAY + HOUR, by=town.anna)
    await town.talk(MONDAY + 2 * DAY, buyer=asked_twice, by=town.bob)
    # Too late after the first question, in time after the second.
    await town.order(MONDAY + 4 * DAY, buyer=asked_twice)
    in_time = await town.talk(MONDAY, by=town.anna)
    await town.order(MONDAY + 3 * DAY - _TICK, buyer=in_time)
    late = await town.talk(MONDAY, by=town.anna)
    await town.order(MONDAY + 3 * DAY, buyer=late)
    before = new_id()
    await town.order(MONDAY, buyer=before)
    await town.talk(MONDAY + HOUR, buyer=before)
    after_the_week = await town.talk(SUNDAY - HOUR, by=town.bob)
    await town.order(SUNDAY + DAY, buyer=after_the_week)
    unpaid = await town.talk(MONDAY, by=town.bob)
    await town.order(None, buyer=unpaid)
    found = await total(town)
    assert (found.askers, found.won) == (6, 3)
    by_agent = await lines(town, "agent")
    assert (by_agent[str(town.anna)].askers, by_agent[str(town.anna)].won) == (3, 2)
    assert (by_agent[str(town.bob)].askers, by_agent[str(town.bob)].won) == (2, 1)
    assert (by_agent[""].askers, by_agent[""].won) == (1, 0), "whom nobody answered"


async def test_who_asks_about_an_order_does_not_inquire(town: Town) -> None:
    order = await town.order(MONDAY)
    await town.talk(MONDAY + HOUR, order_id=order.id)
    await town.talk(MONDAY + HOUR, topic="aftersale")
    await town.talk(MONDAY + HOUR, topic="complaint")
    await town.talk(MONDAY + HOUR, topic="general")
    assert (await total(town)).askers == 1


async def test_what_went_through_talks(town: Town) -> None:
    buyer = await town.talk(MONDAY, by=town.anna)
    await town.talk(MONDAY + DAY, buyer=buyer, by=town.bob)
    await town.order(MONDAY + 2 * DAY, buyer=buyer, lines=(("lamp", 30_000),))
    unanswered = await town.talk(MONDAY)
    await town.order(MONDAY + DAY, buyer=unanswered)
    old = await town.talk(MONDAY - 3 * DAY, by=town.anna)
    await town.order(MONDAY + timedelta(seconds=1), buyer=old)
    earlier = await town.talk(MONDAY - DAY, by=town.anna)
    await town.order(MONDAY + DAY, buyer=earlier, lines=(("lamp", 20_000),))
    found = await total(town)
    assert (found.talked_orders, found.talked_fen, found.paid_fen) == (2, 50_000, 70_000)
    assert found.talk_share == 5 / 7
    by_agent = await lines(town, "agent")
    assert by_agent[str(town.bob)].paid_fen == 30_000, "who answered last before the payment"
    assert by_agent[str(town.anna)].paid_fen == 20_000
    assert by_agent[""].paid_fen == 20_000


async def test_by_product_an_order_is_shared_by_its_prices(town: Town) -> None:
    both = await town.order(MONDAY, lines=(("lamp", 30_000), ("bulb", 10_000)), refunded_fen=8_000)
    await town.order(MONDAY, lines=(("bulb", 1_000),))
    await town.case(both, MONDAY, MONDAY + DAY, platform=True, lines=[2])
    found = await lines(town, "product")
    assert list(found) == ["lamp", "bulb"] and found["lamp"].name == "Lamp"
    assert (found["lamp"].orders, found["lamp"].paid_fen) == (1, 30_000)
    assert (found["bulb"].orders, found["bulb"].paid_fen) == (2, 11_000)
    assert (found["lamp"].refunded_fen, found["bulb"].refunded_fen) == (6_000, 2_000)
    assert (found["lamp"].ended, found["bulb"].ended) == (0, 1), "only the disputed line"


async def test_hours_and_days_are_those_of_shanghai(town: Town) -> None:
    await town.order(MONDAY + 23 * HOUR)
    await town.order(MONDAY + DAY)
    by_day = await shop_figures(town.pool, town.shop_id, MONDAY, SUNDAY, by="day", now=SUNDAY)
    assert [(line.key, line.orders) for line in by_day] == [("2026-03-02", 1), ("2026-03-03", 1)]
    assert [line.key for line in filled_days(by_day, MONDAY, SUNDAY)][0::6] == [
        "2026-03-02",
        "2026-03-08",
    ]
    assert set(await lines(town, "hour")) == {"23", "00"}


async def test_every_division_adds_up(town: Town) -> None:
    buyer = await town.talk(MONDAY + 9 * HOUR, by=town.anna)
    first = await town.order(MONDAY + 10 * HOUR, buyer=buyer, refunded_fen=100)
    second = await town.order(MONDAY + 3 * DAY, lines=(("bulb", 700),))
    acted = await town.case(first, MONDAY + DAY, MONDAY + 2 * DAY, platform=True)
    await town.acted(acted, town.bob, 1)
    await town.acted(acted, town.anna, 2)
    await town.case(second, MONDAY + 4 * DAY, MONDAY + 5 * DAY)
    whole = await total(town)
    assert whole.desk.rounds == 1 and whole.three_minutes == 1.0
    divisions: tuple[By, ...] = ("agent", "product", "hour", "day")
    for by in divisions:
        found = (await lines(town, by)).values()
        for name in ("orders", "paid_fen", "refunded_fen", "disputed_orders", "ended", "own"):
            assert sum(getattr(line, name) for line in found) == getattr(whole, name), (by, name)
        if by != "product":
            assert sum(line.desk.rounds for line in found) == 1
            assert sum(line.askers for line in found) == whole.askers
    assert (await lines(town, "agent"))[str(town.anna)].ended == 1, "who acted last"


async def test_other_shops_do_not_count(town: Town) -> None:
    order = await town.order(MONDAY)
    await town.case(order, MONDAY, MONDAY + HOUR)
    await town.talk(MONDAY, by=town.anna)
    stranger = await Town(town.pool).open()
    assert await total(stranger) == Line()


async def test_small_samples_are_marked_and_nothing_is_no_rate(town: Town) -> None:
    nothing = await total(town)
    for measure in MEASURES:
        assert getattr(nothing, measure.code) is None
        assert not is_small(nothing, measure)
    for _ in range(30):
        await town.order(MONDAY)
    await town.case(await town.order(MONDAY), MONDAY, MONDAY + HOUR)
    found = await total(town)
    by_code = {measure.code: measure for measure in MEASURES}
    assert sample_of(found, by_code["refund_share"]) == 31
    assert not is_small(found, by_code["refund_rate"])
    assert is_small(found, by_code["self_completion"])


def test_ranges() -> None:
    since, until = days_between("2026-03-02", "2026-03-08")
    assert (since, until) == (MONDAY, SUNDAY)
    assert range_before(since, until) == (MONDAY - 7 * DAY, MONDAY)
    wrong = (("", "2026-03-02"), ("2026-03-02", "2026-03-01"), ("2026-01-01", "2026-12-31"))
    for first, last in (*wrong, ("2026-W10", "2026-W11"), ("9999-12-31", "9999-12-31")):
        with pytest.raises(Refusal, match="invalid"):
            days_between(first, last)


async def test_a_period_has_an_end(town: Town) -> None:
    for until in (MONDAY, MONDAY - DAY, MONDAY + 101 * DAY):
        with pytest.raises(Refusal, match="invalid"):
            await shop_figures(town.pool, UUID(int=1), MONDAY, until, now=SUNDAY)


async def test_divisions_read_together_are_those_read_alone(town: Town) -> None:
    lamps = (("lamp", 5_000), ("shade", 2_500))
    for hours in range(0, 60, 7):
        order = await town.order(MONDAY + hours * HOUR, lines=lamps, refunded_fen=hours)
        await town.case(order, MONDAY + hours * HOUR, MONDAY + 3 * DAY, platform=hours % 2 == 0)
    together = await figures_by(
        town.pool, town.shop_id, MONDAY, SUNDAY, divisions=get_args(By), now=SUNDAY
    )
    for by in get_args(By):
        alone = await shop_figures(town.pool, town.shop_id, MONDAY, SUNDAY, by=by, now=SUNDAY)
        assert together[by] == alone
        assert sum(line.ended for line in alone) == (18 if by == "product" else 9)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0:00"),
        (97.6, "1:38"),
        (3_599.6, "1 小时 0 分"),
        (35_190, "9 小时 46 分"),
        (90_000, "1 天 1 小时"),
    ],
)
def test_lengths_are_written_for_people(seconds: float, shown: str) -> None:
    assert length_of(seconds, "zh") == shown

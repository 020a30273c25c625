"""What carriers say: kept once, in any order, true only as far as it is the carrier's to say."""

import json
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.carriers.simulator import TEST_NUMBERS, Simulator, way_of
from gongdao.cases import commands as c
from gongdao.cases.known import known
from gongdao.flows.act import preview_opening
from gongdao.flows.case_reads import see_order
from gongdao.flows.import_tracking import import_tracking
from gongdao.flows.verify import verify_cases
from gongdao.jobs.tracking import ask_due
from gongdao.policy.load import load_pack
from gongdao.shops.order import Order, Told
from gongdao.shops.reads import list_shipments
from gongdao.shops.store import Scope, load_order, mark_shipped, mark_signed
from gongdao.shops.tracking_words import track_word

from .market import START, Market, open_market, place_order

ALL = Scope(platform=True)


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


async def sent(
    market: Market, tracking: str, *, at: datetime = START, told_at: datetime | None = None
) -> Order:
    order = await place_order(market, shipped=False)
    async with market.pool.acquire() as connection:
        return await mark_shipped(
            connection, order.id, scope=Scope(shop_id=market.shop_id), carrier="SF",
            tracking=tracking, by=None, at=at, told_at=told_at,
        )  # fmt: skip


async def again(market: Market, order: Order) -> Order:
    async with market.pool.acquire() as connection:
        found = await load_order(connection, order.id, scope=ALL)
    assert found
    return found


async def live_through(market: Market, days: int) -> None:
    carrier = Simulator(market.pool)
    for hour in range(0, 24 * days, 3):
        await ask_due(market.pool, carrier, now=START + timedelta(hours=hour))


@pytest.mark.fact("S2-10")
async def test_every_test_number_ends_as_it_says(market: Market) -> None:
    orders = {fate: await sent(market, f"SF7700{end}") for end, fate in TEST_NUMBERS.items()}
    orders["arrives"] = await sent(market, "SF7700123")
    await live_through(market, 12)
    seen = {fate: await again(market, order) for fate, order in orders.items()}
    events = {fate: {told.event for told in order.track} for fate, order in seen.items()}
    assert seen["arrives"].signed_by == "self"
    assert seen["left_at_a_locker"].signed_by == "placed"
    assert "lost" in events["lost"] and seen["lost"].signed_at is None
    assert {"damaged", "signed"} <= events["damaged"]
    assert {"refused", "returned"} <= events["refused"] and seen["refused"].signed_at is None
    assert events["no_such_number"] == {"no_such_number"}
    assert "exception" in events["address_wrong"]
    assert events["never_picked_up"] == set()
    assert events["stalled"] <= {"picked_up", "in_transit"}
    places = {told.place for told in seen["stalled_in_town"].track}
    assert len({place[:2] for place in places}) <= 2
    waiting = await market.pool.fetchval(
        "SELECT count(*) FROM shipments WHERE next_look_at IS NOT NULL"
    )
    assert waiting == 4, "nobody asks any more about what has ended"


async def test_asking_again_adds_nothing_and_gets_rarer(market: Market) -> None:
    order = await sent(market, "SF1405")
    await live_through(market, 10)
    first = await again(market, order)
    looks = await market.pool.fetchval("SELECT looks FROM shipments")
    await ask_due(market.pool, Simulator(market.pool), now=START + timedelta(days=11))
    assert (await again(market, order)).track == first.track
    assert 3 < looks < 40, "a stalled parcel is asked about every twelve hours at most"
    await ask_due(market.pool, Simulator(market.pool), now=START + timedelta(days=61))
    assert await market.pool.fetchval("SELECT next_look_at FROM shipments") is None
    with pytest.raises(Exception, match="append-only"):
        await market.pool.execute("DELETE FROM tracking_events")


async def test_facts_of_conditions_come_from_the_hot_path(market: Market) -> None:
    order = await sent(market, "SF1405")
    now = START + timedelta(days=9)
    await live_through(market, 9)
    seen = await see_order(market.pool, order.id)
    assert seen
    assert seen.facts.order.track == (await again(market, order)).track
    pack = load_pack("taobao-classic@1")
    case = (
        await preview_opening(
            market.pool, market.buyer, order.id,
            c.OpenArgs(procedure="after_sale", kind="refund_only", reason="not_received",
                       received=False),
            pack=pack, now=now,
        )
    ).case  # fmt: skip
    facts = known(case, seen.facts, pack, now)
    assert facts["picked_up"] is True
    assert facts["stalled_hours"] > 100
    assert facts["pickup_hours"] is None
    assert "picked_up" in facts["tracking_events"]


async def test_the_carrier_clears_what_the_shop_told_late(market: Market) -> None:
    told_at = START + timedelta(days=4)
    order = await sent(market, "SF1", at=START + timedelta(hours=1), told_at=told_at)
    async with market.pool.acquire() as connection:
        await mark_signed(
            connection, order.id, scope=Scope(shop_id=market.shop_id), signed_by="self", by=None,
            at=START + timedelta(days=2), told_at=told_at,
        )  # fmt: skip
    before = await again(market, order)
    assert before.counts_at("shipped_at") == before.counts_at("signed_at") == told_at
    lines = [
        said("SF1", START + timedelta(hours=6), "已揽收"),
        said("SF1", START + timedelta(days=3), "已签收，家人代收"),
    ]
    report = await bring(market, lines, now=START + timedelta(days=5))
    assert (report.lines, report.parcels, report.faults) == (2, 1, ())
    after = await again(market, order)
    assert after.told == Told()
    assert after.shipped_at == START + timedelta(hours=6)
    assert (after.signed_at, after.signed_by) == (START + timedelta(days=3), "proxy")
    async with market.pool.acquire() as connection:
        assert [f async for f in verify_cases(connection, lambda _: None)] == []


async def test_what_the_shop_told_in_time_stays(market: Market) -> None:
    order = await sent(market, "SF1", at=START + timedelta(hours=1))
    await bring(market, [said("SF1", START + timedelta(hours=30), "已揽收")])
    after = await again(market, order)
    assert after.shipped_at == START + timedelta(hours=1)
    assert [told.event for told in after.track] == ["picked_up"]


async def test_the_order_of_telling_does_not_matter(market: Market) -> None:
    lines = [
        said("SFX", START + timedelta(hours=5), "已揽收"),
        said("SFX", START + timedelta(hours=30), "派件中"),
        said("SFX", START + timedelta(hours=40), "已签收"),
    ]
    ends: set[Any] = set()
    for n, order_of in enumerate(permutations(lines)):
        order = await sent(market, f"SFX{n}")
        for line in order_of:
            told = line | {"tracking": f"SFX{n}"}
            for _ in range(2):
                await bring(market, [told])
        after = await again(market, order)
        ends.add((after.track, after.signed_at, after.signed_by, after.state))
        async with market.pool.acquire() as connection:
            (parcel,) = await list_shipments(connection, order.id, scope=ALL)
        assert [t.event for t in parcel.events] == ["picked_up", "out_for_delivery", "signed"]
    assert len(ends) == 1


def said(tracking: str, at: datetime, words: str, **more: Any) -> dict[str, Any]:
    return {"carrier": "SF", "tracking": tracking, "at": at.isoformat(), "said": words} | more


async def bring(
    market: Market, lines: list[dict[str, Any]], *, now: datetime = START + timedelta(days=9)
) -> Any:
    raw = json.dumps({"tracking": lines}).encode()
    return await import_tracking(market.pool, raw, now=now)


async def test_a_file_with_anything_wrong_changes_nothing(market: Market) -> None:
    order = await sent(market, "SF1")
    good = said("SF1", START + timedelta(hours=5), "已揽收")
    wrong: list[tuple[dict[str, Any], str]] = [
        (good | {"tracking": "SF2"}, "Order 2, tracking: No parcel with SF has the number SF2."),
        (good | {"at": "2026-03-02"}, "Order 2, at: 2026-03-02 is not a time with its zone"),
        (good | {"at": (START + timedelta(days=30)).isoformat()}, "Order 2, at: This lies in"),
        (good | {"said": ""}, "Order 2, said: This must not be empty."),
        (good | {"weight": "3"}, "Order 2, weight: Nobody knows this name."),
    ]
    for line, sentence in wrong:
        report = await bring(market, [good, line])
        assert [fault.say("en")[: len(sentence)] for fault in report.faults] == [sentence]
        assert (await again(market, order)).track == ()
    for raw in (b"{}", b"[1]", b'{"tracking": 3}', b"a,b\n1,2\n", b"", b'{"tracking": []}'):
        with pytest.raises(Refusal):
            await import_tracking(market.pool, raw, now=START)
    head = "carrier,tracking,at,event,place,said\n"
    line = f"SF,SF1,{(START + timedelta(hours=5)).isoformat()},picked_up,杭州,\n"
    report = await import_tracking(
        market.pool, (head + line).encode(), now=START + timedelta(days=1)
    )
    assert report.parcels == 1
    assert (await again(market, order)).track[0].place == "杭州"


def test_the_simulator_says_what_our_words_know() -> None:
    for end in (*TEST_NUMBERS, "123", "007"):
        words = [track_word(step.said) for step in way_of(f"YT{end}")]
        assert all(words)
        hours = [step.hours for step in way_of(f"YT{end}")]
        assert hours == sorted(hours)

"""Somebody who is watched acts: a finding a day, for the platform alone."""

from datetime import timedelta

import pytest
from tests.flows.guard.watchful import operator
from tests.flows.market import START, Market, open_market, place_order

from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.channels.secrets import Keyring
from gongdao.flows.guard.list_findings import FindingFilter, list_findings
from gongdao.flows.guard.see import seen_on_order
from gongdao.flows.guard.traits import note_sign_in
from gongdao.flows.guard.watch import WatchArgs, take_off, watch
from gongdao.flows.guard.watch_acts import find_watched

KEYRING = Keyring(b"k" * 32)
NOW = START + timedelta(hours=1)


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


async def test_a_watched_person_who_orders_is_news_once_a_day(market: Market) -> None:
    pool, boss = market.pool, await operator(market.pool)
    args = WatchArgs(id=new_id(), kind="person", subject_id=market.buyer.person_id, why="盗号")
    await watch(pool, boss, args, now=START)
    assert await find_watched(pool, now=START - timedelta(days=2)) == []
    order = await place_order(market)
    (one,) = await find_watched(pool, now=NOW)
    assert one.place.order_id == order.id and one.place.buyer_id == market.buyer.person_id
    await place_order(market, paid_at=START + timedelta(minutes=5))
    assert await find_watched(pool, now=NOW) == []
    (listed,) = (await list_findings(pool, boss, FindingFilter(code="watched"))).findings
    assert listed.level == "calm" and order.number in listed.warned.evidence[1].said
    for who in (market.buyer, market.owner):
        assert (await seen_on_order(pool, who, order.id)).signs == ()
    await take_off(pool, boss, args.id, why="", now=NOW)
    await place_order(market, paid_at=NOW + timedelta(days=1))
    assert await find_watched(pool, now=NOW + timedelta(days=2)) == []


async def test_a_watched_device_is_news_under_another_name(market: Market) -> None:
    pool, boss = market.pool, await operator(market.pool)
    who = market.buyer.person_id
    await note_sign_in(pool, KEYRING, who, device="gdd_1", address=None, now=START)
    digest: bytes = await pool.fetchval("SELECT digest FROM risk_traits")
    args = WatchArgs(id=new_id(), kind="device", trait=digest.hex(), why="刷单设备")
    await watch(pool, boss, args, now=START)
    (one,) = await find_watched(pool, now=NOW)
    assert one.place.subject_id == who and "sign-in" in one.evidence[1].said


async def test_a_watched_shop_that_sells_is_news(market: Market) -> None:
    pool, boss = market.pool, await operator(market.pool)
    args = WatchArgs(id=new_id(), kind="shop", subject_id=market.shop_id, why="关店前科")
    await watch(pool, boss, args, now=START)
    await place_order(market)
    (one,) = await find_watched(pool, now=NOW)
    assert one.place.subject == "shop" and one.place.shop_id == market.shop_id

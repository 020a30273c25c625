"""Accounts joined by what they share; the watch list."""

from datetime import timedelta
from hashlib import sha256

import pytest
from tests.flows.guard.watchful import NOW, operator
from tests.flows.market import Market, open_market, person

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.flows.guard.links import links_of, trait_id
from gongdao.flows.guard.watch import WatchArgs, list_watched, take_off, watch
from gongdao.risk.trait_store import SHARED_MAX, Trait, keep_traits
from gongdao.risk.watch import TraitKind


def trait(kind: TraitKind, text: str) -> Trait:
    return Trait(kind=kind, digest=sha256(text.encode()).digest(), shown=f"{text[:2]}**")


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


async def test_who_shares_something_is_linked_step_by_step(market: Market) -> None:
    pool, boss = market.pool, await operator(market.pool)
    a, b, c, d = [(await person(pool, "buyer", "buyer")).person_id for _ in range(4)]
    await keep_traits(pool, a, [trait("device", "one"), trait("phone", "13800000000")], now=NOW)
    await keep_traits(pool, b, [trait("device", "one"), trait("address", "two")], now=NOW)
    await keep_traits(pool, c, [trait("address", "two"), trait("payee", "three")], now=NOW)
    await keep_traits(pool, d, [trait("payee", "three")], now=NOW)
    graph = await links_of(pool, boss, person_id=a, depth=2)
    people = {node.id: node.hop for node in graph.nodes if node.kind == "person"}
    assert people == {str(a): 0, str(b): 1, str(c): 2} and not graph.cut
    joined = {(edge.source, edge.target) for edge in graph.edges}
    device = trait_id("device", trait("device", "one").digest)
    assert {(str(a), device), (str(b), device)} <= joined
    assert "13**" in {node.shown for node in graph.nodes}
    assert len((await links_of(pool, boss, person_id=a, depth=4)).nodes) > len(graph.nodes)


async def test_what_everybody_has_joins_nobody(market: Market) -> None:
    pool, boss = market.pool, await operator(market.pool)
    people = [new_id() for _ in range(SHARED_MAX + 1)]
    for each in people:
        await keep_traits(pool, each, [trait("network", "school")], now=NOW)
    await keep_traits(pool, market.buyer.person_id, [trait("network", "school")], now=NOW)
    graph = await links_of(pool, boss, person_id=market.buyer.person_id)
    assert [node.kind for node in graph.nodes] == ["person", "network"]


async def test_links_are_for_the_platform(market: Market) -> None:
    for who in (market.buyer, market.owner):
        with pytest.raises(Refusal) as refused:
            await links_of(market.pool, who, person_id=market.buyer.person_id)
        assert refused.value.code == "wrong_role"
    with pytest.raises(Refusal) as refused:
        await links_of(market.pool, market.arbiter, person_id=new_id())
    assert refused.value.code == "not_found"


async def test_somebody_is_watched_once_and_taken_off(market: Market) -> None:
    pool, boss = market.pool, await operator(market.pool)
    args = WatchArgs(id=new_id(), kind="person", subject_id=market.buyer.person_id, why="盗号投诉")
    for _ in range(2):
        assert (await watch(pool, boss, args, now=NOW)).shown == "buyer"
    again = WatchArgs(id=new_id(), kind="person", subject_id=market.buyer.person_id, why="same")
    with pytest.raises(Refusal) as refused:
        await watch(pool, boss, again, now=NOW)
    assert refused.value.code == "duplicate"
    assert len((await list_watched(pool, boss, now=NOW)).watched) == 1
    await take_off(pool, boss, args.id, why="cleared", now=NOW + timedelta(hours=1))
    assert (await list_watched(pool, boss, now=NOW)).watched == ()
    (past,) = (await list_watched(pool, boss, with_past=True, now=NOW)).watched
    assert past.off_why == "cleared"
    await watch(pool, boss, again, now=NOW + timedelta(hours=2))


async def test_who_may_watch_and_what(market: Market) -> None:
    pool, boss = market.pool, await operator(market.pool)
    fine = WatchArgs(id=new_id(), kind="person", subject_id=market.buyer.person_id, why="why")
    for who in (market.arbiter, market.owner, market.buyer):
        with pytest.raises(Refusal) as refused:
            await watch(pool, who, fine, now=NOW)
        assert refused.value.code == "wrong_role"
    bad = [
        (WatchArgs(id=new_id(), kind="person", why="why"), "invalid"),
        (WatchArgs(id=new_id(), kind="phone", subject_id=new_id(), why="why"), "invalid"),
        (WatchArgs(id=new_id(), kind="phone", trait="0" * 64, why="why"), "not_found"),
        (WatchArgs(id=new_id(), kind="shop", subject_id=new_id(), why="why"), "not_found"),
        (WatchArgs(id=new_id(), kind="shop", subject_id=market.shop_id, why=""), "reason_required"),
        (
            WatchArgs(
                id=new_id(), kind="shop", subject_id=market.shop_id, why="why",
                until=NOW - timedelta(days=1),
            ),
            "invalid",
        ),
    ]  # fmt: skip
    for args, code in bad:
        with pytest.raises(Refusal) as refused:
            await watch(pool, boss, args, now=NOW)
        assert refused.value.code == code

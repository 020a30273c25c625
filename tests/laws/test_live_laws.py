"""Replay is live: the same random story through the database gives the same cases and money."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.flows.market import Market, open_market, person, place_order
from tests.laws.tales import START, Tale

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.base.money import parse_yuan
from gongdao.cases import commands as c
from gongdao.cases.case import Case
from gongdao.cases.chain import ROOT, links
from gongdao.cases.fold import fold
from gongdao.cases.record import ShopRecord
from gongdao.cases.store import load_case, load_events
from gongdao.flows.act import Acted, act_on_case, open_case
from gongdao.flows.case_reads import see_order
from gongdao.flows.confirm_order import confirm_order
from gongdao.flows.order_money import post_order_money
from gongdao.flows.scenario import Step
from gongdao.flows.story_order import order_of
from gongdao.jobs.sweep import sweep
from gongdao.ledger.funding import Funds
from gongdao.ledger.store import funds_for, load_shop_money, top_up_deposit
from gongdao.ledger.verify import verify_books
from gongdao.policy.load import load_pack
from gongdao.policy.pack import Pack
from gongdao.shops.order import Order
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.store import Scope, insert_orders

PACK = load_pack("taobao-classic")
LATER = START + timedelta(days=4)
INSTANT = timedelta(microseconds=1)


class Live:
    """The world of a tale in the database."""

    def __init__(
        self, market: Market, people: dict[str, list[Principal]], order: Order, pack: Pack
    ) -> None:
        self.market, self.people, self.order = market, people, order
        self.pack = self.first_pack = pack
        self.cases: dict[str, UUID] = {}

    async def do(self, step: Step, args: Any) -> Any:
        """Carry out a step, after every clock that ran out before it."""
        await self.let_time_pass(step.at)
        # Whoever ruled cannot hear the appeal; a replay does not know people apart.
        crowd = self.people[step.by or ""]
        crowd.append(crowd.pop(0))
        pool, by = self.market.pool, crowd[0]
        if step.do == "set_policy":
            self.pack = self.first_pack.with_switches(step.with_)
            return
        if step.do == "confirm_order":
            scope = Scope(buyer_id=by.person_id)
            async with pool.acquire() as connection:
                await confirm_order(
                    connection, self.order.id, scope=scope, by=by.person_id, now=step.at
                )
            return
        if step.do == "open":
            acted = await open_case(pool, by, self.order.id, args, pack=self.pack, now=step.at)
            self.cases[step.case] = acted.case.id
            return
        if step.case not in self.cases:
            raise Refusal("not_found", "There is no such case.")
        await act_on_case(pool, by, self.cases[step.case], step.do or "", args, now=step.at)

    async def let_time_pass(self, to: datetime) -> None:
        """A sweeper that looks right after every instant at which a clock of the tale runs out."""
        while due := await self.market.pool.fetchval(
            "SELECT min(due_at) FROM cases WHERE order_id = $1 AND due_at < $2", self.order.id, to
        ):
            assert await sweep(self.market.pool, due + INSTANT)


async def bring_to_life(pool: Pool, tale: Tale) -> Live:
    shop = tale.scenario.shop
    market = await open_market(pool, balance_fen=parse_yuan(shop.balance))
    async with pool.acquire() as connection:
        if fen := parse_yuan(shop.deposit):
            await top_up_deposit(connection, shop_id=market.shop_id, amount_fen=fen, now=START)
        told = order_of(tale.scenario.order, begun_at=START)
        order = msgspec.structs.replace(
            told, id=new_id(), shop_id=market.shop_id, buyer_id=market.buyer.person_id
        )
        async with connection.transaction():
            purchase = Purchase(order=order, remarks=Remarks(buyer_name="buyer"))
            await insert_orders(connection, [purchase], by=None, now=START)
            await post_order_money(connection, [(None, order)], now=START)
    people = {
        "buyer": [market.buyer],
        "seller": [market.owner],
        "arbiter": [market.arbiter, await person(pool, "platform", "arbiter")],
        "supervisor": [await person(pool, "platform", "supervisor")],
        "operator": [await person(pool, "platform", "operator")],
        "auditor": [await person(pool, "platform", "auditor")],
    }
    return Live(market, people, order, load_pack(tale.scenario.pack))


def without_ids(case: Case) -> Case:
    none, change = UUID(int=0), msgspec.structs.replace
    return change(
        case,
        id=none,
        order_id=none,
        shop_id=none,
        buyer_id=none,
        ruling=change(case.ruling, person_id=None) if case.ruling else None,
        votes=tuple(change(vote, person_id=None) for vote in case.votes),
    )


#: Shrinking a story of the database takes minutes; what failed is replayed from the seed.
live_law = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@live_law
@given(st.data())
async def test_replay_is_live(shared_pool: Pool, data: Any) -> None:
    await tell_twice(shared_pool, Tale(data.draw), data.draw(st.integers(8, 25)))


@settings(live_law, max_examples=100)
@given(st.data())
async def test_replay_is_live_where_shops_are_punished(shared_pool: Pool, data: Any) -> None:
    tale = Tale(data.draw, data.draw(st.sampled_from(["cn-standard", "pdd-2020"])))
    await tell_twice(shared_pool, tale, data.draw(st.integers(8, 30)))


async def tell_twice(shared_pool: Pool, tale: Tale, length: int) -> None:
    for _ in range(length):
        tale.go_on()
    live = await bring_to_life(shared_pool, tale)
    for index, step in enumerate(tale.scenario.steps):
        args = tale.world.story.args(index) if step.do != "set_policy" else None
        try:
            await live.do(step, args)
            code = None
        except Refusal as refusal:
            code = refusal.code
        assert code == tale.refusals[index], step
    await live.let_time_pass(tale.world.now)
    await assert_same(shared_pool, live, tale)


async def assert_same(pool: Pool, live: Live, tale: Tale) -> None:
    world = tale.world
    assert set(live.cases) == set(world.cases)
    for name, case_id in live.cases.items():
        stored = await load_case(pool, case_id)
        events = await load_events(pool, case_id)
        assert stored
        assert fold(events) == stored.case
        assert links(ROOT, events)[-1] == stored.head
        assert without_ids(stored.case) == without_ids(world.cases[name])
    async with pool.acquire() as connection:
        funds = (await funds_for(connection, {live.order.id: live.order.shop_id}))[live.order.id]
    assert funds == Funds(
        escrow_fen=world.till["order_escrow"],
        balance_fen=world.till["shop_balance"],
        deposit_fen=world.till["shop_deposit"],
        debt_fen=world.till.debt_fen,
    )
    await assert_same_record(pool, live, tale)
    row = await pool.fetchrow(
        "SELECT refunded_fen, closed_by FROM orders WHERE id = $1", live.order.id
    )
    assert row
    assert (row["refunded_fen"], row["closed_by"]) == (
        world.order.refunded_fen,
        world.order.closed_by,
    )


async def assert_same_record(pool: Pool, live: Live, tale: Tale) -> None:
    seen = await see_order(pool, live.order.id)
    assert seen
    names = {case_id: name for name, case_id in live.cases.items()}
    told = {tale.world.cases[name].id: name for name in names.values()}
    assert by_name(seen.facts.record, names) == by_name(tale.world.record, told)
    async with pool.acquire() as connection:
        money = await load_shop_money(connection, live.order.shop_id)
    assert money.frozen.balance_fen == tale.world.till["shop_frozen"]
    cases = tale.world.cases.values()
    assert money.frozen.balance_fen == sum(case.frozen_fen for case in cases)
    assert all(case.frozen_fen == 0 for case in cases if not case.is_open)
    assert min(tale.world.points.values()) >= 0


def by_name(record: ShopRecord, names: dict[UUID, str]) -> list[Any]:
    """A record with the names of its cases in place of their ids."""
    lines = (*record.charges, *record.findings, *record.sanctions)
    none, change = UUID(int=0), msgspec.structs.replace
    return [record.entry, *((names[one.case_id], change(one, case_id=none)) for one in lines)]


async def at_once(*commands: Awaitable[Acted]) -> tuple[list[Acted], Counter[str]]:
    """What was carried out, and the codes of what was refused; anything else is a bug."""
    results = await asyncio.gather(*commands, return_exceptions=True)
    done = [r for r in results if isinstance(r, Acted)]
    refused = [r for r in results if isinstance(r, Refusal)]
    others = [r for r in results if not isinstance(r, Acted | Refusal)]
    assert not others, others
    return done, Counter(r.code for r in refused)


def opening(**more: Any) -> c.OpenArgs:
    return c.OpenArgs(
        **{"procedure": "after_sale", "kind": "refund_only", "reason": "quality"} | more
    )


async def refunded(pool: Pool, order_id: UUID) -> tuple[int, int]:
    """What the order says came back, and what its payouts carry."""
    row = await pool.fetchrow(
        "SELECT refunded_fen, (SELECT coalesce(sum(amount_fen), 0)::bigint FROM payouts"
        " WHERE order_id = o.id AND purpose = 'refund') AS paid FROM orders o WHERE id = $1",
        order_id,
    )
    assert row
    return row["refunded_fen"], row["paid"]


@pytest.mark.parametrize("confirmed", [False, True])
async def test_of_many_decisions_at_once_one_wins(pool: Pool, confirmed: bool) -> None:
    market = await open_market(pool)
    for _ in range(5):
        order = await place_order(market, confirmed=confirmed)
        opened = await open_case(pool, market.buyer, order.id, opening(), pack=PACK, now=LATER)

        def act(who: Principal, action: str, args: c.Args, case_id: UUID = opened.case.id) -> Any:
            return act_on_case(pool, who, case_id, action, args, now=LATER)

        done, refused = await at_once(
            act(market.owner, "approve", c.ApproveArgs()),
            act(market.buyer, "withdraw", c.NoArgs()),
            act(market.owner, "approve", c.ApproveArgs()),
            act(market.buyer, "withdraw", c.NoArgs()),
        )
        assert (len(done), refused) == (1, Counter({"not_allowed_in_stage": 3}))
        stored = await load_case(pool, opened.case.id)
        assert stored and stored.case == done[0].case
        fen = 10_500 if stored.case.ended == "settled" else 0
        assert await refunded(pool, order.id) == (fen, fen)


@pytest.mark.parametrize("confirmed", [False, True])
async def test_refunds_of_several_cases_at_once_never_exceed_the_payment(
    pool: Pool, confirmed: bool
) -> None:
    market = await open_market(pool)
    for _ in range(5):
        order = await place_order(market, confirmed=confirmed)
        cases = [
            await open_case(pool, market.buyer, order.id, args, pack=PACK, now=LATER)
            for args in (
                opening(),
                *(
                    c.OpenArgs(procedure="complaint", kind=kind)
                    for kind in ("not_as_described", "damaged", "short_shipment", "not_received")
                ),
            )
        ]
        await at_once(
            *(
                act_on_case(pool, market.owner, one.case.id, "approve", c.ApproveArgs(), now=LATER)
                for one in cases
            )
        )
        assert await refunded(pool, order.id) == (10_500, 10_500)
    await assert_books(pool)


async def test_confirming_and_refunding_at_once_wait_for_each_other(pool: Pool) -> None:
    """Both touch the order and its escrow; whoever comes second decides on what the first left."""
    market = await open_market(pool)
    orders = [await place_order(market) for _ in range(12)]
    opened = [
        await open_case(pool, market.buyer, order.id, opening(), pack=PACK, now=LATER)
        for order in orders
    ]

    async def confirm(order_id: UUID) -> None:
        scope = Scope(buyer_id=market.buyer.person_id)
        async with pool.acquire() as connection:
            await confirm_order(
                connection, order_id, scope=scope, by=market.buyer.person_id, now=LATER
            )

    for order, one in zip(orders, opened, strict=True):
        approving = act_on_case(
            pool, market.owner, one.case.id, "approve", c.ApproveArgs(), now=LATER
        )
        results = await asyncio.gather(confirm(order.id), approving, return_exceptions=True)
        assert not [r for r in results if isinstance(r, Exception)], results
        assert await refunded(pool, order.id) == (10_500, 10_500)
    await assert_books(pool)


async def test_a_command_that_is_sent_again_changes_nothing(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market)

    def file() -> Awaitable[Acted]:
        return open_case(
            pool, market.buyer, order.id, opening(), pack=PACK, now=LATER, key="open it"
        )

    done, refused = await at_once(*(file() for _ in range(5)))
    assert (len({one.case.id for one in done}), sum(not one.again for one in done)) == (1, 1)
    assert not refused

    def approve() -> Awaitable[Acted]:
        return act_on_case(
            pool, market.owner, done[0].case.id, "approve", c.ApproveArgs(), now=LATER, key="yes"
        )

    done, refused = await at_once(*(approve() for _ in range(5)))
    assert (len(done), sum(not one.again for one in done)) == (5, 1)
    assert not refused
    assert await refunded(pool, order.id) == (10_500, 10_500)
    await assert_books(pool)


async def assert_books(pool: Pool) -> None:
    async with pool.acquire() as connection:
        assert [fault async for fault in verify_books(connection)] == []


async def test_a_pause_that_ends_by_itself_leaves_the_chain_whole(pool: Pool) -> None:
    """Its end is reckoned from a local midnight, but an instant has one text only: in UTC."""
    market = await open_market(pool)
    order = await place_order(market)
    opened = await open_case(pool, market.buyer, order.id, opening(), pack=PACK, now=LATER)
    args = c.PauseArgs(cause="joint_request")
    await act_on_case(pool, market.arbiter, opened.case.id, "pause", args, now=LATER)
    assert await sweep(pool, LATER + timedelta(days=31))
    stored, events = await load_case(pool, opened.case.id), await load_events(pool, opened.case.id)
    assert stored and stored.case.rest is None
    assert links(ROOT, events)[-1] == stored.head

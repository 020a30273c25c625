"""Everybody who can move money moves it at the same time, and the books are right afterwards."""

import asyncio
import random
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.flows.lamps import books_are_right
from tests.flows.market import START, Market, open_market, person, place_order
from tests.flows.test_goodwill import kind_pack

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.confirm_order import confirm_order
from gongdao.flows.pay_goodwill import pay_goodwill
from gongdao.jobs.debts import repay_what_came_in
from gongdao.jobs.payouts import pay_out
from gongdao.jobs.sweep import sweep
from gongdao.ledger.store import top_up
from gongdao.policy.load import load_pack
from gongdao.shops.order import Order
from gongdao.shops.store import Scope

PACK = load_pack("cn-standard").with_switches({"mediation": "off", "appeal": "after_close"})
LATER = START + timedelta(days=4)
#: What a case can be about here: a refund, and things that cost the shop more than the payment.
ASKED = (
    c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality", received=True),
    c.OpenArgs(procedure="complaint", kind="not_as_described"),
    c.OpenArgs(procedure="complaint", kind="promise_broken"),
)
PROOF = [c.EvidenceItem(kind="proof_of_delivery", note="Intact.")]
OVER = c.AdjudicateArgs(liability="seller", remedy="full_refund")
NOTHING = c.AdjudicateArgs(liability="none", remedy="no_action")
OFFER = c.OfferArgs(remedy="partial_refund", refund="20.00", compensation="5.00")


async def filed(market: Market, orders: list[Order], chance: random.Random) -> list[UUID]:
    """A case or two on each order, some of them before an arbiter by now."""
    cases: list[UUID] = []
    for order in orders:
        for args in chance.sample(ASKED, chance.randint(1, 2)):
            opened = await open_case(
                market.pool, market.buyer, order.id, args, pack=PACK, now=LATER
            )
            cases.append(opened.case.id)
    return cases


def deeds_in(
    market: Market, case_id: UUID, second: Principal, at: datetime, chance: random.Random
) -> list[Awaitable[Any]]:
    """What the sides and two arbiters try in a case; what ends it at once, seldom."""
    tried: list[tuple[float, Principal, str, c.Args]] = [
        (0.1, market.owner, "approve", c.ApproveArgs()),
        (0.1, market.owner, "compensate", c.CompensateArgs()),
        (0.1, market.buyer, "accept_offer", c.NoArgs()),
        (0.1, market.buyer, "withdraw", c.NoArgs()),
        (0.7, market.owner, "reject", c.RejectArgs(reason="not_liable", evidence=PROOF)),
        (0.5, market.owner, "offer", OFFER),
        (0.7, market.buyer, "escalate", c.NoArgs()),
        (0.7, market.arbiter, "adjudicate", OVER),
        (0.7, second, "adjudicate", NOTHING),
        (0.7, second, "execute", c.NoArgs()),
        (0.5, market.buyer, "appeal", c.AppealArgs(grounds="No.")),
        (0.5, market.owner, "appeal", c.AppealArgs(grounds="No.")),
    ]
    return [
        act_on_case(market.pool, who, case_id, action, args, now=at)
        for odds, who, action, args in tried
        if chance.random() < odds
    ]


async def confirmed(market: Market, order: Order, at: datetime) -> None:
    buyer = market.buyer.person_id
    async with market.pool.acquire() as connection:
        await confirm_order(connection, order.id, scope=Scope(buyer_id=buyer), by=buyer, now=at)


async def gift(market: Market, order: Order, at: datetime) -> None:
    async with market.pool.acquire() as connection:
        await pay_goodwill(
            connection, market.owner, order.id, amount_fen=700, key="gift", pack=kind_pack(), now=at
        )


async def paid_in(market: Market, at: datetime) -> None:
    async with market.pool.acquire() as connection:
        await top_up(connection, shop_id=market.shop_id, amount_fen=1_300, now=at)


@pytest.mark.parametrize("seed", range(6))
async def test_the_books_are_right_whoever_comes_first(pool: Pool, seed: int) -> None:
    chance = random.Random(seed)
    market = await open_market(pool, balance_fen=2_000)
    second = await person(pool, "platform", "arbiter")
    orders = [await place_order(market, confirmed=chance.random() < 0.6) for _ in range(6)]
    cases = await filed(market, orders, chance)
    for day in (0, 2, 6, 12, 30):
        at = LATER + timedelta(days=day, minutes=1)
        todo = [deed for case_id in cases for deed in deeds_in(market, case_id, second, at, chance)]
        todo += [confirmed(market, order, at) for order in orders]
        # The same gift twice at once is one.
        todo += [gift(market, order, at) for order in orders for _ in range(2)]
        todo += [paid_in(market, at) for _ in range(3)]
        todo += [sweep(pool, at), sweep(pool, at), repay_what_came_in(pool, at)]
        todo += [pay_out(pool, at), pay_out(pool, at)]
        chance.shuffle(todo)
        results = await asyncio.gather(*todo, return_exceptions=True)
        odd = [r for r in results if isinstance(r, BaseException) and not isinstance(r, Refusal)]
        assert not odd, odd
        await books_are_right(market)
    assert await out_beyond_in(market) == []


async def out_beyond_in(market: Market) -> list[Any]:
    """Orders of which more came back than was paid, and gifts that were given twice."""
    return await market.pool.fetch(
        "SELECT o.number FROM orders o WHERE o.shop_id = $1 AND (o.refunded_fen > o.paid_fen"
        " OR (SELECT count(*) FROM payouts p WHERE p.order_id = o.id AND p.case_id IS NULL) > 1"
        " OR (SELECT coalesce(sum(amount_fen), 0) FROM payouts p WHERE p.order_id = o.id"
        "      AND p.purpose = 'refund') > o.paid_fen)",
        market.shop_id,
    )

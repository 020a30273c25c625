"""Small sums outside of cases: within the rules, from the balance, once."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.flows.pay_goodwill import Goodwill, pay_goodwill, see_goodwill
from gongdao.ledger.verify import verify_books
from gongdao.policy.discipline import Goodwill as GoodwillRule
from gongdao.policy.load import load_pack
from gongdao.policy.pack import Pack
from gongdao.policy.written import Fen
from gongdao.shops.store import Scope

from .market import START, Market, open_market, person, place_order

PLAIN = load_pack("taobao-classic")
LATER = START + timedelta(days=4)


def kind_pack() -> Pack:
    """A pack that lets a shop give up to 20.00 on an order."""
    return _with(GoodwillRule(rule="S0-02", maximum=Fen(2_000)))


def _with(*rules: GoodwillRule) -> Pack:
    return Pack(PLAIN.head, msgspec.structs.replace(PLAIN.body, goodwill=rules))


async def give(market: Market, order_id: Any, fen: int, **more: Any) -> Goodwill:
    who: Principal = more.pop("who", market.owner)
    said = {"key": "one", "pack": kind_pack(), "now": LATER} | more
    async with market.pool.acquire() as connection:
        return await pay_goodwill(connection, who, order_id, amount_fen=fen, **said)


async def refusal(market: Market, order_id: Any, fen: int, **more: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await give(market, order_id, fen, **more)
    return refused.value.code


async def test_a_sum_is_given_once(pool: Pool) -> None:
    market = await open_market(pool, balance_fen=5_000)
    order = await place_order(market)
    first = await give(market, order.id, 800, note="for the scratch")
    assert (first.given_fen, first.left_fen, first.gifts[0].note) == (800, 1_200, "for the scratch")
    again = await give(market, order.id, 800)
    assert again == first
    assert await refusal(market, order.id, 900) == "idempotency_conflict"
    assert await refusal(market, order.id, 1_201, key="two") == "amount_above_limit"
    assert await refusal(market, order.id, 0, key="two") == "invalid"
    assert await refusal(market, order.id, 5, key="two", pack=_with()) == "not_eligible"
    payouts = await pool.fetch(
        "SELECT purpose, amount_fen FROM payouts WHERE order_id = $1", order.id
    )
    assert [tuple(row) for row in payouts] == [("compensation", 800)]
    async with pool.acquire() as connection:
        assert [fault async for fault in verify_books(connection)] == []


async def test_who_may_give(pool: Pool) -> None:
    market = await open_market(pool, balance_fen=100)
    order = await place_order(market)
    agent = msgspec.structs.replace(market.owner, permissions=frozenset({"order.read"}))
    assert await refusal(market, order.id, 50, who=agent) == "wrong_role"
    lead = msgspec.structs.replace(market.owner, money_limit_fen=40)
    assert await refusal(market, order.id, 50, who=lead) == "amount_above_limit"
    assert await refusal(market, order.id, 200) == "insufficient_funds"
    stranger = await person(pool, "shop", "owner", shop_id=(await open_market(pool)).shop_id)
    assert await refusal(market, order.id, 50, who=stranger) == "not_found"
    async with pool.acquire() as connection:
        seen = await see_goodwill(
            connection, order.id, scope=Scope(shop_id=market.shop_id), pack=kind_pack()
        )
    assert (seen.gifts, seen.left_fen) == ((), 2_000)


async def test_the_limit_holds_for_all_at_once(pool: Pool) -> None:
    market = await open_market(pool)
    order = await place_order(market)
    results = await asyncio.gather(
        *(give(market, order.id, 700, key=f"k{n % 4}") for n in range(8)), return_exceptions=True
    )
    given = [r for r in results if isinstance(r, Goodwill)]
    assert max(each.given_fen for each in given) == 1_400
    assert {r.code for r in results if isinstance(r, Refusal)} == {"amount_above_limit"}

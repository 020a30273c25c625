"""Only the platform's word makes money: what a shop imports moves none, and cases still work."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.flows.act import Acted, act_on_case, open_case
from gongdao.flows.confirm_order import confirm_order
from gongdao.flows.import_orders import Imported, OrderFile, Teller, import_orders
from gongdao.flows.top_up_shop import collect_debts
from gongdao.flows.verify import verify_cases, verify_rest
from gongdao.ledger.store import top_up_deposit
from gongdao.policy.load import load_pack
from gongdao.shops.order import Order
from gongdao.shops.reads import list_orders
from gongdao.shops.store import Scope

from .market import START, Market, open_market, place_order

NOW = START + timedelta(days=5)
PLATFORM, SHOP = Teller(platform=True), Teller()
PACK = load_pack("taobao-classic@1")
ROW: dict[str, Any] = {
    "number": "E1",
    "buyer": "小明",
    "placed_at": START.isoformat(),
    "paid_at": START.isoformat(),
    "lines": [{"title": "Lamp", "price": "100.00"}],
}
SENT = {
    "shipped_at": (START + timedelta(hours=5)).isoformat(),
    "carrier": "SF",
    "tracking": "SF1",
    "signed_at": (START + timedelta(days=1)).isoformat(),
    "signed_by": "self",
}
REFUNDED = {"refunded": "30.00"}
CONFIRMED = {"confirmed_at": (START + timedelta(days=2)).isoformat()}


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool, balance_fen=0)


async def bring(market: Market, by: Teller, *more: dict[str, Any], now: datetime = NOW) -> Imported:
    row = dict(ROW)
    for facts in more:
        row |= facts
    raw = json.dumps({"orders": [row]}).encode()
    report = await import_orders(
        market.pool, OrderFile(shop_id=market.shop_id, raw=raw), by=by, now=now
    )
    assert report.faults == (), [fault.say("en") for fault in report.faults]
    return report


async def money(market: Market) -> dict[str, int]:
    rows = await market.pool.fetch(
        "SELECT kind, balance_fen + CASE kind WHEN 'shop_debt' THEN held_fen ELSE 0 END AS fen"
        " FROM ledger_accounts"
    )
    return {row["kind"]: row["fen"] for row in rows if row["fen"]}


async def the_order(market: Market) -> Order:
    async with market.pool.acquire() as connection:
        page = await list_orders(connection, scope=Scope(shop_id=market.shop_id))
    (purchase,) = page.purchases
    return purchase.order


async def refund(market: Market, order: Order, *, now: datetime = NOW) -> Acted:
    """The buyer wants all of it back, and the shop agrees."""
    buyer = _as(market, order.buyer_id)
    args = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="agreed")
    opened = await open_case(market.pool, buyer, order.id, args, pack=PACK, now=now)
    return await act_on_case(
        market.pool, market.owner, opened.case.id, "approve", c.ApproveArgs(), now=now
    )


def _as(market: Market, buyer_id: UUID) -> Any:
    from msgspec.structs import replace

    return replace(market.buyer, person_id=buyer_id)


async def nothing_is_wrong(pool: Pool) -> None:
    async with pool.acquire() as connection:
        found = [fault async for fault in verify_cases(connection, lambda _: None)]
        found += [fault async for fault in verify_rest(pool, connection, None)]
    assert found == []


async def test_a_shop_makes_no_money_by_an_import(market: Market) -> None:
    for more in ((), (SENT,), (SENT, REFUNDED), (SENT, REFUNDED, CONFIRMED)):
        await bring(market, SHOP, *more)
        assert await market.pool.fetchval("SELECT count(*) FROM ledger_transfers") == 0
    order = await the_order(market)
    assert (order.money, order.state, order.refunded_fen) == ("elsewhere", "confirmed", 3000)
    assert await bring(market, SHOP, SENT, REFUNDED, CONFIRMED) == Imported(unchanged=1)
    await nothing_is_wrong(market.pool)


async def test_the_platform_brings_the_money_along(market: Market) -> None:
    await bring(market, PLATFORM)
    assert await money(market) == {"order_escrow": 10_000}
    await bring(market, PLATFORM, SENT, REFUNDED)
    assert await money(market) == {"order_escrow": 7_000}
    await bring(market, PLATFORM, SENT, REFUNDED, CONFIRMED)
    assert await money(market) == {"shop_balance": 7_000}
    assert await bring(market, PLATFORM, SENT, REFUNDED, CONFIRMED) == Imported(unchanged=1)
    await nothing_is_wrong(market.pool)


@pytest.mark.parametrize("facts", [REFUNDED, CONFIRMED, {**REFUNDED, **CONFIRMED}])
async def test_a_shop_moves_nothing_of_what_the_platform_brought(
    market: Market, facts: dict[str, Any]
) -> None:
    await bring(market, PLATFORM)
    assert await bring(market, SHOP, SENT, facts) == Imported(advanced=1, left_out=1)
    order = await the_order(market)
    assert (order.money, order.state, order.refunded_fen) == ("here", "signed", 0)
    assert await money(market) == {"order_escrow": 10_000}
    await bring(market, PLATFORM, SENT, facts)
    assert sum((await money(market)).values()) == 10_000 - (3_000 if "refunded" in facts else 0)
    await nothing_is_wrong(market.pool)


async def test_a_shop_does_not_pay_for_a_buyer(market: Market) -> None:
    unpaid = {"paid_at": None}
    await bring(market, PLATFORM, unpaid)
    assert await bring(market, SHOP, SENT) == Imported(unchanged=1, left_out=1)
    assert (await the_order(market)).state == "unpaid"
    assert await money(market) == {}


async def test_the_platform_takes_over_what_a_shop_brought_first(market: Market) -> None:
    dear = {"lines": [{"title": "Lamp", "price": "900.00"}]}
    await bring(market, SHOP, dear, SENT, REFUNDED, CONFIRMED)
    assert await bring(market, PLATFORM, SENT) == Imported(advanced=1)
    order = await the_order(market)
    assert (order.money, order.state, order.paid_fen) == ("here", "signed", 10_000)
    assert await money(market) == {"order_escrow": 10_000}
    assert await bring(market, PLATFORM, SENT) == Imported(unchanged=1)
    assert await bring(market, SHOP, SENT, CONFIRMED) == Imported(unchanged=1, left_out=1)
    assert await money(market) == {"order_escrow": 10_000}
    await nothing_is_wrong(market.pool)
    await bring(market, PLATFORM, SENT, CONFIRMED)
    assert await money(market) == {"shop_balance": 10_000}


async def test_what_a_case_paid_back_is_not_paid_in_again(market: Market) -> None:
    await bring(market, SHOP, SENT)
    order = await the_order(market)
    async with market.pool.acquire() as connection:
        await top_up_deposit(connection, shop_id=market.shop_id, amount_fen=50_000, now=NOW)
    await refund(market, order)
    before = await money(market)
    assert await bring(market, PLATFORM, SENT, CONFIRMED) == Imported(advanced=1, left_out=1)
    assert await money(market) == before
    assert (await the_order(market)).money == "elsewhere"
    await nothing_is_wrong(market.pool)


@pytest.mark.parametrize("facts", [REFUNDED, CONFIRMED])
async def test_an_import_does_not_say_that_somebody_reported(
    market: Market, facts: dict[str, Any]
) -> None:
    await bring(market, SHOP, SENT)
    order = await the_order(market)
    said = c.OpenArgs(procedure="report", kind="prohibited_goods", claim="Sold without a licence.")
    buyer = msgspec.structs.replace(market.buyer, person_id=order.buyer_id)
    pack = load_pack("cn-standard")
    await open_case(market.pool, buyer, order.id, said, pack=pack, now=NOW)
    assert await bring(market, SHOP, SENT, facts) == Imported(advanced=1)


async def test_no_shop_draws_its_deposit_out_through_an_order_of_its_own(pool: Pool) -> None:
    market = await open_market(pool, balance_fen=4_000)
    async with pool.acquire() as connection:
        await top_up_deposit(connection, shop_id=market.shop_id, amount_fen=5_000, now=START)
    await bring(market, SHOP, SENT)
    acted = await refund(market, await the_order(market))
    assert acted.outcome is not None
    drawn = [(t.source.kind, t.amount_fen) for t in acted.outcome.transfers]
    assert drawn == [("shop_balance", 4_000), ("shop_debt", 6_000)]
    assert await money(market) == {"buyer_refund": 4_000, "shop_deposit": 5_000, "shop_debt": 6_000}
    await nothing_is_wrong(pool)
    # Only the platform, which has looked, lets the deposit pay.
    with pytest.raises(Refusal):
        await collect_debts(pool, market.owner, market.shop_id, now=NOW)
    assert await collect_debts(pool, None, market.shop_id, now=NOW) == 5_000
    assert await money(market) == {"buyer_refund": 9_000, "shop_debt": 1_000}
    await nothing_is_wrong(pool)


async def test_a_ruling_reaches_the_deposit(pool: Pool) -> None:
    market = await open_market(pool, balance_fen=4_000)
    async with pool.acquire() as connection:
        await top_up_deposit(connection, shop_id=market.shop_id, amount_fen=9_000, now=START)
    await bring(market, SHOP, SENT)
    order = await the_order(market)
    args = c.OpenArgs(procedure="complaint", kind="not_as_described", claim="别的颜色")
    buyer = _as(market, order.buyer_id)
    case = (await open_case(pool, buyer, order.id, args, pack=PACK, now=NOW)).case
    late = NOW + timedelta(days=20)
    ruling = c.AdjudicateArgs(liability="seller", remedy="full_refund", note="属实")
    acted = await act_on_case(pool, market.arbiter, case.id, "adjudicate", ruling, now=late)
    assert acted.outcome is not None
    drawn = [(t.source.kind, t.amount_fen) for t in acted.outcome.transfers]
    assert drawn[:2] == [("shop_balance", 4_000), ("shop_deposit", 6_000)]
    await nothing_is_wrong(pool)


async def test_a_shop_says_nothing_of_money_while_there_is_a_case(market: Market) -> None:
    await bring(market, SHOP, SENT)
    order = await the_order(market)
    args = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="agreed")
    await open_case(market.pool, _as(market, order.buyer_id), order.id, args, pack=PACK, now=NOW)
    all_back = {"refunded": "100.00"}
    assert await bring(market, SHOP, SENT, all_back, CONFIRMED) == Imported(unchanged=1, left_out=1)
    assert (await the_order(market)).refunded_fen == 0
    assert await bring(market, PLATFORM, SENT) == Imported(unchanged=1, left_out=1)


async def test_confirming_an_order_whose_money_is_elsewhere_pays_nobody(market: Market) -> None:
    await bring(market, SHOP, SENT)
    order = await the_order(market)
    async with market.pool.acquire() as connection:
        scope = Scope(buyer_id=order.buyer_id)
        after = await confirm_order(connection, order.id, scope=scope, by=order.buyer_id, now=NOW)
    assert after.state == "confirmed"
    assert await money(market) == {}
    await nothing_is_wrong(market.pool)


async def test_what_a_shop_tells_late_counts_from_when_it_told(market: Market) -> None:
    await bring(market, SHOP, now=START + timedelta(hours=1))
    await bring(market, SHOP, SENT)
    order = await the_order(market)
    assert order.shipped_at == START + timedelta(hours=5)
    assert order.counts_at("shipped_at") == order.counts_at("signed_at") == NOW
    assert order.ship_due_at is not None
    assert order.ship_due_at < NOW, "in time by its own word, late by ours"
    await bring(market, PLATFORM, SENT)
    assert (await the_order(market)).counts_at("shipped_at") == START + timedelta(hours=5)


async def test_what_lies_in_the_future_is_refused(market: Market) -> None:
    later = {"paid_at": (NOW + timedelta(days=1)).isoformat()}
    raw = json.dumps({"orders": [ROW | later]}).encode()
    for by in (SHOP, PLATFORM):
        file = OrderFile(shop_id=market.shop_id, raw=raw)
        (fault,) = (await import_orders(market.pool, file, by=by, now=NOW)).faults
        assert fault.column == "paid_at"


async def test_verify_finds_nothing_wrong_in_a_refund_that_an_import_told(market: Market) -> None:
    """An order that was placed here, not imported, and was paid back elsewhere afterwards."""
    order = await place_order(market)
    known = ROW | {
        "number": order.number,
        "buyer": "buyer",
        "freight": "5.00",
        "placed_at": order.placed_at.isoformat(),
        "paid_at": order.placed_at.isoformat(),
    }
    await bring(market, PLATFORM, known, {"refunded": "20.00"})
    assert await money(market) == {"order_escrow": 8_500}
    await nothing_is_wrong(market.pool)
    await market.pool.execute("UPDATE orders SET refunded_fen = refunded_fen + 1")
    async with market.pool.acquire() as connection:
        found = [fault async for fault in verify_cases(connection, lambda _: None)]
    assert [fault.what for fault in found] == ["order"]


FACTS = ({"paid_at": None}, {}, SENT, {**SENT, **REFUNDED}, {**SENT, **REFUNDED, **CONFIRMED})


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, len(FACTS) - 1)), max_size=7))
async def test_in_whatever_order_files_come_money_is_what_the_platform_said(
    pool: Pool, steps: list[tuple[bool, int]]
) -> None:
    """Escrow and balance together hold what the platform said was paid and not refunded."""
    market = await open_market(pool, balance_fen=0)
    said = 0
    for platform, stage in steps:
        raw = json.dumps({"orders": [ROW | FACTS[stage]]}).encode()
        file = OrderFile(shop_id=market.shop_id, raw=raw)
        report = await import_orders(pool, file, by=Teller(platform=platform), now=NOW)
        assert report.faults == (), [fault.say("en") for fault in report.faults]
        if platform:
            said = max(said, stage)
        held = await pool.fetchval(
            "SELECT sum(balance_fen)::bigint FROM ledger_accounts WHERE owner = $1"
            " OR owner IN (SELECT id FROM orders WHERE shop_id = $1)",
            market.shop_id,
        )
        paid_fen, refunded_fen = (10_000 if said >= 1 else 0), (3_000 if said >= 3 else 0)
        assert (held or 0) == paid_fen - refunded_fen
    await nothing_is_wrong(pool)

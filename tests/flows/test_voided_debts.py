"""An overturned ruling: debts of it that nobody has paid are void, and what was paid comes back."""

from datetime import timedelta
from uuid import UUID

from gongdao.base.db import Pool
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.verify import verify_cases, verify_records
from gongdao.jobs.debts import repay_what_came_in
from gongdao.ledger.store import load_shop_money, post, top_up
from gongdao.ledger.transfer import Account, Transfer
from gongdao.ledger.verify import verify_books
from gongdao.policy.load import load_pack

from .market import START, Market, open_market, person, place_order

PACK = load_pack("taobao-2025")
LATER = START + timedelta(days=4)
CLAIM = c.OpenArgs(procedure="counterfeit_claim", kind="counterfeit", claim="The logo is wrong.")
FAKE = c.AdjudicateArgs(
    liability="seller", remedy="punitive_compensation", counterfeit=True, refund="100.00", note="-"
)
GENUINE = c.AdjudicateArgs(liability="none", remedy="no_action")


async def _spend_all(market: Market) -> None:
    """The money of the confirmed order goes elsewhere."""
    nobody = UUID(int=0)
    async with market.pool.acquire() as connection:
        await post(
            connection,
            [
                Transfer(
                    kind="write_off",
                    source=Account("shop_balance", market.shop_id),
                    target=Account("external", nobody),
                    amount_fen=10_500,
                )
            ],
            now=LATER,
        )


async def test_what_is_owed_is_void_and_what_was_paid_comes_back(pool: Pool) -> None:
    market = await open_market(pool, balance_fen=0)
    order = await place_order(market, confirmed=True)
    await _spend_all(market)
    case = (await open_case(pool, market.buyer, order.id, CLAIM, pack=PACK, now=LATER)).case
    ruled_at = LATER + timedelta(days=8)
    await act_on_case(pool, market.arbiter, case.id, "adjudicate", FAKE, now=ruled_at)
    async with pool.acquire() as connection:
        money = await load_shop_money(connection, market.shop_id)
        # Three times 100.00 is less than the statutory minimum of 500.00.
        assert (money.debt_fen, money.balance.balance_fen) == (60_000, 0)
        await top_up(connection, shop_id=market.shop_id, amount_fen=15_000, now=ruled_at)
    await repay_what_came_in(pool, ruled_at)
    grounds = c.AppealArgs(grounds="The brand confirms it.")
    await act_on_case(pool, market.owner, case.id, "appeal", grounds, now=ruled_at)
    other = await person(pool, "platform", "arbiter")
    acted = await act_on_case(pool, other, case.id, "adjudicate", GENUINE, now=ruled_at)
    assert acted.case.ended == "decided"
    assert (acted.case.paid_fen("refund"), acted.case.paid_fen("punitive")) == (10_000, 5_000)
    async with pool.acquire() as connection:
        money = await load_shop_money(connection, market.shop_id)
        assert (money.debt_fen, money.balance.balance_fen) == (0, 15_000)
        refunded = await connection.fetchval(
            "SELECT refunded_fen FROM orders WHERE id = $1", order.id
        )
        assert refunded == 10_000
        assert [fault async for fault in verify_books(connection)] == []
        faults = [fault async for fault in verify_cases(connection, lambda _: None)]
        assert [f for f in faults if f.id in (str(case.id), str(order.id))] == []
        assert [fault async for fault in verify_records(connection)] == []


async def test_a_refund_that_is_only_owed_is_not_given(pool: Pool) -> None:
    market = await open_market(pool, balance_fen=0)
    order = await place_order(market, confirmed=True)
    await _spend_all(market)
    case = (await open_case(pool, market.buyer, order.id, CLAIM, pack=PACK, now=LATER)).case
    ruled_at = LATER + timedelta(days=8)
    await act_on_case(pool, market.arbiter, case.id, "adjudicate", FAKE, now=ruled_at)
    grounds = c.AppealArgs(grounds="The brand confirms it.")
    await act_on_case(pool, market.owner, case.id, "appeal", grounds, now=ruled_at)
    other = await person(pool, "platform", "arbiter")
    acted = await act_on_case(pool, other, case.id, "adjudicate", GENUINE, now=ruled_at)
    assert acted.case.paid == ()
    async with pool.acquire() as connection:
        money = await load_shop_money(connection, market.shop_id)
        assert (money.debt_fen, money.balance.balance_fen) == (0, 0)
        assert not await connection.fetchval(
            "SELECT refunded_fen FROM orders WHERE id = $1", order.id
        )
        faults = [fault async for fault in verify_cases(connection, lambda _: None)]
        assert [f for f in faults if f.id in (str(case.id), str(order.id))] == []

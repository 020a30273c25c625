"""What a shop owes is paid by whatever reaches its balance, not by top-ups alone."""

from datetime import timedelta

from gongdao.base.db import Pool
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.confirm_order import confirm_order
from gongdao.jobs.debts import repay_what_came_in
from gongdao.ledger.store import load_shop_money
from gongdao.ledger.verify import verify_books
from gongdao.policy.load import load_pack
from gongdao.shops.store import Scope

from .market import START, open_market, place_order

PACK = load_pack("taobao-classic")
LATER = START + timedelta(days=4)
REFUND = c.OpenArgs(procedure="after_sale", kind="refund_only", reason="quality")


async def test_a_confirmed_order_pays_the_debt_of_another(pool: Pool) -> None:
    market = await open_market(pool, balance_fen=0)
    spent = await place_order(market, confirmed=True)
    other = await place_order(market, price_fen=4_000, freight_fen=0)
    async with pool.acquire() as connection:
        await connection.execute(
            "SELECT ledger_post(array[null]::uuid[], array[null]::uuid[], array['capture'],"
            " array['shop_balance'], array[$1]::uuid[], array['external'],"
            " array['00000000-0000-0000-0000-000000000000']::uuid[], array[10500]::bigint[],"
            " array[false], now())",
            market.shop_id,
        )
    opened = await open_case(pool, market.buyer, spent.id, REFUND, pack=PACK, now=LATER)
    await act_on_case(pool, market.owner, opened.case.id, "approve", c.ApproveArgs(), now=LATER)
    async with pool.acquire() as connection:
        money = await load_shop_money(connection, market.shop_id)
    assert (money.debt_fen, money.balance.balance_fen) == (10_500, 0)
    assert await repay_what_came_in(pool, LATER) == 0
    buyer_id = market.buyer.person_id
    async with pool.acquire() as connection:
        scope = Scope(buyer_id=buyer_id)
        await confirm_order(connection, other.id, scope=scope, by=buyer_id, now=LATER)
    assert await repay_what_came_in(pool, LATER) == 1
    assert await repay_what_came_in(pool, LATER) == 0
    async with pool.acquire() as connection:
        money = await load_shop_money(connection, market.shop_id)
        assert [fault async for fault in verify_books(connection)] == []
    assert (money.debt_fen, money.balance.balance_fen) == (6_500, 0)

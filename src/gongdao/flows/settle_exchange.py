"""What a buyer paid on top in an exchange is held until the exchange has ended."""

from datetime import datetime
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.cases.case import Case
from gongdao.flows.case_reads import see_case
from gongdao.flows.order_desk import Wish
from gongdao.flows.settle_bill import drop_bill
from gongdao.ledger.bill import ASKED_FOR, Bill
from gongdao.ledger.bill_store import (
    bills_of_order,
    bills_to_settle,
    lock_bill,
    make_bill,
    mark_settled,
    paid_for_case,
)
from gongdao.ledger.store import post
from gongdao.ledger.transfer import Account, Transfer
from gongdao.shops.order import Order
from gongdao.shops.store import Scope, lock_order


async def ask_difference(
    pool: Pool, wish: Wish, *, case: Case, order: Order, more_fen: int
) -> Bill:
    """The buyer of an exchange asks to pay what the other variant costs more. Raises Refusal.

    As long as it waits to be paid it is asked for once; what was dropped is asked for anew.
    """
    async with pool.acquire() as connection, connection.transaction():
        await lock_order(connection, order.id, scope=Scope(platform=True))
        asked = [b for b in await bills_of_order(connection, order.id) if b.case_id == case.id]
        due_fen = more_fen - await paid_for_case(connection, case.id)
        if waiting := next((bill for bill in asked if bill.is_waiting), None):
            if waiting.amount_fen == due_fen or waiting.state != "open":
                return waiting
            # The buyer wants another variant by now.
            await drop_bill(connection, await lock_bill(connection, waiting.id), now=wish.now)
        if case.ended is not None or case.sent is not None or due_fen <= 0:
            raise Refusal("not_allowed_in_stage", N_("There is no difference to be paid."))
        bill_id = new_id()
        bill = Bill(
            id=bill_id,
            purpose="exchange",
            payer=order.buyer_id,
            shop_id=order.shop_id,
            order_id=order.id,
            case_id=case.id,
            amount_fen=due_fen,
            channel="balance" if order.payment == "cod" else order.payment,
            key=f"exchange {bill_id}",
            made_by=wish.who.person_id,
            created_at=wish.now,
            expires_at=wish.now + ASKED_FOR,
        )
        return await make_bill(connection, bill)


async def ask_for_case(pool: Pool, who: Principal, case_id: UUID, *, now: datetime) -> Bill:
    """The buyer of a case asks to pay the difference of its exchange. Raises Refusal."""
    seen = await see_case(pool, case_id)
    if seen is None or who.kind != "buyer" or seen.stored.case.buyer_id != who.person_id:
        raise Refusal("not_found", N_("There is no such case."))
    case, order = seen.stored.case, seen.facts.order
    more_fen = case.wanted.more_fen if case.wanted else 0
    wish = Wish(who=who, order_id=order.id, now=now)
    return await ask_difference(pool, wish, case=case, order=order, more_fen=more_fen)


async def settle_exchanges(pool: Pool, *, now: datetime) -> int:
    """Differences of exchanges that have ended go to the shop, or back where nothing was sent."""
    async with pool.acquire() as connection, connection.transaction():
        due = await bills_to_settle(connection)
        for bill, for_shop_fen in due:
            await _settle(connection, bill, for_shop_fen, now)
    changed({f"shop:{bill.shop_id}" for bill, _ in due})
    changed({f"buyer:{bill.payer}" for bill, _ in due})
    return len(due)


async def _settle(connection: Connection, bill: Bill, for_shop_fen: int, now: datetime) -> None:
    held = Account("shop_frozen", bill.shop_id)
    shop, payer = Account("shop_balance", bill.shop_id), Account("buyer_refund", bill.payer)
    parts = (
        (Transfer(kind="release", source=held, target=shop, amount_fen=for_shop_fen), None),
        (
            Transfer(
                kind="refund",
                source=held,
                target=payer,
                amount_fen=bill.amount_fen - for_shop_fen,
            ),
            bill.channel,
        ),
    )
    for going, channel in parts:
        if going.amount_fen:
            await post(
                connection,
                [going],
                now=now,
                order_id=bill.order_id,
                channel=channel,
                memo=f"settled {bill.id}",
            )
    await mark_settled(connection, bill.id, now=now)

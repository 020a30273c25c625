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
from gongdao.flows.settle_bill import drop_bill, lock_for_bill
from gongdao.ledger.bill import ASKED_FOR, Bill
from gongdao.ledger.bill_store import (
    Settling,
    bills_of_order,
    bills_to_settle,
    lock_bill,
    make_bill,
    mark_settled,
    paid_for_case,
    what_settles,
)
from gongdao.ledger.store import post
from gongdao.ledger.transfer import Account, Transfer, TransferKind
from gongdao.shops.amend import add_on_top
from gongdao.shops.order import Order
from gongdao.shops.purchase import Logged
from gongdao.shops.store import Scope, advance_orders, append_log, lock_order


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
    settled: list[Bill] = []
    async with pool.acquire() as connection:
        for bill_id in await bills_to_settle(connection):
            async with connection.transaction():
                # In the order of every payment: the case, its order, the bill.
                order, _ = await lock_for_bill(connection, bill_id)
                one = await what_settles(connection, bill_id)
                if one and order:
                    await _settle(connection, one, order, now)
                    settled.append(one.bill)
    changed({f"shop:{bill.shop_id}" for bill in settled})
    changed({f"buyer:{bill.payer}" for bill in settled})
    return len(settled)


async def _settle(connection: Connection, one: Settling, order: Order, now: datetime) -> None:
    bill = one.bill
    if one.for_shop_fen:
        target = await _add_to_order(connection, one, order, now)
        await _move(connection, bill, "release", target, one.for_shop_fen, now)
    if rest_fen := bill.amount_fen - one.for_shop_fen:
        payer = Account("buyer_refund", bill.payer)
        await _move(connection, bill, "refund", payer, rest_fen, now)
    await mark_settled(connection, bill.id, now=now)


async def _add_to_order(
    connection: Connection, one: Settling, order: Order, now: datetime
) -> Account:
    """The order costs more from now on, so that a return gives back what was really paid. Returns
    where the rest of its money is.
    """
    bill = one.bill
    after = add_on_top(order, line=one.line, amount_fen=one.for_shop_fen)
    await advance_orders(connection, [after])
    entry = Logged(
        order_id=order.id,
        at=now,
        by_id=bill.payer,
        what="extra_paid",
        detail={"amount_fen": one.for_shop_fen},
    )
    await append_log(connection, [entry])
    if order.money == "here" and order.confirmed_at is None:
        return Account("order_escrow", order.id)
    return Account("shop_balance", bill.shop_id)


async def _move(
    connection: Connection,
    bill: Bill,
    kind: TransferKind,
    target: Account,
    amount_fen: int,
    now: datetime,
) -> None:
    held = Account("shop_frozen", bill.shop_id)
    await post(
        connection,
        [Transfer(kind=kind, source=held, target=target, amount_fen=amount_fen)],
        now=now,
        order_id=bill.order_id,
        channel=bill.channel if kind == "refund" else None,
        memo=f"settled {bill.id}",
    )

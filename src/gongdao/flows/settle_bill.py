"""Money that was asked for has come in: what it was for happens, or it goes straight back.

Whoever settles locks the case, the order and then the bill: a decision locks its case before the
order, and whoever changes an order locks that before its bills.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from gongdao.base.db import Connection
from gongdao.base.errors import Refusal
from gongdao.base.live import changed
from gongdao.flows.notify_orders import tell_other_side
from gongdao.flows.order_desk import require_no_open_case
from gongdao.ledger.bill import Bill
from gongdao.ledger.bill_store import bills_of_order, end_bill, load_bill, lock_bill
from gongdao.ledger.store import OUTSIDE, post, top_up, top_up_deposit
from gongdao.ledger.transfer import Account, Transfer
from gongdao.shops.amend import (
    add_extra,
    add_freight,
    change_line,
    line_of,
    product_of,
    total_fen,
)
from gongdao.shops.order import Order
from gongdao.shops.product_store import free_hold, products_of_lines, put_back, use_hold
from gongdao.shops.purchase import LogEntry, Logged
from gongdao.shops.shop import Product
from gongdao.shops.store import Scope, advance_orders, append_log, lock_order

_LOCK_CASE = "SELECT 1 FROM cases WHERE id = $1 FOR NO KEY UPDATE"
# What is paid for a variant that the buyer no longer wants is not kept.
_CASE_WAITS = """
SELECT ended IS NULL AND NOT state ? 'sent' AND $2 + (
           SELECT coalesce(sum(amount_fen), 0) FROM bills
            WHERE case_id = $1 AND state = 'paid' AND NOT returned
       ) <= coalesce((state #>> '{wanted,more_fen}')::bigint, 0)
FROM cases WHERE id = $1
"""


async def settle_bill(
    connection: Connection,
    bill_id: UUID,
    *,
    reference: str,
    now: datetime,
    source: Account = OUTSIDE,
) -> Bill:
    """Book the money of a bill once, whoever says that it came in, and do what it was for."""
    order, bill = await lock_for_bill(connection, bill_id)
    if not bill.is_waiting:
        return bill
    taken = await _take(connection, bill, order, reference, source, now)
    ended = await end_bill(
        connection, bill.id, "paid", now=now, reference=reference, returned=not taken
    )
    changed({f"shop:{bill.shop_id}", *([f"buyer:{order.buyer_id}"] if order else [])})
    if bill.case_id:
        changed((f"case:{bill.case_id}",))
    return ended


async def lock_for_bill(connection: Connection, bill_id: UUID) -> tuple[Order | None, Bill]:
    """What a bill is about, and the bill itself, locked in this order for the transaction."""
    found, order = await load_bill(connection, bill_id), None
    if found and found.case_id:
        await connection.execute(_LOCK_CASE, found.case_id)
    if found and found.order_id:
        order = await lock_order(connection, found.order_id, scope=Scope(platform=True))
    return order, await lock_bill(connection, bill_id)


async def drop_bill(connection: Connection, bill: Bill, *, now: datetime) -> None:
    """Nobody is to pay this any more. The caller holds the locks of the order and of the bill.

    What the payer has sent already comes back by itself when it arrives.
    """
    if bill.state == "open":
        await end_bill(connection, bill.id, "void", now=now)
        await free_hold(connection, bill.id)


async def drop_bills(connection: Connection, order_id: UUID, *, now: datetime) -> None:
    """The order has ended: nobody is to pay for it any more."""
    for bill in await bills_of_order(connection, order_id):
        if bill.state == "open":
            await drop_bill(connection, await lock_bill(connection, bill.id), now=now)


async def _take(
    connection: Connection,
    bill: Bill,
    order: Order | None,
    reference: str,
    source: Account,
    now: datetime,
) -> bool:
    """Book the money where it belongs. False where it came too late, and was sent back."""
    memo = f"{bill.memo} · {reference}" if reference else bill.memo
    if order is None:
        pay_in = top_up if bill.purpose == "top_up" else top_up_deposit
        await pay_in(
            connection, shop_id=bill.shop_id, amount_fen=bill.amount_fen, now=now, memo=memo
        )
        return True
    target = await _target(connection, bill, order, now)
    kind = "payment" if target else "refund"
    coming = Transfer(
        kind=kind,
        source=source,
        target=target or Account("buyer_refund", order.buyer_id),
        amount_fen=bill.amount_fen,
    )
    await post(
        connection,
        [coming],
        now=now,
        order_id=order.id,
        case_id=bill.case_id if target else None,
        channel=bill.channel,
        memo=memo,
    )
    if target is None:
        await free_hold(connection, bill.id)
    return target is not None


async def _target(
    connection: Connection, bill: Bill, order: Order, now: datetime
) -> Account | None:
    if bill.purpose == "exchange":
        waits = await connection.fetchval(_CASE_WAITS, bill.case_id, bill.amount_fen)
        return Account("shop_frozen", bill.shop_id) if waits else None
    try:
        await require_no_open_case(connection, order.id)
        after, what, detail = _changed(bill, order)
    except Refusal:
        return None
    if total_fen(after) - total_fen(order) != bill.amount_fen:
        return None
    await advance_orders(connection, [after])
    if bill.purpose == "line_change":
        await use_hold(connection, bill.id)
        await _free_old(connection, order, int(bill.detail["line"]))
    entry = Logged(order_id=order.id, at=now, by_id=bill.made_by, what=what, detail=detail)
    await append_log(connection, [entry])
    # Whoever asked for the money, the buyer has paid it.
    await tell_other_side(connection, after, what, order.buyer_id)
    return Account("order_escrow", order.id)


def _changed(bill: Bill, order: Order) -> tuple[Order, LogEntry, dict[str, str | int]]:
    """The order as this bill changes it, and what its log says. Raises Refusal."""
    said: dict[str, Any] = bill.detail
    if bill.purpose == "line_change":
        variant = Product(
            id=UUID(said["product"]),
            shop_id=order.shop_id,
            title=said["title"],
            sku=said["sku"],
            price_fen=said["price_fen"],
        )
        after = change_line(order, line=said["line"], variant=variant)
        return after, "line_changed", {"line": said["line"], "sku": variant.sku,
                                       "amount_fen": bill.amount_fen}  # fmt: skip
    if said["what"] == "freight":
        after = add_freight(order, amount_fen=bill.amount_fen)
    else:
        after = add_extra(order, amount_fen=bill.amount_fen, title=said["title"])
    return after, "extra_paid", {"amount_fen": bill.amount_fen}


async def _free_old(connection: Connection, order: Order, number: int) -> None:
    """The units that the line held until now may be promised to others."""
    line = line_of(order, number)
    own = product_of(await products_of_lines(connection, order.shop_id, order.lines), line)
    if own is not None:
        await put_back(connection, {own.id: line.quantity})

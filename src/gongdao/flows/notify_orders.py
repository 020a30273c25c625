"""Who is told of what happens to an order: each side of what the other one did.

What is told is a line of the order's log; the notice is written with it, in one transaction.
"""

from typing import Any
from uuid import UUID

from gongdao.base.db import Connection
from gongdao.base.errors import Param
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.base.money import yuan
from gongdao.notices.notice import Inbox, Notice
from gongdao.notices.store import add_notices
from gongdao.policy.terms import REASONS
from gongdao.shops.order import Order
from gongdao.shops.purchase import LogEntry

_NEWEST = """
SELECT position, at, by_id FROM order_log
 WHERE order_id = $1 AND what = $2 ORDER BY position DESC LIMIT 1
"""
_PAYMENTS = {
    "balance": N_("the account balance"),
    "card": N_("a bank card"),
    "credit": N_("consumer credit"),
    "cod": N_("cash on delivery"),
    "gift_card": N_("a gift card"),
}


async def tell_other_side(connection: Connection, order: Order, what: LogEntry, by: UUID) -> None:
    """Tell the side that did not do it of the newest line of this kind in an order's log."""
    row = await connection.fetchrow(_NEWEST, order.id, what)
    assert row, "what is told was written down before"
    by_buyer = by == order.buyer_id
    inbox = Inbox("seller", order.shop_id) if by_buyer else Inbox("buyer", order.buyer_id)
    notice = Notice(
        inbox=inbox,
        order_id=order.id,
        log_position=row["position"],
        at=row["at"],
        by_id=row["by_id"],
    )
    await add_notices(connection, [notice])
    changed((inbox.channel,))


def narrate_order(what: LogEntry, detail: dict[str, Any]) -> tuple[str, dict[str, Param]]:
    """A line of an order's log as the other side is told of it. Pure."""
    match what:
        case "closed":
            reason = REASONS.get(str(detail.get("reason")))
            if reason:
                return N_("Cancelled the order: {reason}."), {"reason": reason}
            return N_("Cancelled the order."), {}
        case "line_changed":
            return N_("Changed line {line} of the order to {sku}."), {
                "line": detail["line"],
                "sku": str(detail["sku"]),
            }
        case "address_changed":
            return N_("Changed the address; please send the parcel to the new one."), {}
        case "payment_changed":
            payment = str(detail["payment"])
            return N_("Pays the order in another way: {payment}."), {
                "payment": _PAYMENTS.get(payment, payment)
            }
        case "urged":
            return N_("Asks for the parcel to be sent."), {}
        case "shipped":
            return N_("Your parcel has left with {carrier}, number {tracking}."), {
                "carrier": str(detail.get("carrier", "")),
                "tracking": str(detail.get("tracking", "")),
            }
        case "extra_asked":
            return N_("Asks for a price difference of {sum} yuan."), _sum_of(detail)
        case "extra_paid":
            return N_("Paid the price difference of {sum} yuan."), _sum_of(detail)
        case _:
            return N_("There is news of the order."), {}


def _sum_of(detail: dict[str, Any]) -> dict[str, Param]:
    return {"sum": yuan(int(detail["amount_fen"]))}

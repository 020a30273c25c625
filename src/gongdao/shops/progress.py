"""What may happen to an order next. Pure: each function gives the order as it is afterwards.

Something that happened already, in the same way, gives the same order back unchanged, so a
repeated command is harmless; anything else that does not fit is refused.

Where `told_at` is given, the shop says so itself: what it tells late does not count from earlier.
"""

from datetime import datetime

from msgspec.structs import replace

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.shops.order import ClosedBy, ConfirmedBy, Order, SignedBy

CARRIER_MAX = 60
TRACKING_MAX = 60


def ship(
    order: Order, *, carrier: str, tracking: str, at: datetime, told_at: datetime | None = None
) -> Order:
    """The shop hands the parcel to a carrier."""
    carrier, tracking = carrier.strip(), tracking.strip()
    lengths_fit = 0 < len(carrier) <= CARRIER_MAX and 0 < len(tracking) <= TRACKING_MAX
    if not lengths_fit or not (carrier + tracking).isprintable():
        raise Refusal("invalid", N_("Name a carrier and a tracking number."))
    if order.shipped_at is not None:
        if (order.carrier, order.tracking) == (carrier, tracking):
            return order
        raise Refusal(
            "duplicate",
            N_("This order is on its way already, with {carrier}, number {tracking}."),
            carrier=order.carrier,
            tracking=order.tracking,
        )
    _refuse_closed(order)
    # Goods paid on delivery leave before they are paid.
    if order.paid_at is None and order.payment != "cod":
        raise Refusal("not_allowed_in_stage", N_("The buyer has not paid yet."))
    _refuse_before(order.paid_at or order.placed_at, at)
    told = order.told if told_at in (None, at) else replace(order.told, shipped_at=told_at)
    return replace(order, shipped_at=at, carrier=carrier, tracking=tracking, told=told)


def sign(
    order: Order, *, signed_by: SignedBy, at: datetime, told_at: datetime | None = None
) -> Order:
    """The parcel is handed over: to the buyer, to somebody for them, or left at a place."""
    if order.signed_at is not None:
        if order.signed_by == signed_by:
            return order
        raise Refusal("duplicate", N_("This parcel was signed for at {at}."), at=order.signed_at)
    _refuse_closed(order)
    if order.shipped_at is None:
        raise Refusal("not_allowed_in_stage", N_("This order has not been shipped yet."))
    _refuse_before(order.shipped_at, at)
    told = order.told if told_at in (None, at) else replace(order.told, signed_at=told_at)
    return replace(order, signed_at=at, signed_by=signed_by, told=told)


def confirm(order: Order, *, confirmed_by: ConfirmedBy | None, at: datetime) -> Order:
    """The buyer confirms receipt, or the time for it is over: the shop gets its money."""
    if order.confirmed_at is not None:
        return order
    _refuse_closed(order)
    if order.paid_at is None:
        raise Refusal("not_allowed_in_stage", N_("The buyer has not paid yet."))
    if order.shipped_at is None:
        raise Refusal("not_allowed_in_stage", N_("This order has not been shipped yet."))
    _refuse_before(order.signed_at or order.shipped_at, at)
    return replace(order, confirmed_at=at, confirmed_by=confirmed_by)


def close(order: Order, *, closed_by: ClosedBy, at: datetime) -> Order:
    """The order ends without being fulfilled."""
    if order.closed_at is not None:
        return order
    if order.confirmed_at is not None:
        raise Refusal("not_allowed_in_stage", N_("The buyer has confirmed this order already."))
    _refuse_before(order.placed_at, at)
    return replace(order, closed_at=at, closed_by=closed_by)


def _refuse_closed(order: Order) -> None:
    if order.closed_at is not None:
        raise Refusal("not_allowed_in_stage", N_("This order is closed."))


def _refuse_before(earliest: datetime, at: datetime) -> None:
    if at < earliest:
        raise Refusal(
            "invalid", N_("This cannot have happened before {earliest}."), earliest=earliest
        )

"""The shapes in which orders travel through the API: amounts in yuan as text, aware times."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from gongdao.base.i18n import Locale
from gongdao.base.money import yuan
from gongdao.flows.import_orders import Imported
from gongdao.shops.order import ClosedBy, ConfirmedBy, Held, Order, OrderState, Payment, SignedBy
from gongdao.shops.progress import CARRIER_MAX, TRACKING_MAX
from gongdao.shops.purchase import LogEntry, Logged, Purchase
from gongdao.shops.shipment import Direction, Shipment, Trace
from gongdao.shops.shop import Address

_Aware = Annotated[datetime, msgspec.Meta(tz=True)]


class Dispatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A parcel that left: `at` is now unless it is told."""

    carrier: Annotated[str, msgspec.Meta(min_length=1, max_length=CARRIER_MAX)]
    tracking: Annotated[str, msgspec.Meta(min_length=1, max_length=TRACKING_MAX)]
    at: _Aware | None = None
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""
    """Why it leaves although its buyer, who pays on delivery, has not confirmed."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A parcel that was handed over: to the buyer, to somebody for them, or left at a place."""

    signed_by: SignedBy = "self"
    at: _Aware | None = None


class Confirmation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who confirms is known, and when is now."""

    aware: bool = False
    """They were told what there is to mind (`not_aware`), and confirm nevertheless."""


class LineShown(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order."""

    line: int
    title: str
    price: str
    quantity: int
    category: str
    tags: tuple[str, ...]
    sku: str


class OrderShown(msgspec.Struct, frozen=True, kw_only=True):
    """An order as both sides see it."""

    id: UUID
    number: str
    shop_id: UUID
    buyer_id: UUID
    buyer: str
    state: OrderState
    version: int
    lines: list[LineShown]
    goods: str
    """The goods at their prices."""
    discount: str
    coupons: str
    freight: str
    paid: str
    refunded: str
    payment: Payment
    money: Held
    """Where its money is: `here` in the ledger, or `elsewhere`, settled outside."""
    promises: tuple[str, ...]
    placed_at: datetime
    paid_at: datetime | None
    ship_due_at: datetime | None
    shipped_at: datetime | None
    carrier: str
    tracking: str
    signed_at: datetime | None
    signed_by: SignedBy | None
    confirmed_at: datetime | None
    confirmed_by: ConfirmedBy | None
    closed_at: datetime | None
    closed_by: ClosedBy | None


class ParcelShown(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel of an order."""

    direction: Direction
    carrier: str
    tracking: str
    shipped_at: datetime
    signed_at: datetime | None
    signed_by: SignedBy | None
    events: tuple[Trace, ...]


class StepShown(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to an order."""

    at: datetime
    by: UUID | None
    what: LogEntry
    detail: dict[str, str | int]


class OrderDetails(msgspec.Struct, frozen=True, kw_only=True):
    """An order with everything around it."""

    order: OrderShown
    receiver: Address
    buyer_message: str
    seller_note: str
    """The shop's own note; empty for the buyer."""
    shipments: list[ParcelShown]
    log: list[StepShown]


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some orders of a list; `after` begins the next page and is null at the end."""

    orders: list[OrderShown]
    after: str | None


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did; with faults, nothing."""

    added: int
    advanced: int
    unchanged: int
    assumed: int
    left_out: int
    """Orders of which something was not taken: only the platform, or the case, can say it."""
    faults: list[str]


def show_order(purchase: Purchase) -> OrderShown:
    """An order in the shape of the API."""
    order = purchase.order
    return OrderShown(
        id=order.id,
        number=order.number,
        shop_id=order.shop_id,
        buyer_id=order.buyer_id,
        buyer=purchase.remarks.buyer_name,
        state=order.state,
        version=purchase.version,
        lines=_lines(order),
        goods=yuan(order.goods_fen),
        discount=yuan(order.discount_fen),
        coupons=yuan(sum(coupon.value_fen for coupon in order.coupons)),
        freight=yuan(order.freight_fen),
        paid=yuan(order.paid_fen),
        refunded=yuan(order.refunded_fen),
        payment=order.payment,
        money=order.money,
        promises=order.promises,
        placed_at=order.placed_at,
        paid_at=order.paid_at,
        ship_due_at=order.ship_due_at,
        shipped_at=order.shipped_at,
        carrier=order.carrier,
        tracking=order.tracking,
        signed_at=order.signed_at,
        signed_by=order.signed_by,
        confirmed_at=order.confirmed_at,
        confirmed_by=order.confirmed_by,
        closed_at=order.closed_at,
        closed_by=order.closed_by,
    )


def _lines(order: Order) -> list[LineShown]:
    return [
        LineShown(
            line=line.line,
            title=line.title,
            price=yuan(line.price_fen),
            quantity=line.quantity,
            category=line.category,
            tags=line.tags,
            sku=line.sku,
        )
        for line in order.lines
    ]


def show_detail(
    purchase: Purchase,
    *,
    receiver: Address,
    shipments: Sequence[Shipment],
    log: Sequence[Logged],
    seller: bool,
) -> OrderDetails:
    """One order with its parcels and its history; the shop's note only for those it is for."""
    return OrderDetails(
        order=show_order(purchase),
        receiver=receiver,
        buyer_message=purchase.remarks.buyer_message,
        seller_note=purchase.remarks.seller_note if seller else "",
        shipments=[
            ParcelShown(
                direction=s.direction,
                carrier=s.carrier,
                tracking=s.tracking,
                shipped_at=s.shipped_at,
                signed_at=s.signed_at,
                signed_by=s.signed_by,
                events=s.events,
            )
            for s in shipments
        ],
        log=[StepShown(at=e.at, by=e.by_id, what=e.what, detail=e.detail) for e in log],
    )


def show_imported(report: Imported, *, locale: Locale) -> ImportReport:
    """The report of an import, its faults in a language."""
    return ImportReport(
        added=report.added,
        advanced=report.advanced,
        unchanged=report.unchanged,
        assumed=report.assumed,
        left_out=report.left_out,
        faults=[fault.say(locale) for fault in report.faults],
    )

"""The order of a scenario file: what was bought, for how much, and what happened to it and when."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID, uuid5

import msgspec
from msgspec import Meta

from gongdao.base.money import YUAN_PATTERN, parse_yuan
from gongdao.policy.calendar import parse_span
from gongdao.policy.words import TrackWord
from gongdao.shops.order import (
    ClosedBy,
    ConfirmedBy,
    Coupon,
    Discount,
    Gift,
    Line,
    Order,
    Payment,
    SignedBy,
    TrackEvent,
)

Instant = Annotated[datetime, Meta(tz=True)]
Yuan = Annotated[str, Meta(pattern=YUAN_PATTERN)]
#: Ids of a story are made from names, so that every replay makes the same ones.
STORY = UUID("6d0f6c8e-0b52-5f0e-9c55-7b2a9f1d0c01")


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a scenario file: unknown keys are refused."""


class VariantTable(Table, frozen=True, kw_only=True):
    """One of the variants of a line: what an exchange may ask for."""

    sku: str
    title: str = ""
    price: Yuan
    stock: Annotated[int, Meta(ge=0)] | None = None


class LineTable(Table, frozen=True, kw_only=True):
    """[[order.lines]]"""

    line: Annotated[int, Meta(ge=1)] = 0
    title: str = ""
    price: Yuan
    quantity: Annotated[int, Meta(ge=1, le=100000)] = 1
    category: str = ""
    tags: tuple[str, ...] = ()
    variants: Annotated[tuple[VariantTable, ...], Meta(max_length=50)] = ()
    no_reason_exclusion_confirmed: bool = False


class DiscountTable(Table, frozen=True, kw_only=True):
    """One of order.discounts; without a threshold it holds for any sum."""

    kind: Literal["spend_and_save", "free_shipping", "coupon"] = "spend_and_save"
    threshold: Yuan = "0.00"
    off: Yuan


class CouponTable(Table, frozen=True, kw_only=True):
    """One of order.coupons: its worth in yuan as `value` (or `amount`, or `off`)."""

    value: Yuan | None = None
    amount: Yuan | None = None
    off: Yuan | None = None
    threshold: Yuan = "0.00"
    title: str = ""
    kind: str = ""

    @property
    def fen(self) -> int:
        """What it is worth."""
        return parse_yuan(self.value or self.amount or self.off or "0.00")


class GiftTable(Table, frozen=True, kw_only=True):
    """One of order.gifts: its worth as `value` (or `amount`, `price`), and whether it came back."""

    value: Yuan | None = None
    amount: Yuan | None = None
    price: Yuan | None = None
    title: str = ""
    line: int = 0  # the line that it came with; for the reader only
    returned: bool = True
    kept: bool = False
    lost: bool = False

    @property
    def fen(self) -> int:
        """What it is worth."""
        return parse_yuan(self.value or self.amount or self.price or "0.00")

    @property
    def is_back(self) -> bool:
        """Whether it comes back with the goods."""
        return self.returned and not (self.kept or self.lost)


class TrackTable(Table, frozen=True, kw_only=True):
    """One of order.tracking_events: what the carrier said, and when."""

    at: Instant
    event: TrackWord
    place: str = ""


class OrderTable(Table, frozen=True, kw_only=True):
    """[order]: what was bought, and what happened to it and when."""

    number: str = "E1"
    placed_at: Instant | None = None
    paid_at: Instant | None = None
    freight: Yuan = "0.00"
    free_shipping: bool = False
    ship_within: str = "48h"
    payment: Payment = "balance"
    promises: tuple[str, ...] = ()
    shipped_at: Instant | None = None
    signed_at: Instant | None = None
    signed_by: SignedBy | None = None
    confirmed_at: Instant | None = None
    confirmed_by: ConfirmedBy | None = None
    closed_at: Instant | None = None
    closed_by: ClosedBy | None = None
    carrier: str = ""
    tracking: str = ""
    tracking_events: tuple[TrackTable, ...] = ()
    discounts: tuple[DiscountTable, ...] = ()
    coupons: tuple[Yuan | CouponTable, ...] = ()
    gifts: tuple[GiftTable, ...] = ()
    lines: Annotated[tuple[LineTable, ...], Meta(min_length=1, max_length=200)]


def order_of(table: OrderTable, *, begun_at: datetime) -> Order:
    """The order of a story that began then, with everything that ever happens to it."""
    span = parse_span(table.ship_within)
    placed_at = table.placed_at or table.paid_at or begun_at
    # Cash on delivery is paid at the door.
    at_the_door = table.signed_at if table.payment == "cod" else None
    return Order(
        id=uuid5(STORY, f"order {table.number}"),
        number=table.number,
        shop_id=uuid5(STORY, "shop"),
        buyer_id=uuid5(STORY, "buyer"),
        placed_at=placed_at,
        paid_at=table.paid_at or at_the_door,
        freight_fen=0 if table.free_shipping else parse_yuan(table.freight),
        free_shipping=table.free_shipping,
        ship_within=timedelta(seconds=span.seconds),
        payment=table.payment,
        promises=table.promises,
        discounts=tuple(
            Discount(kind=d.kind, threshold_fen=parse_yuan(d.threshold), off_fen=parse_yuan(d.off))
            for d in table.discounts
            if d.kind != "coupon"
        ),
        coupons=tuple(_coupons(table)),
        gifts=tuple(Gift(value_fen=g.fen, title=g.title, returned=g.is_back) for g in table.gifts),
        lines=tuple(_line(n, line) for n, line in enumerate(table.lines, start=1)),
        carrier=table.carrier,
        tracking=table.tracking,
        track=tuple(
            TrackEvent(at=t.at, event=t.event, place=t.place) for t in table.tracking_events
        ),
        shipped_at=table.shipped_at,
        signed_at=table.signed_at,
        signed_by=table.signed_by,
        confirmed_at=table.confirmed_at,
        confirmed_by=table.confirmed_by,
        closed_at=table.closed_at,
        closed_by=table.closed_by,
    )


def _coupons(table: OrderTable) -> Iterator[Coupon]:
    """The coupons of an order, wherever they were written."""
    for one in table.coupons:
        if isinstance(one, str):
            yield Coupon(value_fen=parse_yuan(one))
        else:
            least = parse_yuan(one.threshold)
            yield Coupon(value_fen=one.fen, title=one.title, threshold_fen=least)
    for each in table.discounts:
        if each.kind == "coupon":
            yield Coupon(value_fen=parse_yuan(each.off), threshold_fen=parse_yuan(each.threshold))


def _line(number: int, table: LineTable) -> Line:
    return Line(
        line=table.line or number,
        title=table.title,
        price_fen=parse_yuan(table.price),
        quantity=table.quantity,
        category=table.category,
        tags=table.tags,
        no_reason_exclusion_confirmed=table.no_reason_exclusion_confirmed,
    )

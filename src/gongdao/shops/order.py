"""An order as the rules see it: lines, what was paid for them, and when things happened."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.money import scale, split
from gongdao.policy.words import TrackWord

Payment = Literal["balance", "card", "credit", "cod", "gift_card"]
SignedBy = Literal["self", "proxy", "placed"]
OrderState = Literal["unpaid", "paid", "shipped", "signed", "confirmed", "closed"]
#: Where the money of an order is: in our ledger, or outside, where the shop was paid without us.
Held = Literal["here", "elsewhere"]
#: What happens to an order and may be told late.
ConfirmedBy = Literal["buyer", "system"]
Moment = Literal["shipped_at", "signed_at", "confirmed_at", "closed_at"]
ClosedBy = Literal["buyer", "seller", "timeout", "refund"]


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One order line; `line` is its number within the order and identifies it."""

    line: int
    title: str
    price_fen: int
    """Unit price before the discounts of the order."""
    quantity: int = 1
    category: str = ""
    tags: tuple[str, ...] = ()
    """durable, underwear, sale_item, gift, custom, fresh, virtual, food."""
    no_reason_exclusion_confirmed: bool = False
    """The buyer confirmed, for this purchase, that no-reason returns are excluded."""
    sku: str = ""
    product_id: UUID | None = None
    was: str = ""
    """What was ordered here at first, where it was changed for another variant."""
    on_top_fen: int = 0
    """What the buyer paid on top for what an exchange has put into its place."""

    @property
    def total_fen(self) -> int:
        """Unit price times quantity, before the discounts of the order."""
        return self.price_fen * self.quantity


DiscountKind = Literal["spend_and_save", "free_shipping"]


class Discount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reduction that depends on how much is bought: `off_fen` once `threshold_fen` is reached."""

    kind: DiscountKind = "spend_and_save"
    """free_shipping: the freight of `off_fen` was waived."""
    threshold_fen: int
    off_fen: int


class Coupon(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A coupon that paid for a part of the goods; it comes back in kind, never as money."""

    value_fen: int
    title: str = ""
    threshold_fen: int = 0
    """Goods of less than this cannot be paid with it."""


class Gift(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that came free with a purchase; kept on a return, its value is deducted."""

    value_fen: int
    title: str = ""
    returned: bool = True


class TrackEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the carrier says of a parcel: one line of its tracking history."""

    at: datetime
    event: TrackWord
    place: str = ""


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When the shop told of something that lay in the past then, and that nobody else has said."""

    shipped_at: datetime | None = None
    signed_at: datetime | None = None
    confirmed_at: datetime | None = None
    closed_at: datetime | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """A purchase of one buyer in one shop. Amounts in fen, instants aware.

    Sums over its lines are kept once made: a decision asks for them many times over.
    """

    id: UUID
    number: str
    shop_id: UUID
    buyer_id: UUID
    placed_at: datetime
    lines: tuple[Line, ...]
    paid_at: datetime | None = None
    freight_fen: int = 0
    """Outbound freight that the buyer paid."""
    free_shipping: bool = False
    ship_within: timedelta = timedelta(hours=48)
    """The shop's promise, counted from payment."""
    payment: Payment = "balance"
    promises: tuple[str, ...] = ()
    """What the listing promised, such as fake_one_pay_ten; and what the buyer was told since."""
    discounts: tuple[Discount, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    gifts: tuple[Gift, ...] = ()
    shipped_at: datetime | None = None
    carrier: str = ""
    tracking: str = ""
    signed_at: datetime | None = None
    signed_by: SignedBy | None = None
    confirmed_at: datetime | None = None
    confirmed_by: ConfirmedBy | None = None
    """None where nobody has said whether it was the buyer or the time that had run out."""
    closed_at: datetime | None = None
    closed_by: ClosedBy | None = None
    refunded_fen: int = 0
    """What has been paid back so far, goods and outbound freight together."""
    money: Held = "here"
    """Only the platform says that money is here; what a shop brings is elsewhere."""
    told: Told = Told()
    track: tuple[TrackEvent, ...] = ()
    """The carrier's tracking history, oldest first."""

    def counts_at(self, moment: Moment) -> datetime | None:
        """When something happened as far as the shop can hold it against the buyer."""
        return getattr(self.told, moment) or getattr(self, moment)

    @cached_property
    def goods_fen(self) -> int:
        """The goods at their prices, before discounts and coupons."""
        return sum(line.total_fen for line in self.lines)

    @cached_property
    def discount_fen(self) -> int:
        """What the spend-and-save discounts took off."""
        return discount_on(self.goods_fen, self.discounts)

    @cached_property
    def paid_goods_fen(self) -> int:
        """The money paid for the goods, without freight and without coupons."""
        coupons = sum(coupon.value_fen for coupon in self.coupons)
        return max(0, self.goods_fen - self.discount_fen - coupons) + self._on_top_fen

    @cached_property
    def _on_top_fen(self) -> int:
        return sum(line.on_top_fen for line in self.lines)

    @cached_property
    def parts_fen(self) -> list[int]:
        """The part of the money paid for the goods that falls on each line, in their order."""
        first = split(
            self.paid_goods_fen - self._on_top_fen, [line.total_fen for line in self.lines]
        )
        return [part + line.on_top_fen for part, line in zip(first, self.lines, strict=True)]

    @property
    def paid_fen(self) -> int:
        """All the money that the buyer paid: goods and outbound freight. Zero while unpaid."""
        return 0 if self.paid_at is None else self.paid_goods_fen + self.freight_fen

    @property
    def ship_due_at(self) -> datetime | None:
        """The last instant at which shipping is in time by the order's own terms."""
        start = self.promised_from
        return None if start is None else start + self.ship_within

    @property
    def promised_from(self) -> datetime | None:
        """What the promise of dispatch counts from: payment, or with cash on delivery the order."""
        return self.placed_at if self.payment == "cod" else self.paid_at

    @property
    def state(self) -> OrderState:
        """The furthest thing that has happened to the order."""
        if self.closed_at is not None:
            return "closed"
        if self.confirmed_at is not None:
            return "confirmed"
        if self.signed_at is not None:
            return "signed"
        if self.shipped_at is not None:
            return "shipped"
        return "unpaid" if self.paid_at is None else "paid"


def discount_on(goods_fen: int, discounts: tuple[Discount, ...]) -> int:
    """What the discounts take off goods of this value; each counts once, never below zero."""
    if not discounts:
        return 0
    saved = (d for d in discounts if d.kind == "spend_and_save")
    return min(sum(d.off_fen for d in saved if goods_fen >= d.threshold_fen), goods_fen)


def waived_freight(goods_fen: int, discounts: tuple[Discount, ...]) -> int:
    """The freight that is not charged for goods of this value."""
    waived = (d for d in discounts if d.kind == "free_shipping")
    return sum(d.off_fen for d in waived if goods_fen >= d.threshold_fen)


def share_fen(
    order: Order, lines: tuple[int, ...], quantities: Mapping[int, int] | None = None
) -> int:
    """The part of the money paid for the goods that falls on these lines, in proportion.

    Of a line of which only some units are meant, their part of the line's part, rounded half up.
    """
    total_fen = 0
    for part, line in zip(order.parts_fen, order.lines, strict=True):
        if line.line in lines:
            units = (quantities or {}).get(line.line, line.quantity)
            whole = units == line.quantity
            total_fen += part if whole else scale(part, Decimal(units) / line.quantity)
    return total_fen


def is_whole(order: Order, lines: tuple[int, ...], quantities: Mapping[int, int]) -> bool:
    """Whether these lines, with so many units of each, are everything that was bought."""
    return len(lines) == len(order.lines) and not leaves_units(order, lines, quantities)


def leaves_units(order: Order, lines: tuple[int, ...], quantities: Mapping[int, int]) -> bool:
    """Whether some units of these lines are not meant."""
    return any(
        quantities.get(line.line, line.quantity) < line.quantity
        for line in order.lines
        if line.line in lines
    )

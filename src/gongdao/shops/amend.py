"""What may be changed of an order before its parcel leaves. Pure; each gives the order afterwards.

Lines are named by their number: one order may hold the same product twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import FEN_MAX
from gongdao.policy.words import Reason
from gongdao.shops.draft import LINES_MAX
from gongdao.shops.order import Line, Order, Payment, waived_freight
from gongdao.shops.shop import Product

#: Why somebody gives an order up before it is shipped.
CANCEL_REASONS: tuple[Reason, ...] = (
    "changed_mind", "out_of_stock", "late_shipment", "price_drop", "agreed", "other",
)  # fmt: skip
#: The tag of a line that was added because the shop asked for more.
EXTRA = "extra"


def total_fen(order: Order) -> int:
    """What the whole order costs, paid or not."""
    return order.paid_goods_fen + order.freight_fen


def shown_line(line: Line) -> str:
    """A line in one text, as it is compared with what a file says."""
    return f"{line.title} {line.price_fen}x{line.quantity} {line.sku}"


def require_unshipped(order: Order) -> None:
    """Refuse whatever comes after the parcel, or after the end."""
    if order.closed_at is not None:
        raise Refusal("not_allowed_in_stage", N_("This order is closed."))
    if order.confirmed_at is not None:
        raise Refusal("not_allowed_in_stage", N_("The buyer has confirmed this order already."))
    if order.shipped_at is not None:
        raise Refusal(
            "not_allowed_in_stage",
            N_("The parcel has left; refuse it at the door, or apply for after-sales."),
        )


def cancel(order: Order, *, by: Literal["buyer", "seller"], at: datetime) -> Order:
    """End the order unfulfilled; all that was paid and not yet paid back comes back."""
    if order.closed_at is not None and order.closed_by == by:
        return order
    require_unshipped(order)
    if by == "seller" and order.paid_at is not None:
        raise Refusal(
            "not_eligible",
            N_("What is paid for has to be delivered; only the buyer can cancel it."),
        )
    if order.paid_at is not None and order.money == "elsewhere":
        raise Refusal(
            "not_eligible",
            N_("The platform does not hold this order's money; apply for a refund instead."),
        )
    return replace(order, closed_at=at, closed_by=by, refunded_fen=order.paid_fen)


def change_line(order: Order, *, line: int, variant: Product) -> Order:
    """The order with another variant of the same product in one of its lines."""
    require_unshipped(order)
    before = line_of(order, line)
    if order.refunded_fen:
        raise Refusal(
            "not_eligible", N_("A part of this order was paid back; it cannot be changed any more.")
        )
    after = replace(
        before,
        title=variant.title,
        sku=variant.sku,
        price_fen=variant.price_fen,
        product_id=variant.id,
        was=before.was or shown_line(before),
    )
    lines = tuple(after if each.line == line else each for each in order.lines)
    changed = replace(order, lines=lines)
    # Free shipping above a threshold is lost, or won, with the threshold.
    waived = waived_freight(order.goods_fen, order.discounts)
    waived -= waived_freight(changed.goods_fen, order.discounts)
    changed = replace(changed, freight_fen=max(0, order.freight_fen + waived))
    if order.money == "elsewhere" and total_fen(changed) != total_fen(order):
        raise Refusal(
            "not_eligible",
            N_("The platform does not hold this order's money; choose one of the same price."),
        )
    return changed


def line_of(order: Order, number: int) -> Line:
    """The line of that number. Refuses where there is none."""
    for line in order.lines:
        if line.line == number:
            return line
    raise Refusal("invalid", N_("The order has no line {n}."), n=number)


def require_sibling(line: Line, own: Product | None, variant: Product | None) -> Product:
    """The wanted product, if it is another variant of what is in the line."""
    if variant is None or own is None or not own.family or own.family != variant.family:
        raise Refusal("invalid", N_("This is not another variant of the same product."))
    if variant.sku == line.sku:
        raise Refusal("duplicate", N_("This line holds that variant already."))
    return variant


def switch_payment(order: Order, *, payment: Payment) -> Order:
    """Another way of paying, while nothing has been paid."""
    require_unshipped(order)
    if order.paid_at is not None:
        raise Refusal("not_allowed_in_stage", N_("This order is paid for already."))
    if order.payment == payment:
        raise Refusal("duplicate", N_("This order is to be paid that way already."))
    if payment == "gift_card" and order.money == "elsewhere":
        raise Refusal(
            "not_eligible", N_("A gift card pays only for orders whose money the platform holds.")
        )
    return replace(order, payment=payment)


def add_freight(order: Order, *, amount_fen: int) -> Order:
    """The order with more freight than was paid at first."""
    require_paid_here(order)
    return replace(order, freight_fen=order.freight_fen + amount_fen)


def add_extra(order: Order, *, amount_fen: int, title: str) -> Order:
    """The order with what the shop asks for on top, as a line of its own."""
    require_paid_here(order)
    number = max(line.line for line in order.lines) + 1
    line = Line(line=number, title=title, price_fen=amount_fen, tags=(EXTRA,))
    after = replace(order, lines=(*order.lines, line))
    if total_fen(after) - total_fen(order) != amount_fen:
        raise Refusal(
            "not_eligible",
            N_("With this the order reaches another discount; ask for the freight instead."),
        )
    return after


def add_on_top(order: Order, *, line: int, amount_fen: int) -> Order:
    """The order with what was paid for the dearer variant that an exchange put into a line."""
    return replace(
        order,
        lines=tuple(
            replace(each, on_top_fen=each.on_top_fen + amount_fen) if each.line == line else each
            for each in order.lines
        ),
    )


def require_paid_here(order: Order) -> None:
    """Refuse to add to an order that is not paid, has ended, or whose money is elsewhere."""
    if order.closed_at is not None or order.confirmed_at is not None:
        raise Refusal("not_allowed_in_stage", N_("This order has ended."))
    if order.paid_at is None:
        raise Refusal("not_allowed_in_stage", N_("The buyer has not paid yet."))
    if order.money == "elsewhere":
        raise Refusal("not_eligible", N_("The platform does not hold this order's money."))
    if len(order.lines) >= LINES_MAX:
        raise Refusal("too_large", N_("There are more than {most} of them."), most=LINES_MAX)
    if total_fen(order) > FEN_MAX:
        raise Refusal("amount_above_limit", N_("The order is above {most} yuan."), most=FEN_MAX)


def may_change(order: Order) -> bool:
    """Whether anything of the order can still be changed."""
    return order.shipped_at is None and order.closed_at is None and order.confirmed_at is None


def variants_of(products: Sequence[Product], line: Line) -> list[Product]:
    """The other variants of what is in a line."""
    own = next((p for p in products if _is_of(p, line)), None)
    if own is None or not own.family:
        return []
    return [p for p in products if p.family == own.family and p.id != own.id]


def product_of(products: Sequence[Product], line: Line) -> Product | None:
    """The product in a line: by its id, or by its sku where the line was imported."""
    return next((p for p in products if _is_of(p, line)), None)


def _is_of(product: Product, line: Line) -> bool:
    if line.product_id is not None:
        return product.id == line.product_id
    return bool(line.sku) and product.sku == line.sku

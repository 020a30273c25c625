"""The shapes in which changes of orders, bills and products travel through the API."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from gongdao.api.order_forms import OrderShown
from gongdao.base.ids import new_id
from gongdao.base.money import YUAN_PATTERN, parse_yuan, yuan
from gongdao.base.texts import NO_NUL
from gongdao.flows.change_payment import Chosen
from gongdao.flows.pay_bill import short_number
from gongdao.ledger.bill import NOTE_MAX, REFERENCE_MAX, Bill, BillPurpose, BillState
from gongdao.policy.words import Reason
from gongdao.shops.product_store import PRODUCTS_MAX
from gongdao.shops.shop import Product

_Yuan = Annotated[str, msgspec.Meta(pattern=YUAN_PATTERN)]
_Short = Annotated[str, msgspec.Meta(max_length=60, pattern=NO_NUL)]
_Sku = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=NO_NUL)]
_Text = Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody sends: unknown names are refused."""


class Cancellation(Body, frozen=True, kw_only=True):
    """Why an order is given up."""

    reason: Reason | None = None
    version: int | None = None
    """The version that was seen; another one is a conflict."""


class NewVariant(Body, frozen=True, kw_only=True):
    """The sku of the other variant."""

    sku: _Sku
    version: int | None = None


class NewAddress(Body, frozen=True, kw_only=True):
    """Where the parcel is to go."""

    name: _Text
    phone: _Text
    address: _Text
    version: int | None = None


class NewPayment(Body, frozen=True, kw_only=True):
    """How the order is to be paid."""

    payment: Chosen
    version: int | None = None


class Urging(Body, frozen=True, kw_only=True):
    """Nothing: who urges is known, and when is now."""


class Extra(Body, frozen=True, kw_only=True):
    """What the shop asks for on top: goods become a line of the order, freight joins it."""

    amount: _Yuan
    what: Literal["goods", "freight"] = "goods"
    note: Annotated[str, msgspec.Meta(max_length=NOTE_MAX, pattern=NO_NUL)]


class Recorded(Body, frozen=True, kw_only=True):
    """The number of the transfer that the operator has seen."""

    reference: Annotated[str, msgspec.Meta(max_length=REFERENCE_MAX, pattern=NO_NUL)]


class TopUp(Body, frozen=True, kw_only=True):
    """What a shop has paid in."""

    amount: _Yuan
    into: Literal["shop_balance", "shop_deposit"] = "shop_balance"
    reference: Annotated[str, msgspec.Meta(max_length=REFERENCE_MAX, pattern=NO_NUL)]


class ProductTold(Body, frozen=True, kw_only=True):
    """A product: those of one `family` are variants of one thing; `stock` null is not counted."""

    sku: _Sku
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NO_NUL)]
    price: _Yuan
    family: _Short = ""
    variant: _Short = ""
    stock: _Count | None = None
    category: _Short = ""
    tags: Annotated[tuple[_Short, ...], msgspec.Meta(max_length=20)] = ()


class ProductList(Body, frozen=True, kw_only=True):
    """Products of a shop."""

    products: Annotated[list[ProductTold], msgspec.Meta(min_length=1, max_length=PRODUCTS_MAX)]


class BillShown(msgspec.Struct, frozen=True, kw_only=True):
    """A sum that somebody is asked for."""

    id: UUID
    number: str
    """What a payer names on a transfer."""
    purpose: BillPurpose
    order_id: UUID | None
    case_id: UUID | None
    amount: str
    state: BillState
    returned: bool
    """It came too late, and went straight back."""
    note: str
    created_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    reference: str


class LineChangeShown(msgspec.Struct, frozen=True, kw_only=True):
    """The order, and the bill that is to be paid first where the variant is dearer."""

    order: OrderShown
    bill: BillShown | None


class TrackingReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did; with faults, nothing."""

    lines: int
    parcels: int
    faults: list[str]


def show_bill(bill: Bill) -> BillShown:
    """A bill in the shape of the API."""
    return BillShown(
        id=bill.id,
        number=short_number(bill.id),
        purpose=bill.purpose,
        order_id=bill.order_id,
        case_id=bill.case_id,
        amount=yuan(bill.amount_fen),
        state=bill.state,
        returned=bill.returned,
        note=bill.note,
        created_at=bill.created_at,
        expires_at=bill.expires_at,
        ended_at=bill.ended_at,
        reference=bill.reference,
    )


def show_product(product: Product) -> ProductTold:
    """A product in the shape of the API."""
    return ProductTold(
        sku=product.sku,
        title=product.title,
        price=yuan(product.price_fen),
        family=product.family,
        variant=product.variant,
        stock=product.stock,
        category=product.category,
        tags=product.tags,
    )


def product_of(told: ProductTold, shop_id: UUID) -> Product:
    """A told product as the shop sells it."""
    return Product(
        id=new_id(),
        shop_id=shop_id,
        sku=told.sku,
        title=told.title,
        price_fen=parse_yuan(told.price),
        family=told.family,
        variant=told.variant,
        stock=told.stock,
        category=told.category,
        tags=told.tags,
    )

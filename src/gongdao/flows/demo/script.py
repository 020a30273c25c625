"""What a demo is made of: sales, what becomes of them, and what people do in cases. Pure."""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from gongdao.flows.demo.goods import GOODS, Good
from gongdao.flows.demo.names import demo_id, digits_of
from gongdao.shops.order import ClosedBy, Gift, Line, Order, Payment, SignedBy
from gongdao.shops.purchase import Purchase, Remarks


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it was placed."""

    key: str
    buyer: str
    goods: tuple[tuple[str, int], ...]
    """Article numbers, and how many of each."""
    placed_at: datetime
    paid: bool = True
    freight_fen: int = 0
    ship_within: timedelta = timedelta(hours=48)
    payment: Payment = "balance"
    promises: tuple[str, ...] = ()
    gifts: tuple[Gift, ...] = ()
    exclusion_confirmed: bool = False
    message: str = ""

    @property
    def id(self) -> UUID:
        """The id of the order."""
        return demo_id("order", self.key)

    @property
    def shop(self) -> str:
        """The shop that sells the first of the goods, and so all of them."""
        return GOODS[self.goods[0][0]].shop


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """An order comes in, and with it the money where it is paid."""

    at: datetime
    sale: Sale


class Shipped(msgspec.Struct, frozen=True, kw_only=True):
    """The shop hands a parcel over."""

    at: datetime
    sale: Sale
    carrier: str

    @property
    def tracking(self) -> str:
        """The number of the parcel."""
        return digits_of(f"{self.sale.key} parcel", 13)


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel arrives."""

    at: datetime
    sale: Sale
    by: SignedBy = "self"


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """Receipt is confirmed, by the buyer or because the time for it is over."""

    at: datetime
    sale: Sale
    by: Literal["buyer", "system"] = "buyer"


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """An unpaid order ends."""

    at: datetime
    sale: Sale
    by: ClosedBy


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody does something in a case; pictures within the arguments are uploaded first."""

    at: datetime
    case: str
    sale: Sale
    by: str
    action: str
    args: dict[str, Any] = {}
    pack: str = ""
    """Of a filing: the rule book that judges it; none: that of the marketplace."""
    switches: dict[str, str] = {}


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody does something in the appliance shop's complaint register, or a customer signs."""

    at: datetime
    entry: str
    by: str
    action: str
    args: dict[str, Any] = {}


Step = Placed | Shipped | Signed | Confirmed | Closed | Done | Kept


def purchase_of(sale: Sale, *, shop_id: UUID, buyer_id: UUID, receiver: Remarks) -> Purchase:
    """The order that is written down when a sale is made."""
    lines = tuple(
        _line(number, GOODS[sku], quantity, sale)
        for number, (sku, quantity) in enumerate(sale.goods, 1)
    )
    order = Order(
        id=sale.id,
        number=digits_of(sale.key, 18),
        shop_id=shop_id,
        buyer_id=buyer_id,
        placed_at=sale.placed_at,
        paid_at=sale.placed_at + timedelta(minutes=2) if sale.paid else None,
        lines=lines,
        freight_fen=sale.freight_fen,
        free_shipping=sale.freight_fen == 0,
        ship_within=sale.ship_within,
        payment=sale.payment,
        promises=sale.promises,
        gifts=sale.gifts,
    )
    remarks = msgspec.structs.replace(receiver, buyer_message=sale.message)
    return Purchase(order=order, remarks=remarks)


def _line(number: int, good: Good, quantity: int, sale: Sale) -> Line:
    return Line(
        line=number,
        title=good.title,
        price_fen=good.price_fen,
        quantity=quantity,
        category=good.category,
        tags=good.tags,
        sku=good.sku,
        product_id=demo_id("product", good.sku),
        no_reason_exclusion_confirmed=sale.exclusion_confirmed,
    )

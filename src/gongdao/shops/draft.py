"""An order as a file tells it: everything but the ids, and what is wrong with it by itself."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from gongdao.base.i18n import N_
from gongdao.base.money import FEN_MAX, yuan
from gongdao.shops.cells import Cells
from gongdao.shops.fault import shown
from gongdao.shops.order import Line, Order
from gongdao.shops.progress import CARRIER_MAX, TRACKING_MAX
from gongdao.shops.purchase import Purchase, Remarks

LINES_MAX = 200
NUMBER_MAX = 64
NAME_MAX = 60
TITLE_MAX = 500
SHIP_WITHIN_HOURS_MAX = 24 * 365

_NEVER = datetime.min.replace(tzinfo=UTC)
#: Stands for every id that a file does not know.
NIL = UUID(int=0)

_TRACK = {"carrier": CARRIER_MAX, "tracking": TRACKING_MAX}
#: What must have happened before what; the names are those of the order's fields.
BEFORE = [
    ("placed_at", "paid_at"),
    ("placed_at", "shipped_at"),
    ("shipped_at", "signed_at"),
    ("paid_at", "confirmed_at"),
    ("placed_at", "closed_at"),
]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An order read from a file, whose ids are still nil."""

    line: int
    in_entry: bool = False
    order: Order
    remarks: Remarks
    assumed: frozenset[str] = frozenset()
    """Times that the file does not say and that were taken from another; "money" for amounts."""

    def purchase(self, order_id: UUID, *, shop_id: UUID, buyer_id: UUID) -> Purchase:
        """The order with its ids."""
        order = replace(self.order, id=order_id, shop_id=shop_id, buyer_id=buyer_id)
        return Purchase(order=order, remarks=self.remarks)


def draft_order(
    cells: Cells,
    facts: dict[str, Any],
    remarks: Remarks,
    *,
    names: dict[str, str],
    assumed: frozenset[str] = frozenset(),
    in_entry: bool = False,
) -> Draft:
    """Build a draft and keep a fault for whatever does not fit together.

    `names` says under which column a field of the order stands in the file.
    """
    placed_at: datetime | None = facts.get("placed_at")
    if placed_at is None:
        if not cells.has(names["placed_at"]):
            cells.refuse(names["placed_at"], N_("This must not be empty."))
        facts = facts | {"placed_at": _NEVER}
    order = Order(id=NIL, shop_id=NIL, buyer_id=NIL, **facts)
    if placed_at is not None:
        _check_times(cells, order, names)
    if cells.sound:
        _check_money(cells, order, names)
    return Draft(line=cells.line, order=order, remarks=remarks, assumed=assumed, in_entry=in_entry)


def _check_times(cells: Cells, order: Order, names: dict[str, str]) -> None:
    for earlier, later in BEFORE:
        first, second = getattr(order, earlier), getattr(order, later)
        if second is None:
            continue
        if first is None:
            cells.refuse(
                names[later],
                N_("This cannot have happened while {column} is empty."),
                column=names[earlier],
            )
        elif second < first:
            cells.refuse(
                names[later],
                N_("This cannot have happened before {earliest}."),
                earliest=first,
            )
    if order.shipped_at and order.paid_at is None and order.payment != "cod":
        cells.refuse(
            names["shipped_at"],
            N_("This cannot have happened while {column} is empty."),
            column=names["paid_at"],
        )


def _check_money(cells: Cells, order: Order, names: dict[str, str]) -> None:
    if not order.lines:
        cells.refuse("", N_("The order has no lines."))
    if order.goods_fen + order.freight_fen > FEN_MAX:
        cells.refuse("", N_("The order is above {most} yuan."), most=yuan(FEN_MAX))
    if not 0 <= order.refunded_fen <= order.paid_fen:
        cells.refuse(
            names["refunded_fen"],
            N_("{refunded} cannot have been paid back when {paid} was paid."),
            refunded=yuan(order.refunded_fen),
            paid=yuan(order.paid_fen),
        )


def priced_lines(first: int, total_fen: int, quantity: int, **facts: Any) -> list[Line]:
    """Lines that cost so much together, to the fen: two, where a unit price would not be whole."""
    assert quantity > 0 and total_fen >= 0, "a line has a quantity and a price"
    price, rest = divmod(total_fen, quantity)
    parts = [(price, quantity - rest), (price + 1, rest)]
    return [
        Line(line=first + i, price_fen=fen, quantity=count, **facts)
        for i, (fen, count) in enumerate((fen, count) for fen, count in parts if count)
    ]


def buyer_name(cells: Cells, *names: str) -> str:
    """The name of the buyer, under which their orders become theirs to see."""
    name = cells.required(*names, most=NAME_MAX)
    if "*" in name:
        # Two buyers with one masked name would read each other's orders.
        cells.refuse(
            names[0], N_("{value} is masked: other buyers may share it."), value=shown(name)
        )
    return name


def parcel(cells: Cells, carrier: tuple[str, ...], tracking: tuple[str, ...]) -> dict[str, str]:
    """The carrier and the tracking number of an order."""
    return {
        "carrier": cells.text(*carrier, most=_TRACK["carrier"]),
        "tracking": cells.text(*tracking, most=_TRACK["tracking"]),
    }

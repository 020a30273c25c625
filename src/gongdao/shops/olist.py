"""Orders as Olist publishes them: a table of orders, with others for items, buyers and payments.

Sums are read as they stand, whatever the currency. Olist does not say who confirmed receipt; what
is delivered counts as confirmed with its delivery. A time that lies before what must have come
first is a slip of its clocks and is raised to it: such orders are counted as assumed.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import FEN_MAX
from gongdao.shops.cells import Cells
from gongdao.shops.draft import NAME_MAX, NUMBER_MAX, Draft, buyer_name, draft_order
from gongdao.shops.fault import Fault, shown
from gongdao.shops.order import Line, Payment
from gongdao.shops.purchase import Remarks
from gongdao.shops.table import Table

#: The column by which its table of orders is known.
PLACED = "order_purchase_timestamp"
NUMBER = ("order_id",)
Status = Literal[
    "created", "approved", "invoiced", "processing", "shipped", "delivered", "unavailable",
    "canceled",
]  # fmt: skip
_NAMES = {
    "placed_at": PLACED,
    "paid_at": "order_approved_at",
    "shipped_at": "order_delivered_carrier_date",
    "signed_at": "order_delivered_customer_date",
    "confirmed_at": "order_delivered_customer_date",
    "closed_at": "order_status",
    "refunded_fen": "order_status",
}
_PAYMENTS: dict[str, Payment] = {
    "credit_card": "card",
    "debit_card": "card",
    "voucher": "gift_card",
}
_PAID = frozenset({"approved", "invoiced", "processing", "shipped", "delivered"})
_HOUR = timedelta(hours=1)


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """The tables beside that of the orders; without items there are no orders."""

    items: bytes
    customers: bytes | None = None
    payments: bytes | None = None
    products: bytes | None = None


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    items: dict[str, list[Cells]]
    payments: dict[str, list[Cells]]
    buyers: dict[str, str]
    titles: dict[str, str]


def drafts_from_tables(
    rows: Iterator[Cells], beside: Beside, faults: list[Fault]
) -> Iterator[Draft]:
    """An order for each line of the table of orders. Raises Refusal for a table that is another."""
    known = _Known(
        items=_by(beside.items, "order_item_id", "order_id", faults),
        payments=_by(beside.payments, "payment_value", "order_id", faults),
        buyers=_names(beside.customers, "customer_id", "customer_unique_id", faults),
        titles=_names(beside.products, "product_id", "product_category_name", faults),
    )
    for row in rows:
        yield _draft(row, known)


def _draft(cells: Cells, known: _Known) -> Draft:
    number = cells.required(*NUMBER, most=NUMBER_MAX)
    status = cells.choice("order_status", get_args(Status), "created")
    items, payments = known.items.get(number, []), known.payments.get(number, [])
    times, assumed = _times(cells, status)
    lines = [_line(item, known.titles) for item in items]
    if not lines:
        # An order that could not be had has no items; what was paid for it is known.
        paid_fen = sum(_fen(each, "payment_value") for each in payments)
        lines = [Line(line=1, title=number, price_fen=paid_fen)]
        assumed |= {"money"}
    kind = str(payments[0].raw("payment_type")) if payments else ""
    due = items[0].local_instant("shipping_limit_date") if items else None
    paid = times.get("paid_at")
    promised = max(_HOUR, due - paid) if due and paid else timedelta(hours=48)
    customer = cells.required("customer_id", most=NAME_MAX)
    name = known.buyers.get(customer, customer)
    facts: dict[str, Any] = {
        "number": number,
        "lines": tuple(lines),
        "freight_fen": sum(_fen(item, "freight_value") for item in items),
        "payment": _PAYMENTS.get(kind, "balance"),
        "ship_within": promised,
        "money": "elsewhere",
        **times,
    }
    remarks = Remarks(buyer_name=name if name != customer else buyer_name(cells, "customer_id"))
    return draft_order(cells, facts, remarks, names=_NAMES, assumed=frozenset(assumed))


def _times(cells: Cells, status: Status) -> tuple[dict[str, Any], set[str]]:
    """When things happened, none before what must have come first."""
    placed = cells.local_instant(PLACED)
    paid = cells.local_instant(_NAMES["paid_at"])
    shipped = cells.local_instant(_NAMES["shipped_at"])
    signed = cells.local_instant(_NAMES["signed_at"])
    assumed: set[str] = set()
    if status in _PAID and paid is None:
        paid, assumed = placed, assumed | {"paid_at"}
    if signed is not None and shipped is None:
        shipped, assumed = signed, assumed | {"shipped_at"}
    if shipped is not None and paid is None:
        paid, assumed = placed, assumed | {"paid_at"}
    times: dict[str, Any] = {"placed_at": placed}
    last = placed
    for name, at in (("paid_at", paid), ("shipped_at", shipped), ("signed_at", signed)):
        if at is None:
            continue
        if last is not None and at < last:
            assumed.add(name)
            at = last
        times[name] = last = at
    if signed is not None:
        times["signed_by"] = "self"
    if status == "delivered" and signed is not None:
        times["confirmed_at"] = last
        assumed.add("confirmed_at")
    if status in ("canceled", "unavailable"):
        times |= {"closed_at": last, "closed_by": "seller"}
        assumed.add("closed_at")
    return times, assumed


def _line(item: Cells, titles: Mapping[str, str]) -> Line:
    product = item.required("product_id", most=NUMBER_MAX)
    return Line(
        line=max(1, item.whole("order_item_id", default=1)),
        title=titles.get(product) or product,
        price_fen=_fen(item, "price"),
        sku=product,
    )


def _fen(cells: Cells, name: str) -> int:
    """A sum with up to two decimals, such as 99.9."""
    text = str(cells.raw(name) or "0")
    yuan, _, cents = text.partition(".")
    if len(cents) == 2 and len(yuan) < 9 and (yuan + cents).isascii() and (yuan + cents).isdigit():
        return int(yuan + cents)
    try:
        fen = int((Decimal(text) * 100).to_integral_value())
    except (InvalidOperation, ValueError, OverflowError):
        fen = -1
    if not 0 <= fen <= FEN_MAX:
        cells.refuse(
            name,
            N_("{value} is not an amount: write yuan as text, without a sign, such as 2680.00."),
            value=shown(text),
        )
        return 0
    return fen


def _by(raw: bytes | None, column: str, key: str, faults: list[Fault]) -> dict[str, list[Cells]]:
    """The lines of a table by what they belong to."""
    found: dict[str, list[Cells]] = {}
    for line, values in _rows(raw, (column, key), faults):
        cells = Cells(values, line=line, faults=faults)
        found.setdefault(str(values[key]), []).append(cells)
    return found


def _names(raw: bytes | None, key: str, name: str, faults: list[Fault]) -> dict[str, str]:
    rows = _rows(raw, (key, name), faults)
    return {str(values[key]): str(values[name]) for _, values in rows if values[name]}


def _rows(
    raw: bytes | None, needed: Sequence[str], faults: list[Fault]
) -> Iterator[tuple[int, dict[str, object]]]:
    if raw is None:
        return
    table = Table(raw)
    for name in needed:
        if name not in table.columns:
            raise Refusal("invalid", N_("A table beside the orders has no column {column}."),
                          column=name)  # fmt: skip
    yield from table.rows()
    faults.extend(table.faults)

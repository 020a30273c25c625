"""Our own shape of orders: JSON, and a CSV with the same names and one line per order line.

docs/how-to/import-orders.md describes it; keep the two together.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any, get_args

from gongdao.base.i18n import N_
from gongdao.base.money import yuan
from gongdao.shops.cells import Cells
from gongdao.shops.draft import (
    LINES_MAX,
    NUMBER_MAX,
    SHIP_WITHIN_HOURS_MAX,
    TITLE_MAX,
    Draft,
    buyer_name,
    draft_order,
    parcel,
)
from gongdao.shops.fault import Fault
from gongdao.shops.order import (
    ClosedBy,
    Coupon,
    Discount,
    DiscountKind,
    Gift,
    Line,
    Payment,
    SignedBy,
)
from gongdao.shops.purchase import Remarks
from gongdao.shops.shop import Address

_LINE = ["title", "price", "quantity", "category", "tags", "sku", "no_reason_exclusion_confirmed"]
_SCALARS = [
    *("number", "buyer", "placed_at", "paid_at", "total", "freight", "free_shipping"),
    *("ship_within_hours", "payment", "promises", "shipped_at", "carrier", "tracking"),
    *("signed_at", "signed_by", "confirmed_at", "closed_at", "closed_by", "refunded"),
    *("buyer_message", "seller_note", "payer_account"),
]
_RECEIVER = ["receiver_name", "receiver_phone", "receiver_address"]
_IN_JSON = [*_SCALARS, "lines", "discounts", "coupons", "gifts", "receiver"]
#: The heading of our own CSV; only the columns that are needed must be there.
CSV_COLUMNS = [*_SCALARS, *_RECEIVER, *_LINE]

_NAMES = {
    name: name for name in ("placed_at", "paid_at", "shipped_at", "signed_at", "confirmed_at")
} | {"closed_at": "closed_at", "refunded_fen": "refunded"}


def drafts_from_json(orders: Iterable[object], faults: list[Fault]) -> Iterator[Draft]:
    """Each order of the list "orders"."""
    for position, entry in enumerate(orders, 1):
        values: dict[str, object] = entry if isinstance(entry, dict) else {}  # pyright: ignore[reportUnknownVariableType, reportAssignmentType]
        cells = Cells(values, line=position, faults=faults, in_entry=True)
        if not isinstance(entry, dict):
            cells.refuse("", N_("This must be an object, not {value}."), value=str(entry)[:40])
            continue
        cells.refuse_unknown(_IN_JSON)
        receiver = cells.below("receiver")
        if receiver is not None:
            receiver.refuse_unknown(["name", "phone", "address"])
        address = _address(receiver, ("name", "phone", "address"))
        rows = cells.each("lines", most=LINES_MAX)
        for row in rows:
            row.refuse_unknown(_LINE)
        yield _draft(cells, rows, address, in_entry=True)


def draft_from_rows(rows: Sequence[Cells]) -> Draft:
    """One order from the lines of a table that bear its number."""
    return _draft(rows[0], rows, _address(rows[0], _RECEIVER), in_entry=False)


def _draft(cells: Cells, rows: Sequence[Cells], receiver: Address, *, in_entry: bool) -> Draft:
    facts: dict[str, Any] = {
        "number": cells.required("number", most=NUMBER_MAX),
        "lines": tuple(_line(i, row) for i, row in enumerate(rows, 1)),
        "freight_fen": cells.fen("freight"),
        "free_shipping": cells.flag("free_shipping"),
        "ship_within": _ship_within(cells),
        "payment": cells.choice("payment", get_args(Payment), "balance"),
        "promises": cells.words("promises"),
        "refunded_fen": cells.fen("refunded"),
        **parcel(cells, ("carrier",), ("tracking",)),
        **_terms(cells),
        **{name: cells.instant(name) for name in _NAMES if name != "refunded_fen"},
        **_pair(cells, "signed", get_args(SignedBy)),
        **_pair(cells, "closed", get_args(ClosedBy)),
    }
    remarks = Remarks(
        buyer_name=buyer_name(cells, "buyer"),
        receiver=receiver,
        buyer_message=cells.text("buyer_message"),
        seller_note=cells.text("seller_note"),
        payer_account=cells.text("payer_account", most=100),
    )
    draft = draft_order(cells, facts, remarks, names=_NAMES, in_entry=in_entry)
    if cells.sound:
        _check_total(cells, draft)
    return draft


def _line(number: int, row: Cells) -> Line:
    quantity = row.whole("quantity", default=1)
    if quantity == 0:
        row.refuse("quantity", N_("{value} is not a whole number above zero."), value="0")
    if not row.has("price"):
        row.refuse("price", N_("This must not be empty."))
    return Line(
        line=number,
        title=row.required("title", most=TITLE_MAX),
        price_fen=row.fen("price"),
        quantity=max(1, quantity),
        category=row.text("category", most=60),
        tags=row.words("tags"),
        sku=row.text("sku", most=60),
        no_reason_exclusion_confirmed=row.flag("no_reason_exclusion_confirmed"),
    )


def _terms(cells: Cells) -> dict[str, Any]:
    discounts = cells.each("discounts", most=20)
    coupons, gifts = cells.each("coupons", most=20), cells.each("gifts", most=20)
    for one in discounts:
        one.refuse_unknown(["kind", "threshold", "off"])
    for one in coupons:
        one.refuse_unknown(["value", "title", "threshold"])
    for one in gifts:
        one.refuse_unknown(["value", "title"])
    return {
        "discounts": tuple(
            Discount(
                kind=one.choice("kind", get_args(DiscountKind), "spend_and_save"),
                threshold_fen=one.fen("threshold"),
                off_fen=one.fen("off"),
            )
            for one in discounts
        ),
        "coupons": tuple(
            Coupon(
                value_fen=one.fen("value"),
                title=one.text("title", most=60),
                threshold_fen=one.fen("threshold") if one.has("threshold") else 0,
            )
            for one in coupons
        ),
        "gifts": tuple(
            Gift(value_fen=one.fen("value"), title=one.text("title", most=60)) for one in gifts
        ),
    }


def _pair(cells: Cells, what: str, allowed: tuple[str, ...]) -> dict[str, str | None]:
    """Who did something, which is said exactly when it is said when it was done."""
    at, by = f"{what}_at", f"{what}_by"
    if cells.has(at) != cells.has(by):
        missing, given = (by, at) if cells.has(at) else (at, by)
        cells.refuse(missing, N_("This must not be empty when {column} is given."), column=given)
    return {by: cells.choice(by, allowed, allowed[0]) if cells.has(at, by) else None}


def _ship_within(cells: Cells) -> timedelta:
    hours = cells.whole("ship_within_hours", default=48)
    if hours > SHIP_WITHIN_HOURS_MAX:
        cells.refuse("ship_within_hours", N_("This is above {most}."), most=SHIP_WITHIN_HOURS_MAX)
        hours = SHIP_WITHIN_HOURS_MAX
    return timedelta(hours=hours)


def _address(cells: Cells | None, names: Sequence[str]) -> Address:
    if cells is None:
        return Address()
    name, phone, address = names
    return Address(
        name=cells.text(name, most=60),
        phone=cells.text(phone, most=40),
        address=cells.text(address),
    )


def _check_total(cells: Cells, draft: Draft) -> None:
    order = draft.order
    sum_fen = order.paid_goods_fen + order.freight_fen
    if cells.has("total") and order.lines and cells.fen("total") != sum_fen:
        cells.refuse(
            "total",
            N_("The lines, less discounts and coupons, and the freight come to {sum}."),
            sum=yuan(sum_fen),
        )

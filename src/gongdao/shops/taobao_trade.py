"""Orders as taobao.trade.fullinfo.get answers them; the names of the fields are Taobao's."""

from typing import Any

from gongdao.base.i18n import N_
from gongdao.base.money import split, yuan
from gongdao.shops.cells import Cells
from gongdao.shops.draft import (
    LINES_MAX,
    NUMBER_MAX,
    TITLE_MAX,
    Draft,
    buyer_name,
    draft_order,
    parcel,
    priced_lines,
)
from gongdao.shops.order import ClosedBy, Line, Payment
from gongdao.shops.purchase import Remarks
from gongdao.shops.shop import Address
from gongdao.shops.taobao import Progress, complete_times

_NAMES = {
    "placed_at": "created",
    "paid_at": "pay_time",
    "shipped_at": "consign_time",
    "signed_at": "sign_time",
    "confirmed_at": "end_time",
    "closed_at": "end_time",
    "refunded_fen": "received_payment",
}
_STATES: dict[str, Progress] = {
    "TRADE_NO_CREATE_PAY": "unpaid",
    "WAIT_BUYER_PAY": "unpaid",
    "PAY_PENDING": "unpaid",
    "WAIT_PRE_AUTH_CONFIRM": "unpaid",
    "WAIT_SELLER_SEND_GOODS": "paid",
    "PAID_FORBID_CONSIGN": "paid",
    "SELLER_CONSIGNED_PART": "shipped",
    "WAIT_BUYER_CONFIRM_GOODS": "shipped",
    "TRADE_BUYER_SIGNED": "confirmed",
    "TRADE_FINISHED": "confirmed",
    "TRADE_CLOSED": "closed",
    "TRADE_CLOSED_BY_TAOBAO": "closed",
}


def draft_from_trade(cells: Cells) -> Draft:
    """One order from the trade of an answer."""
    progress = _STATES[cells.choice("status", tuple(_STATES), "WAIT_BUYER_PAY")]
    if not cells.has("status"):
        cells.refuse("status", N_("This must not be empty."))
    times, assumed = _times(cells, progress)
    freight_fen = cells.fen("post_fee")
    goods_fen = cells.fen("payment") - freight_fen
    if goods_fen < 0:
        cells.refuse("payment", N_("This is less than the freight."))
        goods_fen = 0
    below = cells.below("orders")
    items = below.each("order", most=LINES_MAX) if below else []
    facts: dict[str, Any] = {
        "number": _number(cells),
        "lines": tuple(_lines(cells, items, goods_fen)),
        "freight_fen": freight_fen,
        "free_shipping": cells.text("shipping_type") == "free",
        "payment": _payment(cells),
        "refunded_fen": _refunded(cells, progress, goods_fen + freight_fen, times),
        **_parcel(items),
        **times,
    }
    return draft_order(cells, facts, _remarks(cells), names=_NAMES, assumed=assumed, in_entry=True)


def _number(cells: Cells) -> str:
    """The number of the trade: JSON writes it as a number, and as text in tid_str."""
    if cells.has("tid_str"):
        return cells.required("tid_str", most=NUMBER_MAX)
    value = cells.raw("tid")
    return (
        str(value) if type(value) is int and value > 0 else cells.required("tid", most=NUMBER_MAX)
    )


def _times(cells: Cells, progress: Progress) -> tuple[dict[str, Any], frozenset[str]]:
    times: dict[str, Any] = {"placed_at": cells.local_instant("created")}
    if progress != "unpaid":
        times["paid_at"] = cells.local_instant("pay_time")
    ended = cells.local_instant("end_time")
    closed_by: ClosedBy = "refund" if times.get("paid_at") else "timeout"
    return complete_times(
        cells,
        times,
        progress,
        shipped=cells.local_instant("consign_time"),
        confirmed=ended,
        closed=ended,
        closed_by=closed_by,
        names=_NAMES,
    )


def _payment(cells: Cells) -> Payment:
    return "cod" if cells.text("type") == "cod" else "balance"


def _lines(cells: Cells, items: list[Cells], goods_fen: int) -> list[Line]:
    quantities = [max(1, item.whole("num", default=1)) for item in items]
    prices = [
        item.fen("price") * quantity for item, quantity in zip(items, quantities, strict=True)
    ]
    if items and sum(prices) < goods_fen:
        cells.refuse(
            "orders",
            N_("The lines of this order come to {sum}, less than the {goods} paid for them."),
            sum=yuan(sum(prices)),
            goods=yuan(goods_fen),
        )
        goods_fen = sum(prices)
    # divide_order_fee is Taobao's own sharing of the payment; it stands for all lines or for none.
    shares = [item.fen("divide_order_fee") for item in items]
    weights = shares if sum(shares) == goods_fen else prices
    lines: list[Line] = []
    for item, quantity, share in zip(items, quantities, split(goods_fen, weights), strict=True):
        title = item.required("title", most=TITLE_MAX)
        look = item.text("sku_properties_name", most=TITLE_MAX)
        lines += priced_lines(
            len(lines) + 1,
            share,
            quantity,
            title=f"{title} {look}".strip(),
            sku=item.text("outer_sku_id", "outer_iid", most=60),
        )
    return lines


def _parcel(items: list[Cells]) -> dict[str, str]:
    for item in items:
        if item.has("invoice_no"):
            return parcel(item, ("logistics_company",), ("invoice_no",))
    return {}


def _refunded(cells: Cells, progress: Progress, paid_fen: int, times: dict[str, Any]) -> int:
    if times.get("paid_at") is None:
        return 0
    if progress == "closed":
        return paid_fen
    received = cells.fen("received_payment")
    return paid_fen - received if progress == "confirmed" and received else 0


def _remarks(cells: Cells) -> Remarks:
    place = ("receiver_state", "receiver_city", "receiver_district", "receiver_town")
    parts = [cells.text(name) for name in (*place, "receiver_address")]
    return Remarks(
        buyer_name=buyer_name(cells, "buyer_nick", "buyer_open_uid"),
        receiver=Address(
            name=cells.text("receiver_name", most=60),
            phone=cells.text("receiver_mobile", "receiver_phone", most=40),
            address=" ".join(part for part in parts if part),
        ),
        buyer_message=cells.text("buyer_message"),
        seller_note=cells.text("seller_memo"),
        payer_account=cells.text("buyer_alipay_no", most=100),
    )

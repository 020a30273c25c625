"""Orders as Taobao gives them: the columns of its export, and the answer of its interface.

Taobao's times have no zone and mean Shanghai. What a discount took off is not told line by line,
so the money paid for the goods is shared over the lines in proportion to their prices.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from gongdao.base.i18n import N_
from gongdao.base.money import split, yuan
from gongdao.shops.cells import Cells
from gongdao.shops.draft import (
    NUMBER_MAX,
    TITLE_MAX,
    Draft,
    buyer_name,
    draft_order,
    parcel,
    priced_lines,
)
from gongdao.shops.fault import shown
from gongdao.shops.order import ClosedBy, Coupon, Line
from gongdao.shops.purchase import Remarks
from gongdao.shops.shop import Address

Progress = Literal["unpaid", "paid", "shipped", "signed", "confirmed", "closed"]

NUMBER = ("订单编号", "主订单编号")
ITEM_TITLE = ("标题", "商品标题")
ITEM_PRICE = ("价格", "商品价格")
_ITEM_SKU = ("商家编码", "外部系统编号")
_PLACED, _PAID = "订单创建时间", "订单付款时间"
_SHIPPED = ("发货时间", "卖家发货时间")
_CONFIRMED, _CLOSED = "确认收货时间", ("订单关闭时间", "交易结束时间")
_ACTUAL = ("买家实际支付金额", "买家实付金额")
_NAMES = {
    "placed_at": _PLACED,
    "paid_at": _PAID,
    "shipped_at": "发货时间",
    "signed_at": "签收时间",
    "confirmed_at": _CONFIRMED,
    "closed_at": "订单关闭时间",
    "refunded_fen": "退款金额",
}
STATES: dict[str, Progress] = {
    "等待买家付款": "unpaid",
    "买家已付款，等待卖家发货": "paid",
    "卖家部分发货": "shipped",
    "卖家已发货，等待买家确认": "shipped",
    "交易成功": "confirmed",
    "交易关闭": "closed",
}
#: What a word in the reason of closing says about who closed the order.
_REASONS: list[tuple[str, ClosedBy]] = [
    ("退款", "refund"),
    ("超时", "timeout"),
    ("未及时付款", "timeout"),
    ("缺货", "seller"),
    ("卖家", "seller"),
    ("商家", "seller"),
]


def draft_from_rows(rows: Sequence[Cells], items: Sequence[Cells], *, shop_name: str) -> Draft:
    """One order from its line of the order export, and its lines of the item export if given."""
    cells = rows[0]
    _check_shop(cells, shop_name)
    progress = _progress(cells)
    goods_fen, freight_fen, coupons = _money(cells, rows)
    times, assumed = _times(cells, progress)
    if progress == "closed" and not any(row.fen(*_ACTUAL) for row in rows):
        # A closed order is exported as if nothing had been paid.
        assumed |= {"money"}
    lines = item_lines(items, goods_fen) if items else _lines_of_title(cells, goods_fen)
    facts: dict[str, Any] = {
        "number": cells.required(*NUMBER, most=NUMBER_MAX),
        "lines": tuple(lines),
        "freight_fen": freight_fen,
        "free_shipping": freight_fen == 0,
        "coupons": coupons,
        **parcel(cells, ("物流公司",), ("物流单号",)),
        **times,
    }
    facts["refunded_fen"] = _refunded(cells, facts, progress, goods_fen=goods_fen)
    return draft_order(cells, facts, _remarks(cells), names=_NAMES, assumed=assumed)


def _check_shop(cells: Cells, shop_name: str) -> None:
    named = cells.text("店铺名称")
    if named and named != shop_name:
        cells.refuse(
            "店铺名称",
            N_("This order belongs to the shop {other}, not to {shop}."),
            other=shown(named),
            shop=shop_name,
        )


def _progress(cells: Cells) -> Progress:
    text = cells.required("订单状态").replace(",", "，").replace(" ", "")
    if text and text not in STATES:
        cells.refuse(
            "订单状态",
            N_("{value} is not known here. Allowed are: {allowed}."),
            value=shown(text),
            allowed="、".join(STATES),
        )
    return STATES.get(text, "unpaid")


def _money(cells: Cells, rows: Sequence[Cells]) -> tuple[int, int, tuple[Coupon, ...]]:
    """What the goods cost, the freight, and what points and the like paid of it."""
    goods_fen = sum(row.fen("买家应付货款") for row in rows)
    freight_fen = cells.fen("买家应付邮费")
    due_fen = goods_fen + freight_fen
    if cells.has("总金额") and len(rows) == 1 and cells.sound and cells.fen("总金额") != due_fen:
        cells.refuse("总金额", N_("The goods and the freight come to {sum}."), sum=yuan(due_fen))
    actual_fen = sum(row.fen(*_ACTUAL) for row in rows)
    if actual_fen > due_fen and cells.sound:
        cells.refuse(_ACTUAL[0], N_("The goods and the freight come to {sum}."), sum=yuan(due_fen))
    # Nothing paid means unpaid, or closed: then the export no longer says what had been paid.
    short_fen = due_fen - actual_fen if 0 < actual_fen < due_fen else 0
    # Points pay for the goods first; only what is left of them for the freight.
    from_goods_fen = min(short_fen, goods_fen)
    freight_fen -= short_fen - from_goods_fen
    coupons = (
        (Coupon(value_fen=from_goods_fen, title="积分、红包、卡券"),) if from_goods_fen else ()
    )
    return goods_fen, freight_fen, coupons


def _times(cells: Cells, progress: Progress) -> tuple[dict[str, Any], frozenset[str]]:
    """When things happened, and which of the times were taken from another."""
    placed, paid = cells.local_instant(_PLACED), cells.local_instant(_PAID)
    shipped, confirmed = cells.local_instant(*_SHIPPED), cells.local_instant(_CONFIRMED)
    closed = cells.local_instant(*_CLOSED)
    times: dict[str, Any] = {"placed_at": placed}
    if progress != "unpaid":
        times["paid_at"] = paid
    return complete_times(
        cells,
        times,
        progress,
        shipped=shipped,
        confirmed=confirmed,
        closed=closed,
        closed_by=_closed_by(cells.text("订单关闭原因"), paid=paid),
    )


def complete_times(
    cells: Cells,
    times: dict[str, Any],
    progress: Progress,
    *,
    shipped: datetime | None,
    confirmed: datetime | None,
    closed: datetime | None,
    closed_by: ClosedBy,
    names: Mapping[str, str] = _NAMES,
) -> tuple[dict[str, Any], frozenset[str]]:
    """Add what a state implies, and require what it needs.

    Older exports do not say when a parcel left or when an order was closed. Then the last thing
    known before stands for it: the rules never see an order as late that may have been in time.
    """
    assumed: set[str] = set()
    paid = times.get("paid_at")
    if (
        progress in ("paid", "shipped", "confirmed")
        and paid is None
        and not cells.has(names["paid_at"])
    ):
        cells.refuse(names["paid_at"], N_("This must not be empty in this state."))
    if progress in ("shipped", "confirmed"):
        times["shipped_at"] = shipped or paid
        assumed |= set() if shipped else {"shipped_at"}
    if progress == "confirmed":
        times["confirmed_at"] = confirmed
        if confirmed is None and not cells.has(names["confirmed_at"]):
            cells.refuse(names["confirmed_at"], N_("This must not be empty in this state."))
    if progress == "closed":
        times |= {"shipped_at": shipped, "closed_by": closed_by}
        times["closed_at"] = closed or shipped or paid or times.get("placed_at")
        assumed |= set() if closed else {"closed_at"}
    return times, frozenset(assumed)


def _closed_by(reason: str, *, paid: datetime | None) -> ClosedBy:
    for word, who in _REASONS:
        if word in reason:
            return who
    return "refund" if paid else "buyer"


def _refunded(cells: Cells, facts: Mapping[str, Any], progress: Progress, *, goods_fen: int) -> int:
    coupons: tuple[Coupon, ...] = facts["coupons"]
    paid_fen = goods_fen - sum(c.value_fen for c in coupons) + facts["freight_fen"]
    if cells.has("退款金额") or facts.get("paid_at") is None:
        return cells.fen("退款金额")
    if progress == "closed":
        return paid_fen
    received = cells.fen("打款商家金额")
    if progress == "confirmed" and 0 < received < paid_fen:
        return paid_fen - received
    return 0


def item_lines(items: Sequence[Cells], goods_fen: int) -> list[Line]:
    """The lines of an order from its items, sharing what was paid for the goods."""
    quantities = [item.whole("购买数量", default=1) for item in items]
    for item, quantity in zip(items, quantities, strict=True):
        if quantity == 0:
            item.refuse("购买数量", N_("{value} is not a whole number above zero."), value="0")
    quantities = [max(1, quantity) for quantity in quantities]
    prices = [item.fen(*ITEM_PRICE) for item in items]
    weights = [price * quantity for price, quantity in zip(prices, quantities, strict=True)]
    if sum(weights) < goods_fen:
        items[0].refuse(
            ITEM_PRICE[0],
            N_("The lines of this order come to {sum}, less than the {goods} paid for them."),
            sum=yuan(sum(weights)),
            goods=yuan(goods_fen),
        )
        goods_fen = sum(weights)
    lines: list[Line] = []
    for item, quantity, share in zip(items, quantities, split(goods_fen, weights), strict=True):
        title = item.required(*ITEM_TITLE, most=TITLE_MAX)
        look = item.text("商品属性", most=TITLE_MAX)
        lines += priced_lines(
            len(lines) + 1,
            share,
            quantity,
            title=f"{title} {look}".strip(),
            sku=item.text(*_ITEM_SKU, most=60),
        )
    return lines


def _lines_of_title(cells: Cells, goods_fen: int) -> list[Line]:
    """One line for all goods, where the export only names them together."""
    title = cells.required("宝贝标题", most=TITLE_MAX)
    kinds = cells.whole("宝贝种类", default=1)
    quantity = cells.whole("宝贝总数量", default=1) if kinds <= 1 else 1
    return priced_lines(1, goods_fen, max(1, quantity), title=title)


def _remarks(cells: Cells) -> Remarks:
    return Remarks(
        buyer_name=buyer_name(cells, "买家会员名"),
        receiver=Address(
            name=cells.text("收货人姓名", most=60),
            phone=cells.text("联系手机", "联系电话", most=40),
            address=cells.text("修改后的收货地址", "收货地址"),
        ),
        buyer_message=cells.text("买家留言"),
        seller_note=cells.text("订单备注", "商家备忘"),
        payer_account=cells.text("买家支付宝账号", most=100),
    )

"""Laws of the importer: it never crashes, and what is right comes through unchanged."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.shops.exports import HEADING, OWN, PLAIN, TRADE, export

from gongdao.base.errors import Refusal
from gongdao.base.money import yuan
from gongdao.shops.compare import Telling, plan_import
from gongdao.shops.draft import priced_lines
from gongdao.shops.import_orders import read_orders

SHOP = "冷库"
FEN = st.integers(0, 10_000_000)


def survives(raw: bytes, items: bytes | None = None) -> None:
    try:
        reading = read_orders(raw, shop_name=SHOP, items=items)
    except Refusal as refusal:
        assert str(refusal)
        return
    assert bool(reading.drafts) != bool(reading.faults)
    for fault in reading.faults:
        assert fault.say("zh")
        assert fault.say("en")
    known = {d.order.number: d.purchase(d.order.id, shop_id=d.order.id, buyer_id=d.order.id)
             for d in reading.drafts}  # fmt: skip
    telling = Telling(platform=True, now=datetime(9999, 12, 1, tzinfo=UTC))
    assert plan_import(reading.drafts, known, telling).unchanged == len(reading.drafts)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes):
    survives(raw)
    survives(export(PLAIN).encode(), raw)


CELL = st.one_of(st.text(max_size=12), st.sampled_from([*PLAIN.values(), "null", "9" * 400, "-0"]))


@given(st.dictionaries(st.sampled_from(HEADING), CELL), st.text(max_size=20))
@settings(max_examples=200)
def test_any_cells_give_an_order_or_sentences(cells: dict[str, str], tail: str):
    text = export(PLAIN, PLAIN | {"订单编号": "2"} | cells) + tail
    survives(text.encode("utf-8", "replace"))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from([OWN, TRADE]), st.data())
@settings(max_examples=200)
def test_any_json_gives_an_order_or_sentences(base: dict[str, Any], data: st.DataObject):
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(base)), ANYTHING, max_size=3))
    entry = base | changes
    document = {"orders": [entry]} if base is OWN else entry
    survives(json.dumps(document).encode("utf-8", "replace"))


@given(
    st.lists(st.tuples(FEN, st.integers(1, 9)), min_size=1, max_size=5),
    FEN,
    st.timedeltas(timedelta(0), timedelta(days=30_000)),
)
def test_a_right_order_of_our_own_comes_through(goods, freight: int, later: timedelta):
    placed = datetime(2001, 1, 1, tzinfo=UTC) + later
    paid = placed + timedelta(hours=1)
    total = sum(price * quantity for price, quantity in goods) + freight
    entry = {
        "number": "N", "buyer": "小明", "freight": yuan(freight), "total": yuan(total),
        "placed_at": placed.isoformat(), "paid_at": paid.isoformat(),
        "lines": [{"title": "货", "price": yuan(p), "quantity": q} for p, q in goods],
    }  # fmt: skip
    (draft,) = read_orders(json.dumps({"orders": [entry]}).encode(), shop_name=SHOP).drafts
    assert [(li.price_fen, li.quantity) for li in draft.order.lines] == goods
    assert (draft.order.placed_at, draft.order.paid_at) == (placed, paid)
    assert draft.order.paid_fen == total


@given(FEN, st.integers(1, 999))
def test_lines_cost_together_what_was_paid(total: int, quantity: int):
    lines = priced_lines(1, total, quantity, title="货")
    assert sum(line.total_fen for line in lines) == total
    assert sum(line.quantity for line in lines) == quantity
    assert len(lines) <= 2


@given(FEN, FEN, st.integers(1, 50))
def test_the_export_of_taobao_keeps_every_fen(goods: int, freight: int, quantity: int):
    row = PLAIN | {
        "买家应付货款": yuan(goods), "买家应付邮费": yuan(freight), "总金额": yuan(goods + freight),
        "买家实际支付金额": yuan(goods + freight), "宝贝总数量": str(quantity),
    }  # fmt: skip
    (draft,) = read_orders(export(row).encode("gb18030"), shop_name=SHOP).drafts
    assert draft.order.paid_fen == goods + freight

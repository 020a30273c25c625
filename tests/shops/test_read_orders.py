"""Files of orders: what is understood, and what is said about what is not."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from gongdao.base.errors import Refusal
from gongdao.base.money import yuan
from gongdao.shops import table
from gongdao.shops.compare import Telling, plan_import
from gongdao.shops.draft import Draft
from gongdao.shops.import_orders import Reading, read_orders
from gongdao.shops.order import Coupon, Discount

from .exports import DONE, HEADING, OWN, PLAIN, SHIPPED, TRADE, export


def read(text: str | bytes, **more: Any) -> Reading:
    raw = text if isinstance(text, bytes) else text.encode()
    return read_orders(raw, shop_name="冷库", **more)


def one(text: str | bytes, **more: Any) -> Draft:
    reading = read(text, **more)
    assert [fault.say("en") for fault in reading.faults] == []
    (draft,) = reading.drafts
    return draft


def faults(text: str | bytes, **more: Any) -> list[str]:
    reading = read(text, **more)
    assert reading.drafts == ()
    for fault in reading.faults:
        assert any("\u4e00" <= c <= "\u9fff" for c in fault.say("zh"))
    return [fault.say("en") for fault in reading.faults]


def test_the_export_is_understood_as_it_is():
    draft = one(export(PLAIN))
    order, remarks = draft.order, draft.remarks
    assert (order.number, order.state, order.paid_fen) == ("600001", "paid", 268000)
    assert order.placed_at == datetime(2014, 3, 3, 1, 55, tzinfo=UTC)
    assert order.paid_at == datetime(2014, 3, 3, 2, 0, tzinfo=UTC)
    assert [(li.title, li.price_fen, li.quantity) for li in order.lines] == [("冰箱", 268000, 1)]
    assert (order.tracking, order.free_shipping) == ("", True)
    assert remarks.buyer_name == "小明"
    assert remarks.receiver.phone == "13900000000"
    assert remarks.buyer_message == "快点,\n谢谢"


def test_each_format_says_who_paid():
    for text in (
        export(PLAIN | {"买家支付宝账号": "xm@qq.com"}),
        own(payer_account="xm@qq.com"),
        json.dumps(TRADE | {"buyer_alipay_no": "xm@qq.com"}),
    ):
        assert one(text).remarks.payer_account == "xm@qq.com"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_and_separators_make_no_difference(encoding: str, delimiter: str):
    text = export(PLAIN | DONE, delimiter=delimiter)
    assert one(text.encode(encoding)).order == one(export(PLAIN | DONE)).order


def test_a_time_that_the_export_does_not_tell_is_taken_from_the_last_known_one():
    draft = one(export(PLAIN | DONE))
    assert draft.order.state == "confirmed"
    assert draft.order.shipped_at == draft.order.paid_at
    assert draft.assumed == {"shipped_at"}
    told = one(export(PLAIN | DONE | {"发货时间": "2014/3/4 8:00"}, heading=[*HEADING, "发货时间"]))
    assert told.order.shipped_at == datetime(2014, 3, 4, 0, 0, tzinfo=UTC)
    assert told.assumed == frozenset()


def test_points_pay_a_part_and_come_back_in_kind():
    order = one(
        export(
            PLAIN | {"买家应付邮费": "10.00", "总金额": "2690.00", "买家实际支付金额": "2670.00"}
        )
    ).order
    assert order.coupons == (Coupon(value_fen=2000, title="积分、红包、卡券"),)
    assert (order.paid_fen, order.freight_fen) == (267000, 1000)
    order = one(
        export(
            PLAIN
            | {
                "买家应付货款": "1.00", "买家应付邮费": "10.00", "总金额": "11.00",
                "买家实际支付金额": "5.00",
            }
        )
    ).order  # fmt: skip
    assert (order.paid_fen, order.freight_fen, order.paid_goods_fen) == (500, 500, 0)


def test_a_closed_order_says_who_closed_it_and_what_came_back():
    closed = PLAIN | {"订单状态": "交易关闭"}
    order = one(export(closed)).order
    assert (order.closed_by, order.refunded_fen) == ("refund", order.paid_fen)
    unpaid = closed | {
        "订单付款时间 ": "",
        "买家实际支付金额": "0.00",
        "订单关闭原因": "买家未及时付款",
    }
    order = one(export(unpaid, heading=[*HEADING, "订单关闭原因"])).order
    assert (order.closed_by, order.paid_fen, order.refunded_fen) == ("timeout", 0, 0)


def test_what_the_shop_did_not_receive_was_refunded():
    assert one(export(PLAIN | DONE | {"打款商家金额": "2600.00元"})).order.refunded_fen == 8000
    assert one(export(PLAIN | DONE)).order.refunded_fen == 0
    told = PLAIN | DONE | {"退款金额": "1.00"}
    assert one(export(told, heading=[*HEADING, "退款金额"])).order.refunded_fen == 100


ITEMS = ["订单编号", "标题", "价格", "购买数量", "外部系统编号", "商品属性", "商家编码"]


def test_items_share_what_was_paid_for_the_goods():
    orders = export(
        PLAIN | {"买家应付货款": "100.00", "总金额": "100.00", "买家实际支付金额": "100.00"}
    )
    items = export(
        {
            "订单编号": '="600001"',
            "标题": "裙子",
            "价格": "50.00",
            "购买数量": "2",
            "商品属性": "红",
        },
        {
            "订单编号": '="600001"',
            "标题": "袜子",
            "价格": "20.00",
            "购买数量": "1",
            "商家编码": "S",
        },
        {"订单编号": "9", "标题": "别人的", "价格": "1.00", "购买数量": "1"},
        heading=ITEMS,
    )
    lines = one(orders, items=items.encode("gbk")).order.lines
    assert [(li.line, li.title, li.price_fen, li.quantity, li.sku) for li in lines] == [
        (1, "裙子 红", 4166, 1, ""),
        (2, "裙子 红", 4167, 1, ""),
        (3, "袜子", 1667, 1, "S"),
    ]
    dear = export({"订单编号": "600001", "标题": "裙子", "价格": "99.99"}, heading=ITEMS)
    (fault,) = faults(orders, items=dear.encode())
    assert fault == (
        "Line 2, 价格: The lines of this order come to 99.99, less than the 100.00 paid for them."
    )


def test_the_joined_export_of_items_stands_alone():
    heading = [*(n for n in HEADING if n != "总金额"), "标题", "价格", "购买数量"]
    row = PLAIN | {
        "买家应付货款": "10.00",
        "买家实际支付金额": "10.00",
        "价格": "5.00",
        "购买数量": "2",
    }
    order = one(export(row | {"标题": "A"}, row | {"标题": "B"}, heading=heading)).order
    assert [(li.title, li.price_fen, li.quantity) for li in order.lines] == [
        ("A", 500, 2),
        ("B", 500, 2),
    ]
    assert order.paid_fen == 2000


def test_what_a_part_return_may_lose_comes_with_the_order():
    lines = [{"title": "Cup", "price": "60.00", "quantity": 2}]
    waived = {"kind": "free_shipping", "threshold": "99.00", "off": "8.00"}
    coupon = {"value": "20.00", "threshold": "100.00"}
    told = {"lines": lines, "discounts": [waived], "coupons": [coupon], "total": "100.00"}
    order = one(json.dumps({"orders": [OWN | told | {"freight": "0.00"}]})).order
    assert order.discounts == (Discount(kind="free_shipping", threshold_fen=9900, off_fen=800),)
    assert order.coupons == (Coupon(value_fen=2000, threshold_fen=10000),)
    assert order.paid_fen == 10000


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"买家应付货款": "2680.005"},
            "Line 2, 买家应付货款: 2680.005 is not an amount: write yuan as text, without a sign, "
            "such as 2680.00.",
        ),
        ({"买家应付邮费": "-1.00"}, "Line 2, 买家应付邮费: -1.00 is not an amount: write yuan as "
         "text, without a sign, such as 2680.00."),
        ({"总金额": "2680.01"}, "Line 2, 总金额: The goods and the freight come to 2680.00."),
        ({"买家实际支付金额": "2680.01"},
         "Line 2, 买家实际支付金额: The goods and the freight come to 2680.00."),
        ({"订单状态": "在路上"},
         "Line 2, 订单状态: 在路上 is not known here. Allowed are: 等待买家付款、"
         "买家已付款，等待卖家发货、卖家部分发货、卖家已发货，等待买家确认、交易成功、交易关闭."),
        ({"订单状态": ""}, "Line 2, 订单状态: This must not be empty."),
        ({"订单创建时间": "2014-02-30 10:00:00"},
         "Line 2, 订单创建时间: 2014-02-30 10:00:00 is not a time such as 2014-03-03 10:00:00."),
        ({"订单创建时间": ""}, "Line 2, 订单创建时间: This must not be empty."),
        ({"订单付款时间 ": ""}, "Line 2, 订单付款时间: This must not be empty in this state."),
        ({"订单付款时间 ": "2014-03-03 09:54:59"},
         "Line 2, 订单付款时间: This cannot have happened before 3 Mar 2014 09:55."),
        ({"买家会员名": ""}, "Line 2, 买家会员名: This must not be empty."),
        ({"买家会员名": "小**"}, "Line 2, 买家会员名: 小** is masked: other buyers may share it."),
        ({"订单编号": ""}, "Line 2, 订单编号: This must not be empty."),
        ({"宝贝总数量": "1.5"}, "Line 2, 宝贝总数量: 1.5 is not a whole number."),
        ({"店铺名称": "热库"},
         "Line 2, 店铺名称: This order belongs to the shop 热库, not to 冷库."),
        ({"宝贝标题 ": "x" * 501}, "Line 2, 宝贝标题: This is longer than 500 characters."),
        ({"订单备注": "\x00"}, "Line 2, 订单备注: This has characters in it that are not text."),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_with_what_would_be_right(change: dict[str, str], sentence: str):
    assert faults(export(PLAIN | change)) == [sentence]


def test_every_wrong_line_is_told_and_nothing_else_is_kept():
    rows = [PLAIN, PLAIN | {"订单编号": "2"}, PLAIN, PLAIN | {"订单编号": "3", "总金额": "x"}]
    told = faults(export(*rows) + "1,2\n")
    # The remark in each row has a line break in it, so rows begin on every second line.
    assert told[0] == "Line 6: The order 600001 stands in this file twice, first at 2."
    assert told[1].startswith("Line 8, 总金额: x is not an amount")
    assert told[-1] == "Line 10: This line has 2 columns, the heading has 23."
    assert (
        len(read(export(*[PLAIN | {"总金额": "x", "订单编号": str(i)} for i in range(200)])).faults)
        <= 100
    )


def test_quotes_that_do_not_match_are_told():
    assert faults(export(PLAIN) + '"open,x\n') == ["Line 4: The quotes of this line do not match."]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "The first line is not the heading of a table."),
        (b"a,b\n1,2\n", "The heading names neither 订单编号 nor number, so no order can be found."),
        ("订单编号,订单编号\n".encode(), "The column 订单编号 stands there twice."),
        ("订单编号,买家会员名\n".encode(), "There are no orders in this file."),
        ("订单编号,价格\n1,2\n".encode(), "it goes beside its list of orders."),
        (b"\xff\xfe\x00\xd8", "The file is neither UTF-8 nor GBK text."),
        (b"\x81\xff,\n", "The file is neither UTF-8 nor GBK text."),
        (b"{", "This is not JSON."),
        (b"[" * 5000, "This is not JSON."),
        (b"[]", 'an object with the list "orders"'),
        (b'{"orders": 1}', 'an object with the list "orders"'),
        (b'{"orders": []}', "There are no orders in this file."),
        (b"number,buyr\n", "Nobody knows the column buyr. Known are: number, buyer,"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused(raw: bytes, sentence: str):
    with pytest.raises(Refusal) as refused:
        read(raw)
    assert sentence in str(refused.value)


def test_files_have_limits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(table, "FILE_LINES_MAX", 1)
    with pytest.raises(Refusal) as refused:
        read(export(PLAIN, PLAIN | {"订单编号": "2"}))
    assert refused.value.code == "too_large"
    with pytest.raises(Refusal) as refused:
        read(b"x" * (table.FILE_BYTES_MAX + 1))
    assert refused.value.code == "too_large"


def own(**changes: Any) -> bytes:
    return json.dumps({"orders": [OWN | changes]}).encode()


def test_our_own_json_is_understood():
    order = one(own()).order
    assert (order.paid_fen, order.payment, order.promises) == (
        18500,
        "credit",
        ("fake_one_pay_ten",),
    )
    assert order.lines[0].tags == ("gift",)
    assert order.ship_within.total_seconds() == 72 * 3600


def test_our_own_csv_says_the_same():
    text = (
        "number,buyer,placed_at,paid_at,total,freight,title,price,quantity,tags\n"
        "E1,小明,2014-03-03T09:55+08:00,2014-03-03T02:00Z,110.00,10.00,A,40.00,2,gift sale_item\n"
        "E1,,,,,,B,20.00,,\n"
        "E2,小红,2014-03-03T09:55:00+08:00,,,,C,1.00,,\n"
    )
    first, second = read(text).drafts
    assert [(li.line, li.title, li.price_fen, li.quantity) for li in first.order.lines] == [
        (1, "A", 4000, 2),
        (2, "B", 2000, 1),
    ]
    assert first.order.paid_fen == 11000
    assert second.order.state == "unpaid"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"placed_at": "2014-03-03T09:55:00"},
         "Order 1, placed_at: 2014-03-03T09:55:00 is not a time with its zone, such as "
         "2014-03-03T10:00:00+08:00."),
        ({"total": "185.01"}, "Order 1, total: The lines, less discounts and coupons, and the "
         "freight come to 185.00."),
        ({"freight": 5}, "Order 1, freight: 5 is not an amount: write yuan as text, without a "
         "sign, such as 2680.00."),
        ({"colour": "red"}, "Order 1, colour: Nobody knows this name. Known are: number, buyer"),
        ({"payment": "cash"},
         "Order 1, payment: cash is not known here. Allowed are: balance, card, credit, cod,"
         " gift_card."),
        ({"lines": [], "total": None}, "Order 1: The order has no lines."),
        ({"lines": [5], "total": None}, "Order 1, lines[1]: This must be an object, not 5."),
        ({"lines": [{"title": "x"}], "total": None},
         "Order 1, lines[1].price: This must not be empty."),
        ({"signed_at": "2014-03-04T10:00:00Z", "signed_by": "self"},
         "Order 1, signed_at: This cannot have happened while shipped_at is empty."),
        ({"closed_at": "2014-03-04T10:00:00Z"},
         "Order 1, closed_by: This must not be empty when closed_at is given."),
        ({"refunded": "185.01"},
         "Order 1, refunded: 185.01 cannot have been paid back when 185.00 was paid."),
        ({"free_shipping": 1}, "Order 1, free_shipping: 1 is neither true nor false."),
        ({"promises": "x " * 21}, "Order 1, promises: This must be a list of at most 20 words."),
        ({"promises": ["\x00"]}, "Order 1, promises: This must be a list of at most 20 words."),
        ({"receiver": {"nam": "x"}}, "Order 1, receiver.nam: Nobody knows this name."),
    ],
)  # fmt: skip
def test_a_wrong_value_of_our_own_is_named(change: dict[str, Any], sentence: str):
    assert faults(own(**change))[0].startswith(sentence)


def test_an_answer_of_taobao_is_understood():
    answer = {"trade_fullinfo_get_response": {"trade": TRADE}}
    for document in (answer, [answer], TRADE):
        order = one(json.dumps(document).encode()).order
        assert (order.number, order.state, order.tracking) == ("2231958349", "shipped", "SF1")
        assert [li.price_fen for li in order.lines] == [5000, 5000]
        assert (order.paid_fen, order.payment) == (10500, "balance")
    at_the_door = TRADE | {"type": "cod"}
    assert one(json.dumps(at_the_door).encode()).order.payment == "cod"


def test_a_wrong_answer_of_taobao_is_named():
    wrong = TRADE | {"status": "LOST", "created": None}
    assert faults(json.dumps(wrong).encode()) == [
        "Order 1, status: LOST is not known here. Allowed are: TRADE_NO_CREATE_PAY, "
        "WAIT_BUYER_PAY, PAY_PENDING, WAIT_PRE_AUTH_CONFIRM, WAIT_SELLER_SEND_GOODS, "
        "PAID_FORBID_CONSIGN, SELLER_CONSIGNED_PART, WAIT_BUYER_CONFIRM_GOODS, "
        "TRADE_BUYER_SIGNED, TRADE_FINISHED, TRADE_CLOSED, TRADE_CLOSED_BY_TAOBAO.",
        "Order 1, created: This must not be empty.",
    ]


LATER = Telling(platform=True, now=datetime(2026, 1, 1, tzinfo=UTC))


def known_of(text: str | bytes):
    return {d.order.number: d.purchase(d.order.id, shop_id=d.order.id, buyer_id=d.order.id)
            for d in read(text).drafts}  # fmt: skip


def test_the_same_file_again_changes_nothing_and_a_newer_one_advances():
    paid, shipped, done = (export(PLAIN | more) for more in ({}, SHIPPED, DONE))
    again = plan_import(read(paid).drafts, known_of(paid), LATER)
    assert (again.unchanged, again.added, again.advanced, again.faults) == (1, (), (), ())
    for later in (shipped, done):
        ((before, after),) = plan_import(read(later).drafts, known_of(paid), LATER).advanced
        assert before.state == "paid"
        assert after.state == one(later).order.state
    assert plan_import(read(paid).drafts, known_of(done), LATER).unchanged == 1


def test_what_contradicts_is_told():
    other = export(PLAIN | {"买家会员名": "小红", "订单付款时间 ": "2014-03-03 10:00:01"})
    plan = plan_import(read(other).drafts, known_of(export(PLAIN)), LATER)
    assert [fault.say("en") for fault in plan.faults] == [
        "Line 2, buyer: The file says 小红, but 小明 is known of the order 600001 already.",
        "Line 2, paid_at: The file says 2014-03-03 10:00:01, but 2014-03-03 10:00 is known of the "
        "order 600001 already.",
    ]


def test_an_unpaid_order_may_become_cheaper_and_a_closed_one_no_longer_says_what_it_cost():
    unpaid = PLAIN | {"订单状态": "等待买家付款", "订单付款时间 ": "", "买家实际支付金额": "0.00"}
    cheap = PLAIN | {"买家应付货款": "2600.00", "总金额": "2600.00", "买家实际支付金额": "2590.00"}
    ((_, after),) = plan_import(
        read(export(cheap)).drafts, known_of(export(unpaid)), LATER
    ).advanced
    assert after.paid_fen == 259000
    closed = PLAIN | {"订单状态": "交易关闭", "买家实际支付金额": "0.00"}
    ((_, after),) = plan_import(
        read(export(closed)).drafts, known_of(export(cheap)), LATER
    ).advanced
    assert (after.state, yuan(after.refunded_fen)) == ("closed", "2590.00")

"""Files of orders as shops export them, and our own; the samples of the tests."""

import csv
import io
from typing import Any

# fmt: off
HEADING = [
    "订单编号", "买家会员名", "买家支付宝账号", "买家应付货款", "买家应付邮费", "总金额",
    "买家实际支付金额",
    "订单状态", "买家留言", "收货人姓名", "收货地址 ", "联系手机", "订单创建时间", "订单付款时间 ",
    "宝贝标题 ", "宝贝种类 ", "物流单号 ", "物流公司", "订单备注", "宝贝总数量", "店铺名称",
    "确认收货时间", "打款商家金额",
]
# fmt: on
PLAIN = {
    "订单编号": '="600001"',
    "买家会员名": "小明",
    "买家应付货款": "2680.00",
    "买家应付邮费": "0.00",
    "总金额": "2680.00",
    "买家实际支付金额": "2680.00",
    "订单状态": "买家已付款，等待卖家发货",
    "买家留言": "快点,\n谢谢",
    "收货人姓名": "王小明",
    "收货地址 ": "浙江省 杭州市",
    "联系手机": "'13900000000",
    "订单创建时间": "2014-03-03 09:55:00",
    "订单付款时间 ": "2014-03-03 10:00:00",
    "宝贝标题 ": "冰箱",
    "宝贝种类 ": "1",
    "宝贝总数量": "1",
    "店铺名称": "冷库",
    "打款商家金额": "0.00元",
    "物流单号 ": "null",
}
SHIPPED = {"订单状态": "卖家已发货，等待买家确认", "物流公司": "顺丰速运", "物流单号 ": "No:SF1"}
DONE = SHIPPED | {
    "订单状态": "交易成功",
    "确认收货时间": "2014-03-08 10:00:00",
    "打款商家金额": "2680.00元",
}


def export(*rows: dict[str, str], heading: list[str] = HEADING, delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(heading)
    for row in rows:
        writer.writerow([row.get(name, "") for name in heading])
    return out.getvalue()


OWN: dict[str, Any] = {
    "number": "E1",
    "buyer": "小明",
    "placed_at": "2014-03-03T09:55:00+08:00",
    "paid_at": "2014-03-03T10:00:00+08:00",
    "total": "185.00",
    "freight": "5.00",
    "ship_within_hours": 72,
    "payment": "credit",
    "promises": ["fake_one_pay_ten"],
    "discounts": [{"threshold": "100.00", "off": "10.00"}],
    "lines": [
        {
            "title": "Dress",
            "price": "95.00",
            "quantity": 2,
            "category": "clothing",
            "tags": ["gift"],
        }
    ],
    "receiver": {"name": "王小明"},
}


TRADE: dict[str, Any] = {
    "tid": 2231958349,
    "status": "WAIT_BUYER_CONFIRM_GOODS",
    "created": "2014-03-03 09:55:00",
    "pay_time": "2014-03-03 10:00:00",
    "consign_time": "2014-03-04 10:00:00",
    "payment": "105.00",
    "post_fee": "5.00",
    "buyer_nick": "小明",
    "receiver_state": "浙江省",
    "orders": {
        "order": [
            {
                "title": "裙子", "price": "60.00", "num": 1, "divide_order_fee": "50.00",
                "invoice_no": "SF1", "logistics_company": "顺丰速运",
            },
            {"title": "裤子", "price": "60.00", "num": 1, "divide_order_fee": "50.00"},
        ]
    },
}  # fmt: skip

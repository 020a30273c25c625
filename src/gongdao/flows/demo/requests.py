"""After-sale requests of the demo that still go on, at every stage."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gongdao.flows.demo.pictures import Picture
from gongdao.flows.demo.script import Sale
from gongdao.flows.demo.telling import Story, proof
from gongdao.flows.demo.when import When


def requests(when: When) -> Iterator[Story]:
    """One after the other."""
    yield _unshipped_fan(when)
    yield _wrong_size(when)
    yield _home_suit(when)
    yield _down_jacket(when)
    yield _damp_nuts(when)
    yield _rice_cooker(when)
    yield _vacuum(when)
    yield _beef(when)
    yield _earrings(when)


def ask(story: Story, at: datetime, kind: str, reason: str, claim: str, *evidence: Any) -> Story:
    """The buyer files a request."""
    return story.do(
        at,
        story.sale.buyer,
        "open",
        procedure="after_sale",
        kind=kind,
        reason=reason,
        claim=claim,
        evidence=list(evidence),
    )


def _unshipped_fan(when: When) -> Story:
    """Changed mind before shipping; the shop's 72 hours end within the hour."""
    sale = Sale(
        key="fan", buyer="buyer3", goods=(("FS-16", 1),), placed_at=when.ago(days=3, hours=3)
    )
    story = Story(sale).placed()
    return ask(
        story,
        when.ago(hours=71, minutes=12),
        "refund_only",
        "changed_mind",
        "拍错了型号，还没发货，麻烦退款。",
    )


def _wrong_size(when: When) -> Story:
    """The wrong thing came; the shop has not looked yet."""
    sale = Sale(
        key="wrong-jeans", buyer="buyer10", goods=(("NZK-2", 1),), placed_at=when.ago(days=6)
    )
    story = Story(sale).placed()
    story.arrived(story.after(0, 22), story.after(3, 8), carrier="中通快递")
    return ask(
        story,
        when.ago(hours=12, minutes=40),
        "return_refund",
        "wrong_item",
        "拍的是26码，收到的是29码。",
        proof("photo_of_item", Picture("尺码标.jpg", "goods", ("#49678d", "29", "尺码标"))),
    )


def _home_suit(when: When) -> Story:
    """No reason needed within seven days; the buyer has to send it back."""
    sale = Sale(key="home-suit", buyer="buyer12", goods=(("JJF-5", 1),), placed_at=when.ago(days=6))
    story = Story(sale).placed()
    story.arrived(story.after(0, 10), story.after(3), carrier="圆通速递")
    ask(story, when.ago(days=2), "return_refund", "no_reason", "颜色不太喜欢，没有拆吊牌。")
    story.do(when.ago(days=1, hours=19), "clothing", "approve")
    return story.say(
        when.ago(days=1, hours=19),
        "clothing:agent1",
        "请保持吊牌完好，包裹里放张纸条写明昵称和电话。",
    )


def _down_jacket(when: When) -> Story:
    """Feathers come out of it; it is on its way back to the shop."""
    sale = Sale(
        key="down-jacket", buyer="buyer6", goods=(("YRF-9", 1),), placed_at=when.ago(days=11)
    )
    story = Story(sale).placed()
    story.arrived(story.after(0, 15), story.after(3, 4), carrier="顺丰速运")
    ask(
        story,
        when.ago(days=6),
        "return_refund",
        "quality",
        "穿了一次跑绒严重，针脚处都是绒毛。",
        proof("photo_of_item", Picture("跑绒.jpg", "goods", ("#30343f", "90% 白鸭绒", "羽绒服"))),
    )
    story.do(when.ago(days=5, hours=6), "clothing", "approve")
    return story.do(
        when.ago(days=2, hours=5),
        "buyer6",
        "ship_back",
        carrier="顺丰速运",
        tracking="SF1367550001122",
        freight="18.00",
    )


def _damp_nuts(when: When) -> Story:
    """The shop offers a part; the buyer thinks it over."""
    sale = Sale(key="damp-nuts", buyer="buyer5", goods=(("JG-500", 2),), placed_at=when.ago(days=7))
    story = Story(sale).placed()
    story.arrived(story.after(0, 20), story.after(4), carrier="中通快递")
    ask(
        story,
        when.ago(days=1, hours=6),
        "refund_only",
        "quality",
        "两袋里有一袋受潮发软，有哈喇味。",
        proof("photo_of_item", Picture("受潮.jpg", "goods", ("#8a6a3f", "每日坚果", "500克"))),
    )
    return story.do(
        when.ago(hours=21),
        "snacks",
        "offer",
        remedy="partial_refund",
        refund="60.00",
        note="非常抱歉，受潮的那袋全额退给您，不用寄回，您看可以吗？",
    )


def _rice_cooker(when: When) -> Story:
    """Pre-processing: the shop's last chance before the platform rules."""
    sale = Sale(
        key="rice-cooker", buyer="buyer8", goods=(("DFB-40", 1),), placed_at=when.ago(days=13)
    )
    story = Story(sale).placed()
    story.arrived(story.after(0, 9), story.after(3, 6), carrier="德邦物流")
    ask(
        story,
        when.ago(days=6, hours=2),
        "refund_only",
        "quality",
        "煮到一半跳闸，内胆涂层也起泡了。",
        proof("photo_of_item", Picture("内胆起泡.jpg", "goods", ("#9aa0a6", "4升", "电饭煲"))),
    )
    story.do(
        when.ago(days=5, hours=20),
        "shop",
        "reject",
        reason="buyer_fault",
        note="起泡是用钢丝球刷的，属于人为损坏。",
    )
    story.do(when.ago(days=3, hours=14), "buyer8", "escalate")
    return story.do(
        when.ago(days=2, hours=3),
        "buyer8",
        "submit_evidence",
        kind="repair_record",
        note="小区维修点的检查记录",
        files=[Picture("检查记录.pdf", "sheet", ("检查记录", "加热盘短路，非人为损坏。"))],
    )


def _vacuum(when: When) -> Story:
    """Both sides asked for a rest while they try a repair; the clock stands still."""
    sale = Sale(key="vacuum", buyer="buyer4", goods=(("XCQ-12", 1),), placed_at=when.ago(days=10))
    story = Story(sale).placed()
    story.arrived(story.after(0, 6), story.after(2, 20), carrier="顺丰速运")
    ask(story, when.ago(days=5), "return_refund", "quality", "吸力越来越小，充满电只能用五分钟。")
    story.do(
        when.ago(days=4, hours=5), "shop", "reject", reason="no_evidence", note="请先清洗滤芯再试。"
    )
    story.do(when.ago(days=2, hours=8), "buyer4", "escalate")
    story.say(when.ago(days=1, hours=6), "shop", "我们寄一块新电池过去试试，可以先等几天吗？")
    story.say(when.ago(days=1, hours=4), "buyer4", "可以，双方都同意先暂停。")
    return story.do(
        when.ago(days=1),
        "arbiter",
        "pause",
        cause="joint_request",
        note="双方共同申请，等待更换电池的结果。",
    )


def _beef(when: When) -> Story:
    """The arbiter asked the shop for papers before ruling."""
    sale = Sale(key="beef", buyer="buyer7", goods=(("ZRF-3", 3),), placed_at=when.ago(days=16))
    story = Story(sale).placed()
    story.arrived(story.after(0, 12), story.after(3), carrier="中通快递")
    ask(
        story,
        when.ago(days=9),
        "refund_only",
        "not_as_described",
        "页面写的是黄牛肉，配料表第一位却是鸡胸肉。",
        proof(
            "photo_of_item", Picture("配料表.jpg", "goods", ("#7c2f24", "配料：鸡胸肉", "风干牛肉"))
        ),
    )
    story.do(when.ago(days=8), "snacks", "reject", reason="not_liable", note="配料表是旧版包装。")
    story.do(when.ago(days=6, hours=12), "buyer7", "escalate")
    story.do(when.ago(days=1, hours=20), "arbiter2", "request_evidence", **{"from": "seller"})
    return story


def _earrings(when: When) -> Story:
    """A refusal that the buyer has not answered yet: the platform can be asked now (S1-01)."""
    sale = Sale(key="earrings", buyer="buyer", goods=(("ED-7", 1),), placed_at=when.ago(days=9))
    story = Story(sale).placed()
    story.arrived(story.after(0, 20), story.after(3), carrier="顺丰速运")
    ask(
        story,
        when.ago(days=3),
        "return_refund",
        "not_as_described",
        "页面写正圆无瑕，收到的一只明显扁，还有小坑。",
        proof("photo_of_item", Picture("珍珠耳钉.jpg", "goods", ("#d8d2c4", "7毫米", "淡水珍珠"))),
    )
    return story.do(
        when.ago(days=2, hours=2),
        "jewellery",
        "reject",
        reason="not_liable",
        note="天然珍珠都有细微差异，不属于描述不符。",
    )

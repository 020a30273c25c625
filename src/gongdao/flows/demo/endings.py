"""After-sale requests of the demo that are over: one for every way in which a case can end."""

from collections.abc import Iterator

from gongdao.flows.demo.pictures import Picture
from gongdao.flows.demo.requests import ask
from gongdao.flows.demo.script import Sale
from gongdao.flows.demo.telling import Story, proof
from gongdao.flows.demo.when import When


def endings(when: When) -> Iterator[Story]:
    """One after the other."""
    yield _approved(when)
    yield _agreed(when)
    yield _withdrawn(when)
    yield _no_answer_to_a_refusal(when)
    yield _never_sent_back(when)
    yield _silence(when)
    yield _silent_warehouse(when)
    yield _fake_necklace(when)
    yield _for_the_shop(when)
    yield _mediated(when)


def _approved(when: When) -> Story:
    """Settled within the hour; the money has arrived."""
    sale = Sale(
        key="egg-yolk", buyer="buyer3", goods=(("MHS-1", 2),), placed_at=when.day(24, "19:30")
    )
    story = Story(sale).placed()
    story.arrived(when.day(23, "16:00"), when.day(21, "11:20"), carrier="顺丰速运")
    ask(
        story,
        when.day(21, "12:05"),
        "refund_only",
        "damaged_in_transit",
        "两盒都压碎了，没法送人。",
        proof("photo_of_item", Picture("压碎.jpg", "parcel", ("易碎品", "顺丰速运"))),
    )
    return story.do(when.day(21, "12:50"), "snacks", "approve")


def _agreed(when: When) -> Story:
    """Settled by an offer and a counter-offer."""
    sale = Sale(key="bra", buyer="buyer10", goods=(("WX-75B", 1),), placed_at=when.day(22, "21:10"))
    story = Story(sale).placed()
    story.arrived(when.day(21, "15:30"), when.day(18, "18:00"), carrier="圆通速递")
    ask(story, when.day(17, "09:30"), "refund_only", "quality", "肩带扣开胶了，缝一下还能穿。")
    story.do(
        when.day(17, "10:15"),
        "clothing",
        "offer",
        remedy="partial_refund",
        refund="10.00",
        note="给您退10元可以吗？",
    )
    story.do(
        when.day(17, "10:40"),
        "buyer10",
        "counter_offer",
        remedy="partial_refund",
        refund="20.00",
        note="20元吧，我自己去改衣店缝。",
    )
    return story.do(when.day(17, "11:05"), "clothing", "accept_offer")


def _withdrawn(when: When) -> Story:
    """The buyer took it back."""
    sale = Sale(
        key="washer", buyer="buyer9", goods=(("XQG-100", 1),), placed_at=when.day(20, "10:10")
    )
    story = Story(sale).placed()
    story.arrived(when.day(19, "17:00"), when.day(15, "10:30"), carrier="德邦物流")
    ask(story, when.day(14, "20:00"), "return_refund", "quality", "脱水的时候抖动很大。")
    story.say(when.day(14, "20:30"), "shop:agent1", "请先看看底部四个运输螺栓拆了没有？")
    return story.do(when.day(14, "21:15"), "buyer9", "withdraw")


def _no_answer_to_a_refusal(when: When) -> Story:
    """Expired: the buyer left a refusal unanswered."""
    sale = Sale(key="pants", buyer="buyer11", goods=(("NK-3", 2),), placed_at=when.day(39, "13:00"))
    story = Story(sale).placed()
    story.arrived(when.day(38, "15:00"), when.day(35, "17:40"), carrier="中通快递")
    ask(story, when.day(34, "10:00"), "return_refund", "no_reason", "买多了想退一组。")
    return story.do(
        when.day(33, "09:00"),
        "clothing",
        "reject",
        reason="not_intact",
        note="贴身内裤已拆封试穿，影响二次销售。",
    )


def _never_sent_back(when: When) -> Story:
    """Expired: granted, but never sent back."""
    sale = Sale(
        key="dress", buyer="buyer8", goods=(("LYQ-88", 1),), placed_at=when.day(52, "22:00")
    )
    story = Story(sale).placed()
    story.arrived(when.day(51, "14:00"), when.day(48, "12:00"), carrier="韵达快递")
    ask(story, when.day(47, "20:30"), "return_refund", "no_reason", "版型不合适。")
    story.do(when.day(46, "09:30"), "clothing", "approve")
    return story


def _silence(when: When) -> Story:
    """Defaulted: the shop let its 72 hours pass."""
    sale = Sale(key="mango", buyer="buyer2", goods=(("MGG-2", 3),), placed_at=when.day(33, "18:20"))
    story = Story(sale).placed()
    story.arrived(when.day(32, "16:00"), when.day(29, "10:00"), carrier="圆通速递")
    return ask(
        story,
        when.day(28, "11:00"),
        "refund_only",
        "quality",
        "其中一袋漏气发霉。",
        proof("photo_of_item", Picture("发霉.jpg", "mould")),
    )


def _silent_warehouse(when: When) -> Story:
    """Defaulted: the shop never looked at the parcel that came back."""
    sale = Sale(
        key="kettle", buyer="buyer7", goods=(("SHH-17", 1),), placed_at=when.day(44, "09:40")
    )
    story = Story(sale).placed()
    story.arrived(when.day(43, "16:00"), when.day(40, "13:00"), carrier="韵达快递")
    ask(story, when.day(39, "19:00"), "return_refund", "quality", "烧开后壶底渗水。")
    story.do(when.day(38, "10:20"), "shop", "approve")
    return story.do(
        when.day(37, "12:00"),
        "buyer7",
        "ship_back",
        carrier="韵达快递",
        tracking="YD4400128871290",
        freight="12.00",
    )


def _fake_necklace(when: When) -> Story:
    """Counterfeit, with a promise of ten times: more than the shop has, so it owes the rest."""
    sale = Sale(
        key="necklace",
        buyer="buyer12",
        goods=(("XL-925", 1),),
        placed_at=when.day(38, "20:00"),
        promises=("fake_one_pay_ten",),
    )
    story = Story(sale).placed()
    story.arrived(when.day(37, "15:00"), when.day(34, "11:00"), carrier="顺丰速运")
    story.confirmed(when.day(33, "21:00"))
    report = Picture(
        "贵金属检测报告.pdf",
        "sheet",
        ("贵金属检测报告", "样品：项链一条，印记 S925。", "检测结果：铜合金镀银，银含量 1.2%。"),
    )
    ask(
        story,
        when.day(29, "10:00"),
        "refund_only",
        "counterfeit",
        "承诺假一赔十，检测出来是铜镀银。",
        proof("appraisal_report", report, note="市质检院的检测报告"),
    )
    story.do(
        when.day(28, "17:00"), "jewellery", "reject", reason="not_liable", note="我们的货都有证书。"
    )
    story.do(when.day(28, "19:00"), "buyer12", "escalate")
    return story.do(
        when.day(20, "11:00"),
        "arbiter",
        "adjudicate",
        liability="seller",
        remedy="punitive_compensation",
        counterfeit=True,
        serious=True,
        note="检测报告明确，商家未提供任何来源凭证。",
    )


def _for_the_shop(when: When) -> Story:
    """Decided for the shop: its papers stood, and nothing spoke against them."""
    sale = Sale(key="tea", buyer="buyer4", goods=(("CY-200", 1),), placed_at=when.day(36, "14:00"))
    story = Story(sale).placed()
    story.arrived(when.day(35, "15:00"), when.day(32, "16:00"), carrier="中通快递")
    ask(story, when.day(31, "20:00"), "refund_only", "quality", "喝着像陈茶，不是明前的。")
    report = Picture(
        "茶叶检验报告.pdf", "sheet", ("茶叶检验报告", "生产日期：本年三月。", "结论：合格。")
    )
    story.do(
        when.day(30, "09:00"),
        "snacks",
        "reject",
        reason="not_liable",
        evidence=[proof("appraisal_report", report, note="本批次检验报告")],
    )
    story.do(when.day(29, "22:00"), "buyer4", "escalate")
    return story.do(
        when.day(22, "15:20"),
        "arbiter2",
        "adjudicate",
        liability="buyer",
        remedy="no_action",
        note="商家提供了批次检验报告，买家没有相反证据。",
    )


def _mediated(when: When) -> Story:
    """Settled before a ruling: the arbiter proposed, and both said yes."""
    sale = Sale(
        key="microwave", buyer="buyer6", goods=(("WBL-20", 1),), placed_at=when.day(34, "12:30")
    )
    story = Story(sale).placed()
    story.arrived(when.day(33, "17:00"), when.day(30, "09:30"), carrier="德邦物流")
    ask(
        story,
        when.day(29, "18:40"),
        "return_refund",
        "damaged_in_transit",
        "门玻璃有一道裂纹，转盘能用。",
        proof("photo_of_item", Picture("裂纹.jpg", "goods", ("#2f3136", "20升", "微波炉"))),
    )
    slip = Picture("签收单.jpg", "parcel", ("收件人 吴强", "德邦物流", "本人签收"))
    story.do(
        when.day(28, "10:00"),
        "shop",
        "reject",
        reason="signed",
        evidence=[proof("proof_of_delivery", slip, note="本人签收")],
    )
    story.do(when.day(28, "12:00"), "buyer6", "escalate")
    story.do(
        when.day(23, "16:00"),
        "arbiter",
        "propose_settlement",
        remedy="partial_refund",
        refund="120.00",
        note="退120元用于更换门玻璃，商品由买家保留。",
    )
    story.do(when.day(23, "17:30"), "buyer6", "accept_offer")
    return story.do(when.day(22, "09:10"), "shop", "accept_offer")

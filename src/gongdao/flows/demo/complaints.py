"""Complaints of the demo, among them the late shipment of S0-06."""

from collections.abc import Iterator
from datetime import timedelta

from gongdao.flows.demo.pictures import Picture
from gongdao.flows.demo.script import Sale
from gongdao.flows.demo.telling import Story, proof
from gongdao.flows.demo.when import When


def complaints(when: When) -> Iterator[Story]:
    """One after the other."""
    yield _late_dress(when)
    yield _cashmere(when)
    yield _gold_not_sold(when)
    yield _lost_nuts(when)
    yield _short_tea(when)
    yield _late_kettle(when)
    yield _late_and_ruled(when)
    yield _not_shipped(when)
    yield _paid_review(when)
    yield _extortion(when)


def _late_dress(when: When) -> Story:
    """S0-06: 100.00 with 5.00 of freight, promised in 72 hours, asked back on day 4."""
    sale = Sale(
        key="late-dress",
        buyer="buyer5",
        goods=(("LYQ-88", 1),),
        placed_at=when.ago(days=5, hours=2),
        freight_fen=500,
        ship_within=timedelta(hours=72),
    )
    story = Story(sale, case="late-dress-refund").placed()
    story.do(
        story.after(3, 5),
        "buyer5",
        "open",
        procedure="after_sale",
        kind="refund_only",
        reason="late_shipment",
        received=False,
        claim="说好72小时发货，第四天了还没动静，不想等了。",
    )
    story.do(story.after(3, 6), "clothing", "approve")
    story = story.another("late-dress")
    return story.complain(
        when.ago(hours=21, minutes=10),
        "late_shipment",
        "约定72小时内发货，到期没有发货也没有说明，耽误我参加婚礼穿。",
    )


def _cashmere(when: When) -> Story:
    """Not as described: both sides still prove."""
    sale = Sale(key="cashmere", buyer="buyer7", goods=(("YRS-01", 1),), placed_at=when.ago(days=9))
    story = Story(sale).placed()
    story.arrived(story.after(0, 20), story.after(3, 6), carrier="顺丰速运")
    report = Picture(
        "纤维含量检测.pdf",
        "sheet",
        (
            "纤维含量检测结果",
            "样品：圆领毛衣一件，吊牌标注 100% 山羊绒。",
            "实测：山羊绒 31.2%，绵羊毛 48.5%，锦纶 20.3%。",
        ),
    )
    story.complain(
        when.ago(days=2, hours=20),
        "not_as_described",
        "页面写的100%山羊绒，送检结果羊绒只有三成。",
        proof("photo_of_item", Picture("吊牌.jpg", "goods", ("#c58b6a", "100% 山羊绒", "吊牌"))),
        proof("appraisal_report", report, note="自费送检，检测费80元"),
    )
    story.do(
        when.ago(days=2, hours=1),
        "clothing",
        "reject",
        reason="not_liable",
        note="我们的羊绒有进货凭证，检测样品是否同一件无法确认。",
    )
    invoice = Picture(
        "进货单.jpg", "receipt", ("羊绒原料 进货单", "数量 60件", "含量 100%", "合计 ¥16800.00")
    )
    return story.do(
        when.ago(hours=9),
        "clothing:lead",
        "submit_evidence",
        kind="invoice",
        note="供应商的进货单",
        files=[invoice],
    )


def _gold_not_sold(when: When) -> Story:
    """Refusal to sell: the price of gold rose overnight; the shop has minutes left to answer."""
    sale = Sale(
        key="gold", buyer="buyer4", goods=(("ZJ-24", 1),), placed_at=when.ago(days=1, hours=22)
    )
    story = Story(sale).placed()
    chat = Picture(
        "聊天截图.jpg",
        "chat",
        (
            "玉琳珠宝",
            ">昨天拍的手绳什么时候发货？",
            "亲，金价涨了，这个价发不了，您申请退款重新拍吧",
            ">已经付款成交了，不能说不卖就不卖吧",
        ),
    )
    story.complain(
        when.ago(hours=23, minutes=15),
        "refuse_to_sell",
        "付款后商家以金价上涨为由拒绝发货，让我退款重拍。",
        proof("chat_transcript", chat, note="商家明确表示不发货"),
    )
    return story.do(when.ago(hours=2), "buyer4", "remind")


def _lost_nuts(when: When) -> Story:
    """Not received: left at a pick-up place, and nobody has seen it; the platform has to rule."""
    sale = Sale(
        key="lost-nuts",
        buyer="buyer9",
        goods=(("JG-500", 2), ("MGG-2", 1)),
        placed_at=when.ago(days=12),
    )
    story = Story(sale).placed()
    story.arrived(story.after(1), story.after(3, 4), carrier="圆通速递", by="placed")
    story.complain(
        when.ago(days=6, hours=3),
        "not_received",
        "物流显示驿站代收，可驿站查不到我的包裹，一直没收到。",
    )
    slip = Picture("驿站交接单.jpg", "parcel", ("收件人 马超", "圆通速递", "驿站代收"))
    story.do(
        when.ago(days=5, hours=8),
        "snacks",
        "reject",
        reason="already_shipped",
        note="我们按时发货了，物流显示已经送达。",
        evidence=[proof("tracking_history", slip, note="物流显示驿站代收")],
    )
    return story.do(
        when.ago(days=4),
        "buyer9",
        "submit_evidence",
        kind="chat_transcript",
        note="驿站答复：监控里没有这个包裹的取件记录",
        files=[Picture("驿站答复.jpg", "chat", ("驿站", ">能查到吗？", "监控里没有取件记录"))],
    )


def _short_tea(when: When) -> Story:
    """Short shipment against "you signed": the shop had to prove the signing to say so (S1-15)."""
    sale = Sale(
        key="short-tea",
        buyer="buyer8",
        goods=(("CY-200", 3),),
        placed_at=when.ago(days=8),
        message="三罐分开装礼袋",
    )
    story = Story(sale).placed()
    story.arrived(story.after(0, 18), story.after(3, 2), carrier="中通快递")
    story.complain(
        when.ago(days=3, hours=10),
        "short_shipment",
        "买了三罐只收到两罐，装箱单上也只写了两罐。",
        proof(
            "photo_of_item",
            Picture("装箱单.jpg", "receipt", ("装箱单", "绿茶 200克", "数量 2", "合计 2 件")),
            note="包裹里的装箱单",
        ),
    )
    signed = Picture("签收底单.jpg", "parcel", ("收件人 徐静", "中通快递", "本人签收"))
    return story.do(
        when.ago(days=2, hours=19),
        "snacks",
        "reject",
        reason="signed",
        note="您已经本人签收了。",
        evidence=[proof("proof_of_delivery", signed, note="本人签收底单")],
    )


def _late_kettle(when: When) -> Story:
    """The shop paid at once (S0-03); the buyer still has to say whether that settles it."""
    sale = Sale(
        key="late-kettle", buyer="buyer11", goods=(("SHH-17", 1),), placed_at=when.ago(days=4)
    )
    story = Story(sale).placed()
    story.arrived(story.after(2, 12), when.ago(hours=26), carrier="韵达快递")
    story.complain(when.ago(hours=22), "late_shipment", "承诺48小时发货，实际第三天才发。")
    story.do(when.ago(hours=9), "shop", "compensate")
    return story.say(when.ago(hours=9), "shop", "抱歉让您久等了，已按规则赔付，请您确认。")


def _late_and_ruled(when: When) -> Story:
    """A late shipment that the shop denied: ruled against it, with points."""
    sale = Sale(
        key="late-jeans",
        buyer="buyer12",
        goods=(("NZK-2", 2),),
        placed_at=when.day(45, "20:15"),
        freight_fen=800,
    )
    story = Story(sale).placed()
    story.arrived(when.day(41, "18:30"), when.day(38, "12:10"), carrier="韵达快递")
    story.complain(when.day(40, "09:20"), "late_shipment", "超过48小时才发货，催了三次没人理。")
    story.do(
        when.day(40, "15:00"),
        "clothing",
        "reject",
        reason="not_liable",
        note="当时仓库盘点，页面有公告。",
    )
    story.do(
        when.day(39, "20:00"),
        "buyer12",
        "submit_evidence",
        kind="listing_snapshot",
        note="商品页写的是48小时内发货，没有任何公告",
        files=[Picture("商品页.jpg", "goods", ("#49678d", "48小时内发货", "直筒牛仔裤"))],
    )
    story.confirmed(when.day(37, "21:00"))
    return story.do(
        when.day(34, "10:30"),
        "arbiter",
        "adjudicate",
        liability="seller",
        remedy="compensation",
        note="商家未能证明与买家另有约定。",
    )


def _not_shipped(when: When) -> Story:
    """Paid and not shipped: the shop found no excuse and gave the money back."""
    sale = Sale(
        key="not-shipped", buyer="buyer6", goods=(("LP-10", 1),), placed_at=when.day(19, "11:05")
    )
    story = Story(sale).placed()
    story.complain(when.day(16, "12:00"), "paid_not_shipped", "付款三天了没有发货，问客服不回。")
    story.do(when.day(16, "16:40"), "snacks", "approve")
    return story.do(when.day(15, "09:10"), "buyer6", "confirm")


def _paid_review(when: When) -> Story:
    """Reported without a name: the shop pays for good reviews, and does not learn who says so."""
    sale = Sale(
        key="paid-review", buyer="buyer11", goods=(("ED-7", 1),), placed_at=when.ago(days=8)
    )
    story = Story(sale).placed()
    story.arrived(story.after(0, 20), story.after(3), carrier="顺丰速运")
    card = Picture(
        "返现卡.jpg", "chat", ("玉琳珠宝", "五星好评加晒图，截图发来返现10元", ">这样不太好吧？")
    )
    return story.do(
        when.ago(hours=20),
        "buyer11",
        "open",
        procedure="report",
        kind="fake_trade",
        claim="包裹里有返现卡，客服让我晒五星好评换10元。",
        evidence=[proof("chat_transcript", card, note="客服的原话")],
    )


def _extortion(when: When) -> Story:
    """A shop reports its buyer: money demanded under the threat of a bad review."""
    sale = Sale(key="extortion", buyer="buyer9", goods=(("WBL-20", 1),), placed_at=when.ago(days=7))
    story = Story(sale).placed()
    story.arrived(story.after(0, 20), story.after(3), carrier="德邦物流")
    chat = Picture(
        "聊天截图.jpg",
        "chat",
        ("淘佳佳电器商贸城", ">退我200，不然十个号给你差评", "您好，商品有问题我们可以退换"),
    )
    return story.do(
        when.ago(hours=30),
        "shop",
        "open",
        procedure="report",
        kind="review_extortion",
        claim="买家以差评相威胁，索要200元，商品本身没有问题。",
        evidence=[proof("chat_transcript", chat, note="买家的原话")],
    )

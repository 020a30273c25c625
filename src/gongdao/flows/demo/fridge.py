"""The refrigerator of the seed letter (S0-30, S0-31), moved so that it waits for a ruling today."""

from gongdao.flows.demo.pictures import Picture
from gongdao.flows.demo.script import Sale
from gongdao.flows.demo.telling import Story, proof
from gongdao.flows.demo.when import When

DENTS = Picture("冰箱外壳三处凹坑.jpg", "fridge", ("dents",))
MOULD = Picture("内胆霉渍.jpg", "mould")
DARK = Picture("灯灭停机.jpg", "fridge", ("off",))
BOARD = Picture("电路板.jpg", "board")
CHAT = Picture(
    "聊天记录.jpg",
    "chat",
    (
        "淘佳佳电器商贸城",
        ">隔了几个小时灯就自动灭了，好像停机了",
        "您先把电源拔下再插上试试，明天我联系售后师傅来看",
        ">师傅检查过了，说是电路板的问题",
        "老板说不换货，只退货",
        ">运费我先垫付，事后要你们承担",
        "那您先寄回来",
    ),
)
TECHNICIAN = Picture(
    "售后师傅检测记录.pdf",
    "sheet",
    (
        "上门检测记录",
        "机型 BCD-516 对开门变频冰箱，通电数小时后灯灭停机，重新上电后次日复现。",
        "检测结论：主控电路板故障，属整机质量问题。",
        "检测人员由商家联系派出，用户在场。",
    ),
)


def receipt(carrier: str, way: str, number: str, amount: str) -> Picture:
    """The receipt of a carrier."""
    words = (f"{carrier} 运费收据", f"单号 {number}", way, "货物 冰箱一台", f"合计 ¥{amount}")
    return Picture(f"{carrier}运费收据.jpg", "receipt", words)


#: The carriage that the buyer advanced, in three legs; for the stairs there is no receipt.
RECEIPTS = (
    ("120.00", "沅陵到长沙", receipt("永鑫物流", "沅陵 - 长沙", "YX0507118", "120.00")),
    ("350.00", "长沙到北京大兴", receipt("赛力生物流", "长沙 - 北京大兴", "SLS880214", "350.00")),
    ("105.00", "大兴到通州", receipt("百世快递", "大兴 - 通州", "BS70013345", "105.00")),
)


def refrigerator(when: When) -> Story:
    """From the order to the platform's desk: the evidence is sealed, and an arbiter has to rule."""
    start = when.ago(days=25, hours=14)
    goods = (("BCD-516", 1),)
    story = Story(Sale(key="fridge", buyer="buyer", goods=goods, placed_at=start)).placed()
    story.arrived(story.after(0, 7), story.after(6, 5), carrier="德邦物流")
    story.do(
        story.after(6, 7),
        "buyer",
        "open",
        procedure="after_sale",
        kind="return_refund",
        reason="quality",
        received=True,
        claim="收到的冰箱没有说明书，也少了外包装箱，外壳有三处凹坑，里面很脏，擦的时候还有霉渍。",
        evidence=[proof("photo_of_item", DENTS, MOULD, note="外壳凹坑和内胆霉渍")],
    )
    _talked(story)
    _denied(story)
    _proved(story)
    return story


def _talked(story: Story) -> None:
    """An offer, a breakdown, a technician, and the shop's word to take it back."""
    story.do(
        story.after(6, 9),
        "shop",
        "offer",
        remedy="partial_refund",
        refund="300.00",
        note="大件退货麻烦，补偿您300元可以吗？新冰箱请静置5到8小时后再通电。",
    )
    story.say(story.after(7, 2), "buyer", "通电几个小时后灯自动灭了，好像停机了。")
    story.say(story.after(7, 3), "shop:agent1", "您先把电源拔下，再插上试试。")
    story.do(story.after(8, 9), "buyer", "decline_offer")
    story.say(story.after(8, 9, 5), "buyer", "第二天傍晚又停机了，这不是补300元能解决的。")
    story.say(story.after(8, 10), "shop:agent1", "明天我联系售后师傅上门看看。")
    story.confirmed_by_system(story.after(9))
    story.say(story.after(9, 4), "buyer", "师傅检查过了，说是电路板的问题，机器本身有故障。")
    story.say(story.after(9, 5), "shop", "老板说不换货，只退货。您先寄回来吧。")
    story.do(story.after(9, 5, 10), "shop", "approve")
    story.say(story.after(10, 1), "buyer", "能到付吗？运费我可以先垫付，但事后需要店家承担。")
    story.say(story.after(10, 2), "shop:agent1", "到付仓库不收，请您先垫付寄回。")
    story.do(
        story.after(14, 2),
        "buyer",
        "ship_back",
        carrier="永鑫物流",
        tracking="YX0507118",
        freight="575.00",
    )


def _denied(story: Story) -> None:
    """The goods are back, and the shop remembers nothing."""
    story.do(story.after(17, 5), "shop:agent2", "sign")
    story.do(
        story.after(18, 1),
        "shop",
        "reject",
        reason="not_liable",
        note="冰箱没有质量问题，不知道师傅跟您怎么说的。",
    )
    story.say(
        story.after(18, 3), "buyer", "师傅是你们找来的，聊天记录里你们也承认了。请给个电话沟通。"
    )
    story.do(story.after(20), "buyer", "escalate")


def _proved(story: Story) -> None:
    """Both sides prove; the shop would pay for the refrigerator, but not for its way back."""
    for number, (amount, way, picture) in enumerate(RECEIPTS):
        story.do(
            story.after(20, 3, number * 4),
            "buyer",
            "submit_evidence",
            kind="freight_receipt",
            note=way,
            amount=amount,
            files=[picture],
        )
    for number, (kind, picture, note) in enumerate(
        (
            ("chat_transcript", CHAT, "商家当时承认故障、同意退货、让我先垫付运费"),
            ("repair_record", TECHNICIAN, "商家派来的售后师傅的检测记录"),
            ("photo_of_item", DARK, "通电几小时后灯灭停机"),
            ("photo_of_item", BOARD, "师傅拆下来的电路板"),
        )
    ):
        story.do(
            story.after(20, 4, number * 6),
            "buyer",
            "submit_evidence",
            kind=kind,
            note=note,
            files=[picture],
        )
    story.do(
        story.after(20, 4, 40),
        "buyer",
        "submit_evidence",
        kind="statement",
        note="另外上下楼的人工花了400元，当时没有开收据。",
    )
    story.do(
        story.after(22, 2),
        "shop",
        "submit_evidence",
        kind="statement",
        note="冰箱可以退，运费不应由本店承担。",
    )
    story.do(
        story.after(23, 9),
        "shop",
        "offer",
        remedy="return_and_refund",
        refund="2680.00",
        freight_by="buyer",
        note="最多只退冰箱的钱，运费自理。",
    )
    story.do(story.after(23, 11), "buyer", "decline_offer")
    story.say(story.after(23, 11), "buyer", "说好你们承担运费的，请平台按凭证判定。")


def new_refrigerator(when: When) -> Story:
    """One that arrived yesterday; whoever tries the demo files the case."""
    sale = Sale(
        key="fridge-new",
        buyer="buyer2",
        goods=(("BCD-516", 1),),
        placed_at=when.ago(days=6, hours=4),
        message="送货前请先电话联系，谢谢。",
    )
    story = Story(sale).placed()
    story.arrived(story.after(0, 8), when.ago(days=1, hours=3), carrier="德邦物流")
    return story

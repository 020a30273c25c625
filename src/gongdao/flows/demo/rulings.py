"""Disputes of the demo for whoever decides: an exchange, a jury, a review, and an appeal each way.

Those after the exchange were filed while the marketplace tried its own rule book.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gongdao.flows.demo.pictures import Picture
from gongdao.flows.demo.script import Sale
from gongdao.flows.demo.telling import Story, proof
from gongdao.flows.demo.when import When

_BY_JURY = {"jury": "on", "mediation": "off"}
_REVIEWED = {"supervisor_review": "always", "mediation": "off"}
_APPEALED = {"supervisor_review": "never", "mediation": "off"}


def rulings(when: When) -> Iterator[Story]:
    """One after the other."""
    yield _jeans(when)
    yield _cake(when)
    yield _bracelet(when)
    yield _heater_overturned(when)
    yield _necklace_appealed(when)


def _complain(
    story: Story,
    at: datetime,
    switches: dict[str, str],
    kind: str,
    claim: str,
    *evidence: dict[str, Any],
) -> Story:
    """A complaint that the marketplace's own rule book judges, with some of its switches set."""
    return story.complain(at, kind, claim, *evidence).judged_by("cn-standard", switches)


def _jeans(when: When) -> Story:
    """An exchange for another size: the old pair is back, the shop has to send the new one."""
    sale = Sale(key="jeans-swap", buyer="buyer6", goods=(("NZK-2", 1),), placed_at=when.ago(days=9))
    story = Story(sale).placed()
    story.arrived(story.after(0, 18), story.after(3), carrier="圆通速递")
    story.do(
        when.ago(days=5),
        "buyer6",
        "open",
        procedure="after_sale",
        kind="exchange",
        reason="wrong_item",
        claim="下单的是28码，收到的是26码，想换回28码。",
        evidence=[
            proof("photo_of_item", Picture("尺码标.jpg", "goods", ("#31425f", "26 码", "直筒裤")))
        ],
    )
    story.do(when.ago(days=4, hours=20), "clothing", "approve")
    story.do(when.ago(days=4), "buyer6", "ship_back", carrier="圆通速递", tracking="YT8800112233")
    return story.do(when.ago(days=1, hours=3), "clothing", "confirm_receipt")


def _cake(when: When) -> Story:
    """A jury decides; one juror has voted, the others still can."""
    sale = Sale(
        key="cake-jury", buyer="buyer11", goods=(("MHS-1", 2),), placed_at=when.ago(days=10)
    )
    story = Story(sale).placed()
    story.arrived(story.after(0, 10), story.after(2, 5), carrier="顺丰速运")
    photo = Picture("压碎的蛋黄酥.jpg", "goods", ("#b98a3a", "压碎", "蛋黄酥"))
    _complain(
        story, when.ago(days=5, hours=12), _BY_JURY, "damaged",
        "两盒里有一盒全压碎了，外箱没有缓冲。", proof("photo_of_item", photo),
    )  # fmt: skip
    packing = Picture("打包记录.jpg", "parcel", ("发货打包", "气泡柱三层"))
    story.do(
        when.ago(days=4, hours=20), "snacks", "reject", reason="not_liable",
        note="发货时裹了三层气泡柱，是运输挤压。", evidence=[proof("photo_of_item", packing)],
    )  # fmt: skip
    return story.do(
        when.ago(hours=20), "juror2", "adjudicate", liability="seller", remedy="full_refund",
        note="箱内看不到缓冲，商家的照片不是这一单。",
    )  # fmt: skip


def _bracelet(when: When) -> Story:
    """Ruled on; a supervisor has to look at it before it is carried out."""
    sale = Sale(
        key="dull-bracelet", buyer="buyer9", goods=(("SL-3", 1),), placed_at=when.ago(days=12)
    )
    story = Story(sale).placed()
    story.arrived(story.after(0, 9), story.after(2), carrier="顺丰速运")
    black = Picture("发黑的手链.jpg", "goods", ("#6a6a72", "戴三天发黑", "银手链"))
    _complain(
        story, when.ago(days=7), _REVIEWED, "not_as_described",
        "页面写的是925银，戴三天就发黑，不像银。", proof("photo_of_item", black),
    )  # fmt: skip
    story.do(
        when.ago(days=6, hours=20), "jewellery", "reject", reason="not_liable",
        note="银饰氧化属正常现象。",
    )  # fmt: skip
    return story.do(
        when.ago(hours=7), "arbiter", "adjudicate", liability="seller", remedy="full_refund",
        note="商家没有提供成色检测，描述的成色没有依据。",
    )  # fmt: skip


def _heater_overturned(when: When) -> Story:
    """An appeal that was heard: the first ruling was overturned, and the buyer got nothing."""
    sale = Sale(
        key="dented-kettle", buyer="buyer12", goods=(("SHH-17", 1),), placed_at=when.day(26)
    )
    story = Story(sale).placed()
    story.arrived(story.after(0, 6), story.after(2), carrier="中通快递")
    dent = Picture("壶身凹陷.jpg", "goods", ("#9a9aa0", "壶身凹陷", "热水壶"))
    _complain(
        story, when.day(22), _APPEALED, "damaged", "壶身有一处凹陷。", proof("photo_of_item", dent)
    )
    story.do(when.day(22, "15:00"), "shop", "reject", reason="not_liable", note="签收时完好。")
    story.do(
        when.day(15), "arbiter", "adjudicate", liability="seller", remedy="partial_refund",
        refund="40.00", note="商家没有说明凹陷的由来。",
    )  # fmt: skip
    film = Picture("出库影像.jpg", "parcel", ("出库影像", "壶身完好 本人签收"))
    story.do(
        when.day(14), "shop", "appeal", grounds="附出库影像和本人签收记录，签收时没有异议。",
        evidence=[proof("proof_of_delivery", film)],
    )  # fmt: skip
    return story.do(
        when.day(11), "arbiter2", "adjudicate", liability="none", remedy="no_action",
        note="出库影像显示完好，凹陷何时形成无法认定。",
    )  # fmt: skip


def _necklace_appealed(when: When) -> Story:
    """An appeal that waits: only an arbiter who did not rule before can hear it."""
    sale = Sale(
        key="torn-necklace", buyer="buyer3", goods=(("XL-925", 1),), placed_at=when.ago(days=14)
    )
    story = Story(sale).placed()
    story.arrived(story.after(0, 9), story.after(2), carrier="顺丰速运")
    broken = Picture("断裂的链扣.jpg", "goods", ("#8b8f99", "链扣断裂", "银项链"))
    _complain(
        story, when.ago(days=9), _APPEALED, "not_as_described",
        "第一次戴链扣就断了，和页面说的加固链扣不符。", proof("photo_of_item", broken),
    )  # fmt: skip
    story.do(
        when.ago(days=8, hours=20), "jewellery", "reject", reason="buyer_fault",
        note="链扣是外力拉断的。",
    )  # fmt: skip
    story.do(
        when.ago(days=1, hours=22), "arbiter2", "adjudicate", liability="buyer",
        remedy="no_action", note="断口有明显拉伸痕迹。",
    )  # fmt: skip
    return story.do(
        when.ago(hours=15), "buyer3", "appeal",
        grounds="断口照片放大后是焊点脱落，不是拉断，请重新看。",
    )  # fmt: skip

"""Ordinary talks of a service desk, written for this test alone: nobody is warned for nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from gongdao.policy.guard import GuardBook
from gongdao.risk.message import Line, MessageFacts, Side, message_signs

TALKS = (Path(__file__).parent / "ordinary_talks.txt").read_text("utf-8").strip().split("\n\n")
SIDES: Final[dict[str, Side]] = {"B": "buyer", "S": "shop"}
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)


def signs_of(book: GuardBook, talk: str) -> set[str]:
    """The signs of a talk, each line read with those before it."""
    earlier: list[Line] = []
    found: set[str] = set()
    for n, line in enumerate(talk.splitlines()):
        side, text = SIDES[line[0]], line[2:]
        at = NOW + timedelta(seconds=40 * n)
        facts = MessageFacts(side=side, text=text, earlier=tuple(earlier), at=at)
        found |= {one.code for one in message_signs(facts, book)}
        earlier.append(Line(side=side, text=text, at=at))
    return found


def test_at_most_one_in_two_hundred_has_a_sign(book: GuardBook) -> None:
    warned = {talk: signs for talk in TALKS if (signs := signs_of(book, talk))}
    assert len(TALKS) > 90
    assert len(warned) * 200 <= len(TALKS), warned


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("remote-control", "下个向日葵🌻，我来帮你弄"),
        ("remote-control", "打开 遠 端 控 制"),
        ("other-channel", "加我 ∨ Ⅹ：abc88888"),
        ("other-channel", "➕🐧 九八七六五四三二一"),
        ("pays-nothing", "不 用 您 付 一 分 錢，钱由我们垫"),
        ("pays-nothing", "一分钱不用你掏"),
        ("pays-nothing", "不用的，您马上确认收货，钱就退回来了"),
        ("credit-line", "kai tong hua bei 就能下单"),
        ("credit-line", "借❤️呗里的钱先提出来"),
        ("code-or-password", "短信里那六个数字报给我"),
        ("code-or-password", "短信收到的陆位数念一下"),
        ("other-payment", "钱转到这个卡：六二二二 零二零零 一二三四"),
        ("other-payment", "zhuan zhang 到我个人账户，马上"),
        ("other-payment", "扫这个🐎付给我"),
        ("brushing-offer", "刷①单返②块，日结"),
        ("brushing-offer", "帮忙冲个量，一单给你五块辛苦费"),
        ("claims-to-be-official", "两小时内不处理就冻结您的账户，快点"),
        ("abuse", "你這個傻🐶B"),
    ],
)
def test_no_easy_way_round(book: GuardBook, code: str, text: str) -> None:
    assert code in signs_of(book, f"S {text}")


def test_a_threat_half_in_pinyin(book: GuardBook) -> None:
    assert "review-threat" in signs_of(book, "B 不給錢我就chaping")


@pytest.mark.parametrize(
    "text",
    [
        "付款码在平台里，我们不用您扫别的",
        "加V字领的那款显脸小",
        "我们不做好评返现的，平台也不允许",
        "我们从来不会私下联系您",
        "有人冒充客服加您微信的话千万别信",
        "退货不用您付钱，系统上门取件",
        "打开订单，点去付款，选余额或者银行卡",
        "退货的包裹我们确认收货后，钱就退给您",
        "您确认收货以后钱才到我们这边",
    ],
)
def test_what_a_shop_says_all_day(book: GuardBook, text: str) -> None:
    assert not signs_of(book, f"S {text}")

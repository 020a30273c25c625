"""A negation takes a sign back only where it governs the words that show it."""

import pytest

from gongdao.base.plain import plain
from gongdao.policy.guard import GuardBook
from gongdao.risk.message import MessageFacts, message_signs
from gongdao.risk.words import word_book

REASSURING = [
    "请勿担心", "勿担心", "别担心", "您别担心", "不要担心", "不用担心", "不必担心", "不用怕",
    "别怕", "不要怕", "不要紧张", "别紧张", "放心", "请放心", "没事", "没事的", "没关系",
    "没有关系", "没问题", "没有问题", "没有任何风险", "不会有事", "不会有问题", "别着急",
    "不要着急", "千万别急", "切勿着急", "不要慌", "请不要惊慌", "别慌", "不要有顾虑", "不用顾虑",
    "切勿挂断", "请勿挂机", "不要挂电话", "千万别错过", "不要告诉家人", "不要犹豫",
]  # fmt: skip
ASKED = [
    ("remote-control", "共享屏幕给我"),
    ("remote-control", "打开屏幕共享"),
    ("code-or-password", "验证码发给我"),
    ("refund-link", "点击退款链接填写"),
    ("other-payment", "线下转账就行"),
    ("credit-line", "帮您开通花呗"),
    ("brushing-offer", "做刷单兼职"),
]


def found(text: str) -> set[str]:
    return {one.code for one in word_book().find(plain(text))}


@pytest.mark.parametrize("calm", REASSURING)
@pytest.mark.parametrize(("code", "asked"), ASKED)
def test_whoever_reassures_takes_nothing_back(calm: str, code: str, asked: str) -> None:
    for text in (f"{calm}，{asked}", f"亲{calm}、{asked}", f"{asked}，{calm}", f"{calm} {asked}"):
        assert code in found(text), text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("remote-control", "不要点别的，共享屏幕给我"),
        ("remote-control", "请勿轻信他人，共享屏幕给我看"),
        ("remote-control", "要不要共享屏幕，我教您"),
        ("remote-control", "您不要怕共享屏幕"),
        ("code-or-password", "验证码不要给别人看，发给我"),
        ("code-or-password", "不要告诉任何人，把验证码发给我"),
        ("other-payment", "平台不能退，转我微信"),
        ("other-payment", "转我支付宝，不要走平台"),
        ("refund-link", "不会收费的，点击退款链接填写"),
        ("other-channel", "不支持在这里说，加我微信"),
    ],
)
def test_a_negation_of_another_clause_takes_nothing_back(code: str, text: str) -> None:
    assert code in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "请不要共享屏幕给任何人",
        "请勿共享屏幕",
        "切勿向陌生人共享屏幕给我们的客服以外的人",
        "我们不会要您的验证码",
        "我们不会要您把验证码发给我们",
        "客服不会让您共享屏幕",
        "不要把验证码告诉我们以外的人，不要发给我",
        "验证码请不要发给我",
        "请勿点击链接、共享屏幕、远程控制",
        "请勿点击陌生链接，共享屏幕，远程协助",
        "请勿轻信陌生来电，共享屏幕会被骗",
        "谨防诈骗，要求您共享屏幕的都是骗子",
        "平台不会要求您下载软件，打开屏幕共享",
        "请不要线下转账",
        "请勿相信线下付款",
        "千万别担心麻烦，但不要共享屏幕",
        "我们从不刷单返现",
        "退款不会让您点击链接填写银行卡",
        "不要加微信，以免被骗",
        "屏幕共享请勿打开",
        "Please do not share your screen with anyone",
        "never share your screen",
    ],
)
def test_who_warns_is_not_warned_of(text: str) -> None:
    assert not found(text)


def test_the_number_of_somebody_who_reassures_is_a_contact(book: GuardBook) -> None:
    def signs(text: str) -> set[str]:
        return {one.code for one in message_signs(MessageFacts(side="shop", text=text), book)}

    assert "other-channel" in signs("别担心，联系我13712345678")
    assert "other-channel" in signs("请勿担心 联系我13712345678")
    assert "other-channel" in signs("特别优惠，联系我13712345678")
    assert "other-channel" not in signs("请不要联系我13712345678")
    assert "other-channel" not in signs("谨防假冒，联系我13712345678的是骗子")

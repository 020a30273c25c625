"""Words that are hidden: one sign between their letters, or said in several messages."""

from datetime import UTC, datetime, timedelta

import pytest

from gongdao.base.plain import plain
from gongdao.policy.guard import GuardBook
from gongdao.risk.message import Line, MessageFacts, Side, message_signs
from gongdao.risk.words import word_book

NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


def found(text: str) -> set[str]:
    return {one.code for one in word_book().find(plain(text))}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("remote-control", "屏.幕.共.享给我"),
        ("remote-control", "共x享x屏x幕"),
        ("remote-control", "共1享2屏3幕"),
        ("remote-control", "打开共享x屏幕"),
        ("remote-control", "远丶程丶控丶制"),
        ("remote-control", "远呀程呀控呀制"),
        ("code-or-password", "验 1 证 2 码发给我"),
        ("code-or-password", "验x证码告z诉我"),
        ("refund-link", "退a款保b证c金"),
        ("brushing-offer", "刷x单返y佣"),
        ("remote-control", "共xy享yz屏zx幕"),
        ("remote-control", "远1a程2b控3c制"),
        ("remote-control", "远丶丶程丶丶控丶丶制"),
        ("remote-control", "远啊呀程啊呀控啊呀制"),
        ("code-or-password", "验12证34码发给我"),
    ],
)
def test_signs_between_the_letters(code: str, text: str) -> None:
    assert code in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "第1个订单2件退1件，3天内退款到账",
        "尺码选A款还是B款，颜色4选1",
        "一个一个看，看看看，好不好，是不是",
        "买2件减5元，满3件打8折",
        "卡1号柜，发2单，付1次款",
        "请不要共x享x屏x幕",
        "换iphone屏，发A4纸，退vip款，加xl码的单",
        "第12单第34条，退10件款20元",
    ],
)
def test_what_stands_between_ordinary_letters(text: str) -> None:
    assert not found(text)


def test_a_hidden_word_says_where_it_stands() -> None:
    text = "亲，共x享x屏x幕给我"
    said = {text[one.start : one.end] for one in word_book().find(plain(text))}
    assert "共x享x屏x幕" in said


def said(book: GuardBook, *lines: tuple[Side, str], seconds: int = 5) -> list[set[str]]:
    """The signs of each line, read with those before it."""
    earlier: list[Line] = []
    signs: list[set[str]] = []
    for n, (side, text) in enumerate(lines):
        at = NOW + timedelta(seconds=n * seconds)
        facts = MessageFacts(side=side, text=text, earlier=tuple(earlier), at=at)
        signs.append({one.code for one in message_signs(facts, book)})
        earlier.append(Line(side=side, text=text, at=at))
    return signs


@pytest.mark.parametrize(
    ("code", "pieces"),
    [
        ("other-channel", ["加个微", "信"]),
        ("other-channel", ["亲，加我", "微信"]),
        ("other-channel", ["加", "个", "微", "信"]),
        ("remote-control", ["打开共享", "屏幕"]),
        ("remote-control", ["Any", "Desk"]),
        ("remote-control", ["共x享x", "屏x幕"]),
        ("code-or-password", ["验证", "码发给我"]),
        ("code-or-password", ["把验证码", "发给我"]),
    ],
)
def test_a_word_in_several_messages(book: GuardBook, code: str, pieces: list[str]) -> None:
    lines: list[tuple[Side, str]] = [("shop", one) for one in pieces]
    *before, last = said(book, *lines)
    assert code in last and not any(code in one for one in before)
    # The other one's word between them changes nothing; a long silence does.
    between = said(book, *lines[:-1], ("buyer", "嗯"), lines[-1])
    assert code in between[-1]
    assert code not in said(book, *lines, seconds=600)[-1]


@pytest.mark.parametrize(
    "lines",
    [
        [("shop", "加个微"), ("buyer", "信")],
        [("shop", "不要加个微"), ("shop", "信")],
        [("shop", "您好，我们在的"), ("shop", "请问有什么可以帮您"), ("shop", "退款已经提交")],
        [("shop", "这个要加"), ("shop", "微辣还是中辣")],
        [("shop", "您稍等"), ("shop", "共享单车那款"), ("shop", "屏幕是六寸的")],
        [("buyer", "验证码"), ("buyer", "给我发了三遍都收不到")],
    ],
)
def test_messages_that_only_follow_each_other(
    book: GuardBook, lines: list[tuple[Side, str]]
) -> None:
    assert not any(said(book, *lines))


def test_what_was_found_before_is_not_found_again(book: GuardBook) -> None:
    first, second = said(book, ("shop", "打开共享屏幕"), ("shop", "好了吗"))
    assert "remote-control" in first and not second

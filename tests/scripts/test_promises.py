"""What a text promises: sums, dispatches, answers; and what is only like a promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.base.plain import plain
from gongdao.scripts.promises import find_promises, find_sums, han_number


@pytest.mark.parametrize(
    ("text", "what", "fen"),
    [
        ("给您补偿50元", "compensation", 5_000),
        ("这边可以退您 12.5 元", "refund", 1_250),
        ("再给您优惠二十块", "discount", 2_000),
        ("赔您一百五十元", "compensation", 15_000),
        ("我们补您1,200元差价", "compensation", 120_000),
        ("50元红包发给您", "compensation", 5_000),
        ("给您补偿￥30.05", "compensation", 3_005),
    ],
)
def test_sums(text: str, what: str, fen: int) -> None:
    (found,) = find_sums(plain(text).text)
    assert (found.what, found.amount_fen) == (what, fen)


@pytest.mark.parametrize(
    "text",
    [
        "已经给您退款50元", "满200减50", "订单金额100元", "您是要退款50元吗",
        "不能再给您优惠10元了", "运费12元", "退款会原路退回",
    ],
)  # fmt: skip
def test_what_is_no_promise(text: str) -> None:
    assert find_sums(plain(text).text) == []


@pytest.mark.parametrize(
    ("text", "what", "hours", "day"),
    [
        ("今天给您发货", "dispatch", None, 0),
        ("明天一定安排发出", "dispatch", None, 1),
        ("48小时内发货", "dispatch", 48, None),
        ("3天内给您补发", "resend", 72, None),
        ("24小时内回复您", "answer", 24, None),
    ],
)
def test_deeds(text: str, what: str, hours: int | None, day: int | None) -> None:
    (found,) = find_promises(plain(text).text)
    assert (found.what, found.hours, found.day) == (what, hours, day)


@pytest.mark.parametrize("text", ["今天发货吗", "今天不能发货", "什么时候发货"])
def test_questions_and_refusals_are_none(text: str) -> None:
    assert find_promises(plain(text).text) == []


@pytest.mark.parametrize(
    ("letters", "number"),
    [
        ("五", 5),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("一百五十", 150),
        ("两千三百四十五", 2345),
    ],
)
def test_han_numbers(letters: str, number: int) -> None:
    assert han_number(letters) == number


@given(st.text(max_size=200))
def test_plain_text_knows_where_it_stood(text: str) -> None:
    bare = plain(text)
    assert len(bare.text) == len(bare.at)
    assert list(bare.at) == sorted(bare.at)
    assert all(0 <= index < len(text) for index in bare.at)


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("簽 收 即、視為【無】异议！", "签收即，视为无异议。"),
        ("加我V．信：ＡＢＣ①", "加我v信:abc1"),
        ("138.0013.8000", "138.0013.8000"),
        ("12.5元。。", "12.5元。"),
        ("微❤信", "微信"),
        ("ѕсrірt", "script"),
    ],
)
def test_plain_text(written: str, bare: str) -> None:
    assert plain(written).text == bare

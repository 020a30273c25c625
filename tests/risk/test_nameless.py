"""Texts without the people in them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.risk.nameless import nameless


@pytest.mark.parametrize(
    ("text", "gone", "stays"),
    [
        ("加我微信：kefu_8899 领取", "kefu_8899", "领取"),
        ("打 139 1234 5678 找我", "5678", "找我"),
        ("身份证 11010519491231002X", "002X", "身份证"),
        ("卡号6222021234567890123，转 2999.70 元", "6222", "2999.70 元"),
        ("链接 https://pay.example.com/a?b=1 点开", "example", "点开"),
        ("发到 lin.xiaoyu@example.com 吧", "lin.xiaoyu", "吧"),
        ("退货，寄浙江省杭州市西湖区文三路12号3栋", "文三路", "退货"),
        ("我是林小雨本人", "林小雨", "本人"),
    ],
)
def test_who_it_is_goes_and_what_it_is_about_stays(text: str, gone: str, stays: str) -> None:
    said = nameless(text, ["林小雨"])
    assert gone not in said
    assert stays in said


@pytest.mark.parametrize(
    "text", ["退款 1299 元什么时候到账", "先刷 30 单，每单 99.99", "500 或者差评", "12345678.90元"]
)
def test_sums_and_counts_stay(text: str) -> None:
    assert nameless(text) == text


@given(st.text(alphabet="路号省市1 -+x微信:：a@./", max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(nameless(text, ["ab", "c"]), str)


@pytest.mark.parametrize("unit", ["路", "1 ", "a@", "微信a", "号1-", "http://", "一", "+1-"])
def test_a_long_text_is_no_burden(unit: str) -> None:
    start = time.process_time()
    nameless(unit * (100_000 // len(unit)))
    assert time.process_time() - start < 5

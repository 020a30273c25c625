"""What is new in a mail, apart from quotations and signatures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.channels.mail.html_text import text_of_html
from gongdao.channels.mail.quote import split_quote

SIGNS = [
    "> 以前的话\n> 更早的话",
    "On Mon, Jan 1, 2026 at 9:00 AM Shop <a@b.cn> wrote:\n> old",
    "On Mon, Jan 1, 2026 at 9:00 AM Shop\n<a@b.cn> wrote:\n\n> old\n> older",
    "在 2026年1月1日 星期四，公道小店 <kefu@shop.example> 写道：\n\n> 您好",
    "2026年1月1日 09:00，公道小店 <kefu@shop.example> 写道：\n您好",
    "--------- 原始邮件 ---------\n发件人: \"店\" <a@b.cn>;\n发送时间: 昨天\n您好",
    "-----Original Message-----\nFrom: a@b.cn\nold",
    "____________\n发件人: 店 <a@b.cn>\n发送时间: 昨天\n收件人: c@d.cn\n主题: 催单\n\n您好",
    "From: Shop\nSent: Monday\nTo: me\nSubject: x\n\nold",
    "---- 回复的原邮件 ----\n| 发件人 | 店 |\n您好",
    "-- \n李小美\n电话 123",
    "发自我的iPhone",
    "Sent from my iPhone",
]  # fmt: skip


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("new", ["还没收到", "第一行\n\n第二行：写道\nFrom me to you"])
def test_what_follows_a_sign_is_folded(new: str, sign: str) -> None:
    parts = split_quote(f"{new}\n\n{sign}\n")
    assert parts.new == new and parts.folded > 0


def test_answers_between_the_lines_stay_where_they_are() -> None:
    text = "On Mon, Jan 1, 2026 Shop <a@b.cn> wrote:\n> 颜色？\n红色\n> 尺码？\nM"
    assert split_quote(text).new == text


def test_a_mail_that_is_nothing_but_a_quotation_is_shown_whole() -> None:
    assert split_quote("> 您好\n> 在吗").new == "> 您好\n> 在吗"


@given(st.text(st.sampled_from("a >\n-发件人:主题写道：On wrote<@b>"), max_size=300))
def test_nothing_is_made_up(text: str) -> None:
    parts = split_quote(text)
    assert parts.new in text.strip() or not parts.new
    assert bool(parts.new) == bool(text.strip())


def test_html_reads_as_it_is_seen() -> None:
    html = (
        "<html><head><title>t</title><style>p{}</style></head><body>"
        "<p>您好，</p><div>订单&nbsp;<b>P1</b><br>还没到</div>"
        "<div style='display:none'>secret</div><script>x()</script>"
        "<a href='https://x.example/a'>看这里</a>"
        "<blockquote><p>以前</p><blockquote>更早</blockquote></blockquote></body></html>"
    )
    text = text_of_html(html)
    assert text.split("\n") == [
        "您好，", "订单\xa0P1", "还没到", "看这里 (https://x.example/a)", "> 以前", ">> 更早",
    ]  # fmt: skip
    assert split_quote(text).new.endswith("(https://x.example/a)")


def test_the_quotation_of_a_web_mailer_is_folded() -> None:
    html = '<div>好的</div><br><div class="gmail_quote"><div>在…写道：</div>您好<p>再见</p></div>'
    assert split_quote(text_of_html(html)).new == "好的"


@given(st.text(st.sampled_from("<>/ab pdivstyle='\"=&;x!-[]blockquote\n"), max_size=400))
def test_no_html_is_an_error(source: str) -> None:
    text_of_html(source)


def test_deep_and_open_html_ends() -> None:
    assert text_of_html("<blockquote>" * 20_000 + "x").endswith("x")
    assert text_of_html("<div><" * 50_000) is not None
    assert text_of_html("<a href=x>" * 20_000 + "</b>" * 20_000) is not None

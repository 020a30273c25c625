"""A public answer may say nothing that the record contradicts, and everything else."""

from datetime import date

import pytest

from gongdao.base.plain import plain
from gongdao.reviews.truth import Record, check_truth
from gongdao.scripts.library import load_library

NOTHING = Record()
ALL = Record(
    refunded_fen=6800,
    shipped_on=date(2026, 3, 5),
    signed=True,
    tries=3,
    replaced=True,
    settled=True,
)


def ids(text: str, record: Record = NOTHING) -> list[str]:
    return [each.id for each in check_truth(text, plain(text).text, record)]


FALSE = {
    "退款已经给您退了，请查收": ("refunded", NOTHING),
    "款项我们早已退还": ("refunded", NOTHING),
    "已经退款 50 元给您": ("refund-sum", ALL),
    "您的包裹早已发出": ("not-shipped", NOTHING),
    "3月2日就发货了": ("shipped-on", ALL),
    "我们按时发货": ("in-time", Record(shipped_on=date(2026, 3, 5), late_dispatch_hours=30)),
    "快递显示已签收": ("delivered", NOTHING),
    "您没有联系我们": ("never-contacted-us", Record(messages=2)),
    "没有收到过您的任何反馈": ("never-contacted-us", Record(messages=1)),
    "看到后联系了几次，没有联系上": ("we-tried", NOTHING),
    "已经给您补发": ("replaced", NOTHING),
    "问题都处理好了，已经和您协商一致": ("settled", NOTHING),
    "这是同行恶意差评": ("accusing", ALL),
    "李梅女士您好": ("private", Record(private=("李梅", "13800001111"))),
    "电话 138-0000-1111 打不通": ("private", Record(private=("13800001111",))),
    "{deadline}前给您答复".replace("{deadline}", "【时间】"): ("unfilled", ALL),
}


@pytest.mark.fact("S0-47")
@pytest.mark.parametrize("text", list(FALSE))
def test_what_the_record_contradicts_is_named(text: str) -> None:
    claim, record = FALSE[text]
    assert claim in ids(text, record)


@pytest.mark.parametrize(
    "text",
    [
        "退款 68.00 元已经原路退还",
        "3月5日已经发货，您已签收",
        "我们联系了三次",
        "已经给您补寄，问题已经和您一起处理完",
        "如果您申请，我们马上退款",
        "非常抱歉，请您和我们联系，一定处理好",
        "您没有联系我们也没关系，看到留言随时找我们",
    ],
)
def test_what_is_true_may_be_said(text: str) -> None:
    assert ids(text, ALL) == []


def test_templates_of_the_library_are_true_of_somebody() -> None:
    for script in load_library("zh"):
        if script.step == "review_answer":
            found = [each for each in ids(script.text, ALL) if each != "unfilled"]
            assert found == [], script.ref


def test_the_template_that_says_we_called_needs_a_call() -> None:
    text = next(s.text for s in load_library("zh") if s.ref == "review.answer-competitor")
    assert "we-tried" in ids(text, NOTHING)

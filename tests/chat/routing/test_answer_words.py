"""The words that a desk answers by itself are known however a buyer writes them."""

import pytest

from gongdao.chat.routing.auto_answer import answer_to
from gongdao.chat.routing.desk import AutoAnswer, Wording

OPEN = AutoAnswer(words=("几点上班", "opening hours"), answer=Wording(zh="九点", en="At nine"))
MARKS = AutoAnswer(words=("？！",), answer=Wording(zh="在的", en="Yes?"))


@pytest.mark.parametrize(
    "said", ["你们几点上班呀", "請問幾點上班？", "几 点 上 班", "ＯＰＥＮＩＮＧ Hours?"]
)
def test_however_it_is_written(said: str) -> None:
    assert answer_to(said, (OPEN,), "zh") == "九点"


def test_marks_alone_are_no_word() -> None:
    assert answer_to("有货。吗？！", (OPEN, MARKS), "zh") is None

"""The sentence of a sign: what was found several times over in the same words is said once."""

from gongdao.policy.written import Text
from gongdao.risk.finding import Evidence
from gongdao.risk.wording import worded, words_in

SAID = "您先打开屏幕共享，我远程控制您的电脑帮您下单"
SENTENCE = Text(zh="对方要求远程控制：{words}", en="They ask for control: {words}")


def found(*words: str) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(shows="words", said=word, start=SAID.index(word), end=SAID.index(word) + len(word))
        for word in words
    )


def test_words_that_overlap_are_said_once_in_the_order_of_the_text() -> None:
    evidence = found("远程控制", "远程控制您", "控制您的电脑", "打开屏幕共享")
    assert words_in(evidence) == ["打开屏幕共享", "远程控制您的电脑"]
    assert worded(SENTENCE, evidence).zh == "对方要求远程控制：打开屏幕共享、远程控制您的电脑"
    assert words_in(found("屏幕共享", "我远程控制")) == ["屏幕共享", "我远程控制"]


def test_words_without_a_place_stand_as_they_are() -> None:
    alone = Evidence(shows="words", said="AnyDesk")
    cut = Evidence(shows="words", said="远程控制…", start=10, end=30)
    count = Evidence(shows="count", said="6", label="times")
    assert words_in((cut, count, alone, alone)) == ["AnyDesk", "远程控制…"]
    assert words_in((count,)) == []
    assert worded(SENTENCE, ()).en == "They ask for control: …"

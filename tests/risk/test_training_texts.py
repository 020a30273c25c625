"""Test data is never training data; what people marked is trained on."""

import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from training.texts import SIGNS, Text, bare, by_talk, by_text, marked, parts, talks_found

from gongdao.policy.load import load_pack

_TEXTS = st.lists(
    st.builds(
        Text, st.sampled_from("一二三四五六七八九十"), st.booleans(), st.booleans(),
        st.sampled_from(["", *map(str, range(30))]),
    ),
    max_size=60,
)  # fmt: skip


@given(_TEXTS, st.sampled_from([by_text, by_talk]))
def test_no_text_is_learnt_from_and_held_out(
    texts: list[Text], is_held: Callable[[Text], bool]
) -> None:
    learnt, held = parts(texts, is_held)
    assert not {one.text for one in learnt} & {one.text for one in held}
    assert held == [one for one in texts if is_held(one)]
    assert all(one in texts and not is_held(one) for one in learnt)


def test_a_dialogue_is_held_out_as_a_whole() -> None:
    lines = [Text(f"第{n}句", n % 2 == 0, talk=str(talk)) for talk in range(200) for n in range(3)]
    held = {one.talk for one in lines if by_talk(one)}
    assert 20 < len(held) < 60
    assert [one for one in lines if by_talk(one)] == [one for one in lines if one.talk in held]


def test_a_swindle_and_a_call_of_one_number_are_two() -> None:
    held = [Text("a", True, talk="7"), Text("b", False, talk="7"), Text("c", False, talk="7")]
    assert talks_found(held, [True, False, True]) == {
        "talks_fraud": 1, "talks_fraud_found": 1, "talks_ordinary": 1, "talks_ordinary_found": 1,
    }  # fmt: skip
    assert talks_found([Text("a", True)], [True]) == {}


def test_marks_are_examples_of_the_head_whose_sign_it_is() -> None:
    def line(code: str, verdict: str, **more: str) -> str:
        said = {"code": code, "verdict": verdict, "on": "message", "text": f"{code}：{verdict}"}
        return json.dumps(said | more)

    lines = [
        line("remote-control", "right"), line("scam-talk", "missed"), line("refund-link", "wrong"),
        line("abuse", "right"), line("abuse", "wrong"), line("urgency", "right"),
        line("remote-control", "right", on="order"), line("scam-talk", "right", text=""),
    ]  # fmt: skip
    assert [(one.text, one.yes) for one in marked("fraud", lines)] == [
        (bare("remote-control：right"), True),
        (bare("scam-talk：missed"), True),
        (bare("refund-link：wrong"), False),
    ]
    assert [one.yes for one in marked("abuse", lines)] == [True, False]


def test_the_signs_are_those_of_the_rule_book() -> None:
    rules = load_pack("cn-standard").guard.rules
    for code in SIGNS["abuse"] | SIGNS["fraud"]:
        assert rules[code].on == "message", code

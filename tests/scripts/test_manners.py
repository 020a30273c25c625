"""Manners: what is minded is found however it is written, and what is well said is left alone."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.policy.load import load_pack, pack_names
from gongdao.scripts.manners import OWN_WORDS, OwnWord, Scene, check_text, etiquette_of, worst

from .texts import MINDED, WELL_SAID

PACK = load_pack("taobao-classic")
ETIQUETTE = etiquette_of(PACK)
NO_MONEY = Scene(limit_fen=0)
#: What the pack lets nobody send; everything else is said to whoever writes.
BLOCKED = {"signing", "review-reward", "rude", "off-platform-pay"}
EACH = [(rule, text) for rule, texts in MINDED.items() for text in texts]


@pytest.mark.parametrize(("rule", "text"), EACH)
def test_what_is_minded_is_found(rule: str, text: str) -> None:
    remarks = check_text(text, ETIQUETTE, NO_MONEY)
    (found, *_) = [remark for remark in remarks if remark.id == rule]
    assert 0 <= found.start < found.end <= len(text)
    assert found.say.zh and found.say.en and found.source
    assert (found.level == "block") == (rule in BLOCKED)


@pytest.mark.parametrize("text", WELL_SAID)
def test_what_is_well_said_is_left_alone(text: str) -> None:
    assert check_text(text, ETIQUETTE, NO_MONEY) == []


def test_ordinary_sentences_are_left_alone() -> None:
    """What agents say all day, written for this; six of 418 were minded before, none is now."""
    lines = (Path(__file__).parent / "ordinary.txt").read_text("utf-8").splitlines()
    minded = {line: remarks for line in lines if (remarks := check_text(line, ETIQUETTE, NO_MONEY))}
    assert len(lines) > 400
    assert not [line for line, remarks in minded.items() if worst(remarks) == "block"]
    assert len(minded) * 200 <= len(lines), list(minded)


def test_the_signing_defence() -> None:
    """Worked case 15: "you signed" does not go out, whatever the rule book of the platform."""
    for name in pack_names():
        remarks = check_text("您签收即表示对数量无异议，少件不补", etiquette_of(load_pack(name)))
        assert worst(remarks) == "block", name
        assert {remark.rule for remark in remarks} == {"LAW-26"}, name


def test_where_it_stands() -> None:
    text = "😀 亲，好评返现 5 元哦"
    (remark,) = check_text(text, ETIQUETTE)
    assert text[remark.start : remark.end].startswith("好评返现")


@pytest.mark.parametrize(
    ("limit_fen", "minded"), [(None, False), (5_000, False), (4_999, True), (0, True)]
)
def test_a_promise_above_the_limit(limit_fen: int | None, minded: bool) -> None:
    remarks = check_text("这边给您补偿50元，您看可以吗", ETIQUETTE, Scene(limit_fen=limit_fen))
    assert [remark.id for remark in remarks] == ["promise"] * minded


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("给您补偿30元，运费再给您补30元", 6_000),
        ("补偿您30，运费再补您30", 6_000),
        ("给您补20，另外运费15也补您，再退您10块", 4_500),
        ("给您补偿30元或者给您退款40元，您选", 4_000),
        ("给您补偿30元，也就是转您30元", 3_000),
        ("给您补20元，运费再补您10元，一共给您补30元", 3_000),
    ],
)
def test_promises_of_one_text_add_up(text: str, fen: int) -> None:
    assert check_text(text, ETIQUETTE, Scene(limit_fen=fen)) == []
    remarks = check_text(text, ETIQUETTE, Scene(limit_fen=fen - 1))
    assert {remark.id for remark in remarks} == {"promise"}


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("给您全额退款，货也不用退了", 10_000),
        ("这单给您免单", 10_000),
        ("您不用付钱了", 10_000),
        ("退您一半吧，您看行不", 5_000),
        ("我给您便宜一半", 5_000),
        ("给您打个对折", 5_000),
        ("给您打八折", 2_000),
        ("给您八点五折", 1_500),
        ("给您打85折", 1_500),
        ("给您9.5折", 500),
        ("按七折给您算", 3_000),
        ("退您三成", 3_000),
        ("补您货款的30%", 3_000),
        ("给您返百分之二十", 2_000),
        ("赔您三倍", 30_000),
        ("给您打八折，再补您10元", 3_000),
    ],
)
def test_a_part_of_the_order_is_worth_what_the_order_says(text: str, fen: int) -> None:
    order = {"order_fen": 10_000}
    assert check_text(text, ETIQUETTE, Scene(limit_fen=fen, **order)) == []
    remarks = check_text(text, ETIQUETTE, Scene(limit_fen=fen - 1, **order))
    assert {remark.id for remark in remarks} == {"promise"}
    (unmeasured, *_) = check_text(text, ETIQUETTE, Scene(limit_fen=10**9))
    assert unmeasured.id == "promise-unmeasured" and unmeasured.level == "warn"
    assert check_text(text, ETIQUETTE) == [], "whoever has no limit is asked for no sum"


def test_words_of_the_shop() -> None:
    words = [OwnWord(word="清仓货", level="block", reason="不这样称呼自己的商品")]
    (remark,) = check_text("这是清 仓 货哦", etiquette_of(PACK, words))
    assert (remark.id, remark.level, remark.say.zh) == (OWN_WORDS, "block", words[0].reason)
    assert check_text("这是清仓价哦", etiquette_of(PACK, words)) == []


@pytest.mark.fact("S0-41")
def test_more_of_me_than_of_you() -> None:
    mine = "我这边我看过了，我觉得这个我处理不了，我去问一下，问好了我再来说，东西我先放着。" * 2
    assert [remark.id for remark in check_text(mine, ETIQUETTE)] == ["pronouns"]
    assert check_text(mine.replace("我", "您"), ETIQUETTE) == []
    assert check_text("我我我我", ETIQUETTE) == [], "short texts are left alone"


@given(st.text(max_size=600))
def test_any_text_can_be_looked_at(text: str) -> None:
    for remark in check_text(text, ETIQUETTE, NO_MONEY):
        assert 0 <= remark.start < remark.end <= len(text)


@pytest.mark.parametrize(
    "text",
    ["签收" * 2_000, "好评返" * 1_333, "补偿给您加微" * 666, "1" * 4_000, "您都签收，就" * 666],
)
def test_no_text_keeps_it_busy(text: str) -> None:
    began = time.perf_counter()
    check_text(text, ETIQUETTE, NO_MONEY)
    assert time.perf_counter() - began < 1


def test_five_hundred_letters_in_a_millisecond() -> None:
    said = "您好，包裹显示昨天已经签收，麻烦看看是不是家里人代收了？咱们这边马上联系快递核实。"
    text = (said * 13)[:500]
    times: list[float] = []
    for _ in range(50):
        began = time.perf_counter()
        check_text(text, ETIQUETTE, NO_MONEY)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.001

"""The library: whole, in good manners, found as one types, suggested for a reason."""

import re
import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.base.errors import Refusal
from gongdao.base.i18n import LOCALES
from gongdao.policy.load import load_pack, pack_names
from gongdao.scripts.bargain import MOVES
from gongdao.scripts.find import rank
from gongdao.scripts.library import library_by_key, load_intents, load_library
from gongdao.scripts.manners import Scene, check_text, etiquette_of
from gongdao.scripts.script import STEPS, VARIABLES, Script, fill
from gongdao.scripts.shelf import OwnScript, at_key, lay_over, require_sound
from gongdao.scripts.suggest import intents_in, suggest_scripts

LIBRARY = load_library("zh")
BY_KEY = library_by_key("zh")
SHOP, AGENT = UUID(int=1), UUID(int=2)
SAMPLES = {
    "buyer": "林小雨", "order": "E202611220001", "product": "双门冰箱", "courier": "顺丰速运",
    "amount": "82.00", "deadline": "明天18点", "agent": "小何",
}  # fmt: skip


@pytest.mark.fact("S0-41", "S0-45", "S1-17", "S4-10")
def test_every_step_has_scripts() -> None:
    assert len(LIBRARY) >= 120 and len(load_library("en")) >= 40
    assert len({script.ref for script in LIBRARY}) == len(LIBRARY)
    assert {script.step for script in LIBRARY} == set(STEPS)
    assert len({script.text for script in LIBRARY}) == len(LIBRARY)


@pytest.mark.fact("S0-42")
def test_every_move_has_scripts() -> None:
    for move in MOVES:
        assert len([script for script in LIBRARY if script.move == move]) >= 6
    assert all(script.step == "bargain" for script in LIBRARY if script.move)


@pytest.mark.parametrize("name", pack_names())
def test_the_library_has_good_manners(name: str) -> None:
    etiquette = etiquette_of(load_pack(name))
    for locale in LOCALES:
        for script in load_library(locale):
            said = fill(script.text, SAMPLES, locale).text
            found = [
                *check_text(script.text, etiquette, Scene(limit_fen=0)),
                *check_text(said, etiquette),
            ]
            assert found == [], script.ref


@pytest.mark.fact("S0-41")
def test_less_of_me_more_of_you() -> None:
    for script in LIBRARY:
        mine = len(re.findall("我(?!们)", script.text))
        assert mine <= len(re.findall("您|咱", script.text)), script.ref


@pytest.mark.fact("S0-46", "S1-16")
def test_no_review_is_bought() -> None:
    for script in LIBRARY:
        if script.step.startswith("review"):
            assert not re.search("返现|红包|赠|券|不要.{0,4}差评", script.text), script.ref


def test_variables_are_filled_or_left_as_blanks_and_never_sent_raw() -> None:
    for locale in LOCALES:
        for script in load_library(locale):
            empty, full = fill(script.text, {}, locale), fill(script.text, SAMPLES, locale)
            assert "{" not in empty.text + full.text and full.blanks == ()
            for blank in empty.blanks:
                assert empty.text[blank.start : blank.end].strip("【】[]")


@given(st.text(alphabet="ab{}您好", max_size=40) | st.sampled_from(VARIABLES).map("{{{}}}".format))
def test_filling_keeps_the_rest(text: str) -> None:
    filled = fill(f"{{buyer}}{text}", {"buyer": "x"}, "zh")
    assert filled.text.startswith("x")
    for blank in filled.blanks:
        assert filled.text[blank.start] == "【" and filled.text[blank.end - 1] == "】"


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("qtwly", "solve.no-reason"),
        ("qitian", "solve.no-reason"),
        ("七天无理由", "solve.no-reason"),
        ("七天無理由", "solve.no-reason"),
        ("hdfk", "courier.cod"),
        ("huodaofukuan", "courier.cod"),
        ("装箱单", "inquire.missing"),
    ],
)
def test_found_as_one_types(query: str, first: str) -> None:
    assert rank(LIBRARY, query, uses={})[0].ref == first


def test_among_equals_ones_own_use_decides() -> None:
    found = rank(LIBRARY, "", uses={"solve.note": 3}, step="solve")
    assert found[0].ref == "solve.note" and {script.step for script in found} == {"solve"}
    assert {script.step for script in rank(LIBRARY, "bargain", uses={}, limit=50)} == {"bargain"}


def test_search_takes_a_few_milliseconds() -> None:
    rank(LIBRARY, "fahuo", uses={})
    times: list[float] = []
    for query in ("fahuo", "th", "退货", "发货", "zzz") * 5:
        began = time.perf_counter()
        rank(LIBRARY, query, uses={})
        times.append(time.perf_counter() - began)
    assert sorted(times)[len(times) // 2] < 0.005


@pytest.mark.parametrize(
    ("heard", "intent"),
    [
        ("太贵了，便宜点吧", "too-expensive"),
        ("什么时候发货啊", "when-sent"),
        ("快递显示签收了但是我没收到货", "signed-not-received"),
        ("收到的杯子碎了", "broken"),
        ("不给我退款我就给差评", "extortion"),
        ("少发了一件", "missing"),
        ("我要投诉你们", "angry"),
        ("能不能改地址", "address"),
        ("在吗", "waiting"),
        ("再看看吧", "thinking"),
        ("how long is the warranty", "repair"),
    ],
)
def test_suggested_to_what_a_buyer_says(heard: str, intent: str) -> None:
    (first, *_) = suggest_scripts(heard, BY_KEY.get, uses={})
    assert first.intent == intent and first.heard and first.why.zh and first.why.en


def test_how_the_order_stands_tells_what_is_meant() -> None:
    assert intents_in("改地址", "shipped")[0][0].id == "address-late"
    assert intents_in("改地址", "unshipped")[0][0].id == "address"
    assert intents_in("随便聊聊天气") == []


def test_intents_name_scripts_that_there_are() -> None:
    for intent in load_intents():
        assert intent.words and intent.scripts and set(intent.scripts) <= set(BY_KEY)


def own(number: int, *, owner: UUID | None, replaces: str | None, text: str) -> OwnScript:
    return OwnScript(
        id=UUID(int=number), shop_id=SHOP, owner_id=owner, replaces=replaces, version=1,
        step="greet", move="", locale="zh", title="一", body=text,
    )  # fmt: skip


def test_ones_own_lies_over_the_shops_and_that_over_the_library() -> None:
    shops = own(10, owner=None, replaces="greet.hello", text="店")
    mine = own(11, owner=AGENT, replaces="greet.hello", text="我的")

    def said(*over: OwnScript) -> list[str]:
        laid: list[Script] = lay_over(LIBRARY, over, "zh")
        assert len(laid) == len(LIBRARY)
        found = at_key(laid, "greet.hello")
        return [found.text] if found else []

    assert said(shops) == ["店"] and said(shops, mine) == ["我的"] and said(mine) == ["我的"]


@pytest.mark.parametrize(
    ("title", "text", "move"),
    [("", "x", ""), ("x", " ", ""), ("x" * 61, "x", ""), ("x", "{name}", ""), ("x", "x", "pull")],
)
def test_what_cannot_be_said_is_refused(title: str, text: str, move: str) -> None:
    with pytest.raises(Refusal):
        require_sound(title=title, text=text, step="greet", move=move)  # pyright: ignore

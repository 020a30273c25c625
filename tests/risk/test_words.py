"""Words are found however they are written; amounts are read; nothing breaks on any text."""

from functools import cache
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from gongdao.base.pinyin import sounds_of
from gongdao.base.plain import plain
from gongdao.policy.load import load_pack
from gongdao.risk.amounts import amounts_in, many_in
from gongdao.risk.message import MessageFacts, message_signs
from gongdao.risk.words import Phrase, WordBook, WordList, read_words, word_book

BOOK = load_pack("taobao-2025@1").guard
#: Words that are enough by themselves, with their signs.
SURE = [(one.code, word) for one in read_words() for each in one.phrase for word in each.words]
BETWEEN = ["😀", " ", "\u3000", "*", "~", "\u200b", "🔥 ", "_", "|"]
LOOKALIKES = str.maketrans("aeopcxy", "аеорсху")
WIDE = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
ANY_TEXT = st.text(max_size=300)


@cache
def traditional() -> OpenCC:
    return OpenCC("s2t")


def is_found(code: str, text: str) -> bool:
    return any(one.code == code for one in word_book().find(plain(text)))


@pytest.mark.parametrize(("code", "word"), SURE)
def test_each_word_is_found(code: str, word: str) -> None:
    assert is_found(code, word) and is_found(code, f"亲，{word}。")


@given(st.sampled_from(SURE), st.lists(st.sampled_from(BETWEEN), min_size=1, max_size=60))
def test_put_apart(sure: tuple[str, str], between: list[str]) -> None:
    code, word = sure
    text = "".join(
        letter + between[index % len(between)] if letter.strip() else letter
        for index, letter in enumerate(word)
    )
    assert is_found(code, text)


@given(st.sampled_from(SURE), st.data())
def test_other_letters(sure: tuple[str, str], data: st.DataObject) -> None:
    code, word = sure
    kinds = [lambda one: one.translate(LOOKALIKES), lambda one: WIDE.get(one, one), str.upper]
    text = "".join(data.draw(st.sampled_from(kinds))(letter) for letter in word)
    assert is_found(code, text)


@pytest.mark.parametrize(("code", "word"), SURE)
def test_traditional(code: str, word: str) -> None:
    assert is_found(code, traditional().convert(word))


@pytest.mark.parametrize("between", ["，", "。", "\n", "!", " ， ", "；"])
@pytest.mark.parametrize("around", ["{}", "亲，{}", "请您把{}打开"])
def test_spelt_out(between: str, around: str) -> None:
    for code, word in HAN:
        # Where only one letter stands by itself, it is a sentence as any other.
        if len(word) > 3 or around != "请您把{}打开":
            assert is_found(code, around.format(between.join(word))), word
    assert plain("1，2，3元。好，谢谢").text == "1，2，3元。好，谢谢"


HAN = [(c, w) for c, w in SURE if len(w) >= 3 and all("\u4e00" <= each <= "\u9fff" for each in w)]


@pytest.mark.parametrize(("code", "word"), HAN)
@pytest.mark.parametrize("between", ["", " ", "·"])
def test_pinyin(code: str, word: str, between: str) -> None:
    assert is_found(code, f"请 {between.join(sounds_of(word))} 好")


@given(st.sampled_from(HAN), st.data())
def test_half_in_pinyin(sure: tuple[str, str], data: st.DataObject) -> None:
    code, word = sure
    sounds = sounds_of(word)
    pick = data.draw(st.lists(st.booleans(), min_size=len(word), max_size=len(word)))
    text = "".join(
        sound if in_sound else letter
        for letter, sound, in_sound in zip(word, sounds, pick, strict=True)
    )
    if len(text) >= 3:
        assert is_found(code, text)


@pytest.mark.parametrize(
    "text",
    [
        "加V聊",
        "➕V",
        "加薇",
        "加威信",
        "加 扣 扣",
        "加QQ",
        "加q q",
        "jia wei xin",
        "加V❤信",
        "添加徽信",
    ],
)
def test_ways_to_wechat_and_qq(text: str) -> None:
    assert is_found("other-channel", text)


@pytest.mark.parametrize("text", ["加VIP会员", "增加扣子", "添加微量元素", "施加威胁", "qqwerty"])
def test_what_only_looks_like_it(text: str) -> None:
    assert not is_found("other-channel", text)


@given(ANY_TEXT, st.sampled_from(["buyer", "shop"]))
def test_no_text_breaks_it_and_spans_lie_inside(text: str, side: str) -> None:
    for sign in message_signs(MessageFacts(side=side, text=text), BOOK):  # type: ignore[arg-type]
        for one in sign.evidence:
            if one.start is not None and one.end is not None:
                assert 0 <= one.start < one.end <= len(text)


@given(ANY_TEXT, st.sampled_from(SURE), ANY_TEXT)
def test_evidence_says_what_stands_there(before: str, sure: tuple[str, str], after: str) -> None:
    text = f"{before}。{sure[1]}。{after}"
    for found in word_book().find(plain(text)):
        assert 0 <= found.start < found.end <= len(text)
    assert any(found.code == sure[0] for found in word_book().find(plain(text)))


@pytest.mark.parametrize(
    "letters",
    [
        "微信",
        "加我微信",
        "共x享",
        "不要，",
        "验证码发给我。",
        "1",
        "a",
        "30件",
        "花呗3000 2999元",
        "一二三",
        "http://",
    ],
)
def test_100_kb_of_one_thing(letters: str) -> None:
    text = letters * (100_000 // len(letters))
    started = process_time()
    message_signs(MessageFacts(side="shop", text=text), BOOK)
    assert process_time() - started < 10, "a usual one takes a tenth of a second"
    for sign in message_signs(MessageFacts(side="shop", text=text), BOOK):
        assert len(sign.evidence) <= 20


def test_unless_takes_back_only_in_its_sentence() -> None:
    phrase = Phrase(together=(("验证码",), ("给我",)), unless=("不要",))
    book = WordBook([WordList(code="x", phrase=(phrase,))])
    assert not book.find(plain("不要把验证码发给我"))
    assert book.find(plain("不要急。验证码发给我"))
    assert not book.find(plain("验证码收到。给我看看"))


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("三千", 300_000), ("两千九百九十九点七", 299_970), ("2千", 200_000), ("1.2万", 1_200_000),
        ("２９９９.７０元", 299_970), ("①②③元", 12_300), ("2,999.70", 299_970), ("三千五", 350_000),
        ("一万二", 1_200_000), ("99块9毛", 9_990), ("贰仟元", 200_000), ("一百零五元", 10_500),
        ("三千零五十", 305_000), ("￥8820", 882_000),
    ],
)  # fmt: skip
def test_amounts(text: str, fen: int) -> None:
    assert [one.fen for one in amounts_in(plain(text).text)] == [fen]


@pytest.mark.parametrize(
    "text", ["30件99.99", "拍三十件，每件99.99元", "99.99元的西服拍30件", "99.99元×30件"]
)
def test_many_at_one_price(text: str) -> None:
    assert [(one.times, one.each.fen) for one in many_in(plain(text).text)] == [(30, 9_999)]


@given(ANY_TEXT)
def test_amounts_of_any_text(text: str) -> None:
    bare = plain(text).text
    for one in amounts_in(bare):
        assert one.fen > 0 and 0 <= one.start < one.end <= len(bare)

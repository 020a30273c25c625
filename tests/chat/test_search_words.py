"""Terms of messages and of questions: what was said is found, whatever is typed is safe."""

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongdao.base.asked import pieces_of, snippet_of
from gongdao.base.db import Pool
from gongdao.base.words import fold, spellings_of
from gongdao.chat.body import FileBody, Note, OrderCard, ProductCard, Recall, SystemLine, Text
from gongdao.chat.search.asked import term_of, tsquery_of
from gongdao.chat.words import words_of

Fits = Callable[[str, str], Coroutine[Any, Any, bool]]

_LAW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_HAN = st.text(
    st.sampled_from("退货款运费我的亲不能可以發貨麵後裡颱灣吗呢了"), min_size=1, max_size=40
)


@pytest.fixture
def fits(shared_pool: Pool) -> Fits:
    async def asked(said: str, typed: str) -> bool:
        pieces = pieces_of(typed)
        assert pieces, "nothing to look for"
        question = tsquery_of(pieces, [[]] * len(pieces))
        words = words_of("text", Text(text=said))
        return bool(
            await shared_pool.fetchval(
                "SELECT $1::text::tsvector @@ $2::text::tsquery", words, question
            )
        )

    return asked


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("我想退货，运费谁出？", "退货"),
        ("我想退貨，運費誰出？", "退货"),
        ("我想退货，运费谁出？", "運費"),
        ("裡面的麵條後來壞了", "里面的面条后来坏了"),
        ("这双鞋不喜欢可以退货吗我昨天才收到的", "不喜欢可以退货吗我昨天"),
        ("这双鞋不喜欢可以退货吗", "鞋"),
        ("这双鞋不喜欢可以退货吗", "鞋 吗"),
        ("订单202611220001234什么时候发", "202611220001234"),
        ("订单202611220001234什么时候发", "20261122"),
        ("订单202611220001234什么时候发", "1234"),
        ("iPhone15 Pro 手机壳", "iphone"),
        ("iPhone15 Pro 手机壳", "iphone15"),
        ("iPhone15 Pro 手机壳", "IPHONE 15"),
        ("iPhone 15 Pro", "iphone15"),
        ("ＡＢＣ １２３", "abc 123"),
        ("un café", "CAFE"),
        ("Where is my refund?", "refu"),
        ("好的👍谢谢", "👍"),
        ("好的，谢谢！", "好的！谢谢。"),
        ("O'Neil said \"no\" \\ 'yes'", 'o\'neil "yes"'),
        ("あなたの注文", "注文"),
        ("반품하고 싶어요", "반품"),
    ],
)
async def test_found(fits: Fits, said: str, typed: str) -> None:
    assert await fits(said, typed)


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("退货的货运到了，运费另算", "退货运费"),
        ("退款", "退货"),
        ("我要退，货到了", "退货"),
        ("订单202611220001234", "0122"),
        ("refund", "fund"),
        ("商家承担", "家商"),
    ],
)
async def test_not_found(fits: Fits, said: str, typed: str) -> None:
    assert not await fits(said, typed)


@_LAW
@given(_HAN, st.data())
async def test_every_run_is_found_in_what_it_was_cut_from(
    fits: Fits, said: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(said) - 1))
    end = data.draw(st.integers(start + 1, len(said)))
    assert await fits(said, said[start:end])


@_LAW
@given(_HAN, _HAN)
async def test_a_run_is_found_only_where_it_stands(fits: Fits, said: str, typed: str) -> None:
    assert await fits(said, typed) == (fold(typed) in fold(said))


@_LAW
@given(st.text(max_size=300).filter(lambda text: "\0" not in text), st.text(max_size=300))
async def test_whatever_is_said_and_typed_can_be_asked(
    shared_pool: Pool, said: str, typed: str
) -> None:
    pieces = pieces_of(typed)
    if not (pieces and said):
        return
    question = tsquery_of(pieces, [[uuid4()]] * len(pieces), within=["@text"])
    words = words_of("text", Text(text=said))
    await shared_pool.fetchval("SELECT $1::text::tsvector @@ $2::text::tsquery", words, question)
    snippet = snippet_of(said, pieces)
    assert all(0 <= start < end <= len(snippet.text) for start, end in snippet.marks)


@pytest.mark.parametrize(
    "typed", ["", " ", "%", "_ * ? '", "，。！", "\0", "&|!():*", "\u200d\ufe0f"]
)
def test_nothing_to_look_for(typed: str) -> None:
    assert pieces_of(typed) == []


async def test_a_very_long_question_is_looked_for_by_its_beginning(fits: Fits) -> None:
    said = "我买的东西坏了要退货退款" * 333
    assert await fits(said, said)
    assert await fits("a" * 4000, "a" * 4000)
    assert len(pieces_of("退，货" * 1000)) == 2
    assert len(pieces_of(" ".join(f"w{n}" for n in range(1000)))) == 12


def test_names_are_found_by_how_they_sound() -> None:
    assert {"张三丰", "三丰", "zhangsanfeng", "zsf", "sanfeng", "sf"} <= {*spellings_of("張三丰")}
    assert {"lvbu", "lubu", "lb"} <= {*spellings_of("吕布")}
    assert "tom" in spellings_of("Tom")
    assert spellings_of("") == []


async def test_titles_are_found_by_how_they_sound(shared_pool: Pool) -> None:
    card = ProductCard(product_id=uuid4(), title="华光不锈钢保温杯")
    words = words_of("product", card)
    for typed in ("保温杯", "baowenbei", "bwb", "huaguang", "bxg", "baowen"):
        question = tsquery_of(pieces_of(typed), [[]])
        assert await shared_pool.fetchval(
            "SELECT $1::text::tsvector @@ $2::text::tsquery", words, question
        ), typed


def test_what_is_not_found_by_its_words() -> None:
    assert words_of("system", SystemLine(event="closed", for_shop=True)) == ""
    assert words_of("recall", Recall(seq=1)) == ""
    assert "发票" in words_of("file", FileBody(file_id=uuid4(), name="发票.pdf"))
    assert "2026" in words_of("order", OrderCard(order_id=uuid4(), number="2026001", title="杯"))
    assert "小心" in words_of("note", Note(text="小心这个买家"))


def test_people_are_looked_for_beside_the_words() -> None:
    one = UUID(int=7)
    question = tsquery_of(pieces_of("小安 退货"), [[one], []], within=["@text"])
    assert question == f"('小安' | '{term_of(one)}') & ('退货') & '@text'"


def test_snippets_show_where_it_stands() -> None:
    text = "前" * 200 + "我想退貨，訂單202611220001234，iPhone15" + "后" * 200
    pieces = pieces_of("退货 1234 iphone")
    snippet = snippet_of(text, pieces)
    marked = [snippet.text[start:end] for start, end in snippet.marks]
    assert marked == ["退貨", "1234", "iPhone"]
    assert len(snippet.text) == 160
    assert snippet_of("无关", pieces).marks == []
    assert snippet_of("退货货", pieces_of("退货 货货")).marks == [(0, 3)]


def test_no_message_keeps_a_search_waiting() -> None:
    """A word of so many letters, read to its end from each of them, would take minutes."""
    snippet = snippet_of("a" * 400_000, pieces_of("a" * 40))
    assert snippet.marks

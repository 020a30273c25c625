"""Search over a real history: who finds what, in which order, page by page, at the same time."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.web.chat.desk_town import DeskTown, build_desk_town, settle

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.chat.body import Kind, parse_body
from gongdao.chat.conversation import Conversation
from gongdao.chat.message import Author, Saying
from gongdao.chat.search.store import Filters
from gongdao.chat.store import Opening, open_conversation, say
from gongdao.flows.talk.recall import recall
from gongdao.flows.talk.search import FoundPage, remember_buyer, search_chats

NOW = datetime(2026, 10, 1, 4, tzinfo=UTC)


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


async def open_with(
    town: DeskTown, buyer: str = "李梅", *, case_id: UUID | None = None, shop: UUID | None = None
) -> Conversation:
    who = town.people[buyer]
    opening = Opening(
        id=new_id(), shop_id=shop or town.shop_id, buyer_id=who.person_id, case_id=case_id
    )
    talk, _ = await open_conversation(town.pool, opening, now=NOW - timedelta(days=900))
    await remember_buyer(town.pool, talk.shop_id, who.person_id)
    return talk


async def tell(
    town: DeskTown,
    talk: Conversation,
    name: str,
    text: str,
    *,
    kind: Kind = "text",
    at: datetime = NOW,
) -> int:
    who = town.people[name]
    author: Author = who.kind
    client_id = uuid4()
    said = await say(
        town.pool,
        Saying(
            conversation_id=talk.id,
            client_id=client_id,
            author=author,
            author_id=who.person_id,
            kind=kind,
            body=parse_body(kind, {"text": text}),
            at=at,
        ),
    )
    assert said.outcome == "said"
    return said.seq


async def found(
    town: DeskTown, name: str, query: str, filters: Filters | None = None
) -> Sequence[str]:
    """The texts of a page, looked for until there is one: a slow machine stops in between."""
    who, after, texts = town.people[name], None, list[str]()
    while True:
        page = await search_chats(town.pool, who, query, filters=filters, after=after, now=NOW)
        texts += [one.text for one in page.found]
        if page.searched_to is None:
            return texts
        after = page.next


async def test_each_finds_what_they_may_see(town: DeskTown) -> None:
    talk, other = await open_with(town), await open_with(town, "王强")
    of_case = await open_with(town, case_id=new_id())
    elsewhere = await open_with(town, shop=new_id())
    await tell(town, talk, "李梅", "退货一", at=NOW - timedelta(minutes=5))
    await tell(town, other, "王强", "退货二", at=NOW - timedelta(minutes=4))
    await tell(town, of_case, "仲裁员", "退货三", at=NOW - timedelta(minutes=3))
    await tell(town, elsewhere, "李梅", "退货四", at=NOW - timedelta(minutes=2))
    await tell(town, talk, "小安", "退货便条", kind="note", at=NOW - timedelta(minutes=1))
    await tell(town, of_case, "小安", "退货便条五", kind="note", at=NOW)
    shop = ["退货便条五", "退货便条", "退货三", "退货二", "退货一"]
    assert await found(town, "小安", "退货") == shop
    assert await found(town, "主管", "退货") == shop
    assert await found(town, "李梅", "退货") == ["退货四", "退货三", "退货一"]
    assert await found(town, "王强", "退货") == ["退货二"]
    assert await found(town, "仲裁员", "退货") == ["退货三"]
    assert await found(town, "李梅", "便条") == []
    assert await found(town, "仲裁员", "便条") == []


async def test_nobody_widens_their_view_by_a_filter(town: DeskTown) -> None:
    talk, other = await open_with(town), await open_with(town, "王强")
    elsewhere = await open_with(town, "王强", shop=new_id())
    await tell(town, talk, "李梅", "退货一")
    await tell(town, other, "王强", "退货二")
    await tell(town, elsewhere, "王强", "退货三")
    of_wang = Filters(buyer_id=town.people["王强"].person_id)
    assert await found(town, "李梅", "退货", of_wang) == []
    assert await found(town, "小安", "退货", of_wang) == ["退货二"]
    assert await found(town, "仲裁员", "退货", of_wang) == []
    assert await found(town, "小安", "退货", Filters(buyer_id=new_id())) == []


async def test_who_has_no_conversations_is_refused(town: DeskTown) -> None:
    for name in ("小安", "仲裁员", "李梅"):
        bare = msgspec.structs.replace(town.people[name], permissions=frozenset())
        with pytest.raises(Refusal) as refused:
            await search_chats(town.pool, bare, "退货", now=NOW)
        assert refused.value.code == "wrong_role"


async def test_what_was_taken_back_is_found_by_the_lead_of_who_said_it(town: DeskTown) -> None:
    talk = await open_with(town)
    mine = await tell(town, talk, "小安", "退货算你倒霉")
    theirs = await tell(town, talk, "李梅", "退货快点")
    await recall(town.pool, town.people["小安"], talk.id, mine, now=NOW)
    await recall(town.pool, town.people["李梅"], talk.id, theirs, now=NOW)
    assert await found(town, "小安", "退货") == []
    assert await found(town, "李梅", "退货") == []
    page = await search_chats(town.pool, town.people["主管"], "退货", now=NOW)
    assert [(one.text, one.recalled) for one in page.found] == [("退货算你倒霉", True)]
    of_buyer = Filters(buyer_id=town.people["李梅"].person_id)
    assert await found(town, "主管", "退货", of_buyer) == ["退货算你倒霉"]


async def test_filters(town: DeskTown) -> None:
    talk, other = await open_with(town), await open_with(town, "王强")
    group = new_id()
    await town.pool.execute(
        "UPDATE chat_conversations SET group_id = $2 WHERE id = $1", other.id, group
    )
    long_ago = NOW - timedelta(days=400)
    await tell(town, talk, "小安", "可以退货 a", at=long_ago)
    await tell(town, talk, "小宝", "可以退货 b")
    await tell(town, other, "小安", "可以退货 c", kind="note", at=NOW + timedelta(seconds=1))
    xiaoan = town.people["小安"].person_id
    for filters, expected in (
        (Filters(author_id=xiaoan), ["可以退货 c", "可以退货 a"]),
        (Filters(kind="note"), ["可以退货 c"]),
        (Filters(kind="text"), ["可以退货 b", "可以退货 a"]),
        (Filters(group_id=group), ["可以退货 c"]),
        (Filters(since=NOW - timedelta(days=1)), ["可以退货 c", "可以退货 b"]),
        (Filters(until=NOW), ["可以退货 a"]),
        (Filters(since=long_ago, until=long_ago + timedelta(days=1)), ["可以退货 a"]),
        (Filters(since=NOW, until=long_ago), []),
        (Filters(author_id=new_id()), []),
    ):
        assert await found(town, "主管", "退货", filters) == expected, filters


async def test_names_lead_to_those_who_bear_them(town: DeskTown) -> None:
    await settle(town, "張三豐")
    talk = await open_with(town, "張三豐")
    await tell(town, talk, "張三豐", "在吗")
    for typed in ("张三丰", "三丰", "zhangsan", "zsf", "ZhangSanFeng", "zsf 在吗"):
        assert await found(town, "小安", typed) == ["在吗"], typed
    assert await found(town, "小安", "zsf 不在") == []
    assert await found(town, "李梅", "zhangsan") == []


async def test_a_hit_says_where_it_stands(town: DeskTown) -> None:
    talk = await open_with(town)
    await tell(town, talk, "李梅", "你好")
    seq = await tell(town, talk, "李梅", "我要退貨")
    page = await search_chats(town.pool, town.people["小安"], "退货", now=NOW)
    (one,) = page.found
    assert (one.conversation_id, one.seq, one.conversation_number) == (talk.id, seq, talk.number)
    assert (one.name, one.buyer, one.marks) == ("李梅", "李梅", [(2, 4)])
    assert page.next is None


async def pages(town: DeskTown, who: Principal, query: str, limit: int) -> list[FoundPage]:
    read: list[FoundPage] = []
    after = None
    while not read or after:
        page = await search_chats(town.pool, who, query, after=after, limit=limit, now=NOW)
        read.append(page)
        after = page.next
    return read


@pytest.mark.parametrize("name", ["小安", "李梅", "仲裁员"])
async def test_pages_follow_each_other_without_gaps(town: DeskTown, name: str) -> None:
    talk = await open_with(town, case_id=new_id())
    texts = [f"退货 {n}" for n in range(23)]
    for n, text in enumerate(texts):  # several at one instant, others years apart
        at = NOW - timedelta(days=800) + timedelta(days=n // 4 * 140)
        await tell(town, talk, "李梅", text, at=at)
    read = await pages(town, town.people[name], "退货", 5)
    shown = [one.text for page in read for one in page.found]
    assert shown == texts[::-1]
    assert all(len(page.found) <= 5 for page in read)


async def test_what_comes_meanwhile_disturbs_no_page(town: DeskTown) -> None:
    talk = await open_with(town)
    for n in range(6):
        await tell(town, talk, "李梅", f"退货 {n}", at=NOW - timedelta(hours=9 - n))
    who = town.people["小安"]
    first = await search_chats(town.pool, who, "退货", limit=3, now=NOW)
    await tell(town, talk, "李梅", "退货 新")
    rest = await search_chats(town.pool, who, "退货", limit=3, after=first.next, now=NOW)
    assert [one.text for one in rest.found] == ["退货 2", "退货 1", "退货 0"]


async def test_a_foreign_cursor_is_refused(town: DeskTown) -> None:
    for cursor in ("x", "e30=", "////", "bnVsbA==", "é"):
        with pytest.raises(Refusal) as refused:
            await search_chats(town.pool, town.people["小安"], "退货", after=cursor, now=NOW)
        assert refused.value.code == "invalid"


@pytest.mark.parametrize("typed", ["", "%", "_'\"\\", "\0\0", "*" * 4000, "，。！？"])
async def test_signs_alone_find_nothing(town: DeskTown, typed: str) -> None:
    talk = await open_with(town)
    await tell(town, talk, "李梅", "100% 退货_'\"\\ ，。")
    assert await found(town, "小安", typed) == []


async def test_a_word_that_stands_everywhere_for_years(town: DeskTown) -> None:
    """More in a week, and in sixteen weeks, than are sorted at once; a rare one behind them."""
    talk = await open_with(town)
    await tell(town, talk, "李梅", "退货 珍稀", at=NOW - timedelta(days=500))
    await town.pool.execute(
        """
        INSERT INTO chat_messages (conversation_id, seq, id, client_id, shop_id, buyer_id, author,
                                   author_id, kind, body, at, digest, hash, words)
        SELECT $1, 1 + n, gen_random_uuid(), gen_random_uuid(), $2, $3, 'buyer', $3, 'text',
               jsonb_build_object('text', '退货 ' || n), $4::timestamptz - make_interval(mins => n),
               '', '', array_to_tsvector(ARRAY['退货', '退', '货', n::text])
          FROM generate_series(1, 15000) AS n
        """,
        talk.id,
        talk.shop_id,
        talk.buyer_id,
        NOW - timedelta(days=30),
    )
    expected = [f"退货 {n}" for n in range(1, 46)]
    read = [await search_chats(town.pool, town.people["小安"], "退货", limit=15, now=NOW)]
    # On a busy machine a page stops early and says from where to go on.
    while sum(len(page.found) for page in read) < len(expected):
        after = read[-1].next
        assert after, "there is more"
        read.append(
            await search_chats(
                town.pool, town.people["小安"], "退货", limit=15, after=after, now=NOW
            )
        )
    assert [one.text for page in read for one in page.found][: len(expected)] == expected
    assert await found(town, "小安", "珍稀") == ["退货 珍稀"]
    before = Filters(until=NOW - timedelta(days=60))
    assert await found(town, "小安", "退货", before) == ["退货 珍稀"]
    assert await found(town, "李梅", "退货 14999") == ["退货 14999"]


async def test_many_search_while_many_talk(town: DeskTown) -> None:
    talk = await open_with(town)

    async def speak(n: int) -> None:
        await tell(town, talk, "李梅", f"退货 {n}")

    async def look() -> None:
        texts = await found(town, "小安", "退货")
        assert len(texts) == len(set(texts))

    await asyncio.gather(*(speak(n) for n in range(20)), *(look() for _ in range(20)))
    assert {*await found(town, "小安", "退货")} == {f"退货 {n}" for n in range(20)}

"""What is said is looked at: at once, and again by a round that forgets and doubles nothing."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from tests.flows.guard.watchful import NOW, begin
from tests.flows.market import Market, open_market

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.live import gather_changes
from gongdao.chat.body import Text
from gongdao.chat.conversation import Conversation
from gongdao.chat.message import Saying
from gongdao.chat.store import say
from gongdao.flows.guard import say_signs
from gongdao.flows.guard.book import own_hosts
from gongdao.flows.guard.read_messages import LAG, WINDOW, read_messages
from gongdao.flows.guard.see import seen_in_talk
from gongdao.flows.talk.recall import recall
from gongdao.flows.talk.say import ToSay, say_in_talk
from gongdao.jobs.guard import look_at_messages

BAD = "亲，请下载 AnyDesk，我来远程控制您的手机退款"


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


def text(talk: Conversation, words: str, *, at: datetime = NOW) -> Saying:
    return Saying(
        conversation_id=talk.id, client_id=uuid4(), author="shop", author_id=talk.shop_id,
        kind="text", body=Text(text=words), at=at,
    )  # fmt: skip


async def count(pool: Pool) -> int:
    return await pool.fetchval("SELECT count(*) FROM risk_findings")


@pytest.mark.fact("S0-36")
async def test_it_is_found_as_it_is_said_and_told_to_who_may_know(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    sent = ToSay(conversation_id=talk.id, client_id=uuid4(), body={"text": BAD})
    with gather_changes() as names:
        await say_in_talk(pool, market.owner, sent, now=NOW)
        await say_in_talk(pool, market.owner, sent, now=NOW)
    # 1 the buyer, 4 the platform; the shop hears nothing.
    assert {name for name in names if "guard" in name} == {"guard", f"guard:{talk.id}#5"}
    assert await count(pool) == 1
    seen = await seen_in_talk(pool, market.buyer, talk.id)
    assert seen.level == "danger" and "AnyDesk" in seen.signs[0].say.zh
    assert (await seen_in_talk(pool, market.owner, talk.id)).signs == ()


async def test_what_is_ordinary_leaves_nothing(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    sent = ToSay(conversation_id=talk.id, client_id=uuid4(), body={"text": "亲，今天就发货"})
    with gather_changes() as names:
        await say_in_talk(pool, market.owner, sent, now=NOW)
    assert await count(pool) == 0 and not {name for name in names if "guard" in name}


@pytest.mark.fact("S0-36")
async def test_a_word_in_two_messages_is_found_at_once_and_by_the_round(market: Market) -> None:
    pool = market.pool
    at_once, later = await begin(pool, market), await begin(pool, await open_market(pool))
    said: list[int] = []
    for seconds, words in enumerate(("请打开共享", "屏幕"), 1):
        sent = ToSay(conversation_id=at_once.id, client_id=uuid4(), body={"text": words})
        at = NOW + timedelta(seconds=seconds)
        said.append((await say_in_talk(pool, market.owner, sent, now=at)).seq)
        await say(pool, text(later, words, at=at))
    (sign,) = (await seen_in_talk(pool, market.buyer, at_once.id)).signs
    assert sign.seq == said[-1] and "共享屏幕" in sign.say.zh
    await look_at_messages(pool, NOW + LAG + timedelta(minutes=1))
    assert await count(pool) == 2


async def test_what_is_taken_back_keeps_its_warning(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    sent = ToSay(conversation_id=talk.id, client_id=uuid4(), body={"text": BAD})
    said = await say_in_talk(pool, market.owner, sent, now=NOW)
    await recall(pool, market.owner, talk.id, said.seq, now=NOW)
    assert (await seen_in_talk(pool, market.buyer, talk.id)).level == "danger"


async def test_a_look_that_fails_harms_nobody_and_is_made_up_for(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, talk = market.pool, await begin(market.pool, market)

    async def lost(*_: object, **__: object) -> None:
        raise ConnectionError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(say_signs, "keep", lost)
        sent = ToSay(conversation_id=talk.id, client_id=uuid4(), body={"text": BAD})
        assert (await say_in_talk(pool, market.owner, sent, now=NOW)).outcome == "said"
    assert await count(pool) == 0
    assert await look_at_messages(pool, NOW + LAG + timedelta(seconds=1)) >= 1
    assert await count(pool) == 1


async def test_the_round_finds_each_once_and_waits_for_late_commits(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    for n in range(450):
        await say(pool, text(talk, BAD if n % 100 == 0 else "好的", at=NOW + timedelta(seconds=n)))
    # Said 10 seconds ago: somebody older may still be on the way.
    late = NOW + timedelta(seconds=449)
    await look_at_messages(pool, late)
    assert await count(pool) == 4
    assert await look_at_messages(pool, late) == 0
    await look_at_messages(pool, late + LAG)
    assert await count(pool) == 5
    assert await look_at_messages(pool, late + LAG + WINDOW) == 0


async def test_a_note_among_agents_is_nothing_that_was_said(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    note = ToSay(conversation_id=talk.id, client_id=uuid4(), kind="note", body={"text": BAD})
    await say_in_talk(pool, market.owner, note, now=NOW)
    await look_at_messages(pool, NOW + LAG + timedelta(seconds=1))
    assert await count(pool) == 0


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("GONGDAO_PUBLIC_URL", "https://market.example.com")
    monkeypatch.setenv("GONGDAO_OWN_HOSTS", "pay.example.net, m.example.net")
    own_hosts.cache_clear()
    yield
    own_hosts.cache_clear()


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("https://market.example.com/orders/7", 0),
        ("https://pay.example.net/7", 0),
        ("https://example.net/7", 1),
        ("https://market.example.com.evil.top/7", 1),
    ],
)
@pytest.mark.usefixtures("hosts")
async def test_links_within_the_marketplace_lead_nowhere_else(
    market: Market, link: str, found: int
) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    sent = ToSay(conversation_id=talk.id, client_id=uuid4(), body={"text": f"请在这里付款 {link}"})
    await say_in_talk(pool, market.owner, sent, now=NOW)
    assert await count(pool) == found
    await look_at_messages(pool, NOW + LAG + timedelta(seconds=1))
    assert await count(pool) == found


async def test_quiet_weeks_are_passed_over(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    await look_at_messages(pool, NOW)
    later = NOW + timedelta(days=21)
    await say(pool, text(talk, BAD, at=later))
    await look_at_messages(pool, later + LAG)
    assert await count(pool) == 1


async def test_two_workers_at_once_find_it_once(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    for _ in range(300):
        await say(pool, text(talk, BAD))
    after = NOW + LAG
    await asyncio.gather(*(look_at_messages(pool, after) for _ in range(4)))
    await look_at_messages(pool, after)
    assert await count(pool) == 300


async def test_a_round_that_dies_is_done_again(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    for _ in range(5):
        await say(pool, text(talk, BAD))
    after = NOW + LAG
    # What is found is kept and the round's place is not: the whole of it is undone.
    await pool.execute(
        "ALTER TABLE risk_read ADD CONSTRAINT dies CHECK (at < '1999-01-01') NOT VALID"
    )
    with pytest.raises(Exception, match="dies"):
        await read_messages(pool, now=after)
    assert await count(pool) == 0
    await pool.execute("ALTER TABLE risk_read DROP CONSTRAINT dies")
    await read_messages(pool, now=after)
    assert await count(pool) == 5


async def test_another_shop_reads_nothing_of_it(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    sent = ToSay(conversation_id=talk.id, client_id=uuid4(), body={"text": BAD})
    await say_in_talk(pool, market.owner, sent, now=NOW)
    other = await open_market(pool)
    with pytest.raises(Refusal):
        await seen_in_talk(pool, other.owner, talk.id)

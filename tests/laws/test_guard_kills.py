"""Kill anything while the guard looks and while money waits: found once, held once, paid once."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.flows.guard.watchful import finding, operator
from tests.flows.market import Market, open_market, person
from tests.laws.test_chat_kills import (
    Machines,
    Wording,
    check,
    product,
    settle,
    surroundings,
    talk_through,
    two_machines,
)
from tests.ledger.books import faults, move, pay_order
from tests.stories.test_supervision import Product

from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool, open_pool
from gongdao.base.embedded import running_url
from gongdao.base.ids import new_id
from gongdao.base.weather import is_weather
from gongdao.chat.body import Text
from gongdao.chat.message import Saying
from gongdao.chat.store import Opening, open_conversation, say
from gongdao.flows.guard.hold import ReleaseArgs, release
from gongdao.flows.guard.read_messages import LAG
from gongdao.flows.settings import current_pack
from gongdao.jobs.guard import look_at_messages
from gongdao.ledger.store import post
from gongdao.ledger.transfer import Account
from gongdao.policy.guard import GuardBook
from gongdao.risk.finding import Place
from gongdao.risk.message import MessageFacts, message_signs
from gongdao.risk.store import keep

__all__ = ["product", "surroundings"]

#: Said by whoever talks, one after the other: what is grave, what is ordinary, and a threat.
SAID = (
    "请下载 AnyDesk，我来远程控制您的手机退款",
    "好的，今天就发货",
    "把短信验证码发给我，我帮您退款",
    "不退我五百块我就给差评",
    "请问什么时候到货",
)
#: Messages that stand there before anybody looks: several batches of the round.
UNREAD = 900
#: How long anything may take to come about on a machine that does other work.
PATIENCE = 120
HOLD = timedelta(hours=48)
HELD, FREE = 40, 10


def wording(number: int) -> str:
    return f"{number} {SAID[number % len(SAID)]}"


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait for it, asking the database; it may be away meanwhile."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                if await true():
                    return
            except Exception as error:
                if not is_weather(error):
                    raise
            await asyncio.sleep(0.05)


# --- what is found -----------------------------------------------------------------------------


async def leave_unread(pool: Pool, words: Wording) -> None:
    """A talk of an hour ago that nobody has looked at."""
    talk = Opening(id=new_id(), shop_id=new_id(), buyer_id=new_id())
    at = utc_now() - timedelta(hours=1)
    opened, _ = await open_conversation(pool, talk, now=at)
    for number in range(UNREAD):
        await say(
            pool,
            Saying(
                conversation_id=opened.id, client_id=uuid4(), author="shop", author_id=talk.shop_id,
                kind="text", body=Text(text=words(number)), at=at + timedelta(seconds=number),
            ),
        )  # fmt: skip
    # The workers have read up to a minute ago already; now they have not.
    await pool.execute("DELETE FROM risk_read WHERE round = 'messages'")


async def moves_on(machines: Machines) -> None:
    """The round has read something since it was asked for the first time."""
    ask = "SELECT at FROM risk_read WHERE round = 'messages'"
    before = await machines.pool.fetchval(ask)

    async def moved() -> bool:
        return await machines.pool.fetchval(ask) != before

    await until(moved)


def expected(text: str, side: str, book: GuardBook) -> Counter[str]:
    facts = msgspec.convert({"side": side, "text": text}, MessageFacts)
    return Counter(sign.code for sign in message_signs(facts, book))


async def found_once(pool: Pool) -> int:
    """Each message has exactly the findings that its words show; returns how many there are."""
    book = (await current_pack(pool)).guard
    rows = await pool.fetch(
        "SELECT m.id, m.kind, m.author, m.body ->> 'text' AS text,"
        " (SELECT array_agg(f.code) FROM risk_findings f"
        "   WHERE f.subject = 'message' AND f.subject_id = m.id) AS codes FROM chat_messages m"
    )
    total = 0
    for row in rows:
        is_looked_at = row["kind"] == "text" and row["author"] in ("buyer", "shop")
        wanted = expected(row["text"], row["author"], book) if is_looked_at else Counter[str]()
        assert Counter(row["codes"] or ()) == wanted, (row["kind"], row["author"], row["text"])
        total += wanted.total()
    in_talks = "SELECT count(*) FROM risk_findings WHERE subject = 'message'"
    assert total == await pool.fetchval(in_talks)
    return total


async def read_to_the_end(pool: Pool) -> None:
    """The round comes from later: it waits a minute for late commits."""
    end = utc_now() + LAG

    async def is_read() -> bool:
        await look_at_messages(pool, end)
        at = await pool.fetchval("SELECT at FROM risk_read WHERE round = 'messages'")
        return at is not None and at >= end - LAG

    await until(is_read)


async def test_no_message_is_lost_and_each_finding_is_there_once(product: Product) -> None:
    async with two_machines(product) as machines:
        await leave_unread(machines.pool, wording)
        talks = await settle(machines.pool, machines.urls)
        for _ in range(3):
            await moves_on(machines)
            machines.kill_workers()
        kills = [
            (1.0, machines.kill_first_web),
            (1.0, machines.kill_workers),
            (1.0, machines.kill_second_web),
            (1.5, machines.kill_database),
            (2.0, machines.kill_workers),
        ]
        await talk_through(machines.pool, talks, kills, wording=wording)
        await check(machines.pool, talks)
        await read_to_the_end(machines.pool)
        assert await found_once(machines.pool) >= UNREAD * 2 // 5


# --- what is kept back -------------------------------------------------------------------------


@asynccontextmanager
async def pool_of(product: Product) -> AsyncIterator[Pool]:
    url = running_url(product.home)
    assert url
    pool = await open_pool(url, size=4, name="test")
    try:
        yield pool
    finally:
        await pool.close()


async def refunds(market: Market, buyer: Principal, count: int) -> set[UUID]:
    """Refunds on their way to a buyer; the payouts."""
    cases: list[UUID] = []
    for number in range(count):
        order, case = new_id(), new_id()
        async with market.pool.acquire() as connection, connection.transaction():
            escrow = await pay_order(connection, order, 10_000 + number, "card")
            refund = move("refund", escrow, Account("buyer_refund", buyer.person_id), 10_000)
            await post(connection, [refund], now=utc_now(), case_id=case, order_id=order)
        cases.append(case)
    rows = await market.pool.fetch("SELECT id FROM payouts WHERE case_id = ANY ($1)", cases)
    return {row["id"] for row in rows}


async def suspect(market: Market) -> None:
    """Two grave signs about the buyer."""
    buyer = market.buyer.person_id
    place = Place(subject="buyer", subject_id=buyer, buyer_id=buyer, about="buyer")
    codes = ("swapped-goods", "review-threats")
    now = utc_now()
    await keep(
        market.pool,
        [finding(place, code=code, weight=30, at=now, found_at=now) for code in codes],
    )


def kill_worker(product: Product) -> None:
    if worker := product.members().get("worker"):
        os.kill(worker, signal.SIGKILL)


async def killing(product: Product, seconds: tuple[float, ...]) -> None:
    """Kill the worker again and again, each time so much later."""
    for wait in seconds:
        await asyncio.sleep(wait)
        kill_worker(product)


async def some_are_held(pool: Pool, count: int) -> None:
    async def held() -> bool:
        return await pool.fetchval("SELECT count(*) FROM risk_holds") >= count

    await until(held)


async def all_are(pool: Pool, payouts: set[UUID], *states: str) -> None:
    async def there() -> bool:
        rows = await pool.fetch("SELECT state FROM payouts WHERE id = ANY ($1)", list(payouts))
        return {row["state"] for row in rows} <= set(states)

    await until(there)


async def let_the_hours_pass(pool: Pool) -> None:
    """What waits was kept back two days earlier."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "UPDATE payouts p SET next_attempt_at = next_attempt_at - $1::interval"
            " FROM risk_holds h WHERE h.payout_id = p.id AND h.released_at IS NULL",
            HOLD,
        )
        await connection.execute(
            "UPDATE risk_holds SET since = since - $1::interval, until = until - $1::interval"
            " WHERE released_at IS NULL",
            HOLD,
        )


async def check_money(pool: Pool, held: set[UUID], free: set[UUID]) -> None:
    """Nothing is lost, paid twice, held twice, held too long, or paid while it waited."""
    assert await faults(pool) == []
    rows = await pool.fetch(
        "SELECT p.id, p.state, p.amount_fen, h.since, h.until, h.released_at, s.state AS channel,"
        "       s.amount_fen AS taken, s.accepted_at,"
        "       (SELECT count(*) FROM ledger_transfers t WHERE t.payout_id = p.id) AS left_books"
        "  FROM payouts p LEFT JOIN risk_holds h ON h.payout_id = p.id"
        "  LEFT JOIN channel_sim_orders s ON s.ref = p.id"
    )
    assert {row["id"] for row in rows} == held | free
    for row in rows:
        assert (row["state"], row["channel"], row["left_books"]) == ("arrived", "accepted", 1)
        assert row["taken"] == row["amount_fen"] == 10_000
        assert (row["since"] is not None) == (row["id"] in held)
        if row["id"] in held:
            assert row["until"] - row["since"] == HOLD
            assert row["accepted_at"] >= row["released_at"], "it went out while it waited"
            assert row["released_at"] <= row["until"] + timedelta(seconds=PATIENCE)
    assert await pool.fetchval("SELECT count(*) FROM channel_sim_orders") == len(rows)


async def test_money_that_waits_is_held_once_and_paid_once(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGDAO_CHANNEL_DAY", "1")
    product.start()
    async with pool_of(product) as pool:
        market = await open_market(pool)
        boss = await operator(pool)
        await suspect(market)
        other = await person(pool, "buyer", "buyer")
        killer = asyncio.create_task(killing(product, (0.3, 2.0, 1.0, 2.5, 1.5)))
        held = await refunds(market, market.buyer, HELD // 2)
        free = await refunds(market, other, FREE)
        await some_are_held(pool, 1)
        kill_worker(product)
        held |= await refunds(market, market.buyer, HELD // 2)
        await some_are_held(pool, HELD)
        await killer
        await all_are(pool, free, "arrived")
        await all_are(pool, held, "queued")

        # A person lets half of them go, while the worker dies; the others wait for their time.
        killer = asyncio.create_task(killing(product, (0.2, 2.0)))
        let_go = set(sorted(held)[: HELD // 2])
        for payout in let_go:
            args = ReleaseArgs(payout_id=payout, why="与买家核实过")
            await release(pool, boss, args, now=utc_now())
        await killer
        await all_are(pool, let_go, "arrived")
        await all_are(pool, held - let_go, "queued")
        await let_the_hours_pass(pool)
        os.kill(product.members()["postgres"], signal.SIGKILL)
        await killing(product, (0.5, 2.5))
        await until(lambda: all_arrived(pool))
        await check_money(pool, held, free)


async def all_arrived(pool: Pool) -> bool:
    return not await pool.fetchval("SELECT count(*) FROM payouts WHERE state <> 'arrived'")

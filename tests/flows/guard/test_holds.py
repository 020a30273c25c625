"""Payouts that wait for a person: once, not for long, and no other money."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.flows.guard.watchful import finding, kept, operator
from tests.flows.market import Market, open_market, person
from tests.ledger.books import NOW, faults, move, pay_order

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.flows.guard.hold import ReleaseArgs, list_holds, release
from gongdao.flows.guard.hold_back import hold_back
from gongdao.flows.guard.mark import MarkArgs, mark_finding
from gongdao.jobs.payouts import note_due_arrivals, send_due_payouts
from gongdao.ledger.payout_store import claim_queued
from gongdao.ledger.simulator import Simulator
from gongdao.ledger.store import post
from gongdao.ledger.transfer import Account
from gongdao.risk.finding import Finding, Place

SPAN = timedelta(hours=48)
DAY = timedelta(days=1)


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


async def refund(market: Market, amount_fen: int = 26_800) -> UUID:
    """A refund on its way to the buyer; the payout."""
    order, case = new_id(), new_id()
    async with market.pool.acquire() as connection:
        escrow = await pay_order(connection, order, amount_fen, "card")
        buyer = Account("buyer_refund", market.buyer.person_id)
        refunded = move("refund", escrow, buyer, amount_fen)
        await post(connection, [refunded], now=NOW, case_id=case, order_id=order)
    return await market.pool.fetchval("SELECT id FROM payouts WHERE case_id = $1", case)


async def suspect(market: Market, code: str, **place: Any) -> Finding:
    """A grave sign about the buyer, or what else is said."""
    buyer = market.buyer.person_id
    where = Place(
        subject="buyer", subject_id=buyer, buyer_id=buyer, shop_id=market.shop_id, about="buyer"
    )
    where = msgspec.structs.replace(where, **place)
    return await kept(market.pool, finding(where, code=code, weight=30))


async def grave(market: Market, **place: Any) -> list[Finding]:
    return [await suspect(market, code, **place) for code in ("swapped-goods", "review-threats")]


async def state(pool: Pool) -> tuple[str, int, datetime]:
    row = await pool.fetchrow("SELECT state, attempts, next_attempt_at FROM payouts")
    assert row
    return tuple(row)


async def send(pool: Pool, now: datetime) -> int:
    return await send_due_payouts(pool, Simulator(pool, failing=0), now=now)


async def test_money_to_a_suspect_waits_and_then_goes_by_itself(market: Market) -> None:
    pool = market.pool
    await refund(market)
    await grave(market)
    await send(pool, NOW)
    assert await state(pool) == ("queued", 0, NOW + SPAN)
    await send(pool, NOW + SPAN - timedelta(seconds=1))
    assert (await state(pool))[0] == "queued"
    await send(pool, NOW + SPAN)
    assert (await state(pool))[:2] == ("sent", 1)
    row = await pool.fetchrow("SELECT released_at, released_by FROM risk_holds")
    assert row and row["released_at"] == NOW + SPAN and row["released_by"] is None
    assert await note_due_arrivals(pool, Simulator(pool, failing=0), now=NOW + 10 * DAY) == 1
    assert await faults(pool) == []


async def test_signs_that_are_no_danger_or_about_the_shop_hold_nothing(market: Market) -> None:
    pool = market.pool
    await refund(market)
    await suspect(market, "swapped-goods")
    shop = {"subject": "shop", "subject_id": market.shop_id, "about": "shop"}
    await grave(market, **shop)
    await suspect(market, "remote-control", subject_id=new_id(), buyer_id=new_id())
    await send(pool, NOW)
    assert (await state(pool))[0] == "sent"
    assert await pool.fetchval("SELECT count(*) FROM risk_holds") == 0


async def test_what_was_marked_wrong_holds_nothing(market: Market) -> None:
    pool, boss = market.pool, await operator(market.pool)
    await refund(market)
    (one, _) = await grave(market)
    args = MarkArgs(id=new_id(), finding_id=one.id, verdict="wrong", why="mixed up")
    await mark_finding(pool, boss, args, now=NOW)
    await send(pool, NOW)
    assert (await state(pool))[0] == "sent"


async def test_a_person_lets_it_go_and_it_never_waits_again(market: Market) -> None:
    pool, boss = market.pool, await operator(market.pool)
    payout = await refund(market)
    await grave(market)
    await send(pool, NOW)
    (held,) = (await list_holds(pool, market.arbiter)).holds
    assert held.buyer == "buyer" and {sign.code for sign in held.signs} == {
        "swapped-goods",
        "review-threats",
    }
    args = ReleaseArgs(payout_id=payout, why="和买家通过电话")
    for who in (market.arbiter, market.owner, market.buyer):
        with pytest.raises(Refusal) as refused:
            await release(pool, who, args, now=NOW)
        assert refused.value.code == "wrong_role"
    for _ in range(2):
        done = await release(pool, boss, args, now=NOW + DAY / 24)
        assert done.released_by == boss.person_id and done.why == args.why
    assert (await list_holds(pool, boss)).holds == ()
    (past,) = (await list_holds(pool, boss, with_past=True)).holds
    assert past.hold.released_at == NOW + DAY / 24
    await send(pool, NOW + DAY / 24)
    assert (await state(pool))[0] == "sent"


async def test_a_release_needs_a_reason_and_a_payout_that_waits(market: Market) -> None:
    boss = await operator(market.pool)
    payout = await refund(market)
    for args, code in (
        (ReleaseArgs(payout_id=payout, why=" "), "reason_required"),
        (ReleaseArgs(payout_id=payout, why="x"), "not_found"),
    ):
        with pytest.raises(Refusal) as refused:
            await release(market.pool, boss, args, now=NOW)
        assert refused.value.code == code


async def test_killed_between_the_claim_and_the_note_nothing_is_lost(market: Market) -> None:
    """The claim, the putting off and the note are one: undone, all of it is as before."""
    pool = market.pool
    await refund(market)
    await grave(market)
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        due = await claim_queued(connection, now=NOW, day=DAY)
        assert len(await hold_back(connection, due, now=NOW)) == 1
        await transaction.rollback()
    assert await pool.fetchval("SELECT count(*) FROM risk_holds") == 0
    await send(pool, NOW)
    assert await state(pool) == ("queued", 0, NOW + SPAN)


async def test_what_the_bank_may_have_taken_already_is_not_kept_back(market: Market) -> None:
    """Killed after the channel took it: what is found only then comes too late."""
    pool = market.pool
    payout = await refund(market)
    async with pool.acquire() as connection:
        (due,) = await claim_queued(connection, now=NOW, day=DAY)
    await Simulator(pool, failing=0).refund(payout, due.channel, due.amount_fen, now=NOW)
    await grave(market)
    await send(pool, NOW + DAY)
    assert (await state(pool))[0] == "sent"
    assert await pool.fetchval("SELECT count(*) FROM risk_holds") == 0


async def test_a_hundred_and_more_at_once_each_wait_once(market: Market) -> None:
    pool = market.pool
    for _ in range(5):
        await refund(market)
    other = msgspec.structs.replace(market, buyer=await person(pool, "buyer", "buyer"))
    free = await refund(other)
    await grave(market)
    for hours in range(60):
        await send(pool, NOW + timedelta(hours=hours))
    assert await pool.fetchval("SELECT count(*) FROM risk_holds") == 5
    assert await pool.fetchval("SELECT count(*) FROM payouts WHERE state = 'sent'") == 6
    assert await pool.fetchval("SELECT sent_at FROM payouts WHERE id = $1", free) == NOW
    assert await faults(pool) == []


async def test_many_small_signs_free_nobody_from_a_hold(market: Market) -> None:
    pool = market.pool
    payout = await refund(market)
    await grave(market)
    case = await pool.fetchval("SELECT case_id FROM payouts WHERE id = $1", payout)
    for n in range(120):
        at = NOW + timedelta(seconds=n)
        where = Place(
            subject="message", subject_id=new_id(), buyer_id=market.buyer.person_id,
            shop_id=market.shop_id, case_id=case, about="buyer",
        )  # fmt: skip
        await kept(pool, finding(where, code="abuse", weight=15, found_at=at))
    await send(pool, NOW)
    assert (await state(pool))[0] == "queued"

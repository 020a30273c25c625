"""Payouts on their way out: sent, delayed, failing, and killed at every step."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from gongdao.base.db import Pool, Record
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.base.live import gather_changes
from gongdao.jobs.payouts import note_due_arrivals, open_channel, pay_out, send_due_payouts
from gongdao.ledger.channel import ATTEMPTS_MAX, ChannelUnavailable, Receipt, wait_before
from gongdao.ledger.payout_store import claim_queued, retry_payout
from gongdao.ledger.simulator import (
    REFUSED_ENDING_FEN,
    Simulator,
    arrival,
    failures_first,
    refuses,
)
from gongdao.ledger.store import load_balances, money_of_case, post
from gongdao.ledger.transfer import Account

from .books import NOW, faults, move, pay_order

WEEK = timedelta(days=7)


class Silent:
    """A channel whose line is dead."""

    async def refund(self, ref: UUID, channel: str, amount_fen: int, *, now: datetime) -> Receipt:
        raise ChannelUnavailable("no answer")

    async def status(self, refs: Sequence[UUID], *, now: datetime) -> list[Receipt]:
        raise ChannelUnavailable("no answer")


class Bouncing(Silent):
    """A channel that tells only afterwards that the account was closed."""

    async def status(self, refs: Sequence[UUID], *, now: datetime) -> list[Receipt]:
        return [Receipt(ref=ref, state="refused", reason="sent back") for ref in refs]


async def refunded(pool: Pool, amount_fen: int = 268000, *, channel: str = "card") -> UUID:
    """A case that gave a refund; returns the case."""
    order, case = new_id(), new_id()
    async with pool.acquire() as connection:
        escrow = await pay_order(connection, order, amount_fen, channel)
        refund = move("refund", escrow, Account("buyer_refund", new_id()), amount_fen)
        await post(connection, [refund], now=NOW, case_id=case, order_id=order)
    return case


async def the_payout(pool: Pool) -> Record:
    row = await pool.fetchrow("SELECT * FROM payouts")
    assert row is not None
    return row


@pytest.mark.fact("S2-06")
async def test_a_refund_reaches_the_buyer_within_three_working_days(pool: Pool) -> None:
    case, channel = await refunded(pool), Simulator(pool, failing=0)
    assert await send_due_payouts(pool, channel, now=NOW) == 1
    sent = await the_payout(pool)
    assert (sent["state"], sent["sent_at"], sent["attempts"]) == ("sent", NOW, 1)
    assert NOW < sent["expected_at"] <= NOW + timedelta(days=3)
    early = sent["expected_at"] - timedelta(seconds=1)
    assert await note_due_arrivals(pool, channel, now=early) == 0
    assert await note_due_arrivals(pool, channel, now=sent["expected_at"]) == 1
    async with pool.acquire() as connection:
        (line,) = await money_of_case(connection, case)
        arrived = await the_payout(pool)
        buyer = Account("buyer_refund", arrived["person"])
        assert (await load_balances(connection, [buyer]))[buyer].balance_fen == 0
    assert (line.state, line.source, line.payout_state) == ("posted", "order_escrow", "arrived")
    assert (line.arrived_at, arrived["arrived_at"]) == (sent["expected_at"], sent["expected_at"])
    assert await faults(pool) == []


async def test_open_pages_of_the_case_are_told_at_each_step_of_its_money(pool: Pool) -> None:
    case = await refunded(pool)
    for channel in (Simulator(pool, failing=0), Bouncing()):
        with gather_changes() as names:
            await send_due_payouts(pool, Simulator(pool, failing=0), now=NOW)
            assert names == {f"case:{case}"}
        with gather_changes() as names:
            assert not await note_due_arrivals(pool, channel, now=NOW)
            assert not names
        with gather_changes() as names:
            await note_due_arrivals(pool, channel, now=NOW + WEEK)
            assert names == {f"case:{case}"}
        case = await refunded(pool)


async def test_called_twice_it_sends_and_arrives_once(pool: Pool) -> None:
    await refunded(pool)
    channel = Simulator(pool, failing=0)
    assert await send_due_payouts(pool, channel, now=NOW) == 1
    assert await send_due_payouts(pool, channel, now=NOW + WEEK) == 0
    assert await note_due_arrivals(pool, channel, now=NOW + WEEK) == 1
    assert await note_due_arrivals(pool, channel, now=NOW + WEEK) == 0
    assert await pool.fetchval("SELECT count(*) FROM ledger_transfers WHERE kind = 'payout'") == 1
    assert await faults(pool) == []


async def test_killed_after_the_claim_it_is_due_again_after_its_wait(pool: Pool) -> None:
    await refunded(pool)
    async with pool.acquire() as connection:
        day = timedelta(days=1)
        (claimed,) = await claim_queued(connection, now=NOW, day=day)
        assert await claim_queued(connection, now=NOW, day=day) == []
    assert claimed.next_attempt_at == NOW + wait_before(1)
    channel = Simulator(pool, failing=0)
    assert await send_due_payouts(pool, channel, now=NOW) == 0
    assert await send_due_payouts(pool, channel, now=NOW + wait_before(1)) == 1
    assert (await the_payout(pool))["state"] == "sent"


async def test_killed_after_the_channel_took_it_there_is_no_second_refund(pool: Pool) -> None:
    await refunded(pool)
    channel = Simulator(pool, failing=0)
    async with pool.acquire() as connection:
        (claimed,) = await claim_queued(connection, now=NOW, day=timedelta(days=1))
    first = await channel.refund(claimed.id, "card", 268000, now=NOW)
    assert await send_due_payouts(pool, channel, now=NOW + WEEK) == 1
    assert (await the_payout(pool))["expected_at"] == first.expected_at
    assert await pool.fetchval("SELECT count(*) FROM channel_sim_orders") == 1


async def test_killed_between_the_answer_and_the_books_the_arrival_comes_again(pool: Pool) -> None:
    await refunded(pool)
    channel = Simulator(pool, failing=0)
    await send_due_payouts(pool, channel, now=NOW)
    later = NOW + WEEK
    # The poll claimed it and asked, and then the process was gone.
    await pool.execute("UPDATE payouts SET next_attempt_at = $1", later + timedelta(hours=1))
    assert await note_due_arrivals(pool, channel, now=later) == 0
    assert await note_due_arrivals(pool, channel, now=later + timedelta(hours=1)) == 1
    assert await faults(pool) == []


async def test_a_silent_channel_is_asked_less_and_less_and_then_a_person(pool: Pool) -> None:
    case, now, waits = await refunded(pool), NOW, list[timedelta]()
    for _ in range(ATTEMPTS_MAX):
        assert await send_due_payouts(pool, Silent(), now=now) == 1
        due = (await the_payout(pool))["next_attempt_at"]
        if due is not None:
            waits.append(due - now)
            now = due
    assert waits == [wait_before(n) for n in range(1, ATTEMPTS_MAX)]
    async with pool.acquire() as connection:
        failed = await the_payout(pool)
        assert [failed[n] for n in ("case_id", "last_error", "failed_at")] == [
            case,
            "no answer",
            now,
        ]
        # The money is still the buyer's, and a person sends it again.
        assert await faults(pool) == []
        await retry_payout(connection, failed["id"], now=now, channel="balance")
        with pytest.raises(Refusal, match="not_found"):
            await retry_payout(connection, failed["id"], now=now)
    assert await send_due_payouts(pool, Simulator(pool, failing=0), now=now) == 1
    assert await note_due_arrivals(pool, Simulator(pool), now=now + WEEK) == 1
    assert await faults(pool) == []


async def test_a_refused_refund_goes_another_way_when_a_person_says_so(pool: Pool) -> None:
    await refunded(pool, 5000 + REFUSED_ENDING_FEN)
    channel = Simulator(pool, failing=0)
    await send_due_payouts(pool, channel, now=NOW)
    failed = await the_payout(pool)
    assert (failed["state"], failed["last_error"]) == (
        "failed",
        "the account at the bank is closed",
    )
    async with pool.acquire() as connection:
        await retry_payout(connection, failed["id"], now=NOW, channel="balance")
    await send_due_payouts(pool, channel, now=NOW)
    assert await note_due_arrivals(pool, channel, now=NOW + WEEK) == 1
    assert await faults(pool) == []


async def test_money_that_comes_back_later_waits_for_a_person(pool: Pool) -> None:
    await refunded(pool)
    await send_due_payouts(pool, Simulator(pool, failing=0), now=NOW)
    assert await note_due_arrivals(pool, Silent(), now=NOW + WEEK) == 0
    assert await note_due_arrivals(pool, Bouncing(), now=NOW + 2 * WEEK) == 0
    failed = await the_payout(pool)
    assert failed["failed_at"] and failed["last_error"] == "sent back"
    assert await faults(pool) == []


async def test_the_simulator_fails_at_first_by_the_reference_alone(pool: Pool) -> None:
    channel, ref = Simulator(pool, failing=1000), new_id()
    for _ in range(failures_first(ref, 1000)):
        with pytest.raises(ChannelUnavailable):
            await channel.refund(ref, "card", 100, now=NOW)
    receipt = await channel.refund(ref, "card", 100, now=NOW)
    assert receipt.state == "accepted"
    assert await channel.refund(ref, "card", 100, now=NOW) == receipt
    other = await channel.refund(ref, "card", 200, now=NOW)
    assert (other.state, other.reason) == ("refused", "this reference was used for another refund")
    assert await channel.status([ref, new_id()], now=NOW) == [receipt]


@pytest.mark.fact("S2-06")
def test_refunds_arrive_on_the_first_to_third_working_day_by_the_calendar() -> None:
    # The Spring Festival of 2026 closes the banks from 15 to 23 February; the 28th is worked.
    before = datetime.fromisoformat("2026-02-13T10:00:00+08:00")
    days = {
        arrival(UUID(int=n), before, day=timedelta(days=1)).date().isoformat() for n in range(60)
    }
    assert days == {"2026-02-14", "2026-02-24", "2026-02-25"}
    short = timedelta(seconds=2)
    waits = {arrival(UUID(int=n), before, day=short) - before for n in range(60)}
    assert waits == {short, 2 * short, 3 * short}


async def test_a_round_of_the_worker_pays_all_that_is_due(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGDAO_CHANNEL_DAY", "1")
    for amount_fen in (100, 200, REFUSED_ENDING_FEN):
        await refunded(pool, amount_fen)
    now = NOW
    for _ in range(60):
        await pay_out(pool, now)
        now += timedelta(seconds=1)
    rows = await pool.fetch("SELECT state, amount_fen FROM payouts ORDER BY amount_fen")
    assert [tuple(row) for row in rows] == [("arrived", 100), ("arrived", 200), ("failed", 404)]
    assert await faults(pool) == []
    with pytest.raises(ValueError, match="GONGDAO_CHANNEL must be simulator, not 'pigeon'"):
        open_channel("pigeon", pool)


def test_only_banks_refuse() -> None:
    assert refuses("card", 404)
    assert refuses("credit", 12404)
    assert not refuses("balance", 404)
    assert not refuses("card", 403)


def test_waits_double_up_to_six_hours_and_shrink_with_the_day() -> None:
    minutes = [wait_before(n) / timedelta(minutes=1) for n in range(1, 12)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert wait_before(10, day=timedelta(seconds=60)) == timedelta(seconds=15)
    assert wait_before(1, day=timedelta(seconds=60)) == timedelta(seconds=1)

"""`gongdao verify` over what the guard keeps: silent where all agrees, else it names the place."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from tests.flows.guard.test_holds import SPAN, grave, refund, send
from tests.flows.guard.watchful import begin, operator
from tests.flows.market import Market, open_market
from tests.ledger.books import NOW as START

from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.flows.guard.hold import ReleaseArgs, release
from gongdao.flows.guard.mark import MarkArgs, mark_finding
from gongdao.flows.talk.say import ToSay, say_in_talk
from gongdao.flows.verify import Fault
from gongdao.flows.verify_guard import verify_guard

HOUR = timedelta(hours=1)
NOW = START + timedelta(days=1)


class Kept(NamedTuple):
    pool: Pool
    market: Market
    held: UUID
    let_go: UUID


@pytest.fixture
async def kept(pool: Pool) -> AsyncIterator[Kept]:
    """A payout that waits, one that a person let go, and a finding that was marked twice."""
    market = await open_market(pool)
    talk = await begin(pool, market)
    said = ToSay(conversation_id=talk.id, client_id=uuid4(), body={"text": "请下载 AnyDesk"})
    await say_in_talk(pool, market.owner, said, now=NOW)
    finding = await pool.fetchval("SELECT id FROM risk_findings")
    boss = await operator(pool)
    for minutes, verdict in enumerate(("wrong", "right")):
        args = MarkArgs(id=new_id(), finding_id=finding, verdict=verdict, why="看过原话")
        await mark_finding(pool, boss, args, now=NOW + minutes * HOUR)
    let_go = await refund(market)
    await grave(market)
    await send(pool, NOW)
    await release(pool, boss, ReleaseArgs(payout_id=let_go, why="核实过"), now=NOW + HOUR)
    await send(pool, NOW + HOUR)
    held = await refund(market)
    await send(pool, NOW + HOUR)
    yield Kept(pool, market, held, let_go)


async def faults(kept: Kept, hours: int = 2) -> list[Fault]:
    async with kept.pool.acquire() as connection:
        return [fault async for fault in verify_guard(connection, now=NOW + hours * HOUR)]


async def tamper(kept: Kept, statement: str, *args: object) -> None:
    """Change what nobody can change: as a superuser to whom no trigger applies."""
    async with kept.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        assert not (await connection.execute(statement, *args)).endswith(" 0")


async def test_what_nobody_touched_agrees(kept: Kept) -> None:
    assert await kept.pool.fetchval("SELECT count(*) FROM risk_holds") == 2
    assert await faults(kept) == []
    # Within the hour after its end the worker has had no time; then it goes, and all is well.
    assert await faults(kept, hours=49) == []
    await send(kept.pool, NOW + HOUR + SPAN)
    assert await faults(kept, hours=100) == []


async def test_money_that_stands_still_after_its_time_is_named(kept: Kept) -> None:
    (fault,) = await faults(kept, hours=51)
    assert (fault.what, fault.id) == ("hold", str(kept.held))
    assert "stands still" in fault.message


async def test_what_failed_and_is_sent_again_stands_not_still(kept: Kept) -> None:
    await kept.pool.execute(
        "UPDATE payouts SET state = 'queued', attempts = 0, next_attempt_at = $2 WHERE id = $1",
        kept.let_go,
        NOW + 30 * HOUR,
    )
    assert await faults(kept, hours=31) == []


HOLD, PAYOUT = "UPDATE risk_holds SET ", "UPDATE payouts SET "
TAMPERED = {
    "a sum": ("hold", "is of 26800 fen", HOLD + "amount_fen = 1 WHERE payout_id = $1"),
    "a case": ("hold", "another case", HOLD + "case_id = payout_id WHERE payout_id = $1"),
    "a payout removed": ("hold", "does not exist", "DELETE FROM payouts WHERE id = $1"),
    "its reasons": (
        "hold",
        "not about who gets",
        HOLD + "findings = ARRAY[payout_id] WHERE payout_id = $1",
    ),
    "its end": ("hold", "allows", HOLD + "until = until + interval '1 day' WHERE payout_id = $1"),
    "when it is due": (
        "hold",
        "stands still",
        PAYOUT + "next_attempt_at = next_attempt_at + interval '1 day' WHERE id = $1",
    ),
    "sent meanwhile": (
        "hold",
        "went out",
        PAYOUT + "state = 'sent', sent_at = now() WHERE id = $1",
    ),
    "let go on paper alone": (
        "hold",
        "stands still",
        HOLD + "released_at = since WHERE payout_id = $1",
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
async def test_what_was_changed_about_a_hold_is_named(kept: Kept, name: str) -> None:
    what, words, statement = TAMPERED[name]
    await tamper(kept, statement, kept.held)
    found = await faults(kept)
    assert {(fault.what, fault.id) for fault in found} == {(what, str(kept.held))}, found
    assert any(words in fault.message for fault in found), found


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE risk_findings SET verdict = 'wrong' WHERE subject = 'message'",
        "UPDATE risk_findings SET verdict = NULL WHERE subject = 'message'",
        "DELETE FROM risk_marks WHERE verdict = 'right'",
        "DELETE FROM risk_marks",
        "UPDATE risk_findings SET seq = 1 + seq WHERE subject = 'message'",
        "UPDATE risk_findings SET buyer_id = id WHERE subject = 'message'",
    ],
)
async def test_what_was_changed_about_a_finding_is_named(kept: Kept, statement: str) -> None:
    finding = await kept.pool.fetchval("SELECT id FROM risk_findings WHERE subject = 'message'")
    await tamper(kept, statement)
    assert {(fault.what, fault.id) for fault in await faults(kept)} == {("finding", str(finding))}

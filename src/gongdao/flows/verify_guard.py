"""Does what the guard keeps agree: findings, what people said of them, money kept back?"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from gongdao.base.db import Connection
from gongdao.flows.settings import current_pack
from gongdao.flows.verify import Fault
from gongdao.policy.pack import Pack

#: What is due goes out within seconds where a worker runs; after this somebody is to be told.
STANDS_STILL = timedelta(hours=1)

# The platform's newest counts, else the shop's; of two at the same moment either may be the one.
_VERDICTS = """
SELECT f.id, f.verdict, newest.verdict AS said
  FROM risk_findings f LEFT JOIN LATERAL (
       SELECT verdict, at, side FROM risk_marks m WHERE m.finding_id = f.id
        ORDER BY m.side = 'platform' DESC, m.at DESC, m.id DESC LIMIT 1) AS newest ON TRUE
 WHERE f.verdict IS DISTINCT FROM newest.verdict
   AND NOT EXISTS (SELECT FROM risk_marks m WHERE m.finding_id = f.id AND m.verdict = f.verdict
                      AND m.side = newest.side AND m.at > newest.at - interval '1 minute')
"""
_MESSAGES = """
SELECT f.id, f.conversation_id, f.seq FROM risk_findings f
  LEFT JOIN chat_messages m ON m.conversation_id = f.conversation_id AND m.seq = f.seq
 WHERE f.subject = 'message'
   AND (m.id, m.shop_id, m.buyer_id) IS DISTINCT FROM (f.subject_id, f.shop_id, f.buyer_id)
"""
_PAYOUTS = """
SELECT h.payout_id AS id, h.amount_fen, p.amount_fen AS paid_fen, p.id IS NULL AS is_missing
  FROM risk_holds h LEFT JOIN payouts p ON p.id = h.payout_id
 WHERE (p.amount_fen, p.case_id) IS DISTINCT FROM (h.amount_fen, h.case_id)
"""
_REASONS = """
SELECT h.payout_id AS id, why.finding_id
  FROM risk_holds h JOIN payouts p ON p.id = h.payout_id
 CROSS JOIN LATERAL unnest(h.findings) AS why (finding_id)
  LEFT JOIN risk_findings f ON f.id = why.finding_id
 WHERE (f.buyer_id, f.about) IS DISTINCT FROM (p.person, 'buyer')
"""
# Clocks of several machines differ by seconds.
_WENT_OUT = """
SELECT h.payout_id AS id, p.state
  FROM risk_holds h JOIN payouts p ON p.id = h.payout_id
 WHERE (h.released_at IS NULL AND p.state <> 'queued')
    OR (p.sent_at >= h.since AND p.sent_at < h.released_at - interval '1 minute')
"""
# $1 now, $2 how long what is due may lie. One that failed and was sent again is due from then on.
_STAND_STILL = """
SELECT h.payout_id AS id, ends.at AS since, p.next_attempt_at
  FROM risk_holds h JOIN payouts p ON p.id = h.payout_id
 CROSS JOIN LATERAL (SELECT coalesce(h.released_at, h.until) AS at) AS ends
 WHERE p.state = 'queued' AND p.attempts = 0
   AND (greatest(ends.at, p.next_attempt_at) < $1::timestamptz - $2::interval
        OR p.next_attempt_at > greatest(ends.at, $1))
"""
_OPEN = "SELECT payout_id AS id, since, until FROM risk_holds WHERE released_at IS NULL"


async def verify_guard(connection: Connection, *, now: datetime) -> AsyncIterator[Fault]:
    """Every finding and every payout that was kept back, of one snapshot. Nothing is changed."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("SET LOCAL statement_timeout = 0")
        async for fault in _verify_findings(connection):
            yield fault
        async for fault in _verify_holds(connection, now):
            yield fault


async def _verify_findings(connection: Connection) -> AsyncIterator[Fault]:
    async for row in connection.cursor(_VERDICTS):
        message = f"is called {row['verdict']}, but the newest mark says {row['said']}"
        yield Fault("finding", str(row["id"]), message)
    async for row in connection.cursor(_MESSAGES):
        message = f"message {row['seq']} of conversation {row['conversation_id']} is another one"
        yield Fault("finding", str(row["id"]), message)


async def _verify_holds(connection: Connection, now: datetime) -> AsyncIterator[Fault]:
    async for row in connection.cursor(_PAYOUTS):
        yield Fault(
            "hold",
            str(row["id"]),
            "keeps back a payout that does not exist"
            if row["is_missing"]
            else f"keeps back {row['amount_fen']} fen, but the payout is of {row['paid_fen']} fen"
            " or of another case",
        )
    async for row in connection.cursor(_REASONS):
        message = f"rests on finding {row['finding_id']}, which is not about who gets the money"
        yield Fault("hold", str(row["id"]), message)
    async for row in connection.cursor(_WENT_OUT):
        message = f"the payout is {row['state']} and went out while it was kept back"
        yield Fault("hold", str(row["id"]), message)
    async for row in connection.cursor(_STAND_STILL, now, STANDS_STILL):
        yield Fault(
            "hold",
            str(row["id"]),
            f"ends at {_said(row['since'])}, and the payout, due at"
            f" {_said(row['next_attempt_at'])}, stands still",
        )
    pack = await current_pack(connection)
    async for row in connection.cursor(_OPEN):
        if row["until"] > (latest := _latest_end(pack, row["since"])):
            message = f"lasts until {_said(row['until'])}; {pack.name} allows {_said(latest)}"
            yield Fault("hold", str(row["id"]), message)


def _latest_end(pack: Pack, since: datetime) -> datetime:
    """Until when money may be kept back at most by the rule book of now."""
    spans = [rule.hold for rule in pack.guard.rules.values() if rule.hold is not None]
    return max((pack.calendar.add(since, span) for span in spans), default=since)


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"

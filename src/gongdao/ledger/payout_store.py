"""The table of payouts: claiming those that are due, and writing down what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gongdao.base.db import Connection
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.ledger.channel import ATTEMPTS_MAX, Receipt, wait_before
from gongdao.ledger.payout import Payout

#: How many payouts one round takes.
BATCH = 100

_COLUMNS = ", ".join(f"p.{name}" for name in Payout.__struct_fields__)
# The wait before the next attempt is written before this attempt begins: whoever dies in between
# leaves a payout that becomes due again by itself.
_CLAIM_QUEUED = f"""
UPDATE payouts p SET attempts = p.attempts + 1, next_attempt_at = $1 + waits.wait
FROM unnest($2::interval[]) WITH ORDINALITY AS waits (wait, attempt)
WHERE p.id = ANY (ARRAY(
    SELECT id FROM payouts WHERE state = 'queued' AND next_attempt_at <= $1
    ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED
)) AND waits.attempt = least(p.attempts + 1, cardinality($2::interval[]))
RETURNING {_COLUMNS}
"""  # noqa: S608
_CLAIM_SENT = """
UPDATE payouts SET next_attempt_at = $1 + $2
WHERE id = ANY (ARRAY(
    SELECT id FROM payouts WHERE state = 'sent' AND next_attempt_at <= $1
    ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED
))
RETURNING id
"""
_SENT = """
UPDATE payouts SET state = 'sent', channel_ref = $2, sent_at = $3, expected_at = $4,
                   next_attempt_at = coalesce($4::timestamptz, $3), last_error = NULL
WHERE id = $1 AND state = 'queued'
"""
_FAILED = """
UPDATE payouts p SET state = 'failed', failed_at = $3, next_attempt_at = NULL,
                     last_error = told.reason
FROM unnest($1::uuid[], $2::text[]) AS told (id, reason)
WHERE p.id = told.id AND p.state IN ('queued', 'sent')
"""
_UNANSWERED = "UPDATE payouts SET last_error = $2 WHERE id = $1 AND state = 'queued'"
# Put off, an attempt was none: the channel was not asked.
_POSTPONE = """
UPDATE payouts p SET attempts = greatest(p.attempts - 1, 0), next_attempt_at = held.until
FROM unnest($1::uuid[], $2::timestamptz[]) AS held (id, until)
WHERE p.id = held.id AND p.state = 'queued'
"""
_HASTEN = """
UPDATE payouts SET next_attempt_at = least(next_attempt_at, $2)
WHERE id = ANY ($1) AND state = 'queued'
"""
_RETRY = """
UPDATE payouts SET state = 'queued', failed_at = NULL, attempts = 0, next_attempt_at = $2,
                   channel = coalesce($3::text, channel)
WHERE id = $1 AND state = 'failed'
"""


async def claim_queued(
    connection: Connection, *, now: datetime, day: timedelta, limit: int = BATCH
) -> list[Payout]:
    """Take the payouts that are to be sent now; nobody else takes them before their wait ends."""
    waits = [wait_before(attempt, day=day) for attempt in range(1, ATTEMPTS_MAX + 1)]
    return [payout_of(row) for row in await connection.fetch(_CLAIM_QUEUED, now, waits, limit)]


async def claim_sent(
    connection: Connection, *, now: datetime, again: timedelta, limit: int = BATCH
) -> list[UUID]:
    """Take the payouts whose arrival is to be asked for now; they are due again after `again`."""
    return [row["id"] for row in await connection.fetch(_CLAIM_SENT, now, again, limit)]


async def note_sent(connection: Connection, receipt: Receipt, *, now: datetime) -> None:
    """The channel has taken a payout."""
    await connection.execute(_SENT, receipt.ref, receipt.channel_ref, now, receipt.expected_at)


async def cases_of(connection: Connection, payout_ids: Sequence[UUID]) -> set[UUID]:
    """The cases that gave these payouts; what no case gave is left out."""
    rows = await connection.fetch(
        "SELECT DISTINCT case_id FROM payouts WHERE id = ANY($1) AND case_id IS NOT NULL",
        list(payout_ids),
    )
    return {row["case_id"] for row in rows}


async def note_failed(
    connection: Connection, reasons: Mapping[UUID, str], *, now: datetime
) -> None:
    """These payouts will not arrive by themselves; their money stays in the buyer's account."""
    await connection.execute(_FAILED, list(reasons), list(reasons.values()), now)


async def note_unanswered(connection: Connection, payout_id: UUID, *, reason: str) -> None:
    """The channel could not be asked; the payout is due again after its wait."""
    await connection.execute(_UNANSWERED, payout_id, reason)


async def postpone(connection: Connection, until: Mapping[UUID, datetime]) -> None:
    """Payouts that were claimed are not sent now after all; they are due again then."""
    await connection.execute(_POSTPONE, list(until), list(until.values()))


async def hasten(connection: Connection, payouts: Sequence[UUID], *, now: datetime) -> None:
    """Payouts that were put off are due now; one that was sent stays as it is."""
    await connection.execute(_HASTEN, list(payouts), now)


async def note_arrivals(
    connection: Connection, receipts: Sequence[Receipt], *, now: datetime
) -> list[UUID]:
    """Payouts have arrived: their money leaves the books. Returns those that are news."""
    rows = await connection.fetch(
        "SELECT payouts_arrive($1, $2, $3) AS id",
        [receipt.ref for receipt in receipts],
        [receipt.arrived_at or now for receipt in receipts],
        now,
    )
    return [row["id"] for row in rows]


async def retry_payout(
    connection: Connection, payout_id: UUID, *, now: datetime, channel: str | None = None
) -> None:
    """A person lets a failed payout be sent again, by another way if one is named.

    Raises Refusal not_found when no payout of that id has failed.
    """
    if await connection.execute(_RETRY, payout_id, now, channel) != "UPDATE 1":
        raise Refusal("not_found", N_("There is no failed payout of this number."))


def payout_of(row: Any) -> Payout:
    """A payout from a row with its columns."""
    return Payout(**dict(row))

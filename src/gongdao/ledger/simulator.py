"""The embedded payment channel: durable, slow and sometimes out of order, like a real one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from gongdao.base.db import Pool, Record
from gongdao.base.i18n import N_
from gongdao.ledger.channel import ChannelUnavailable, Receipt
from gongdao.policy.calendar import Calendar, Span

#: Refunds take one to three working days, as S2-06 says.
_DAYS_MAX = 3
#: Like the test amounts of real channels: a refund that ends so is refused by card and credit.
REFUSED_ENDING_FEN = 404
_REFUSED = N_("the account at the bank is closed")
_DECLINED = N_("the bank declines the payment")
_SILENT = N_("the bank does not answer; try again later")
_REUSED = N_("this reference was used for another refund")

_TRY = """
INSERT INTO channel_sim_orders AS o (ref, channel, amount_fen, state)
VALUES ($1, $2, $3, 'trying')
ON CONFLICT (ref) DO UPDATE SET
    tries = o.tries + 1,
    channel = CASE o.state WHEN 'refused' THEN excluded.channel ELSE o.channel END,
    state = CASE o.state WHEN 'refused' THEN 'trying' ELSE o.state END
RETURNING *
"""
_ACCEPT = """
UPDATE channel_sim_orders SET state = 'accepted', accepted_at = $2, arrives_at = $3, reason = NULL
WHERE ref = $1 RETURNING *
"""
_REFUSE = "UPDATE channel_sim_orders SET state = 'refused', reason = $2 WHERE ref = $1 RETURNING *"
_COLLECT = """
INSERT INTO channel_sim_collections AS c (ref, channel, amount_fen, refused, asked_at, arrives_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (ref) DO UPDATE SET channel = c.channel RETURNING *
"""
#: Whoever pays is told so within this part of a day: half a minute.
_COLLECTED_IN = 1 / 2880
_STATUS = "SELECT * FROM channel_sim_orders WHERE ref = ANY ($1) AND state <> 'trying'"


class Simulator:
    """Accepts refunds and lets them arrive after one to three working days.

    What goes wrong depends on nothing but the reference and the amount: of a thousand references
    `failing` are unavailable at first, some of them twice; REFUSED_ENDING_FEN is refused for good.
    """

    def __init__(
        self, pool: Pool, *, day: timedelta = timedelta(days=1), failing: int = 100
    ) -> None:
        self._pool = pool
        self._day = day
        self._failing = failing

    async def refund(self, ref: UUID, channel: str, amount_fen: int, *, now: datetime) -> Receipt:
        """Take a refund; see PaymentChannel."""
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(_TRY, ref, channel, amount_fen)
            assert row is not None, "an upsert returns its row"
            if (row["amount_fen"], row["channel"]) != (amount_fen, channel):
                return Receipt(ref=ref, state="refused", reason=_REUSED)
            if row["state"] == "trying" and row["tries"] <= failures_first(ref, self._failing):
                raise ChannelUnavailable(_SILENT)
            if row["state"] == "trying" and refuses(channel, amount_fen):
                row = await connection.fetchrow(_REFUSE, ref, _REFUSED)
            elif row["state"] == "trying":
                arrives_at = arrival(ref, now, day=self._day)
                row = await connection.fetchrow(_ACCEPT, ref, now, arrives_at)
        assert row is not None, "the row was made above"
        return _receipt(row, now)

    async def collect(self, ref: UUID, channel: str, amount_fen: int, *, now: datetime) -> Receipt:
        """Take money in; see PaymentChannel. It confirms by itself: nobody is asked to pay."""
        arrives_at = now + self._day * _COLLECTED_IN
        refused = refuses(channel, amount_fen)
        row = await self._pool.fetchrow(
            _COLLECT, ref, channel, amount_fen, refused, now, arrives_at
        )
        assert row is not None, "an upsert returns its row"
        if (row["amount_fen"], row["channel"]) != (amount_fen, channel):
            return Receipt(ref=ref, state="refused", reason=_REUSED)
        if row["refused"]:
            return Receipt(ref=ref, state="refused", reason=_DECLINED)
        arrived = row["arrives_at"] <= now
        return Receipt(
            ref=ref,
            state="arrived" if arrived else "accepted",
            channel_ref=f"SIM-{ref.hex[:16].upper()}",
            expected_at=row["arrives_at"],
            arrived_at=row["arrives_at"] if arrived else None,
        )

    async def status(self, refs: Sequence[UUID], *, now: datetime) -> list[Receipt]:
        """How refunds stand; see PaymentChannel."""
        return [_receipt(row, now) for row in await self._pool.fetch(_STATUS, list(refs))]


def failures_first(ref: UUID, failing: int) -> int:
    """How many attempts fail before one works."""
    number = _number(ref)
    return 1 + number // 1000 % 2 if number % 1000 < failing else 0


def refuses(channel: str, amount_fen: int) -> bool:
    """Whether the channel refuses the refund for good."""
    return channel in ("card", "credit") and amount_fen % 1000 == REFUSED_ENDING_FEN


def arrival(ref: UUID, now: datetime, *, day: timedelta) -> datetime:
    """When a refund that was taken now reaches the buyer. Shortened days are all working days."""
    days = 1 + _number(ref) // 2000 % _DAYS_MAX
    if day < timedelta(days=1):
        return now + days * day
    return Calendar().add(now, Span(working_days=days))


def _number(ref: UUID) -> int:
    return int.from_bytes(sha256(ref.bytes).digest()[:8])


def _receipt(row: Record, now: datetime) -> Receipt:
    number = f"SIM-{row['ref'].hex[:16].upper()}"
    if row["state"] == "refused":
        return Receipt(ref=row["ref"], state="refused", reason=row["reason"])
    arrived = row["arrives_at"] <= now
    return Receipt(
        ref=row["ref"],
        state="arrived" if arrived else "accepted",
        channel_ref=number,
        expected_at=row["arrives_at"],
        arrived_at=row["arrives_at"] if arrived else None,
    )

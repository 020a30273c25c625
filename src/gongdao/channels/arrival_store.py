"""What came in, in the database; the only SQL for `channel_arrivals`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable, Record
from gongdao.channels.channel import Arrival
from gongdao.channels.reason import REASON_MAX
from gongdao.channels.store import LEASE, move

#: What a list shows at most.
LIST_MAX = 50


class ArrivalRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something that came in, and what has become of it."""

    id: UUID
    account_id: UUID
    sha256: bytes | None
    size_bytes: int
    arrived_at: datetime
    state: str
    reason: str
    sender: str
    subject: str
    is_wanted: bool
    conversation_id: UUID | None
    attempts: int


_ARRIVAL = ", ".join(ArrivalRow.__struct_fields__)
_KEEP = """
INSERT INTO channel_arrivals
       (id, account_id, fingerprint, sha256, size_bytes, arrived_at, state, reason, sender, subject)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT DO NOTHING
"""
_TAKE_KEPT = f"""
UPDATE channel_arrivals SET wait_until = $2, attempts = attempts + 1
 WHERE id IN (SELECT id FROM channel_arrivals
               WHERE state = 'kept' AND coalesce(wait_until, $1) <= $1
               ORDER BY arrived_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING {_ARRIVAL}
"""  # noqa: S608 - made of constants
_LOCK_ARRIVAL = "SELECT state FROM channel_arrivals WHERE id = $1 FOR UPDATE"
_SETTLE = """
UPDATE channel_arrivals SET state = $2, reason = $3, conversation_id = $4, wait_until = NULL
 WHERE id = $1 AND state = 'kept'
"""
_LATELY = """
SELECT count(*) FROM (
    SELECT FROM channel_arrivals
     WHERE account_id = $1 AND sender = $2 AND arrived_at > $3 AND arrived_at <= $4 AND id <> $5
     LIMIT 1000) AS lately
"""
_ASIDE = f"""
SELECT {_ARRIVAL} FROM channel_arrivals
 WHERE account_id = ANY ($1) AND state NOT IN ('kept', 'told') AND seen_at IS NULL
 ORDER BY arrived_at DESC LIMIT {LIST_MAX}
"""  # noqa: S608 - made of constants
_FIND_ARRIVAL = f"""
SELECT {", ".join("r." + name for name in ArrivalRow.__struct_fields__)}
  FROM channel_arrivals r JOIN channel_accounts a ON a.id = r.account_id
 WHERE r.id = $1 AND a.shop_id = $2
"""  # noqa: S608 - made of constants
_SEE = """
UPDATE channel_arrivals SET seen_at = $2, seen_by = $3
 WHERE id = $1 AND state NOT IN ('kept', 'told') AND seen_at IS NULL
"""
_WANT = """
UPDATE channel_arrivals SET state = 'kept', is_wanted = true, attempts = 0, wait_until = NULL
 WHERE id = $1 AND state IN ('automatic', 'held', 'unreadable')
"""


async def keep_arrival(
    connection: Connection, account_id: UUID, arrival: Arrival, *, arrival_id: UUID, now: datetime
) -> bool:
    """List a message whose bytes are stored, and move on. False where it was there before."""
    is_whole = arrival.raw is not None
    async with connection.transaction():
        done = await connection.execute(
            _KEEP,
            arrival_id,
            account_id,
            arrival.fingerprint,
            arrival.sha256 if is_whole else None,
            arrival.size_bytes,
            now,
            "kept" if is_whole else "too_large",
            "",
            arrival.sender[:254],
            arrival.subject[:200],
        )
        await move(connection, account_id, arrival.position)
    return done == "INSERT 0 1"


async def take_kept(database: Queryable, *, now: datetime) -> ArrivalRow | None:
    """The oldest message that nobody has read; a second try comes after LEASE."""
    row = await database.fetchrow(_TAKE_KEPT, now, now + LEASE)
    return None if row is None else _arrival(row)


async def lock_arrival(connection: Connection, arrival_id: UUID) -> bool:
    """Whether it is still to be told, by us alone."""
    return await connection.fetchval(_LOCK_ARRIVAL, arrival_id) == "kept"


async def settle_arrival(
    database: Queryable,
    arrival_id: UUID,
    state: str,
    *,
    reason: str = "",
    conversation_id: UUID | None = None,
) -> None:
    """What has become of a message."""
    await database.execute(_SETTLE, arrival_id, state, reason[:REASON_MAX], conversation_id)


async def count_lately(database: Queryable, row: ArrivalRow, *, within: timedelta) -> int:
    """How many others came from the same sender shortly before this one."""
    since = row.arrived_at - within
    asked = (row.account_id, row.sender, since, row.arrived_at, row.id)
    return int(await database.fetchval(_LATELY, *asked))


async def set_aside(database: Queryable, account_ids: Sequence[UUID]) -> list[ArrivalRow]:
    """What could not be told, the newest first, until a person has looked at it."""
    return [_arrival(row) for row in await database.fetch(_ASIDE, list(account_ids))]


async def find_arrival(
    database: Queryable, arrival_id: UUID, *, shop_id: UUID
) -> ArrivalRow | None:
    """A message that came to one of the shop's accounts."""
    row = await database.fetchrow(_FIND_ARRIVAL, arrival_id, shop_id)
    return None if row is None else _arrival(row)


async def see_arrival(database: Queryable, arrival_id: UUID, *, by: UUID, now: datetime) -> None:
    """A person has looked at what could not be told."""
    await database.execute(_SEE, arrival_id, now, by)


async def want_arrival(database: Queryable, arrival_id: UUID) -> bool:
    """A person wants it in a conversation: it is read once more."""
    return await database.execute(_WANT, arrival_id) == "UPDATE 1"


def _arrival(row: Record) -> ArrivalRow:
    return ArrivalRow(**dict(row))

"""Whose addresses they are, in the database."""

from datetime import datetime
from uuid import UUID

from gongdao.base.db import Connection, Queryable

_BUYER_AT = """
SELECT coalesce(
    (SELECT buyer_id FROM channel_addresses WHERE channel = $2 AND address = $3),
    (SELECT buyer_id FROM channel_correspondents
      WHERE shop_id = $1 AND channel = $2 AND address = $3))
"""
_CORRESPONDENT_AT = """
SELECT buyer_id FROM channel_correspondents WHERE shop_id = $1 AND channel = $2 AND address = $3
"""
_ADD_CORRESPONDENT = """
INSERT INTO channel_correspondents (shop_id, channel, address, buyer_id, since)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
_WRITTEN_TO = """
SELECT a.id FROM channel_correspondents c
  JOIN channel_accounts a ON a.shop_id = c.shop_id AND a.channel = c.channel
 WHERE c.channel = $1 AND c.address = $2 AND a.paused_at IS NULL
 ORDER BY c.since DESC, a.created_at LIMIT 1
"""
_START_PROOF = """
INSERT INTO channel_proofs AS p (buyer_id, channel, address, code_hash, asked_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (buyer_id, channel) DO UPDATE
   SET address = excluded.address, code_hash = excluded.code_hash, asked_at = excluded.asked_at,
       tries = 0
 WHERE p.asked_at <= $6
"""
_TRY_PROOF = """
UPDATE channel_proofs SET tries = tries + 1
 WHERE buyer_id = $1 AND channel = $2 AND tries < $3 AND asked_at > $4
RETURNING address, code_hash
"""
_END_PROOF = "DELETE FROM channel_proofs WHERE buyer_id = $1 AND channel = $2"
_PROVE = """
INSERT INTO channel_addresses (channel, address, buyer_id, proven_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (channel, address) DO UPDATE
   SET buyer_id = excluded.buyer_id, proven_at = excluded.proven_at
"""
_PROVEN = """
SELECT address FROM channel_addresses WHERE buyer_id = $1 AND channel = $2 ORDER BY address LIMIT 20
"""


async def buyer_at(database: Queryable, shop_id: UUID, channel: str, address: str) -> UUID | None:
    """Whose address it is: the buyer's who has proven it, else the one's that was made for it."""
    return await database.fetchval(_BUYER_AT, shop_id, channel, address)


async def correspondent_at(
    database: Queryable, shop_id: UUID, channel: str, address: str
) -> UUID | None:
    """The buyer that was made for an address; never one with an account."""
    return await database.fetchval(_CORRESPONDENT_AT, shop_id, channel, address)


async def add_correspondent(
    database: Queryable, shop_id: UUID, channel: str, address: str, buyer_id: UUID, *, now: datetime
) -> bool:
    """Remember the buyer that was made for an address; False where there was one."""
    done = await database.execute(_ADD_CORRESPONDENT, shop_id, channel, address, buyer_id, now)
    return done == "INSERT 0 1"


async def account_written_to(database: Queryable, channel: str, address: str) -> UUID | None:
    """An account to which an address has written: from there a code may go to it."""
    return await database.fetchval(_WRITTEN_TO, channel, address)


async def start_proof(
    database: Queryable,
    buyer_id: UUID,
    channel: str,
    address: str,
    *,
    code_hash: bytes,
    now: datetime,
    not_after: datetime,
) -> bool:
    """Wait for a code from an address; False where the last one was asked for after `not_after`."""
    asked = (buyer_id, channel, address, code_hash, now, not_after)
    return await database.execute(_START_PROOF, *asked) == "INSERT 0 1"


async def try_proof(
    database: Queryable, buyer_id: UUID, channel: str, *, tries_max: int, asked_after: datetime
) -> tuple[str, bytes] | None:
    """Count one try, and say for which address and code; None when there is nothing to try."""
    row = await database.fetchrow(_TRY_PROOF, buyer_id, channel, tries_max, asked_after)
    return None if row is None else (row["address"], row["code_hash"])


async def prove_address(
    connection: Connection, buyer_id: UUID, channel: str, address: str, *, now: datetime
) -> None:
    """The address is this buyer's: they have read there what only its reader could."""
    await connection.execute(_END_PROOF, buyer_id, channel)
    await connection.execute(_PROVE, channel, address, buyer_id, now)


async def proven_addresses(database: Queryable, buyer_id: UUID, channel: str) -> list[str]:
    """The addresses that a buyer has proven."""
    return [row["address"] for row in await database.fetch(_PROVEN, buyer_id, channel)]

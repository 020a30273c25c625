"""What ties accounts together is written down: where somebody signs in, and where orders go."""

from datetime import datetime, timedelta
from uuid import UUID

from gongdao.base.db import Pool
from gongdao.channels.secrets import Keyring
from gongdao.risk.read_store import note_read, read_until
from gongdao.risk.trait_store import Trait, forget_old_traits, keep_traits, keep_traits_of
from gongdao.risk.traits import device_trait, network_trait, receiver_traits

ROUND = "traits of orders"
#: The first round looks so far back, and what was being written is read again by the next ones.
FIRST, OVERLAP = timedelta(days=30), timedelta(minutes=15)
#: A trait that was not seen for so long is forgotten.
KEPT = timedelta(days=365)
BATCH = 500

_ORDERS = """
SELECT o.id, o.buyer_id, o.receiver_phone, o.receiver_address
  FROM (SELECT DISTINCT order_id FROM order_log WHERE at > $1 AND at <= $2
           AND what IN ('placed', 'imported', 'address_changed')) AS l
  JOIN orders o ON o.id = l.order_id
 WHERE o.id > $3 ORDER BY o.id LIMIT $4
"""


async def note_sign_in(
    pool: Pool,
    keyring: Keyring,
    person_id: UUID,
    *,
    device: str,
    address: str | None,
    now: datetime,
) -> None:
    """Somebody signed in with this browser from this network."""
    network = network_trait(address, keyring.trait)
    traits = [device_trait(device, keyring.trait), *([network] if network else ())]
    await keep_traits(pool, person_id, traits, now=now)


async def note_receivers(pool: Pool, keyring: Keyring, *, now: datetime) -> int:
    """Note where the orders since the last round go; returns how many that were.

    What is noted twice is once, so a round that died is done again.
    """
    before = await read_until(pool, ROUND)
    since = now - FIRST if before is None else before - OVERLAP
    last, read = UUID(int=0), 0
    while True:
        rows = await pool.fetch(_ORDERS, since, now, last, BATCH)
        found: list[tuple[UUID, Trait]] = [
            (row["buyer_id"], trait)
            for row in rows
            for trait in receiver_traits(
                row["receiver_phone"], row["receiver_address"], keyring.trait
            )
        ]
        await keep_traits_of(pool, found, now=now)
        read += len(rows)
        if len(rows) < BATCH:
            break
        last = rows[-1]["id"]
    await note_read(pool, ROUND, now)
    return read


async def forget_traits_of_old(pool: Pool, *, now: datetime) -> None:
    """Forget what nobody was seen with for a year."""
    while await forget_old_traits(pool, before=now - KEPT):
        continue

"""What ties accounts together is written down: where they sign in, where orders go, who paid."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from gongdao.base.db import Connection, Pool, Record
from gongdao.channels.secrets import Keyring
from gongdao.risk.read_store import note_read, read_since
from gongdao.risk.trait_store import (
    Trait,
    forget_old_traits,
    forget_traits,
    keep_traits,
    keep_traits_of,
)
from gongdao.risk.traits import device_trait, network_trait, order_traits

ROUND = "traits of orders"
#: The first round looks so far back.
FIRST = timedelta(days=30)
#: A trait that was not seen for so long is forgotten.
KEPT = timedelta(days=365)
BATCH = 500

_ORDERS = """
SELECT o.id, o.buyer_id, o.receiver_phone, o.receiver_address, o.payer_account
  FROM (SELECT DISTINCT order_id FROM order_log WHERE at > $1 AND at <= $2
           AND what IN ('placed', 'imported', 'address_changed')) AS l
  JOIN orders o ON o.id = l.order_id
 WHERE o.id > $3 AND NOT EXISTS (
       SELECT FROM customers c WHERE c.shop_id = o.shop_id AND c.buyer_id = o.buyer_id
          AND c.erased_at >= o.placed_at)
 ORDER BY o.id LIMIT $4
"""
_RECEIVERS = """
SELECT receiver_phone, receiver_address, payer_account, bool_or(shop_id <> $2) AS is_elsewhere
  FROM orders WHERE buyer_id = $1 GROUP BY 1, 2, 3
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
    """Note where the orders since the last round go, and who paid them; returns how many that were.

    What is noted twice is once, so a round that died is done again.
    """
    since = await read_since(pool, ROUND, first=FIRST, now=now)
    last, read = UUID(int=0), 0
    while True:
        rows = await pool.fetch(_ORDERS, since, now, last, BATCH)
        found: list[tuple[UUID, Trait]] = [
            (row["buyer_id"], trait) for row in rows for trait in _traits_of(row, keyring)
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


async def forget_traits_of_shop(
    connection: Connection, keyring: Keyring, person_id: UUID, shop_id: UUID
) -> None:
    """Forget what one shop's orders of a person told, unless another shop's told it as well.

    Where they sign in is the platform's to know, and stays.
    """
    gone: set[Trait] = set()
    known: set[Trait] = set()
    for row in await connection.fetch(_RECEIVERS, person_id, shop_id):
        (known if row["is_elsewhere"] else gone).update(_traits_of(row, keyring))
    await forget_traits(connection, person_id, gone - known)


def _traits_of(row: Record, keyring: Keyring) -> Iterator[Trait]:
    phone, address = row["receiver_phone"], row["receiver_address"]
    return order_traits(phone, address, row["payer_account"], keyring.trait)

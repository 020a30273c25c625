"""Customers, their notes, groups and preferences in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable
from gongdao.customers.customer import Customer, Note, Preference
from gongdao.customers.group import Group, built_in_groups

#: So many notes of one customer are read at once.
NOTES_MAX = 200

_ONE = """
SELECT shop_id, buyer_id, name, first_at, last_at, erased_at FROM customers
 WHERE shop_id = $1 AND buyer_id = $2
"""
# In one order for everybody, so that two who lock several wait for each other and never both.
_LOCK = """
SELECT shop_id, buyer_id, name, first_at, last_at, erased_at FROM customers
 WHERE shop_id = $1 AND buyer_id = ANY ($2::uuid[]) ORDER BY buyer_id FOR UPDATE
"""
_SILENT = """
SELECT shop_id, buyer_id, name FROM customers WHERE sounds IS NULL LIMIT $1
"""
# A name that was erased, or became another, since it was read has no sound any more.
_SOUND = """
UPDATE customers c SET sounds = t.sounds
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS t (shop_id, buyer_id, name, sounds)
 WHERE c.shop_id = t.shop_id AND c.buyer_id = t.buyer_id AND c.name = t.name
   AND c.sounds IS NULL AND c.erased_at IS NULL
"""
_ADD_NOTE = """
INSERT INTO customer_notes (id, shop_id, buyer_id, by_id, at, text, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING
"""
_NOTE = """
SELECT id, buyer_id, by_id, at, text, due_at, done_at, done_by, erased_at FROM customer_notes
 WHERE shop_id = $1 AND id = $2
"""
_NOTES = """
SELECT id, buyer_id, by_id, at, text, due_at, done_at, done_by, erased_at FROM customer_notes
 WHERE shop_id = $1 AND buyer_id = $2 AND erased_at IS NULL ORDER BY at DESC, id DESC LIMIT $3
"""
_FINISH = """
UPDATE customer_notes SET done_at = $4, done_by = $3
 WHERE id = $2 AND shop_id = $1 AND due_at IS NOT NULL AND done_at IS NULL AND erased_at IS NULL
"""
_PREFER = """
INSERT INTO customer_preferences (shop_id, buyer_id, name, value, by_id, at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (shop_id, buyer_id, name)
DO UPDATE SET value = EXCLUDED.value, by_id = EXCLUDED.by_id, at = EXCLUDED.at
"""
_FORGET_PREFERENCE = """
DELETE FROM customer_preferences WHERE shop_id = $1 AND buyer_id = $2 AND name = $3
"""
_PREFERENCES = """
SELECT name, value, by_id, at FROM customer_preferences
 WHERE shop_id = $1 AND buyer_id = $2 ORDER BY at, name LIMIT 100
"""
_OWN_GROUPS = "SELECT id, name FROM customer_groups WHERE shop_id = $1 ORDER BY at, id LIMIT 100"
_MAKE_GROUP = """
INSERT INTO customer_groups (id, shop_id, name, by_id, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""
_RENAME = """
UPDATE customer_groups SET name = $3 WHERE shop_id = $1 AND id = $2
   AND NOT EXISTS (SELECT FROM customer_groups o
                    WHERE o.shop_id = $1 AND lower(o.name) = lower($3) AND o.id <> $2)
"""
_DROP_MEMBERS = "DELETE FROM customer_members WHERE shop_id = $1 AND grouped = $2"
_DROP_GROUP = "DELETE FROM customer_groups WHERE shop_id = $1 AND id = $2"
_JOIN = """
INSERT INTO customer_members (shop_id, buyer_id, grouped, by_id, at)
SELECT $1, t.id, $3, $4, $5 FROM unnest($2::uuid[]) AS t (id) ON CONFLICT DO NOTHING
"""
_LEAVE = """
DELETE FROM customer_members WHERE shop_id = $1 AND buyer_id = ANY ($2::uuid[]) AND grouped = $3
"""
_GROUPS_OF = """
SELECT buyer_id, array_agg(grouped ORDER BY at, grouped) AS groups FROM customer_members
 WHERE shop_id = $1 AND buyer_id = ANY ($2::uuid[]) GROUP BY buyer_id
"""
_FULL = """
SELECT count(*) FROM (
    SELECT FROM customer_members WHERE shop_id = $1 AND buyer_id = ANY ($2::uuid[])
       AND grouped <> $3 GROUP BY buyer_id HAVING count(*) >= $4) AS full_ones
"""
_ERASE_NOTES = """
UPDATE customer_notes SET text = '', erased_at = $3
 WHERE shop_id = $1 AND buyer_id = $2 AND erased_at IS NULL
"""
_ERASE_GROUPS = "DELETE FROM customer_members WHERE shop_id = $1 AND buyer_id = $2"
_ERASE_PREFERENCES = "DELETE FROM customer_preferences WHERE shop_id = $1 AND buyer_id = $2"
# Without a name there is no sound to look up.
_ERASE = """
UPDATE customers SET erased_at = $3, name = '', sounds = '' WHERE shop_id = $1 AND buyer_id = $2
"""


async def load_customer(database: Queryable, shop_id: UUID, buyer_id: UUID) -> Customer | None:
    """A customer of a shop, also one whose data was erased."""
    row = await database.fetchrow(_ONE, shop_id, buyer_id)
    return Customer(**dict(row)) if row else None


async def lock_customers(
    connection: Connection, shop_id: UUID, buyer_ids: Sequence[UUID]
) -> dict[UUID, Customer]:
    """Customers whom nobody else writes about or erases before the transaction ends."""
    rows = await connection.fetch(_LOCK, shop_id, list(buyer_ids))
    return {row["buyer_id"]: Customer(**dict(row)) for row in rows}


async def silent_names(database: Queryable, *, limit: int) -> list[tuple[UUID, UUID, str]]:
    """Customers of whom nobody has looked up how their name is pronounced."""
    rows = await database.fetch(_SILENT, limit)
    return [(row["shop_id"], row["buyer_id"], row["name"]) for row in rows]


async def keep_sounds(database: Queryable, sounds: Sequence[tuple[UUID, UUID, str, str]]) -> None:
    """Keep how names are pronounced: shop, buyer, name and its sound; only where it is still so."""
    if sounds:
        await database.execute(_SOUND, *map(list, zip(*sounds, strict=True)))


async def add_note(database: Queryable, shop_id: UUID, note: Note) -> Note | None:
    """Keep a note; what stands under its id then, if it is the shop's."""
    await database.execute(
        _ADD_NOTE, note.id, shop_id, note.buyer_id, note.by_id, note.at, note.text, note.due_at
    )
    row = await database.fetchrow(_NOTE, shop_id, note.id)
    return Note(**dict(row)) if row else None


async def notes_of(database: Queryable, shop_id: UUID, buyer_id: UUID) -> list[Note]:
    """The notes on a customer, newest first."""
    rows = await database.fetch(_NOTES, shop_id, buyer_id, NOTES_MAX)
    return [Note(**dict(row)) for row in rows]


async def finish_note(
    database: Queryable, shop_id: UUID, note_id: UUID, *, by_id: UUID, now: datetime
) -> bool:
    """Somebody got in touch as the note asked. False where there is nothing to do."""
    return await database.execute(_FINISH, shop_id, note_id, by_id, now) == "UPDATE 1"


async def keep_preference(
    database: Queryable, shop_id: UUID, buyer_id: UUID, preference: Preference
) -> None:
    """Keep what a customer likes instead of what was known before; an empty value forgets it."""
    if not preference.value:
        await database.execute(_FORGET_PREFERENCE, shop_id, buyer_id, preference.name)
        return
    fields = msgspec.structs.astuple(preference)
    await database.execute(_PREFER, shop_id, buyer_id, *fields)


async def preferences_of(database: Queryable, shop_id: UUID, buyer_id: UUID) -> list[Preference]:
    """What a customer likes."""
    rows = await database.fetch(_PREFERENCES, shop_id, buyer_id)
    return [Preference(**dict(row)) for row in rows]


async def groups_of_shop(database: Queryable, shop_id: UUID) -> list[Group]:
    """The groups that every shop has, then its own."""
    rows = await database.fetch(_OWN_GROUPS, shop_id)
    return built_in_groups() + [Group(str(row["id"]), row["name"], True) for row in rows]


async def make_group(
    database: Queryable, shop_id: UUID, group_id: UUID, name: str, *, by_id: UUID, now: datetime
) -> bool:
    """Make a group. False where one is called so already."""
    done = await database.execute(_MAKE_GROUP, group_id, shop_id, name, by_id, now)
    return done == "INSERT 0 1"


async def rename_group(database: Queryable, shop_id: UUID, group_id: UUID, name: str) -> bool:
    """Call a group otherwise. False where there is none, or another is called so."""
    return await database.execute(_RENAME, shop_id, group_id, name) == "UPDATE 1"


async def drop_group(database: Queryable, shop_id: UUID, group_id: UUID) -> None:
    """Take a group away; its customers stay customers."""
    await database.execute(_DROP_MEMBERS, shop_id, str(group_id))
    await database.execute(_DROP_GROUP, shop_id, group_id)


async def join_group(
    database: Queryable,
    shop_id: UUID,
    buyer_ids: Sequence[UUID],
    group: str,
    *,
    by_id: UUID,
    now: datetime,
) -> None:
    """Put customers into a group; who is in it already stays there."""
    await database.execute(_JOIN, shop_id, list(buyer_ids), group, by_id, now)


async def leave_group(
    database: Queryable, shop_id: UUID, buyer_ids: Sequence[UUID], group: str
) -> None:
    """Take customers out of a group."""
    await database.execute(_LEAVE, shop_id, list(buyer_ids), group)


async def groups_of(
    database: Queryable, shop_id: UUID, buyer_ids: Sequence[UUID]
) -> dict[UUID, list[str]]:
    """In which groups each of these customers is."""
    rows = await database.fetch(_GROUPS_OF, shop_id, list(buyer_ids))
    return {row["buyer_id"]: row["groups"] for row in rows}


async def count_full(
    database: Queryable, shop_id: UUID, buyer_ids: Sequence[UUID], group: str, *, most: int
) -> int:
    """How many of these customers are in so many other groups already."""
    found: Any = await database.fetchval(_FULL, shop_id, list(buyer_ids), group, most)
    return int(found)


async def erase_kept(
    database: Connection, shop_id: UUID, buyer_id: UUID, *, now: datetime
) -> dict[str, int]:
    """Erase what a shop keeps on a customer by itself; how much of each kind it was.

    What is being written at the same time is waited for and erased too.
    """
    await lock_customers(database, shop_id, [buyer_id])
    counts = {
        "notes": _count(await database.execute(_ERASE_NOTES, shop_id, buyer_id, now)),
        "groups": _count(await database.execute(_ERASE_GROUPS, shop_id, buyer_id)),
        "preferences": _count(await database.execute(_ERASE_PREFERENCES, shop_id, buyer_id)),
    }
    await database.execute(_ERASE, shop_id, buyer_id, now)
    return counts


def _count(done: str) -> int:
    return int(done.rpartition(" ")[2])

"""Entries in the database: outcomes in, whole or not at all; rows, events, keys and notices out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec

from gongdao.base.canonical import encode_canonical
from gongdao.base.db import Connection, Queryable, Record
from gongdao.cases.chain import ROOT, links
from gongdao.register.decide import Outcome
from gongdao.register.entry import Entry, decode_entry, encode_entry
from gongdao.register.events import Recorded, decode_event
from gongdao.register.search import words_of

#: What a notice is about: an event, an instruction that is overdue, a customer without an answer.
About = Literal["event", "overdue", "unanswered"]

_ADD = """
INSERT INTO register_entries
       (id, shop_id, opened_at, due_at, answer_due_at, head, words, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING number
"""
_CHANGE = """
UPDATE register_entries SET due_at = $3, answer_due_at = $4, head = $5, words = $6, state = $7
 WHERE id = $1 AND version = $2 RETURNING number
"""
_EVENTS = """
INSERT INTO register_events (entry_id, version, type, at, by, person_id, body, hash)
SELECT $1, * FROM unnest($2::integer[], $3::text[], $4::timestamptz[], $5::text[], $6::uuid[],
                         $7::jsonb[], $8::bytea[])
"""
_KEY = (
    "INSERT INTO register_keys (person_id, key, digest, entry_id, at) VALUES ($1, $2, $3, $4, $5)"
)
_FIND_KEY = "SELECT digest, entry_id FROM register_keys WHERE person_id = $1 AND key = $2"
_LOAD = "SELECT number, head, state FROM register_entries WHERE id = $1"
_BY_LINK = "SELECT number, head, state FROM register_entries WHERE link_sha256 = $1"
_READ_EVENTS = """
SELECT version, at, by, person_id, body FROM register_events
 WHERE entry_id = $1 ORDER BY version LIMIT $2
"""
_TELL = """
INSERT INTO register_notices (person_id, entry_id, version, about, at)
SELECT person_id, $2, version, $4, $5
  FROM unnest($1::uuid[], $3::integer[]) AS told (person_id, version)
ON CONFLICT ON CONSTRAINT register_notices_are_told_once DO NOTHING
"""
_SEEN = """
UPDATE register_notices SET read_at = $3
 WHERE person_id = $1 AND read_at IS NULL AND ($2::uuid IS NULL OR entry_id = $2)
"""
_FORGET = "DELETE FROM register_keys WHERE at < $1"


class ConflictError(Exception):
    """What the decision was based on has changed meanwhile; decide again."""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as the database has it, with the head of its chain."""

    entry: Entry
    number: int
    head: bytes


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """By whom and under which key a command was sent, and the hash of what it said."""

    person_id: UUID
    key: str
    digest: bytes


async def commit(
    connection: Connection,
    outcome: Outcome,
    *,
    before: Stored | None,
    now: datetime,
    key: Key | None = None,
) -> int:
    """Write an outcome; returns the entry's number. Raises ConflictError. Needs a transaction."""
    entry = outcome.entry
    hashes = links(before.head if before else ROOT, outcome.records)
    answer_due = None if entry.is_answered else entry.answer_due_at
    rest: list[Any] = [
        entry.due_at,
        answer_due,
        hashes[-1],
        words_of(entry),
        encode_entry(entry),
    ]
    try:
        if before is None:
            number = await connection.fetchval(
                _ADD, entry.id, entry.shop_id, entry.opened_at, *rest
            )
        else:
            number = await connection.fetchval(_CHANGE, entry.id, before.entry.version, *rest)
        if number is None:
            raise ConflictError("the entry has changed")
        await connection.execute(_EVENTS, entry.id, *_columns(outcome.records), hashes)
        if key:
            await connection.execute(_KEY, key.person_id, key.key, key.digest, entry.id, now)
    except asyncpg.UniqueViolationError as error:
        raise ConflictError(str(error)) from error
    return number


def _columns(records: Sequence[Recorded]) -> tuple[list[Any], ...]:
    return (
        [record.version for record in records],
        [record.type for record in records],
        [record.at for record in records],
        [record.by for record in records],
        [record.person_id for record in records],
        [encode_canonical(record.body) for record in records],
    )


async def load_entry(connection: Queryable, entry_id: UUID) -> Stored | None:
    """An entry by its id."""
    row = await connection.fetchrow(_LOAD, entry_id)
    return stored(row) if row else None


async def find_by_link(connection: Queryable, sha256: str) -> Stored | None:
    """The entry that waits for the signature of a link."""
    row = await connection.fetchrow(_BY_LINK, sha256)
    return stored(row) if row else None


def stored(row: Record) -> Stored:
    """Read an entry from a row that has number, head and state."""
    return Stored(entry=decode_entry(row["state"]), number=row["number"], head=row["head"])


async def load_events(
    connection: Queryable, entry_id: UUID, *, limit: int = 1000
) -> list[Recorded]:
    """The events of an entry in their order."""
    return [recorded(row) for row in await connection.fetch(_READ_EVENTS, entry_id, limit)]


def recorded(row: Record) -> Recorded:
    """Read an event from a row of the log."""
    return Recorded(
        version=row["version"],
        at=row["at"],
        by=row["by"],
        person_id=row["person_id"],
        body=decode_event(row["body"]),
    )


async def find_key(connection: Queryable, person_id: UUID, key: str) -> tuple[bytes, UUID] | None:
    """What was done under a key before: the hash of it, and the entry."""
    row = await connection.fetchrow(_FIND_KEY, person_id, key)
    return (row["digest"], row["entry_id"]) if row else None


async def tell(
    connection: Queryable,
    entry_id: UUID,
    told: Mapping[UUID, int],
    *,
    now: datetime,
    about: About = "event",
) -> None:
    """Tell people of an event; what was told before is not told again."""
    if told:
        await connection.execute(_TELL, list(told), entry_id, list(told.values()), about, now)


async def note_read(
    connection: Queryable, person_id: UUID, *, now: datetime, entry_id: UUID | None = None
) -> None:
    """Somebody has read what they were told: of one entry, or of all."""
    await connection.execute(_SEEN, person_id, entry_id, now)


async def forget_old_keys(connection: Queryable, *, before: datetime) -> None:
    """Drop the keys of commands that nobody will send again."""
    await connection.execute(_FORGET, before)

"""Do the complaint registers still say the same? Chains, rows, and what people have signed."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Record
from gongdao.flows.verify import Fault, read_chain
from gongdao.register import events as e
from gongdao.register.entry import Entry, decode_entry, hash_of_intake, hash_of_text
from gongdao.register.fold import apply
from gongdao.register.search import words_of
from gongdao.register.store import recorded

#: So many entries with their events are in memory at a time.
BATCH = 200

_ENTRIES = """
SELECT id, shop_id, opened_at, due_at, answer_due_at, head, words, state
FROM register_entries WHERE id > $1 ORDER BY id LIMIT $2
"""
_EVENTS = """
SELECT entry_id, version, type, at, by, person_id, body, hash FROM register_events
WHERE entry_id = ANY ($1) ORDER BY entry_id, version
"""
_ORPHANS = """
SELECT v.entry_id, count(*) AS events FROM register_events v
WHERE NOT EXISTS (SELECT FROM register_entries r WHERE r.id = v.entry_id) GROUP BY v.entry_id
"""


async def verify_register(connection: Connection) -> AsyncIterator[Fault]:
    """Every entry of one snapshot. Nothing is changed."""
    last = UUID(int=0)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("SET LOCAL statement_timeout = 0")
        while rows := await connection.fetch(_ENTRIES, last, BATCH):
            found: dict[UUID, list[Any]] = {row["id"]: [] for row in rows}
            for event in await connection.fetch(_EVENTS, list(found)):
                found[event["entry_id"]].append(event)
            for row in rows:
                for fault in judge_entry(row, found[row["id"]]):
                    yield fault
            last = rows[-1]["id"]
        async for row in connection.cursor(_ORPHANS):
            message = f"{row['events']} events of a register entry that does not exist"
            yield Fault("event", str(row["entry_id"]), message)


def judge_entry(row: Record, events: list[Record]) -> list[Fault]:
    """Everything that is wrong with one entry; the first broken event ends the reading of it."""
    name = str(row["id"])
    records, faults = read_chain(name, row, events, recorded)
    if faults:
        return faults
    entry: Entry | None = None
    try:
        for record in records:
            entry = apply(entry, record)
            faults += _judge_signature(name, entry, record)
        stored = decode_entry(row["state"])
    except (ValueError, AssertionError, msgspec.MsgspecError) as error:
        return [Fault("fold", name, f"cannot be read: {error}")]
    if entry is None:
        return [Fault("fold", name, "has no events")]
    if entry != stored:
        fields = Entry.__struct_fields__
        differing = [each for each in fields if getattr(entry, each) != getattr(stored, each)]
        sentence = f"the row differs from its events in: {', '.join(differing)}"
        faults.append(Fault("fold", name, sentence))
    return [*faults, *_judge_columns(name, row, entry)]


def _judge_signature(name: str, entry: Entry, record: e.Recorded) -> Iterator[Fault]:
    """What was signed is what stands there."""
    body = record.body
    if isinstance(body, e.IntakeSigned) and body.signature.sha256 != hash_of_intake(entry.intake):
        yield Fault("event", name, f"event {record.version} signs another form than this one")
    if isinstance(body, e.CustomerAgreed) and body.signature.sha256 != hash_of_text(body.text):
        yield Fault("event", name, f"event {record.version} signs another text than this one")


def _judge_columns(name: str, row: Record, entry: Entry) -> list[Fault]:
    """The columns that are written beside the state; PostgreSQL draws the others from it."""
    should: dict[str, object] = {
        "id": entry.id,
        "shop_id": entry.shop_id,
        "opened_at": entry.opened_at,
        "due_at": entry.due_at,
        "answer_due_at": None if entry.is_answered else entry.answer_due_at,
        "words": words_of(entry),
    }
    return [
        Fault("row", name, f"{column} is not what the events say")
        for column, value in should.items()
        if row[column] != value
    ]

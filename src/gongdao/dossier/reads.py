"""What a dossier is made of, read across the rooms in the order in which it is written."""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Record
from gongdao.cases.events import Recorded
from gongdao.cases.store import recorded
from gongdao.dossier.contents import TransferLine

_BATCH = 500

_WHOSE = """
SELECT c.id, c.number, c.state, s.name AS shop, o.buyer_name AS buyer, o.number AS order_number,
       o.placed_at, o.paid_at, o.freight_fen, o.lines
FROM cases c JOIN orders o ON o.id = c.order_id JOIN shops s ON s.id = c.shop_id
WHERE c.id = $1
"""
_EVENTS = """
SELECT version, at, by, person_id, pack, body, hash FROM case_events
WHERE case_id = $1 AND version > $2 ORDER BY version LIMIT $3
"""
_TRANSFERS = """
SELECT id, created_at AS at, kind, state, source_kind AS source, target_kind AS target, amount_fen,
       event_version AS event, ends_transfer, continues
FROM ledger_transfers WHERE case_id = $1 ORDER BY id LIMIT $2
"""


class Linked(msgspec.Struct, frozen=True):
    """An event with its hash in the case's own chain."""

    record: Recorded
    hash: bytes


async def read_whose(connection: Connection, case_id: UUID) -> "Record | None":
    """The case with its order, its shop and its buyer."""
    return await connection.fetchrow(_WHOSE, case_id)


async def read_events(connection: Connection, case_id: UUID) -> AsyncIterator[Linked]:
    """All events of a case in their order, a batch in memory at a time."""
    last = 0
    while rows := await connection.fetch(_EVENTS, case_id, last, _BATCH):
        for row in rows:
            yield Linked(recorded(row), row["hash"])
        last = rows[-1]["version"]


async def read_transfers(
    connection: Connection, case_id: UUID, *, limit: int
) -> list[TransferLine]:
    """What the ledger has for a case, by position."""
    rows = await connection.fetch(_TRANSFERS, case_id, limit)
    return [TransferLine(**dict(row)) for row in rows]


async def case_of(connection: Connection, number: int) -> UUID | None:
    """The id of a case, by the number that people know."""
    return await connection.fetchval("SELECT id FROM cases WHERE number = $1", number)

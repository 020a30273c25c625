"""Does everything still say the same? Chains, rows, money, orders and files, a batch at a time.

Nothing here changes anything. Whatever does not agree comes out as a fault that names its place.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar, cast
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Pool, Record
from gongdao.cases.case import Case
from gongdao.cases.chain import ROOT, decode_state, link
from gongdao.cases.events import Recorded
from gongdao.cases.fold import fold
from gongdao.cases.payment import instructed
from gongdao.cases.store import recorded
from gongdao.files.objects import Objects
from gongdao.files.verify_files import verify_files
from gongdao.ledger.verify import verify_books

#: So many cases with their events are in memory at a time.
BATCH = 200

What = Literal[
    "chain", "event", "fold", "row", "transfers", "order", "record", "books", "file", "clock",
    "talk", "excerpt", "finding", "hold",
]  # fmt: skip

_CASES = """
SELECT id, order_id, shop_id, buyer_id, opened_at, due_at, closed_at, refunded_fen, head, state
FROM cases WHERE id > $1 ORDER BY id LIMIT $2
"""
_EVENTS = """
SELECT case_id, version, type, at, by, person_id, pack, body, hash FROM case_events
WHERE case_id = ANY ($1) ORDER BY case_id, version
"""
# What a decision posted: the end of a pending transfer, and what continues it, came later.
_TRANSFERS = """
SELECT case_id, kind, source_kind, sum(amount_fen)::bigint AS fen FROM ledger_transfers
WHERE case_id = ANY ($1) AND target_kind = 'buyer_refund' AND ends_transfer IS NULL
  AND continues IS NULL
GROUP BY case_id, kind, source_kind
"""
_ORPHANS = """
SELECT v.case_id, count(*) AS events FROM case_events v
WHERE NOT EXISTS (SELECT FROM cases c WHERE c.id = v.case_id) GROUP BY v.case_id
"""
# What an order got back elsewhere its cases know nothing of: an import told it, and its log says
# how much (imports before migration 0004 did not say so).
_ORDERS = """
SELECT o.id, o.refunded_fen, coalesce(c.fen, 0) AS by_cases, coalesce(l.fen, 0) AS by_log,
       coalesce(l.told_fen, 0) AS told
FROM orders o
LEFT JOIN (SELECT order_id, sum(refunded_fen)::bigint AS fen FROM cases
           WHERE refunded_fen <> 0 GROUP BY order_id) c ON c.order_id = o.id
LEFT JOIN (SELECT order_id,
                  (sum((detail ->> 'amount_fen')::bigint)
                   FILTER (WHERE what = 'refunded' AND NOT detail ? 'from'))::bigint AS fen,
                  (sum((detail ->> 'amount_fen')::bigint)
                   FILTER (WHERE what = 'imported' OR detail ? 'from'))::bigint AS told_fen,
                  bool_or(NOT detail ? 'amount_fen') AS untold
           FROM order_log WHERE what IN ('refunded', 'imported')
           GROUP BY order_id) l ON l.order_id = o.id
WHERE coalesce(c.fen, 0) <> coalesce(l.fen, 0)
   OR o.refunded_fen < coalesce(c.fen, 0) + coalesce(l.told_fen, 0)
   OR (o.refunded_fen > coalesce(c.fen, 0) + coalesce(l.told_fen, 0) AND l.untold IS NOT TRUE)
"""
_ELSEWHERE = """
SELECT o.id, a.balance_fen FROM ledger_accounts a JOIN orders o ON o.id = a.owner
WHERE a.kind = 'order_escrow' AND a.balance_fen <> 0 AND o.money = 'elsewhere'
"""
# Silence that nobody could decide: the sweeper has set it aside, and says why.
_CLOCKS = """
SELECT s.case_id, c.number, s.due_at, s.failures, s.reason FROM clocks_set_aside s
JOIN cases c ON c.id = s.case_id AND c.due_at = s.due_at
"""
# Points of the time before there were records are lines whose events carry no number.
_RECORD = """
SELECT coalesce(r.shop_id, v.shop_id) AS shop_id, coalesce(r.entry, v.entry) AS entry
FROM shop_record r FULL JOIN (
    SELECT c.shop_id, (e.body ->> 'entry')::integer AS entry, e.body
    FROM case_events e JOIN cases c ON c.id = e.case_id WHERE e.body ? 'entry'
) v ON v.shop_id = r.shop_id AND v.entry = r.entry
WHERE v.body IS DISTINCT FROM r.body AND NOT EXISTS (
    SELECT FROM case_events e WHERE v.entry IS NULL AND e.case_id = r.case_id
       AND e.type = 'points_charged' AND e.body = r.body - 'entry')
"""


class Fault(msgspec.Struct, frozen=True):
    """Something that does not agree: what kind of thing, which one, and how."""

    what: What
    id: str
    message: str


class Looked(msgspec.Struct):
    """How much has been looked at so far."""

    cases: int = 0
    events: int = 0


Tell = Callable[[Looked], None]


async def count_cases(pool: Pool) -> int:
    """How many cases there are to look at."""
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        await connection.execute("SET LOCAL statement_timeout = 0")
        return await connection.fetchval("SELECT count(*) FROM cases") or 0


async def verify_cases(connection: Connection, tell: Tell) -> AsyncIterator[Fault]:
    """Every case of one snapshot: its chain, its row, its money; and what orders say of them."""
    looked = Looked()
    last = UUID(int=0)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("SET LOCAL statement_timeout = 0")
        while rows := await connection.fetch(_CASES, last, BATCH):
            ids = [row["id"] for row in rows]
            events = _by_case(await connection.fetch(_EVENTS, ids))
            transfers = _by_case(await connection.fetch(_TRANSFERS, ids))
            for row in rows:
                mine = events.get(row["id"], [])
                for fault in judge_case(row, mine, transfers.get(row["id"], [])):
                    yield fault
                looked.events += len(mine)
            looked.cases += len(rows)
            tell(looked)
            last = ids[-1]
        async for row in connection.cursor(_ORPHANS):
            message = f"{row['events']} events of a case that does not exist"
            yield Fault("event", str(row["case_id"]), message)
        async for row in connection.cursor(_CLOCKS):
            yield Fault(
                "clock",
                str(row["case_id"]),
                f"case {row['number']} was due at {row['due_at']:%Y-%m-%d %H:%M:%S} UTC and could"
                f" not be decided in {row['failures']} attempts: {row['reason']}",
            )
        async for row in connection.cursor(_ORDERS):
            yield Fault(
                "order",
                str(row["id"]),
                f"says that {row['refunded_fen']} fen came back; its cases say {row['by_cases']},"
                f" its log {row['by_log']}, and imports {row['told']}",
            )
        async for row in connection.cursor(_ELSEWHERE):
            message = f"its money is elsewhere, but {row['balance_fen']} fen are in escrow"
            yield Fault("order", str(row["id"]), message)


async def verify_records(connection: Connection) -> AsyncIterator[Fault]:
    """Every line of a shop's record is an event of a case, and every such event is a line."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("SET LOCAL statement_timeout = 0")
        async for row in connection.cursor(_RECORD):
            message = f"line {row['entry']} of the record is not what the events say"
            yield Fault("record", str(row["shop_id"]), message)


async def verify_rest(
    pool: Pool, connection: Connection, objects: Objects | None
) -> AsyncIterator[Fault]:
    """The records of shops, the books, and the bytes of every file where they can be read."""
    async for fault in verify_records(connection):
        yield fault
    async for sentence in verify_books(connection):
        yield Fault("books", "", sentence)
    if objects is not None:
        async for found in verify_files(pool, objects):
            yield Fault("file", str(found.file_id), f"{found.problem}: {found.sha256}")


def judge_case(row: Record, events: list[Record], transfers: list[Record]) -> list[Fault]:
    """Everything that is wrong with one case; the first broken event ends the reading of it."""
    name = str(row["id"])
    records, faults = read_chain(name, row, events, recorded)
    if faults:
        return faults
    try:
        told, stored = fold(records), decode_state(row["state"])
    except (ValueError, AssertionError, msgspec.MsgspecError) as error:
        return [Fault("fold", name, f"cannot be read: {error}")]
    if told != stored:
        differing = ", ".join(_differing(told, stored))
        faults.append(Fault("fold", name, f"the row differs from its events in: {differing}"))
    faults += _judge_columns(name, row, told)
    faults += _judge_transfers(name, records, transfers)
    return faults


class _Told(Protocol):
    """An event in its place, of a case or of anything else that is chained."""

    @property
    def type(self) -> str: ...
    @property
    def at(self) -> datetime: ...


R = TypeVar("R", bound=_Told)


def read_chain(
    name: str, row: Record, events: list[Record], read: Callable[[Record], R]
) -> tuple[list[R], list[Fault]]:
    """The events of a chain, or the first of them that is not what was hashed."""
    records: list[R] = []
    head = ROOT
    for version, event in enumerate(events, start=1):
        if event["version"] != version:
            return records, [Fault("chain", name, f"event {version} is missing")]
        try:
            record = read(event)
        except msgspec.MsgspecError as error:
            return records, [Fault("event", name, f"event {version} cannot be read: {error}")]
        head = link(head, cast("msgspec.Struct", record))
        if head != event["hash"] or event["type"] != record.type:
            return records, [Fault("chain", name, f"event {version} is not what was hashed")]
        if records and record.at < records[-1].at:
            return records, [Fault("event", name, f"event {version} lies before the one above it")]
        records.append(record)
    if head != row["head"]:
        return records, [Fault("chain", name, "the newest event is not the head of the chain")]
    return records, []


def _differing(told: Case, stored: Case) -> list[str]:
    fields = Case.__struct_fields__
    return [field for field in fields if getattr(told, field) != getattr(stored, field)]


def _judge_columns(name: str, row: Record, case: Case) -> list[Fault]:
    """The columns that are written beside the state; the others are drawn from it by PostgreSQL."""
    should: dict[str, UUID | datetime | int | None] = {
        "id": case.id,
        "order_id": case.order_id,
        "shop_id": case.shop_id,
        "buyer_id": case.buyer_id,
        "opened_at": case.opened_at,
        "due_at": case.deadline,
        "closed_at": case.closed_at,
        "refunded_fen": case.paid_fen("refund"),
    }
    return [
        Fault("row", name, f"{column} is {row[column]}, but the events say {value}")
        for column, value in should.items()
        if row[column] != value
    ]


def _judge_transfers(name: str, records: list[Recorded], rows: list[Record]) -> list[Fault]:
    told = instructed(records)
    posted = Counter({(row["kind"], row["source_kind"]): int(row["fen"]) for row in rows})
    return [
        Fault(
            "transfers",
            name,
            f"{key[0]} from {key[1]}: {posted[key]} fen were posted, its events say {told[key]}",
        )
        for key in sorted(told | posted)
        if told[key] != posted[key]
    ]


def _by_case(rows: list[Record]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row["case_id"], []).append(row)
    return found

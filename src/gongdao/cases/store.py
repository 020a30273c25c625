"""Cases in the database: outcomes in, whole or not at all; rows, events and keys out."""

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from gongdao.base.db import Connection, Pool, Queryable, Record
from gongdao.base.together import Together
from gongdao.cases.case import Case
from gongdao.cases.chain import ROOT, decode_body, decode_state, encode_body, encode_state, links
from gongdao.cases.draft import Outcome
from gongdao.cases.events import Recorded
from gongdao.ledger.transfer import Transfer

#: How many case rows a page or an answer of the API lists at most.
PAGE_MAX = 100

_COMMIT = f"SELECT case_commit({', '.join(f'${n}' for n in range(1, 41))})"


class ConflictError(Exception):
    """What the decision was based on has changed meanwhile; decide again with fresh facts."""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A case as the database has it: its state, and the head of its chain."""

    case: Case
    number: int
    head: bytes


class CommandKey(msgspec.Struct, frozen=True, kw_only=True):
    """By whom and under which key a command was sent, and the hash of what it said."""

    person_id: UUID
    key: str
    digest: bytes


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome with what it stood on: the version before it, and the head of the chain."""

    outcome: Outcome
    before: int = 0
    head: bytes = ROOT
    key: CommandKey | None = None


async def commit_one(pool: Pool, decided: Decided, *, now: datetime) -> None:
    """Write an outcome of a case that exists; those that come at the same time go in one
    transaction. Raises ConflictError as `commit` does.
    """
    await _commit_one(pool, (decided, now))


async def _commit_many(
    connection: Connection, asked: Sequence[tuple[Decided, datetime]]
) -> list[None]:
    await commit(connection, [one for one, _ in asked], now=max(now for _, now in asked))
    return [None] * len(asked)


def _rests_on(asked: tuple[Decided, datetime]) -> set[Hashable]:
    """Commands that rest on the same order take turns, and so do entries of a shop's record, and
    payments that count against what a buyer's cases with a shop may cost together.
    """
    case, records = asked[0].outcome.case, asked[0].outcome.records
    rests_on: set[Hashable] = {case.order_id}
    if any(getattr(record.body, "entry", 0) for record in records):
        rests_on.add(case.shop_id)
    if any(getattr(record.body, "beside_fen", None) is not None for record in records):
        rests_on.add((case.buyer_id, case.shop_id))
    return rests_on


_commit_one = Together(_commit_many, apart=_rests_on)


async def commit(
    connection: Queryable,
    decided: Sequence[Decided],
    *,
    now: datetime,
    siblings_seen: int | None = None,
) -> list[int]:
    """Write outcomes in one statement. Returns the numbers of cases that were opened.

    All of them open a case, or none does. Raises ConflictError when a case, the cases of the
    order, a key or the money are not what the decisions saw.
    """
    # Everybody locks rows in the same order, so that nobody waits in a circle.
    decided = sorted(decided, key=lambda one: one.outcome.case.id)
    hashes = [links(d.head, d.outcome.records) for d in decided]
    try:
        numbers = await connection.fetchval(
            _COMMIT,
            now,
            *_case_columns(decided, heads=[chain[-1] for chain in hashes]),
            *_event_columns(decided, hashes=[one for chain in hashes for one in chain]),
            *_transfer_columns(decided),
            *_key_columns(decided),
            *_void_columns(decided),
            siblings_seen,
        )
    except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError) as error:
        raise ConflictError(str(error)) from error
    except asyncpg.CheckViolationError as error:
        # Another case on the order gave money back since the decision looked.
        if error.constraint_name != "no_refund_above_the_payment":
            raise
        raise ConflictError(str(error)) from error
    except asyncpg.PostgresError as error:
        if error.sqlstate in ("GD001", "GD002"):
            raise ConflictError(str(error)) from error
        raise
    return numbers or []


def _case_columns(decided: Sequence[Decided], *, heads: list[bytes]) -> tuple[list[Any], ...]:
    cases = [d.outcome.case for d in decided]
    return (
        [case.id for case in cases],
        [d.before for d in decided],
        [case.order_id for case in cases],
        [case.shop_id for case in cases],
        [case.buyer_id for case in cases],
        [case.opened_at for case in cases],
        [case.deadline for case in cases],
        [case.closed_at for case in cases],
        [d.outcome.refund_fen for d in decided],
        [d.outcome.closes_order for d in decided],
        heads,
        [encode_state(case) for case in cases],
    )


def _event_columns(decided: Sequence[Decided], *, hashes: list[bytes]) -> tuple[list[Any], ...]:
    records = [(d.outcome.case.id, record) for d in decided for record in d.outcome.records]
    return (
        [case_id for case_id, _ in records],
        [record.version for _, record in records],
        [record.type for _, record in records],
        [record.at for _, record in records],
        [record.by for _, record in records],
        [record.person_id for _, record in records],
        [record.pack for _, record in records],
        [encode_body(record.body) for _, record in records],
        hashes,
    )


def _transfer_columns(decided: Sequence[Decided]) -> tuple[list[Any], ...]:
    transfers = [(d.outcome.case, t) for d in decided for t in d.outcome.transfers]
    return (
        [case.id for case, _ in transfers],
        [_order_of(case, transfer) for case, transfer in transfers],
        [transfer.kind for _, transfer in transfers],
        [transfer.source.kind for _, transfer in transfers],
        [transfer.source.owner for _, transfer in transfers],
        [transfer.target.kind for _, transfer in transfers],
        [transfer.target.owner for _, transfer in transfers],
        [transfer.amount_fen for _, transfer in transfers],
        [transfer.pending for _, transfer in transfers],
        [case.version for case, _ in transfers],
    )


def _order_of(case: Case, transfer: Transfer) -> UUID | None:
    """A fine for an anonymous report names no order: the shop reads its own statement."""
    to_buyer = transfer.target.kind == "buyer_refund"
    return case.order_id if to_buyer or not case.anonymous else None


def _void_columns(decided: Sequence[Decided]) -> tuple[list[int], ...]:
    voids = [void for d in decided for void in d.outcome.voids]
    return [void.debt_id for void in voids], [void.amount_fen for void in voids]


def _key_columns(decided: Sequence[Decided]) -> tuple[list[Any], ...]:
    keys = [(d.outcome.case, d.key) for d in decided if d.key]
    return (
        [case.id for case, _ in keys],
        [case.version for case, _ in keys],
        [key.person_id for _, key in keys],
        [key.key for _, key in keys],
        [key.digest for _, key in keys],
    )


async def load_case(connection: Queryable, case_id: UUID) -> Stored | None:
    """A case by its id."""
    row = await connection.fetchrow("SELECT number, head, state FROM cases WHERE id = $1", case_id)
    return stored(row) if row else None


def stored(row: Record) -> Stored:
    """Read a case from a row that has number, head and state."""
    return Stored(case=decode_state(row["state"]), number=row["number"], head=row["head"])


async def load_newest_events(
    connection: Queryable, case_id: UUID, *, limit: int = 1000
) -> list[Recorded]:
    """The last events of a case, in their order."""
    rows = await connection.fetch(
        "SELECT version, at, by, person_id, pack, body FROM case_events"
        " WHERE case_id = $1 ORDER BY version DESC LIMIT $2",
        case_id,
        limit,
    )
    return [recorded(row) for row in reversed(rows)]


async def load_events(
    connection: Queryable, case_id: UUID, *, after: int = 0, limit: int = 1000
) -> list[Recorded]:
    """The events of a case in their order, from a version on."""
    rows = await connection.fetch(
        "SELECT version, at, by, person_id, pack, body FROM case_events"
        " WHERE case_id = $1 AND version > $2 ORDER BY version LIMIT $3",
        case_id,
        after,
        limit,
    )
    return [recorded(row) for row in rows]


def recorded(row: Record) -> Recorded:
    """Read an event from a row of the log."""
    return Recorded(
        version=row["version"],
        at=row["at"],
        by=row["by"],
        pack=row["pack"],
        person_id=row["person_id"],
        body=decode_body(row["body"]),
    )


async def forget_old_keys(connection: Queryable, *, before: datetime) -> None:
    """Drop the keys of commands that nobody will send again."""
    await connection.execute("DELETE FROM command_keys WHERE at < $1", before)

"""What is still to be carried out: payouts, execution, debts, advances, and money held too long."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.ledger.transfer import AccountKind
from gongdao.policy.words import Procedure

SHOWN_MAX = 100

# Each part is a range of an index of its own.
_LATE = f"""
SELECT p.id, p.case_id, c.number, p.purpose, p.amount_fen, p.state, p.attempts, p.next_attempt_at,
       p.expected_at, p.last_error, p.channel
  FROM ((SELECT * FROM payouts WHERE failed_at IS NOT NULL AND state = 'failed'
          ORDER BY failed_at LIMIT {SHOWN_MAX})
        UNION ALL
        (SELECT * FROM payouts WHERE state = 'queued' AND next_attempt_at IS NOT NULL
            AND attempts > 0 ORDER BY next_attempt_at LIMIT {SHOWN_MAX})
        UNION ALL
        (SELECT * FROM payouts WHERE state = 'sent' AND next_attempt_at IS NOT NULL
            AND expected_at < $1 ORDER BY next_attempt_at LIMIT {SHOWN_MAX})) p
  LEFT JOIN cases c ON c.id = p.case_id
 ORDER BY p.created_at, p.id LIMIT {SHOWN_MAX}
"""  # noqa: S608 - made of constants
_WAITING = f"""
SELECT c.id, c.number, c.procedure, c.kind, c.due_at, s.name AS shop_name
  FROM cases c JOIN shops s ON s.id = c.shop_id
 WHERE c.stage = 'execution' AND c.ended IS NULL ORDER BY c.due_at, c.id LIMIT {SHOWN_MAX}
"""  # noqa: S608 - made of constants
# What shops still owe, to whom: the buyers of their cases, or the platform, which has advanced it
# or has fined them.
_OWED = f"""
SELECT t.source_owner AS shop_id, s.name AS shop_name,
       t.target_kind AS owed_to,
       count(*) AS count, sum(t.amount_fen)::bigint AS fen,
       -- What is left of a debt is as old as all of it was.
       min(coalesce(f.created_at, t.created_at)) AS since
  FROM ledger_transfers t JOIN shops s ON s.id = t.source_owner
  LEFT JOIN ledger_transfers f ON f.id = t.continues
 WHERE t.source_kind = 'shop_debt' AND t.state = 'pending'
   AND NOT EXISTS (SELECT FROM ledger_transfers e WHERE e.ends_transfer = t.id)
 GROUP BY 1, 2, 3 ORDER BY fen DESC LIMIT {SHOWN_MAX}
"""  # noqa: S608 - made of constants
# What is frozen belongs to cases that are open; anything else is a fault.
_FROZEN = f"""
SELECT a.owner AS shop_id, s.name AS shop_name, a.balance_fen AS fen, k.fen AS known_fen
  FROM ledger_accounts a JOIN shops s ON s.id = a.owner
 CROSS JOIN LATERAL (
     SELECT coalesce(sum((c.state ->> 'frozen_fen')::bigint), 0)::bigint AS fen FROM cases c
      WHERE c.shop_id = a.owner AND c.ended IS NULL AND c.state ? 'frozen_fen') k
 WHERE a.kind = 'shop_frozen' AND a.balance_fen > 0
 ORDER BY a.balance_fen = k.fen, a.balance_fen DESC LIMIT {SHOWN_MAX}
"""  # noqa: S608 - made of constants


class LatePayout(msgspec.Struct, frozen=True, kw_only=True):
    """Money that should have arrived."""

    id: UUID
    case_id: UUID | None
    number: int | None
    purpose: str
    amount_fen: int
    state: str
    attempts: int
    next_attempt_at: datetime | None
    expected_at: datetime | None
    last_error: str | None
    channel: str


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A ruling whose clock runs before it is carried out."""

    id: UUID
    number: int
    procedure: Procedure
    kind: str
    due_at: datetime | None
    shop_name: str


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What one shop owes to buyers, or to the platform: what it has advanced, or fines."""

    shop_id: UUID
    shop_name: str
    owed_to: AccountKind
    count: int
    fen: int
    since: datetime


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """What is frozen of a shop's money, and how much of it open cases account for."""

    shop_id: UUID
    shop_name: str
    fen: int
    known_fen: int


async def list_late(database: Queryable, *, now: datetime) -> list[LatePayout]:
    """Payouts that failed, are tried again, or have not arrived in time."""
    return [msgspec.convert(dict(row), LatePayout) for row in await database.fetch(_LATE, now)]


async def list_waiting(database: Queryable) -> list[Waiting]:
    """Cases that wait to be carried out, the oldest clock first."""
    return [msgspec.convert(dict(row), Waiting) for row in await database.fetch(_WAITING)]


async def list_owed(database: Queryable) -> list[Owed]:
    """What shops owe, the largest sums first."""
    return [msgspec.convert(dict(row), Owed) for row in await database.fetch(_OWED)]


async def list_frozen(database: Queryable) -> list[Frozen]:
    """What is frozen, what no open case accounts for first."""
    return [msgspec.convert(dict(row), Frozen) for row in await database.fetch(_FROZEN)]

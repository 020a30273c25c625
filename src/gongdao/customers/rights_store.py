"""Requests of people about their own data, and the log of who looked at it, in the database."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from gongdao.base.db import Queryable
from gongdao.customers.customer import Answer, LogEntry, Request

#: So many lines of a list are read at once.
LIST_MAX = 200
_REQUEST = ", ".join(Request.__struct_fields__)
_LOG = ", ".join(LogEntry.__struct_fields__)
_ASK = f"""
INSERT INTO customer_requests (id, shop_id, buyer_id, what, words, asked_at, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING {_REQUEST}
"""  # noqa: S608 - made of constants
_LOAD = f"SELECT {_REQUEST} FROM customer_requests WHERE id = $1"  # noqa: S608
_LOCK = f"{_LOAD} FOR UPDATE"
_ANSWER = """
UPDATE customer_requests SET answer = $2, ground = $3, answered_at = $4, answered_by = $5
 WHERE id = $1 AND answer IS NULL
"""
_OF_BUYER = f"""
SELECT {_REQUEST} FROM customer_requests WHERE buyer_id = $1
   AND ($2::uuid IS NULL OR shop_id = $2) ORDER BY asked_at DESC, id DESC LIMIT $3
"""  # noqa: S608
_OF_SHOP = f"""
SELECT {_REQUEST} FROM customer_requests WHERE shop_id = $1 AND (answer IS NULL) = $2
 ORDER BY CASE WHEN $2 THEN due_at END, asked_at DESC, id DESC LIMIT $3
"""  # noqa: S608
_WRITE = """
INSERT INTO customer_log (id, shop_id, buyer_id, by_id, at, what, why, order_id, counts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING
"""
# One statement for each index.
_LOG_OF = f"SELECT {_LOG} FROM customer_log WHERE"  # noqa: S608
_IN_ORDER = "ORDER BY at DESC, id DESC LIMIT"
_LOG_OF_SHOP = f"{_LOG_OF} shop_id = $1 AND (at, id) < ($2, $3) {_IN_ORDER} $4"
_LOG_OF_BUYER = f"{_LOG_OF} buyer_id = $1 AND (at, id) < ($2, $3) {_IN_ORDER} $4"
_LOG_OF_PAIR = f"{_LOG_OF} shop_id = $1 AND buyer_id = $2 {_IN_ORDER} $3"


async def add_request(database: Queryable, request: Request) -> Request | None:
    """Keep what somebody asks; the same sent twice is one. None where one is open already."""
    fields = msgspec.structs.astuple(request)[:7]
    try:
        row = await database.fetchrow(_ASK, *fields)
    except asyncpg.UniqueViolationError:
        return None
    return Request(**dict(row)) if row else await load_request(database, request.id)


async def load_request(database: Queryable, request_id: UUID) -> Request | None:
    """A request."""
    row = await database.fetchrow(_LOAD, request_id)
    return Request(**dict(row)) if row else None


async def lock_request(database: Queryable, request_id: UUID) -> Request | None:
    """A request that nobody else answers before the transaction ends."""
    row = await database.fetchrow(_LOCK, request_id)
    return Request(**dict(row)) if row else None


async def answer_request(
    database: Queryable,
    request_id: UUID,
    answer: Answer,
    *,
    ground: str = "",
    by_id: UUID,
    now: datetime,
) -> None:
    """Keep how a request was answered."""
    await database.execute(_ANSWER, request_id, answer, ground, now, by_id)


async def requests_of_buyer(
    database: Queryable, buyer_id: UUID, *, shop_id: UUID | None = None
) -> list[Request]:
    """What a person asked, of one shop or of all, newest first."""
    rows = await database.fetch(_OF_BUYER, buyer_id, shop_id, LIST_MAX)
    return [Request(**dict(row)) for row in rows]


async def open_requests(database: Queryable, shop_id: UUID) -> list[Request]:
    """What waits for an answer of a shop, the most urgent first."""
    return [Request(**dict(row)) for row in await database.fetch(_OF_SHOP, shop_id, True, LIST_MAX)]


async def answered_requests(database: Queryable, shop_id: UUID) -> list[Request]:
    """What a shop has answered, newest first."""
    rows = await database.fetch(_OF_SHOP, shop_id, False, LIST_MAX)
    return [Request(**dict(row)) for row in rows]


async def write_log(database: Queryable, entry: LogEntry) -> None:
    """Keep who looked; the same form sent twice is one look."""
    fields = msgspec.structs.asdict(entry) | {"counts": msgspec.json.encode(entry.counts)}
    await database.execute(_WRITE, *fields.values())


async def log_of_shop(
    database: Queryable, shop_id: UUID, *, before: tuple[datetime, UUID], limit: int = LIST_MAX
) -> list[LogEntry]:
    """Who looked at customers of a shop, newest first."""
    return [_entry(row) for row in await database.fetch(_LOG_OF_SHOP, shop_id, *before, limit)]


async def log_of_buyer(
    database: Queryable, buyer_id: UUID, *, before: tuple[datetime, UUID], limit: int = LIST_MAX
) -> list[LogEntry]:
    """Who of any shop looked at somebody's data, newest first."""
    return [_entry(row) for row in await database.fetch(_LOG_OF_BUYER, buyer_id, *before, limit)]


async def log_of_pair(
    database: Queryable, shop_id: UUID, buyer_id: UUID, *, limit: int = LIST_MAX
) -> list[LogEntry]:
    """Who of a shop looked at one customer, newest first."""
    return [_entry(row) for row in await database.fetch(_LOG_OF_PAIR, shop_id, buyer_id, limit)]


def _entry(row: Any) -> LogEntry:
    fields = dict(row)
    return LogEntry(**fields | {"counts": msgspec.json.decode(fields["counts"])})

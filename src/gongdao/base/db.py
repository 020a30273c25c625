"""The connection pool, with the codecs and limits that every connection has."""

from typing import Any, TypeAlias

import asyncpg
import asyncpg.pool

# asyncpg's classes are generic for type checkers only, hence the quotes.
Record: TypeAlias = "asyncpg.Record"
Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
#: Where a single statement can be sent: one's own connection, or any of the pool.
Queryable: TypeAlias = "Connection | Pool"

#: No statement of a request may run longer than this, in milliseconds.
STATEMENT_LIMIT_MS = 10_000


async def open_pool(url: str, *, size: int = 16, name: str = "gongdao") -> Pool:
    """Open a pool of at most `size` connections. Raises OSError when nobody answers at `url`."""
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        init=prepare_connection,
        reset=_leave_as_it_is,
        server_settings={
            "application_name": name,
            "timezone": "UTC",
            "statement_timeout": str(STATEMENT_LIMIT_MS),
            # Our statements read by key or by index whatever the values are: planning them anew
            # for each execution costs more than running them.
            "plan_cache_mode": "force_generic_plan",
            # A plan made while a table was still empty would scan it for as long as the connection
            # lives; every statement of ours has an index to go by (docs/decisions/0011).
            "enable_seqscan": "off",
        },
    )


async def _leave_as_it_is(connection: Any) -> None:
    """Spare a round trip: nobody of ours changes the settings of a pooled connection."""
    if connection.is_in_transaction():
        await connection.reset()


async def prepare_connection(connection: Any) -> None:
    """Let jsonb travel as the bytes that msgspec reads and writes, without a copy as text."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=_frame_jsonb, decoder=_unframe_jsonb
    )


def _frame_jsonb(encoded: bytes) -> bytes:
    return b"\x01" + encoded


def _unframe_jsonb(framed: bytes) -> bytes:
    return bytes(framed[1:])

"""The connection pool, with the codecs and limits that every connection has."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import asyncpg
import asyncpg.pool

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_

if TYPE_CHECKING:
    _Pool = asyncpg.Pool[asyncpg.Record]
else:
    _Pool = asyncpg.Pool

# asyncpg's classes are generic for type checkers only, hence the quotes.
Record: TypeAlias = "asyncpg.Record"
Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)

_Answer = TypeVar("_Answer")


class Pool(_Pool):
    """A pool of connections, with those who wait to ask something together (base/together.py)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queues: dict[Any, Any] = {}


#: Where a single statement can be sent: one's own connection, or any of the pool.
Queryable: TypeAlias = "Connection | Pool"

#: No statement of a request may run longer than this, in milliseconds.
STATEMENT_LIMIT_MS = 10_000
#: When a connection is replaced by a new one: what the server keeps for it only grows.
_QUERIES_MAX, _IDLE_SECONDS_MAX = 50_000, 300.0


async def open_pool(url: str, *, size: int = 16, name: str = "gongdao") -> Pool:
    """Open a pool of at most `size` connections. Raises OSError when nobody answers at `url`."""
    return await Pool(
        url,
        min_size=1,
        max_size=size,
        max_queries=_QUERIES_MAX,
        max_inactive_connection_lifetime=_IDLE_SECONDS_MAX,
        loop=None,
        connection_class=asyncpg.Connection,
        record_class=asyncpg.Record,
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


async def keep_or_undo(
    connection: Connection, work: Awaitable[_Answer], *, keeps: Callable[[_Answer], bool]
) -> _Answer:
    """Do some work in a transaction, which stays only if its answer says so."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        answer = await work
    except BaseException:
        await transaction.rollback()
        raise
    if keeps(answer):
        await transaction.commit()
    else:
        await transaction.rollback()
    return answer


def _frame_jsonb(encoded: bytes) -> bytes:
    return b"\x01" + encoded


def _unframe_jsonb(framed: bytes) -> bytes:
    return bytes(framed[1:])


def refused_id(error: Exception) -> Refusal | None:
    """The refusal of an id that its sender made and that names something else already.

    Whoever sends the same again is answered before; here nothing was written.
    """
    if not isinstance(error, asyncpg.UniqueViolationError):
        return None
    if not (error.constraint_name or "").endswith(("_pkey", "_id_key", "_key_key")):
        return None
    return taken_id()


def taken_id() -> Refusal:
    """The refusal itself, for whoever sees that what stands under an id was not what is sent."""
    return Refusal("idempotency_conflict", N_("Something else stands under this id already."))


def require_same(kept: object, sent: object, *names: str) -> None:
    """Refuse what is sent under an id under which other words are kept, or nothing of one's own."""
    if kept is None or any(getattr(kept, name) != getattr(sent, name) for name in names):
        raise taken_id()


def refused_text(error: Exception) -> Refusal | None:
    """The refusal of a text that no database keeps: a NUL, as it is or inside a JSON value.

    The forms refuse it before; wherever one does not, nothing was read or written here.
    """
    kinds = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
    if not isinstance(error, kinds):
        return None
    return Refusal("invalid", N_("There is a character in it that no text has."))

"""The tables of bargaining and manners: what products cost, what the lead is asked, own words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from gongdao.base.db import Connection, Queryable, Record
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.scripts.manners import OwnWord

What = Literal["price", "compensation", "other"]
Answer = Literal["granted", "refused", "dropped"]
WORDS_MAX, COSTS_MAX, ASKS_MAX = 200, 500, 100


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What a product costs the shop; `freight_fen` of a parcel with it, `floor_fen` the least."""

    product_id: UUID
    cost_fen: int
    freight_fen: int | None = None
    floor_fen: int | None = None


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A question to the lead, and the answer once there is one."""

    id: UUID
    shop_id: UUID
    conversation_id: UUID
    what: What
    gives_fen: int
    price_fen: int | None
    why: str
    asked_by: UUID
    asked_at: datetime
    answer: Answer | None = None
    granted_fen: int | None = None
    note: str = ""
    answered_by: UUID | None = None
    answered_at: datetime | None = None
    given_on: UUID | None = None
    """The order on which a granted compensation was given to the buyer."""


_ASK = ", ".join(Ask.__struct_fields__)
_ADD_ASK = """
INSERT INTO script_asks (id, shop_id, conversation_id, what, gives_fen, price_fen, why, asked_by,
                         asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_ANSWER = f"""
UPDATE script_asks SET answer = $2, granted_fen = $3, note = $4, answered_by = $5, answered_at = $6
 WHERE id = $1 AND answer IS NULL RETURNING {_ASK}
"""  # noqa: S608 - made of constants
_TELL_COSTS = """
INSERT INTO script_costs (product_id, shop_id, cost_fen, freight_fen, floor_fen, by_id, at)
SELECT t.product_id, $1, t.cost_fen, t.freight_fen, t.floor_fen, $3, $4
  FROM jsonb_to_recordset($2) AS t (product_id uuid, cost_fen bigint, freight_fen bigint,
                                    floor_fen bigint)
ON CONFLICT (product_id) DO UPDATE SET cost_fen = excluded.cost_fen,
   freight_fen = excluded.freight_fen, floor_fen = excluded.floor_fen, by_id = excluded.by_id,
   at = excluded.at WHERE script_costs.shop_id = $1
"""
_OPEN = """
  FROM chat_conversations c JOIN script_asks a ON a.conversation_id = c.id AND a.shop_id = c.shop_id
 WHERE c.shop_id = $1 AND c.buyer_id = $2 AND a.asked_by = $3 AND a.what = 'compensation'
   AND a.answer = 'granted' AND a.given_on IS NULL
"""
_GRANTED = f"SELECT max(a.granted_fen) {_OPEN}"
_SPEND = f"""
UPDATE script_asks SET given_on = $5 WHERE id = (
SELECT a.id {_OPEN} AND a.granted_fen >= $4
 ORDER BY a.granted_fen, a.id LIMIT 1 FOR UPDATE OF a)
RETURNING id
"""  # noqa: S608 - made of constants


async def costs_of(
    database: Queryable, shop_id: UUID, product_ids: Sequence[UUID]
) -> dict[UUID, Cost]:
    """What these products cost the shop, as far as somebody said so."""
    rows = await database.fetch(
        "SELECT product_id, cost_fen, freight_fen, floor_fen FROM script_costs"
        " WHERE shop_id = $1 AND product_id = ANY ($2)",
        shop_id,
        list(product_ids)[:COSTS_MAX],
    )
    return {row["product_id"]: msgspec.convert(dict(row), Cost) for row in rows}


async def tell_costs(
    database: Queryable, shop_id: UUID, costs: Sequence[Cost], *, by_id: UUID, now: datetime
) -> None:
    """What products cost the shop; what was said before is replaced."""
    await database.execute(_TELL_COSTS, shop_id, msgspec.json.encode(costs), by_id, now)


async def words_of(database: Queryable, shop_id: UUID) -> list[OwnWord]:
    """The words that a shop minds itself."""
    rows = await database.fetch(
        "SELECT word, level, reason FROM script_words WHERE shop_id = $1 ORDER BY word LIMIT $2",
        shop_id,
        WORDS_MAX,
    )
    return [msgspec.convert(dict(row), OwnWord) for row in rows]


async def set_words(
    connection: Connection, shop_id: UUID, words: Sequence[OwnWord], *, by_id: UUID, now: datetime
) -> None:
    """From now on a shop minds these words, and no others."""
    async with connection.transaction():
        await connection.execute("DELETE FROM script_words WHERE shop_id = $1", shop_id)
        await connection.execute(
            "INSERT INTO script_words (shop_id, word, level, reason, by_id, at)"
            " SELECT $1, t.word, t.level, t.reason, $3, $4"
            " FROM jsonb_to_recordset($2) AS t (word text, level text, reason text)",
            shop_id,
            msgspec.json.encode(words[:WORDS_MAX]),
            by_id,
            now,
        )


async def add_ask(database: Queryable, ask: Ask) -> Ask:
    """Keep a question; sent again, it is the one that was kept. Raises Refusal."""
    try:
        await database.execute(
            _ADD_ASK, ask.id, ask.shop_id, ask.conversation_id, ask.what, ask.gives_fen,
            ask.price_fen, ask.why, ask.asked_by, ask.asked_at,
        )  # fmt: skip
    except asyncpg.UniqueViolationError:
        kept = await find_ask(database, ask.id, shop_id=ask.shop_id)
        if kept is None:
            raise Refusal(
                "duplicate", N_("Your lead has been asked already; wait for the answer.")
            ) from None
        if not _is_same(kept, ask):
            raise Refusal(
                "idempotency_conflict", N_("Something else was asked under this id.")
            ) from None
        return kept
    return ask


async def answer_ask(
    database: Queryable,
    ask_id: UUID,
    *,
    answer: Answer,
    granted_fen: int | None,
    note: str,
    by_id: UUID,
    now: datetime,
) -> Ask | None:
    """Keep the answer to a question; None where it has one already."""
    row = await database.fetchrow(_ANSWER, ask_id, answer, granted_fen, note, by_id, now)
    return _ask(row) if row else None


async def find_ask(database: Queryable, ask_id: UUID, *, shop_id: UUID) -> Ask | None:
    """One question of a shop's people."""
    row = await database.fetchrow(
        f"SELECT {_ASK} FROM script_asks WHERE id = $1 AND shop_id = $2",  # noqa: S608
        ask_id,
        shop_id,
    )
    return _ask(row) if row else None


async def asks_waiting(database: Queryable, shop_id: UUID) -> list[Ask]:
    """What the leads of a shop are asked and have not answered, the oldest first."""
    rows = await database.fetch(
        f"SELECT {_ASK} FROM script_asks WHERE shop_id = $1 AND answer IS NULL"  # noqa: S608
        " ORDER BY asked_at LIMIT $2",
        shop_id,
        ASKS_MAX,
    )
    return [_ask(row) for row in rows]


async def asks_of_talk(database: Queryable, conversation_id: UUID, *, shop_id: UUID) -> list[Ask]:
    """What the lead was asked in a conversation, the newest first."""
    rows = await database.fetch(
        f"SELECT {_ASK} FROM script_asks WHERE conversation_id = $1 AND shop_id = $2"  # noqa: S608
        " ORDER BY asked_at DESC LIMIT $3",
        conversation_id,
        shop_id,
        ASKS_MAX,
    )
    return [_ask(row) for row in rows]


def _ask(row: Record) -> Ask:
    return msgspec.convert(dict(row), Ask)


def _is_same(one: Ask, other: Ask) -> bool:
    names = ("conversation_id", "what", "gives_fen", "price_fen", "why", "asked_by")
    return all(getattr(one, name) == getattr(other, name) for name in names)


async def granted_fen(
    database: Queryable, *, shop_id: UUID, buyer_id: UUID, person_id: UUID
) -> int | None:
    """The most that somebody may give this buyer on the word of a lead; None where none did."""
    return await database.fetchval(_GRANTED, shop_id, buyer_id, person_id)


async def spend_grant(
    connection: Connection,
    *,
    shop_id: UUID,
    buyer_id: UUID,
    person_id: UUID,
    order_id: UUID,
    amount_fen: int,
) -> bool:
    """Give on the word of a lead; the smallest grant that covers it is gone. False where none does.

    Must run in the transaction that moves the money.
    """
    spent = await connection.fetchval(_SPEND, shop_id, buyer_id, person_id, amount_fen, order_id)
    return spent is not None

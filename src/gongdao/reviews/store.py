"""Reviews, what happened to them, and ratings of buyers in the database."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable, Record
from gongdao.reviews.review import BuyerRating, Review, ReviewEvent, Sign

#: The longest history of a review, and the most reviews of one order, that are read at once.
HISTORY_MAX, ORDER_MAX = 200, 200

_FIELDS = Review.__struct_fields__
COLUMNS = ", ".join(f"r.{name}" for name in _FIELDS)
_EVENT_FIELDS = ReviewEvent.__struct_fields__
_ONE = f"SELECT {COLUMNS} FROM reviews r WHERE r.id = $1"  # noqa: S608
_OF_ORDER = f"""
SELECT {COLUMNS} FROM reviews r WHERE r.order_id = $1 ORDER BY r.line, r.at, r.id LIMIT $2
"""  # noqa: S608
_OF_BUYER = f"""
SELECT {COLUMNS} FROM reviews r WHERE r.buyer_id = $1 AND ($2::uuid IS NULL OR r.shop_id = $2)
 ORDER BY r.at DESC, r.id DESC LIMIT $3
"""  # noqa: S608
#: What may change of a review.
_CHANGING = {
    "stars": "smallint", "text": "text", "pictures": "uuid[]", "changed_at": "timestamptz",
    "changes": "smallint", "added_text": "text", "added_at": "timestamptz", "cause": "text",
    "suggested": "text", "signs": "jsonb", "corrected_by": "uuid", "due_at": "timestamptz",
    "solved_at": "timestamptz", "reply": "text", "replied_at": "timestamptz",
}  # fmt: skip
_SAVE = f"""
UPDATE reviews SET version = version + 1,
       {", ".join(f"{name} = ${i}::{t}" for i, (name, t) in enumerate(_CHANGING.items(), 2))}
 WHERE id = $1 RETURNING version
"""  # noqa: S608
_LOG = """
INSERT INTO review_log (review_id, shop_id, at, by_id, what, detail, key)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_EVENTS = f"""
SELECT {", ".join(_EVENT_FIELDS)} FROM review_log WHERE review_id = $1
 ORDER BY position LIMIT $2
"""  # noqa: S608
_EVENT_OF_KEY = f"SELECT {', '.join(_EVENT_FIELDS)} FROM review_log WHERE key = $1"  # noqa: S608
_RATE = """
INSERT INTO buyer_ratings (order_id, shop_id, buyer_id, mark, text, by_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""
_RATING = """
SELECT order_id, shop_id, buyer_id, mark, text, by_id, at FROM buyer_ratings WHERE order_id = $1
"""
_KNOWN = """
SELECT source_ref, order_id FROM reviews
 WHERE shop_id = $1 AND source_ref <> '' AND source_ref = ANY ($2::text[])
"""


async def add_reviews(connection: Connection, reviews: Sequence[Review]) -> None:
    """Keep new reviews, in bulk."""
    await connection.copy_records_to_table(
        "reviews", columns=_FIELDS, records=[_row(review) for review in reviews]
    )


async def find_review(database: Queryable, review_id: UUID) -> Review | None:
    """One review."""
    row = await database.fetchrow(_ONE, review_id)
    return review_of(row) if row else None


async def lock_review(connection: Connection, review_id: UUID) -> Review | None:
    """One review, held until the transaction ends."""
    row = await connection.fetchrow(f"{_ONE} FOR NO KEY UPDATE", review_id)
    return review_of(row) if row else None


async def reviews_of_order(database: Queryable, order_id: UUID) -> list[Review]:
    """What was said of an order, by its lines."""
    return [review_of(row) for row in await database.fetch(_OF_ORDER, order_id, ORDER_MAX)]


async def reviews_of_buyer(
    database: Queryable, buyer_id: UUID, *, shop_id: UUID | None = None, limit: int = 20
) -> list[Review]:
    """What a buyer has said, in one shop or in all, the newest first."""
    rows = await database.fetch(_OF_BUYER, buyer_id, shop_id, limit)
    return [review_of(row) for row in rows]


async def save_review(connection: Connection, review: Review) -> Review:
    """Write how a review stands now; the caller holds its lock and logs what happened."""
    values: list[Any] = [getattr(review, name) for name in _CHANGING]
    values[list(_CHANGING).index("signs")] = msgspec.json.encode(review.signs)
    version = await connection.fetchval(_SAVE, review.id, *values)
    assert version is not None, "a locked review is there"
    return msgspec.structs.replace(review, version=version)


async def append_event(connection: Connection, event: ReviewEvent) -> None:
    """Write what happened to a review into its log."""
    fields: list[Any] = list(msgspec.structs.astuple(event))
    fields[_EVENT_FIELDS.index("detail")] = msgspec.json.encode(event.detail)
    await connection.execute(_LOG, *fields)


async def events_of(database: Queryable, review_id: UUID) -> list[ReviewEvent]:
    """What happened to a review, the oldest first."""
    return [_event(row) for row in await database.fetch(_EVENTS, review_id, HISTORY_MAX)]


async def event_of_key(database: Queryable, key: UUID) -> ReviewEvent | None:
    """What was done under the key of a form."""
    row = await database.fetchrow(_EVENT_OF_KEY, key)
    return _event(row) if row else None


async def add_rating(database: Queryable, rating: BuyerRating) -> bool:
    """Keep how a buyer is rated. False when the order has its rating already."""
    done = await database.execute(_RATE, *msgspec.structs.astuple(rating))
    return done == "INSERT 0 1"


async def rating_of(database: Queryable, order_id: UUID) -> BuyerRating | None:
    """How the buyer of an order was rated."""
    row = await database.fetchrow(_RATING, order_id)
    return BuyerRating(**dict(row)) if row else None


async def known_from_elsewhere(
    connection: Connection, shop_id: UUID, refs: Sequence[str]
) -> set[tuple[str, UUID]]:
    """Of the reviews with these names elsewhere those that are kept: each with its order."""
    rows = await connection.fetch(_KNOWN, shop_id, list(set(refs)))
    return {(row["source_ref"], row["order_id"]) for row in rows}


def review_of(row: Record) -> Review:
    """A review from the columns of COLUMNS."""
    fields = {name: row[name] for name in _FIELDS}
    fields["pictures"] = tuple(fields["pictures"])
    fields["signs"] = msgspec.json.decode(fields["signs"], type=tuple[Sign, ...])
    return Review(**fields)


def _row(review: Review) -> tuple[Any, ...]:
    values: list[Any] = list(msgspec.structs.astuple(review))
    values[_FIELDS.index("signs")] = msgspec.json.encode(review.signs)
    return tuple(values)


def _event(row: Record) -> ReviewEvent:
    fields: dict[str, Any] = dict(row)
    fields["detail"] = msgspec.json.decode(fields["detail"])
    return ReviewEvent(**fields)

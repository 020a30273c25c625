"""Reviews are brought in: all of a file, or nothing of it; the same file again changes nothing.

A file of a hundred thousand lines is read beside the server's other work, held against the orders
of the shop in batches, sorted by cause, and written by COPY within one transaction.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool, keep_or_undo
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.flows.reviews.sort import sorted_reviews
from gongdao.reviews.import_reviews import FAULTS_MAX, Fault, Told, read_reviews
from gongdao.reviews.review import Review
from gongdao.reviews.store import add_reviews, known_from_elsewhere
from gongdao.shops.store import find_shop, lock_shop

#: So many reviews are looked up, sorted and written by one statement each.
BATCH = 5_000
_ORDERS = """
SELECT number, id, buyer_id, placed_at, lines -> 0 ->> 'title' AS product,
       jsonb_array_length(lines) AS lines, lines -> 0 ->> 'product_id' AS product_id,
       (lines -> 0 ->> 'line')::smallint AS line
  FROM orders WHERE shop_id = $1 AND number = ANY ($2::text[])
"""


class ImportedReviews(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, or would do; with faults it did nothing."""

    added: int = 0
    unchanged: int = 0
    not_good: int = 0
    """Of those added, how many were sorted by cause."""
    faults: tuple[Fault, ...] = ()


def require_importer(who: Principal, shop_id: UUID) -> None:
    """Raises Refusal: wrong_role, or not_found for whoever is of another shop."""
    if not who.may("order.import"):
        raise Refusal("wrong_role", N_("Your role does not permit this."))
    if who.kind == "shop" and who.shop_id != shop_id:
        raise Refusal("not_found", N_("There is no such shop."))


async def import_reviews(
    pool: Pool,
    shop_id: UUID,
    raw: bytes,
    *,
    now: datetime,
    tell: Callable[[int], object] = lambda _: None,
) -> ImportedReviews:
    """Keep what a file says, all or nothing. Raises Refusal: not_found, invalid, too_large."""
    return await _run(pool, shop_id, raw, now=now, tell=tell, keep=True)


async def preview_reviews(
    pool: Pool,
    shop_id: UUID,
    raw: bytes,
    *,
    now: datetime,
    tell: Callable[[int], object] = lambda _: None,
) -> ImportedReviews:
    """Do everything that an import does, report it, and undo it."""
    return await _run(pool, shop_id, raw, now=now, tell=tell, keep=False)


async def _run(
    pool: Pool,
    shop_id: UUID,
    raw: bytes,
    *,
    now: datetime,
    tell: Callable[[int], object],
    keep: bool,
) -> ImportedReviews:
    async with pool.acquire() as connection:
        if await find_shop(connection, shop_id=shop_id) is None:
            raise Refusal("not_found", N_("There is no such shop."))
        # Reading takes seconds for a large file; other requests go on meanwhile.
        reading = await asyncio.to_thread(read_reviews, raw)
        if reading.faults:
            return ImportedReviews(faults=tuple(reading.faults))
        work = _store(
            connection, shop_id, reading.told, in_entry=reading.in_entry, now=now, tell=tell
        )
        report = await keep_or_undo(
            connection, work, keeps=lambda report: keep and not report.faults
        )
    if keep and report.added:
        changed((f"shop:{shop_id}",))
    return report


async def _store(
    connection: Connection,
    shop_id: UUID,
    told: Sequence[Told],
    *,
    in_entry: bool,
    now: datetime,
    tell: Callable[[int], object],
) -> ImportedReviews:
    await lock_shop(connection, shop_id)
    # A review is told by its order's number: the numbers are looked up once for the whole file.
    faults: list[Fault] = []
    added = unchanged = not_good = 0
    for batch in _batches(told):
        orders = await _orders(connection, shop_id, batch)
        faults += _faults(batch, orders, now, in_entry=in_entry)
        if len(faults) >= FAULTS_MAX:
            break
        if faults:
            continue
        pairs = [(each, orders[each.order_number]) for each in batch]
        known = await known_from_elsewhere(connection, shop_id, [each.ref for each in batch])
        fresh = [
            _review(each, order, shop_id)
            for each, order in pairs
            if (each.ref, order["id"]) not in known
        ]
        ready = await sorted_reviews(connection, fresh, now=now)
        await add_reviews(connection, ready)
        added += len(ready)
        unchanged += len(batch) - len(ready)
        not_good += sum(review.stars < 4 for review in ready)
        tell(batch[-1].line)
    if faults:
        return ImportedReviews(faults=tuple(faults[:FAULTS_MAX]))
    return ImportedReviews(added=added, unchanged=unchanged, not_good=not_good)


async def _orders(connection: Connection, shop_id: UUID, batch: Sequence[Told]) -> dict[str, Any]:
    rows = await connection.fetch(_ORDERS, shop_id, list({each.order_number for each in batch}))
    return {row["number"]: row for row in rows}


def _faults(
    batch: Sequence[Told], orders: dict[str, Any], now: datetime, *, in_entry: bool
) -> Iterator[Fault]:
    """Reviews of orders that there are not, and times that cannot be."""
    for each in batch:
        order = orders.get(each.order_number)
        if order is None:
            sentence = N_("The shop has no order {number}; import the orders first.")
        elif each.at > now:
            sentence = N_("The review of order {number} lies in the future.")
        else:
            continue
        yield Fault(
            line=each.line,
            sentence=sentence,
            params={"number": each.order_number},
            in_entry=in_entry,
        )


def _review(told: Told, order: Any, shop_id: UUID) -> Review:
    single = order["lines"] == 1
    return Review(
        id=new_id(),
        shop_id=shop_id,
        order_id=order["id"],
        line=order["line"] if single else 0,
        order_number=told.order_number,
        buyer_id=order["buyer_id"],
        product_id=UUID(order["product_id"]) if single and order["product_id"] else None,
        product=told.product or order["product"],
        stars=told.stars,
        text=told.text,
        at=told.at,
        source_ref=told.ref,
        reply=told.reply or None,
        replied_at=(told.replied_at or told.at) if told.reply else None,
        added_text=told.added or None,
        added_at=(told.added_at or told.at) if told.added else None,
    )


def _batches(told: Sequence[Told]) -> Iterator[Sequence[Told]]:
    for start in range(0, len(told), BATCH):
        yield told[start : start + BATCH]

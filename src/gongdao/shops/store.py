"""The tables of shops, products, orders and parcels. Every read says for whom it is made."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Connection
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.shops import progress
from gongdao.shops.order import ClosedBy, ConfirmedBy, Order, SignedBy
from gongdao.shops.purchase import LogEntry, Logged, Purchase
from gongdao.shops.rows import (
    INSERTED,
    facts_of,
    order_columns,
    order_from_row,
    purchase_columns,
    purchase_from_row,
    row_of,
)
from gongdao.shops.shop import Address, Product, Shop


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a read is made: one buyer's orders, one shop's, or the whole platform's."""

    buyer_id: UUID | None = None
    shop_id: UUID | None = None
    platform: bool = False

    def __post_init__(self) -> None:
        chosen = (self.buyer_id is not None, self.shop_id is not None, self.platform)
        assert sum(chosen) == 1, "a read is made for exactly one side"


#: Limits a read to a scope: $2 is its buyer, $3 its shop, both null for the platform.
VISIBLE = "($2::uuid IS NULL OR o.buyer_id = $2) AND ($3::uuid IS NULL OR o.shop_id = $3)"
_ONE = f"SELECT {order_columns()} FROM orders o WHERE o.id = $1 AND {VISIBLE}"  # noqa: S608
_MANY = f"SELECT {order_columns()} FROM orders o WHERE o.id = ANY ($1::uuid[]) AND {VISIBLE}"  # noqa: S608
_ONE_PURCHASE = f"SELECT {purchase_columns()} FROM orders o WHERE o.id = $1 AND {VISIBLE}"  # noqa: S608


async def load_order(connection: Connection, order_id: UUID, *, scope: Scope) -> Order | None:
    """One order, if it is theirs."""
    row = await connection.fetchrow(_ONE, order_id, scope.buyer_id, scope.shop_id)
    return None if row is None else order_from_row(row)


async def load_orders(
    connection: Connection, order_ids: Iterable[UUID], *, scope: Scope, lock: bool = False
) -> dict[UUID, Order]:
    """Many orders by their ids, locked where asked; those that are not theirs are left out."""
    asked = f"{_MANY} ORDER BY o.id FOR NO KEY UPDATE OF o" if lock else _MANY
    rows = await connection.fetch(asked, list(order_ids), scope.buyer_id, scope.shop_id)
    return {order.id: order for order in map(order_from_row, rows)}


async def load_purchase(connection: Connection, order_id: UUID, *, scope: Scope) -> Purchase | None:
    """One order with its remarks, if it is theirs."""
    row = await connection.fetchrow(_ONE_PURCHASE, order_id, scope.buyer_id, scope.shop_id)
    return None if row is None else purchase_from_row(row)


async def load_purchases_by_number(
    connection: Connection, shop_id: UUID, numbers: Sequence[str]
) -> dict[str, Purchase]:
    """The orders of a shop that have these numbers, locked until the transaction ends."""
    rows = await connection.fetch(
        f"SELECT {purchase_columns()} FROM orders o WHERE o.shop_id = $1"  # noqa: S608
        " AND o.number = ANY ($2::text[]) ORDER BY o.id FOR NO KEY UPDATE",
        shop_id,
        list(numbers),
    )
    return {row["number"]: purchase_from_row(row) for row in rows}


async def insert_orders(
    connection: Connection,
    purchases: Sequence[Purchase],
    *,
    what: LogEntry = "placed",
    by: UUID | None,
    now: datetime,
) -> None:
    """Add orders in bulk, their outbound parcels and a line of the log for each."""
    await connection.copy_records_to_table(
        "orders", columns=INSERTED, records=map(row_of, purchases)
    )
    await _insert_parcels(connection, [p.order for p in purchases if p.order.shipped_at])
    await append_log(connection, [_first_entry(p.order, what, by=by, now=now) for p in purchases])


def _first_entry(order: Order, what: LogEntry, *, by: UUID | None, now: datetime) -> Logged:
    detail: dict[str, str | int] = {}
    if what == "imported":
        # What was refunded before, which no case of ours paid.
        detail = {"money": order.money, "amount_fen": order.refunded_fen}
    return Logged(order_id=order.id, at=now, by_id=by, what=what, detail=detail)


async def append_log(connection: Connection, entries: Sequence[Logged]) -> None:
    """Write what happened to orders into their log."""
    await connection.copy_records_to_table(
        "order_log",
        columns=["order_id", "at", "by_id", "what", "detail"],
        records=[
            (e.order_id, e.at, e.by_id, e.what, msgspec.json.encode(e.detail)) for e in entries
        ],
    )


async def _insert_parcels(connection: Connection, orders: Sequence[Order]) -> None:
    """The outbound parcel of each order; one that is known already is left as it is."""
    known = [o for o in orders if o.carrier and o.tracking]
    if not known:
        return
    await connection.execute(
        "INSERT INTO shipments (id, order_id, direction, carrier, tracking, shipped_at,"
        " signed_at, signed_by, next_look_at)"
        " SELECT p.id, p.order_id, 'out', p.carrier, p.tracking, p.shipped_at, p.signed_at,"
        " p.signed_by, CASE WHEN p.signed_at IS NULL THEN p.shipped_at END"
        " FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[],"
        " $5::timestamptz[], $6::timestamptz[], $7::text[])"
        " AS p (id, order_id, carrier, tracking, shipped_at, signed_at, signed_by)"
        " ON CONFLICT (order_id, direction, carrier, tracking) DO UPDATE SET"
        " signed_at = EXCLUDED.signed_at, signed_by = EXCLUDED.signed_by"
        " WHERE shipments.signed_at IS NULL",
        [new_id() for _ in known],
        [o.id for o in known],
        [o.carrier for o in known],
        [o.tracking for o in known],
        [o.shipped_at for o in known],
        [o.signed_at for o in known],
        [o.signed_by for o in known],
    )


#: What may change of an order, and the types of its columns; the rest is fixed when it is placed.
_CHANGING = {
    **{"lines": "jsonb", "terms": "jsonb", "freight_fen": "bigint", "total_fen": "bigint"},
    **{"paid_at": "timestamptz", "paid_fen": "bigint", "payment": "text"},
    **{"shipped_at": "timestamptz", "carrier": "text", "tracking": "text"},
    **{"signed_at": "timestamptz", "signed_by": "text", "confirmed_at": "timestamptz"},
    "confirmed_by": "text",
    **{"closed_at": "timestamptz", "closed_by": "text", "refunded_fen": "bigint"},
    **{"money": "text", "told": "jsonb", "ship_within_s": "integer"},
}
_ADVANCE = f"""
UPDATE orders o SET {", ".join(f"{name} = n.{name}" for name in _CHANGING)}, version = o.version + 1
  FROM unnest($1::uuid[], {", ".join(f"${i}::{t}[]" for i, t in enumerate(_CHANGING.values(), 2))})
    AS n (id, {", ".join(_CHANGING)})
 WHERE o.id = n.id
"""  # noqa: S608


async def advance_orders(connection: Connection, orders: Sequence[Order]) -> None:
    """Write how far orders have come, in bulk. The caller holds their locks and logs it."""
    if not orders:
        return
    rows = [facts_of(order) for order in orders]
    columns = [[row[name] for row in rows] for name in ("id", *_CHANGING)]
    await connection.execute(_ADVANCE, *columns)
    await _insert_parcels(connection, [o for o in orders if o.shipped_at])


async def mark_shipped(
    connection: Connection,
    order_id: UUID,
    *,
    scope: Scope,
    carrier: str,
    tracking: str,
    by: UUID | None,
    at: datetime,
    told_at: datetime | None = None,
) -> Order:
    """Note that the parcel left, and with whom; `told_at` where the shop says so itself."""
    return await _advance_one(
        connection,
        order_id,
        lambda order: progress.ship(
            order, carrier=carrier, tracking=tracking, at=at, told_at=told_at
        ),
        scope=scope,
        logged=Logged(
            order_id=order_id,
            at=told_at or at,
            by_id=by,
            what="shipped",
            detail={"carrier": carrier, "tracking": tracking} | _moment(at, told_at),
        ),
    )


async def mark_signed(
    connection: Connection,
    order_id: UUID,
    *,
    scope: Scope,
    signed_by: SignedBy,
    by: UUID | None,
    at: datetime,
    told_at: datetime | None = None,
) -> Order:
    """Note that the parcel was handed over; `told_at` where the shop says so itself."""
    return await _advance_one(
        connection,
        order_id,
        lambda order: progress.sign(order, signed_by=signed_by, at=at, told_at=told_at),
        scope=scope,
        logged=Logged(
            order_id=order_id,
            at=told_at or at,
            by_id=by,
            what="signed",
            detail={"signed_by": signed_by} | _moment(at, told_at),
        ),
    )


async def mark_confirmed(
    connection: Connection,
    order_id: UUID,
    *,
    scope: Scope,
    by: UUID | None,
    at: datetime,
    told: tuple[str, ...] = (),
) -> Order:
    """Note that the buyer confirmed receipt, and what they were warned of before.

    Who calls this moves the money too.
    """
    return await _advance_one(
        connection,
        order_id,
        lambda order: progress.confirm(order, confirmed_by=_confirmer(order, by), at=at),
        scope=scope,
        logged=Logged(
            order_id=order_id,
            at=at,
            by_id=by,
            what="confirmed",
            detail={"aware_of": " ".join(told)} if told else {},
        ),
    )


def _confirmer(order: Order, by: UUID | None) -> ConfirmedBy | None:
    if by is None:
        return "system"
    return "buyer" if by == order.buyer_id else None


async def close_order(
    connection: Connection,
    order_id: UUID,
    *,
    scope: Scope,
    closed_by: ClosedBy,
    by: UUID | None,
    at: datetime,
) -> Order:
    """Note that the order ended unfulfilled, and through whom."""
    return await _advance_one(
        connection,
        order_id,
        lambda order: progress.close(order, closed_by=closed_by, at=at),
        scope=scope,
        logged=Logged(order_id=order_id, at=at, by_id=by, what="closed", detail={"by": closed_by}),
    )


async def lock_order(connection: Connection, order_id: UUID, *, scope: Scope) -> Order:
    """One order, locked until the transaction ends. Refuses one that is not theirs."""
    row = await connection.fetchrow(
        f"{_ONE} FOR NO KEY UPDATE OF o", order_id, scope.buyer_id, scope.shop_id
    )
    if row is None:
        raise Refusal("not_found", N_("There is no such order."))
    return order_from_row(row)


async def lock_purchase(connection: Connection, order_id: UUID, *, scope: Scope) -> Purchase:
    """One order with its remarks, locked until the transaction ends. Refuses what is not theirs."""
    row = await connection.fetchrow(
        f"{_ONE_PURCHASE} FOR NO KEY UPDATE OF o", order_id, scope.buyer_id, scope.shop_id
    )
    if row is None:
        raise Refusal("not_found", N_("There is no such order."))
    return purchase_from_row(row)


async def change_receiver(connection: Connection, order_id: UUID, receiver: Address) -> None:
    """Send the parcel somewhere else. The caller holds the lock and logs it."""
    await connection.execute(
        "UPDATE orders SET receiver_name = $2, receiver_phone = $3, receiver_address = $4,"
        " version = version + 1 WHERE id = $1",
        order_id,
        receiver.name,
        receiver.phone,
        receiver.address,
    )


async def logged_times(connection: Connection, order_id: UUID, what: LogEntry) -> list[datetime]:
    """When something happened to an order, newest first."""
    rows = await connection.fetch(
        "SELECT at FROM order_log WHERE order_id = $1 AND what = $2"
        " ORDER BY position DESC LIMIT 100",
        order_id,
        what,
    )
    return [row["at"] for row in rows]


async def logged_under(
    connection: Connection, order_id: UUID, key: str, *, by: UUID
) -> tuple[LogEntry, str | None] | None:
    """What somebody did to an order under a key of theirs, and the hash of what they said."""
    row = await connection.fetchrow(
        "SELECT what, detail ->> 'digest' AS digest FROM order_log"
        " WHERE order_id = $1 AND detail ->> 'key' = $2 AND by_id = $3"
        " ORDER BY position LIMIT 1",
        order_id,
        key,
        by,
    )
    return (row["what"], row["digest"]) if row else None


async def lock_shop(connection: Connection, shop_id: UUID) -> None:
    """Let only one import at a time work on the orders of a shop."""
    await connection.execute("SELECT 1 FROM shops WHERE id = $1 FOR NO KEY UPDATE", shop_id)


def _moment(at: datetime, told_at: datetime | None) -> dict[str, str | int]:
    """What the log says beside when it was told: when it happened, if that is another instant."""
    return {} if told_at in (None, at) else {"happened": at.astimezone(UTC).isoformat()}


async def _advance_one(
    connection: Connection,
    order_id: UUID,
    change: Callable[[Order], Order],
    *,
    scope: Scope,
    logged: Logged,
) -> Order:
    async with connection.transaction():
        before = await lock_order(connection, order_id, scope=scope)
        after = change(before)
        if after is not before:
            await advance_orders(connection, [after])
            await append_log(connection, [logged])
    return after


async def insert_shops(connection: Connection, shops: Sequence[Shop]) -> None:
    """Add shops in bulk."""
    await connection.copy_records_to_table(
        "shops",
        columns=["id", "name", "region", "status", "opened_at", "return_address"],
        records=[
            (s.id, s.name, s.region, s.status, s.opened_at, msgspec.json.encode(s.return_address))
            for s in shops
        ],
    )


async def insert_products(connection: Connection, products: Sequence[Product]) -> None:
    """Add products in bulk."""
    columns = list(Product.__struct_fields__)
    await connection.copy_records_to_table(
        "products", columns=columns, records=[msgspec.structs.astuple(p) for p in products]
    )


async def find_shop(connection: Connection, *, shop_id: UUID | None, name: str = "") -> Shop | None:
    """A shop by its id, or by its name where there is no id."""
    row = await connection.fetchrow(
        "SELECT id, name, region, status, opened_at, return_address FROM shops"
        " WHERE CASE WHEN $1::uuid IS NULL THEN name = $2 ELSE id = $1 END",
        shop_id,
        name,
    )
    if row is None:
        return None
    address = msgspec.json.decode(row["return_address"], type=Address)
    return msgspec.convert({**row, "return_address": address}, Shop)

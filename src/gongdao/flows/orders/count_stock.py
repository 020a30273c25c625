"""The stock that is shown against that on the shelf: counted by hand or by a file, all kept."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.days import day_of, start_of
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.flows.orders.desk import shop_of
from gongdao.shops.fault import FAULTS_MAX, Fault, shown
from gongdao.shops.stock import NOTE_MAX, UNITS_MAX, Count, Counted, StockKind, read_counts
from gongdao.shops.stock_store import (
    Stocked,
    is_counted,
    lock_by_sku,
    lock_product,
    write_counts,
)


class CountReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a file did: nothing at all where it has faults."""

    changed: int
    unchanged: int
    faults: tuple[Fault, ...] = ()


async def count_stock(
    pool: Pool,
    who: Principal,
    product_id: UUID,
    *,
    what: StockKind,
    units: int,
    note: str = "",
    now: datetime,
) -> Stocked:
    """Let another number count; the same number again on one day changes nothing.

    That somebody looked at the shelf is kept, also where as many lay there as before.

    Raises Refusal: wrong_role, not_found, invalid, too_large.
    """
    shop_id = shop_of(who, "order.ship")
    if not 0 <= units <= UNITS_MAX:
        raise Refusal("invalid", N_("A stock is a whole number of units, such as 12."))
    if len(note) > NOTE_MAX:
        raise Refusal("too_large", N_("A note has at most {n} characters."), n=NOTE_MAX)
    async with pool.acquire() as connection, connection.transaction():
        product = await lock_product(connection, product_id, shop_id=shop_id)
        if product is None:
            raise Refusal("not_found", N_("There is no such product."))
        was = product.real_stock if what == "real" else product.stock
        if was != units or (what == "real" and not await _looked(connection, product_id, now)):
            count = Count(
                product_id=product_id,
                what=what,
                was=was,
                units=units,
                how="hand",
                note=" ".join(note.split()),
                by_id=who.person_id,
                at=now,
            )
            await write_counts(connection, [count], shop_id=shop_id)
    changed((f"shop:{shop_id}",))
    if what == "real":
        return msgspec.structs.replace(product, real_stock=units)
    return msgspec.structs.replace(product, stock=units)


async def _looked(connection: Connection, product_id: UUID, now: datetime) -> bool:
    """Whether somebody has counted this today already."""
    return await is_counted(connection, product_id, since=start_of(day_of(now)))


async def import_counts(pool: Pool, who: Principal, raw: bytes, *, now: datetime) -> CountReport:
    """What a file says lies on the shelf, all or nothing. Raises Refusal: wrong_role, invalid."""
    shop_id = shop_of(who, "order.ship")
    counted, faults = read_counts(raw)
    async with pool.acquire() as connection, connection.transaction():
        known = await lock_by_sku(connection, [each.sku for each in counted], shop_id=shop_id)
        faults += [_unknown(each) for each in counted if each.sku not in known]
        if faults:
            faults.sort(key=lambda each: each.line)
            return CountReport(changed=0, unchanged=0, faults=tuple(faults[:FAULTS_MAX]))
        counts = _changes(counted, known, who.person_id, now)
        await write_counts(connection, counts, shop_id=shop_id)
    changed((f"shop:{shop_id}",))
    return CountReport(changed=len(counts), unchanged=len(counted) - len(counts))


def _unknown(counted: Counted) -> Fault:
    return Fault(
        line=counted.line,
        sentence=N_("The shop has no product with the sku {sku}."),
        params={"sku": shown(counted.sku)},
    )


def _changes(
    counted: Sequence[Counted], known: dict[str, Stocked], by: UUID, now: datetime
) -> list[Count]:
    return [
        Count(
            product_id=known[each.sku].id,
            what="real",
            was=known[each.sku].real_stock,
            units=each.units,
            how="import",
            by_id=by,
            at=now,
        )
        for each in counted
        if known[each.sku].real_stock != each.units
    ]

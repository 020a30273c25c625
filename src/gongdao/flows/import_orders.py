"""Orders are brought in: buyers come to be, orders are kept, and money where the platform says so.

All of it happens in one transaction, or none of it: a file with anything wrong changes nothing.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import replace

from gongdao.accounts.staff import find_or_create_buyers
from gongdao.base.db import Connection, Pool, keep_or_undo
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.flows.case_reads import disputed_among
from gongdao.flows.order_money import post_order_money
from gongdao.shops.compare import Plan, Telling, plan_import
from gongdao.shops.draft import Draft
from gongdao.shops.fault import FAULTS_MAX, Fault
from gongdao.shops.import_orders import read_orders
from gongdao.shops.olist import Beside
from gongdao.shops.order import Order
from gongdao.shops.purchase import LogEntry, Logged, Purchase
from gongdao.shops.store import (
    advance_orders,
    append_log,
    find_shop,
    insert_orders,
    load_purchases_by_number,
    lock_shop,
)

#: So many orders are written by one statement, so that none runs into the limit of statements.
BATCH = 5_000

_Item = TypeVar("_Item")
_STEPS: list[tuple[str, LogEntry]] = [
    ("paid_at", "paid"),
    ("shipped_at", "shipped"),
    ("signed_at", "signed"),
    ("confirmed_at", "confirmed"),
    ("closed_at", "closed"),
]


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, or would do; with faults it did nothing."""

    added: int = 0
    advanced: int = 0
    unchanged: int = 0
    assumed: int = 0
    """Orders with a time that the file does not tell and that was taken from another."""
    left_out: int = 0
    """Orders of which something was not taken: only the platform, or the case, can say it."""
    faults: tuple[Fault, ...] = ()


class Teller(msgspec.Struct, frozen=True, kw_only=True):
    """Who brings a file: somebody of the platform, whose word moves money, or of the shop."""

    person_id: UUID | None = None
    platform: bool = False


class OrderFile(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one import, and the shop whose orders they are."""

    shop_id: UUID
    raw: bytes
    items: bytes | None = None
    """Taobao's list of items, beside its list of orders."""
    beside: Beside | None = None
    """Olist's tables beside its table of orders."""


def _tell_nobody(line: int) -> None:
    """Nobody watches."""


async def import_orders(
    pool: Pool,
    file: OrderFile,
    *,
    by: Teller,
    now: datetime,
    tell: Callable[[int], object] = _tell_nobody,
    kept: Callable[[int], object] = _tell_nobody,
) -> Imported:
    """Keep what a file says, all or nothing; the same file again changes nothing.

    `tell` hears now and then how many lines are read, `kept` how many new orders are written.
    """
    return await _run(pool, file, by=by, now=now, tell=tell, kept=kept, keep=True)


async def preview_import(
    pool: Pool,
    file: OrderFile,
    *,
    by: Teller,
    now: datetime,
    tell: Callable[[int], object] = _tell_nobody,
    kept: Callable[[int], object] = _tell_nobody,
) -> Imported:
    """Do everything that an import does, report it, and undo it."""
    return await _run(pool, file, by=by, now=now, tell=tell, kept=kept, keep=False)


async def _run(
    pool: Pool,
    file: OrderFile,
    *,
    by: Teller,
    now: datetime,
    tell: Callable[[int], object],
    kept: Callable[[int], object],
    keep: bool,
) -> Imported:
    async with pool.acquire() as connection:
        shop = await find_shop(connection, shop_id=file.shop_id)
        if shop is None:
            raise Refusal("not_found", N_("There is no such shop."))
        # Reading takes seconds for a large file; other requests go on meanwhile.
        reading = await asyncio.to_thread(
            read_orders,
            file.raw,
            shop_name=shop.name,
            items=file.items,
            beside=file.beside,
            tell=tell,
        )
        if reading.faults:
            return Imported(faults=reading.faults)
        work = _store(connection, file.shop_id, reading.drafts, by=by, now=now, kept=kept)
        report = await keep_or_undo(
            connection, work, keeps=lambda report: keep and not report.faults
        )
    if keep and (report.added or report.advanced):
        changed((f"shop:{file.shop_id}",))
    return report


async def _store(
    connection: Connection,
    shop_id: UUID,
    drafts: Sequence[Draft],
    *,
    by: Teller,
    now: datetime,
    kept: Callable[[int], object],
) -> Imported:
    await lock_shop(connection, shop_id)
    if not by.platform:
        drafts = [_as_told_by_shop(draft) for draft in drafts]
    numbers = [draft.order.number for draft in drafts]
    known = await load_purchases_by_number(connection, shop_id, numbers)
    plan = plan_import(drafts, known, await _telling(connection, known, by=by, now=now))
    if plan.faults:
        return Imported(faults=plan.faults)
    names = {draft.remarks.buyer_name for draft in plan.added}
    buyers = await find_or_create_buyers(connection, names, now=now)
    if len(buyers) < len(names):
        return Imported(faults=tuple(islice(_nameless(plan.added, buyers), FAULTS_MAX)))
    for count, batch in enumerate(_batches(plan.added)):
        await _add(connection, batch, buyers, shop_id=shop_id, by=by, now=now)
        kept(count * BATCH + len(batch))
    for batch in _batches(plan.advanced):
        await _advance(connection, batch, by=by, now=now)
    return _report(plan, drafts)


def _as_told_by_shop(draft: Draft) -> Draft:
    return replace(draft, order=replace(draft.order, money="elsewhere"))


async def _telling(
    connection: Connection, known: Mapping[str, Purchase], *, by: Teller, now: datetime
) -> Telling:
    """Read after the orders are locked, so that no case begins to pay meanwhile."""
    disputed = await disputed_among(connection, [p.order.id for p in known.values()])
    return Telling(
        platform=by.platform,
        now=now,
        disputed=frozenset(disputed),
        bound=frozenset(order_id for order_id, bound in disputed.items() if bound),
    )


def _nameless(drafts: Sequence[Draft], buyers: Mapping[str, UUID]) -> Iterator[Fault]:
    """A fault for each order whose buyer has a name under which nobody can be a buyer."""
    for draft in drafts:
        name = draft.remarks.buyer_name
        if name not in buyers:
            yield Fault(
                line=draft.line,
                in_entry=draft.in_entry,
                sentence=N_("{name} cannot be the name of a buyer here."),
                params={"name": name},
            )


async def _add(
    connection: Connection,
    drafts: Sequence[Draft],
    buyers: Mapping[str, UUID],
    *,
    shop_id: UUID,
    by: Teller,
    now: datetime,
) -> None:
    purchases = [
        draft.purchase(new_id(), shop_id=shop_id, buyer_id=buyers[draft.remarks.buyer_name])
        for draft in drafts
    ]
    await insert_orders(connection, purchases, what="imported", by=by.person_id, now=now)
    await post_order_money(connection, [(None, p.order) for p in purchases], now=now)


async def _advance(
    connection: Connection,
    changes: Sequence[tuple[Order, Order]],
    *,
    by: Teller,
    now: datetime,
) -> None:
    await advance_orders(connection, [after for _, after in changes])
    logged = [
        Logged(order_id=after.id, at=now, by_id=by.person_id, what=what, detail=detail)
        for before, after in changes
        for what, detail in _what_happened(before, after)
    ]
    await append_log(connection, logged)
    await post_order_money(connection, changes, now=now)


def _what_happened(before: Order, after: Order) -> Iterator[tuple[LogEntry, dict[str, str | int]]]:
    refund: dict[str, str | int] = {"amount_fen": after.refunded_fen - before.refunded_fen}
    if before.money != after.money:
        yield "imported", {"money": after.money} | refund
    for field, what in _STEPS:
        if getattr(before, field) is None and getattr(after, field) is not None:
            yield what, {"from": "import"}
    if before.money == after.money and after.refunded_fen > before.refunded_fen:
        yield "refunded", {"from": "import"} | refund
    if (before.carrier, before.tracking) != (after.carrier, after.tracking):
        yield "tracked", {"from": "import"}


def _report(plan: Plan, drafts: Sequence[Draft]) -> Imported:
    return Imported(
        added=len(plan.added),
        advanced=len(plan.advanced),
        unchanged=plan.unchanged,
        assumed=sum(1 for draft in drafts if draft.assumed),
        left_out=plan.left_out,
    )


def _batches(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    rest = iter(items)
    while batch := tuple(islice(rest, BATCH)):
        yield batch

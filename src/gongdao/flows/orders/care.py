"""What of a shop's orders needs somebody now: behind the page, the API and the morning."""

from datetime import datetime, timedelta
from typing import Literal, TypeAlias, get_args
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.flows.orders.desk import cut_off_of, rules_of
from gongdao.settings.setting import DayRules
from gongdao.shops import care_reads
from gongdao.shops.care_reads import CareLine, Together, Waiting
from gongdao.shops.stock_store import Stocked, differing_stock, low_stock

#: The lists, in the order of a day: what loses a sale first.
CareList = Literal[
    "unpaid", "cut_off", "cod", "twice", "impulse", "additions", "merge", "late", "restock",
    "low_stock", "differing",
]  # fmt: skip
LISTS: tuple[CareList, ...] = get_args(CareList)
AnyLine: TypeAlias = CareLine | Together | Waiting | Stocked
#: So many lines stand on the morning page.
FIRST = 3
#: Buyers who ordered so long before the cut-off are told of it.
_CUT_OFF_SINCE = timedelta(hours=24)


class Care(msgspec.Struct, frozen=True, kw_only=True):
    """One list: how many lines, and the first of them; `at_least` where the list goes on."""

    name: CareList
    count: int
    at_least: bool
    first: tuple[AnyLine, ...]


async def care_of_today(database: Queryable, shop_id: UUID, now: datetime) -> dict[CareList, Care]:
    """Every list of a shop with its count and its first lines: one statement each."""
    rules = await rules_of(database, shop_id)
    found: dict[CareList, Care] = {}
    for name in LISTS:
        lines = await list_care(database, shop_id, name, rules=rules, now=now)
        found[name] = Care(
            name=name,
            count=len(lines),
            at_least=len(lines) == care_reads.LISTED_MAX,
            first=tuple(lines[:FIRST]),
        )
    return found


async def list_care(
    database: Queryable, shop_id: UUID, name: CareList, *, rules: DayRules, now: datetime
) -> list[AnyLine]:
    """The lines of one list, the oldest first."""
    match name:
        case "unpaid":
            before = now - timedelta(hours=rules.remind_hours)
            return [*await care_reads.unpaid(database, shop_id, before=before)]
        case "cut_off":
            until = cut_off_of(rules, now)
            if until - now > timedelta(hours=rules.cut_off_lead_hours):
                return []
            since = now - _CUT_OFF_SINCE
            return [*await care_reads.before_cut_off(database, shop_id, since=since, until=now)]
        case "cod":
            return [*await care_reads.cod_to_call(database, shop_id, now=now)]
        case "twice":
            within = timedelta(hours=rules.duplicate_hours)
            return [*await care_reads.made_twice(database, shop_id, within=within, now=now)]
        case "impulse":
            before = now - timedelta(hours=rules.impulse_hours)
            return [*await care_reads.impulses(database, shop_id, before=before)]
        case "additions":
            return [*await care_reads.additions(database, shop_id)]
        case "merge":
            return [*await care_reads.mergeable(database, shop_id)]
        case "late":
            near, far = now - timedelta(days=rules.near_days), now - timedelta(days=rules.far_days)
            return [*await care_reads.late_parcels(database, shop_id, near=near, far=far, now=now)]
        case "restock":
            return [*await care_reads.waiting_for_stock(database, shop_id)]
        case "low_stock":
            return [*await low_stock(database, shop_id, below=rules.low_stock)]
        case "differing":
            return [*await differing_stock(database, shop_id)]

"""What of a shop's orders needs somebody now: behind the page, the API and the morning."""

from datetime import datetime, timedelta
from typing import Literal, TypeAlias, get_args
from uuid import UUID

import msgspec

from gongdao.base.at_once import Question, ask_at_once
from gongdao.base.days import day_of, start_of
from gongdao.base.db import Queryable
from gongdao.customers.mask import mask_address, mask_name, mask_phone
from gongdao.flows.orders.desk import ROOM, cut_off_of, rules_of
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
    """One list: how many lines, and the lines; `at_least` where the list goes on."""

    name: CareList
    count: int
    at_least: bool
    lines: tuple[AnyLine, ...]

    @property
    def first(self) -> tuple[AnyLine, ...]:
        """Those that stand on the morning page."""
        return self.lines[:FIRST]


async def care_of_today(
    database: Queryable,
    shop_id: UUID,
    now: datetime,
    *,
    rules: DayRules | None = None,
    undone: bool = False,
) -> dict[CareList, Care]:
    """Every list of a shop: one statement for all of them, after the shop's rules.

    `undone`: without what only goes on being watched; nothing is left to be done about it today.
    """
    rules = rules or await rules_of(database, shop_id)
    asked = {name: _question(shop_id, name, rules, now, undone=undone) for name in LISTS}
    named = {name: question for name, question in asked.items() if question}
    answers = await ask_at_once(database, list(named.values()))
    found = dict(zip(named, answers, strict=True))
    return {name: _care(name, found.get(name, [])) for name in LISTS}


def _care(name: CareList, lines: list[AnyLine]) -> Care:
    at_least = len(lines) == care_reads.LISTED_MAX
    return Care(name=name, count=len(lines), at_least=at_least, lines=tuple(map(_masked, lines)))


async def list_care(
    database: Queryable, shop_id: UUID, name: CareList, *, rules: DayRules, now: datetime
) -> list[AnyLine]:
    """The lines of one list, the oldest first."""
    question = _question(shop_id, name, rules, now, undone=False)
    lines = (await ask_at_once(database, [question]))[0] if question else []
    return [_masked(line) for line in lines]


def _masked(line: AnyLine) -> AnyLine:
    """A list is read by many: who calls or packs sees the whole of one line, and it is kept."""
    match line:
        case CareLine():
            return msgspec.structs.replace(line, phone=mask_phone(line.phone))
        case Together():
            return msgspec.structs.replace(
                line,
                name=mask_name(line.name),
                phone=mask_phone(line.phone),
                address=mask_address(line.address),
            )
        case _:
            return line


def _question(
    shop_id: UUID, name: CareList, rules: DayRules, now: datetime, *, undone: bool
) -> Question | None:
    """What a list asks; None while there is nothing to ask."""
    match name:
        case "unpaid":
            return care_reads.unpaid(shop_id, before=now - timedelta(hours=rules.remind_hours))
        case "cut_off":
            until = cut_off_of(rules, now)
            if not ROOM <= until - now <= timedelta(hours=rules.cut_off_lead_hours):
                return None
            return care_reads.before_cut_off(shop_id, since=now - _CUT_OFF_SINCE, until=now)
        case "cod":
            return care_reads.cod_to_call(shop_id, now=now)
        case "twice":
            within = timedelta(hours=rules.duplicate_hours)
            return care_reads.made_twice(shop_id, within=within, now=now)
        case "impulse":
            return care_reads.impulses(shop_id, before=now - timedelta(hours=rules.impulse_hours))
        case "additions":
            return care_reads.additions(shop_id)
        case "merge":
            return care_reads.mergeable(shop_id)
        case "late":
            near, far = now - timedelta(days=rules.near_days), now - timedelta(days=rules.far_days)
            return care_reads.late_parcels(shop_id, near=near, far=far, now=now, undone=undone)
        case "restock":
            return care_reads.waiting_for_stock(shop_id, undone=undone)
        case "low_stock":
            since = start_of(day_of(now)) if undone else None
            return low_stock(shop_id, below=rules.low_stock, uncounted_since=since)
        case "differing":
            return differing_stock(shop_id)

"""The page of the day: which work a person has to do, and how much of it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec

from gongdao.accounts.principal import Permit, Principal
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.today import care, cases, customers, knowledge, orders, reviews, talks, team
from gongdao.flows.today.line import ORDER, Day, Lot


class Source(msgspec.Struct, frozen=True):
    """Where work of one kind comes from, and the permission without which nobody has it."""

    read: Callable[[Queryable, Day], Awaitable[Sequence[Lot]]]
    permit: Permit


SOURCES: tuple[Source, ...] = (
    Source(cases.clocks, "case.read"),
    Source(talks.talks, "chat.serve"),
    Source(talks.promises, "chat.serve"),
    Source(orders.dispatch, "order.ship"),
    Source(orders.abnormal, "order.read"),
    Source(reviews.reviews, "chat.serve"),
    Source(care.care, "order.read"),
    Source(customers.follow_ups, "customers.read"),
    Source(customers.privacy, "customers.manage"),
    Source(knowledge.knowledge, "knowledge.read"),
    Source(team.hand_over, "staff.use"),
    Source(team.decisions, "staff.use"),
    Source(team.memos, "staff.use"),
)


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """The work of a person's day."""

    day: Day
    lots: tuple[Lot, ...]
    """Only those in which something is to do."""

    @property
    def count(self) -> int:
        """How many pieces of work there are in all."""
        return sum(lot.count for lot in self.lots)

    @property
    def at_least(self) -> bool:
        """Whether there may be more than were counted."""
        return any(lot.at_least for lot in self.lots)


async def read_today(database: Queryable, who: Principal, *, now: datetime) -> Today:
    """What this person has to do today: what hurts most if it is forgotten comes first.

    Raises Refusal: wrong_role for whoever works in no shop.
    """
    if who.kind != "shop" or who.shop_id is None:
        raise Refusal("wrong_role", N_("Only the people of a shop have its work to do."))
    day = Day(shop_id=who.shop_id, who=who, now=now)
    lots = [
        lot
        for source in SOURCES
        if who.may(source.permit)
        for lot in await source.read(database, day)
        if lot.count
    ]
    lots.sort(key=lambda lot: ORDER.index(lot.work))
    return Today(day=day, lots=tuple(lots))

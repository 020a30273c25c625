"""What was noted of somebody under the house rules, and what it amounts to by calendar month."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.staff.days import month_of

Decision = Literal["kept", "removed"]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was noted; only a record, whatever sum stands beside it."""

    id: UUID
    person_id: UUID
    rule: str
    title: str
    monthly: bool
    amount_fen: int
    """Of the first one of a month, where it is counted by month."""
    flag_at: int | None
    happened_on: date
    text: str
    by_id: UUID
    at: datetime
    contest: str = ""
    contested_at: datetime | None = None
    decision: Decision | None = None
    decided_why: str = ""
    decided_by: UUID | None = None
    decided_at: datetime | None = None


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """What one mark amounts to among those of its month."""

    mark: Mark
    nth: int = 0
    """The how-maniest of its rule in the month; 0 for what is not counted or was removed."""
    amount_fen: int = 0
    flag: bool = False


def weigh(marks: Iterable[Mark]) -> dict[UUID, Weighed]:
    """Each mark with its sum: the first of a month as it says, then doubled, then a flag.

    Three or more is read as from the third on (C-18). What was removed counts for nothing.
    """
    counted: dict[tuple[UUID, str, date], int] = {}
    weighed: dict[UUID, Weighed] = {}
    for mark in sorted(marks, key=lambda each: (each.happened_on, each.at, each.id)):
        if mark.decision == "removed":
            weighed[mark.id] = Weighed(mark=mark)
            continue
        key = (mark.person_id, mark.rule, month_of(mark.happened_on))
        nth = counted[key] = counted.get(key, 0) + 1
        if not mark.monthly:
            weighed[mark.id] = Weighed(mark=mark, amount_fen=mark.amount_fen)
        elif mark.flag_at is not None and nth >= mark.flag_at:
            weighed[mark.id] = Weighed(mark=mark, nth=nth, flag=True)
        else:
            amount = mark.amount_fen * 2 ** min(nth - 1, 10)
            weighed[mark.id] = Weighed(mark=mark, nth=nth, amount_fen=amount)
    return weighed

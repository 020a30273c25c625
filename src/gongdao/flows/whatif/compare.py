"""Past cases beside what another rule book would have made of them, counted as they come. Pure."""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec

from gongdao.cases.case import Case
from gongdao.cases.events import Recorded
from gongdao.flows.whatif.deeds import deeds_of, wanted_in
from gongdao.flows.whatif.judge import Judged, judge, outcome_of
from gongdao.policy.pack import Pack
from gongdao.shops.order import Order

T = TypeVar("T", str, int)

#: So many of the cases that would change most are named.
NAMED_MAX = 50
#: Lengths are counted in whole hours up to this; a case that took longer counts as this long.
_HOURS_MAX = 24 * 366


class Past(NamedTuple):
    """A case that has been, with everything that is needed to judge it again."""

    case_id: UUID
    label: str
    """Its number, or the name of its story."""
    case: Case
    order: Order
    records: list[Recorded]


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A case that would have come out otherwise."""

    label: str
    kind: str
    before: Judged
    after: Judged

    @property
    def difference_fen(self) -> int:
        """How much more would have been owed; less than nothing where it is less."""
        return self.after.total_fen - self.before.total_fen


class Compared(msgspec.Struct, kw_only=True):
    """What would have changed, over all cases that were looked at."""

    pack: str
    cases: int = 0
    fates: dict[str, dict[str, int]] = {}
    """How cases ended, by how they would have ended."""
    money_before_fen: dict[str, int] = {}
    money_after_fen: dict[str, int] = {}
    points_before: dict[str, int] = {}
    points_after: dict[str, int] = {}
    silences_before: int = 0
    silences_after: int = 0
    hours_before: dict[int, int] = {}
    """How many cases took so many whole hours."""
    hours_after: dict[int, int] = {}
    refused: dict[str, int] = {}
    """Deeds that the other rules would not have let happen, by action and code."""
    changed: list[Changed] = []
    changed_count: int = 0

    def add(self, past: Past, before: Judged, after: Judged) -> None:
        """Count one case."""
        self.cases += 1
        row = self.fates.setdefault(before.fate, {})
        row[after.fate] = row.get(after.fate, 0) + 1
        for judged, money, points, hours in (
            (before, self.money_before_fen, self.points_before, self.hours_before),
            (after, self.money_after_fen, self.points_after, self.hours_after),
        ):
            _add_up(money, judged.amounts_fen)
            _add_up(points, judged.points)
            if judged.took is not None:
                whole = min(int(judged.took / timedelta(hours=1)), _HOURS_MAX)
                hours[whole] = hours.get(whole, 0) + 1
        self.silences_before += before.silences
        self.silences_after += after.silences
        _add_up(self.refused, Counter(f"{action}: {code}" for action, code in after.refused))
        if is_other(before, after):
            self.changed_count += 1
            kind = f"{past.case.procedure} {past.case.kind}"
            self._name(Changed(label=past.label, kind=kind, before=before, after=after))

    def join(self, other: "Compared") -> None:
        """Add what somebody else has counted."""
        self.cases += other.cases
        for fate, row in other.fates.items():
            _add_up(self.fates.setdefault(fate, {}), row)
        for name in ("money_before_fen", "money_after_fen", "points_before", "points_after",
                     "hours_before", "hours_after", "refused"):  # fmt: skip
            _add_up(getattr(self, name), getattr(other, name))
        self.silences_before += other.silences_before
        self.silences_after += other.silences_after
        self.changed_count += other.changed_count
        for changed in other.changed:
            self._name(changed)

    def _name(self, changed: Changed) -> None:
        """Keep those that differ most, in the same order whoever counted them."""
        insort(self.changed, changed, key=_weight)
        del self.changed[NAMED_MAX:]


def compare(cases: Iterable[Past], pack: Pack, *, until: datetime) -> Compared:
    """Judge cases again and count what is different."""
    compared = Compared(pack=pack.name)
    for past in cases:
        silences = sum(record.type == "timed_out" for record in past.records)
        before = outcome_of(past.case, silences=silences)
        deeds = deeds_of(past.records)
        after = judge(
            past.order,
            deeds,
            pack,
            case_id=past.case_id,
            until=until,
            wanted=wanted_in(past.records),
        )
        compared.add(past, before, after)
    return compared


def is_other(before: Judged, after: Judged) -> bool:
    """Whether somebody would notice: another end, other sums, other points, or another day."""
    if (before.fate, before.amounts_fen, before.points) != (
        after.fate,
        after.amounts_fen,
        after.points,
    ):
        return True
    apart = (before.took or timedelta(0)) - (after.took or timedelta(0))
    return abs(apart) >= timedelta(days=1)


def median_hours(hours: dict[int, int]) -> int | None:
    """The length that half of the cases did not reach; None where none has ended."""
    half, seen = sum(hours.values()) / 2, 0
    for whole, count in sorted(hours.items()):
        seen += count
        if seen >= half:
            return whole
    return None


def _weight(changed: Changed) -> tuple[int, str]:
    return -abs(changed.difference_fen), changed.label


def _add_up(into: dict[T, int], more: Mapping[T, int]) -> None:
    for name, number in more.items():
        into[name] = into.get(name, 0) + number

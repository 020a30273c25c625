"""A shop's record: the points, findings and sanctions that the cases against it have left.

Whatever changes the record carries its `entry`, the how-manieth of the shop: of two decisions that
saw the same record only one is written, and the other is made again.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from msgspec.structs import replace

from gongdao.cases import events as e
from gongdao.cases.case import Case, Noun, Sanction
from gongdao.policy.calendar import Calendar
from gongdao.policy.discipline import Clearing
from gongdao.policy.words import POINTS_LEDGERS, PointsLedger, ShopStatus

#: What stands for no case: the record as it was before a story began.
BEFORE = UUID(int=0)
_YEAR, _MONTH = timedelta(days=365), timedelta(days=30)
#: What a shop may still do under a sanction, the strictest first.
_STATUS: tuple[tuple[ShopStatus, frozenset[str]], ...] = (
    ("closed", frozenset({"close_shop"})),
    ("shielded", frozenset({"shield"})),
    ("restricted", frozenset({"ban_sale", "block_listing", "freeze_funds"})),
)

Lasting = e.PointsCharged | e.SanctionImposed | e.SanctionLifted | e.CaseClosed


class Charged(Noun, frozen=True, kw_only=True):
    """Points on the shop's account that nobody has taken back."""

    entry: int
    at: datetime
    case_id: UUID
    ledger: PointsLedger
    points: int
    rule: str


class Finding(Noun, frozen=True, kw_only=True):
    """A case that was upheld against the shop."""

    at: datetime
    case_id: UUID
    kind: str


class Imposed(Noun, frozen=True, kw_only=True):
    """A sanction, and the case that imposed it."""

    case_id: UUID
    sanction: Sanction


class ShopRecord(Noun, frozen=True, kw_only=True):
    """Everything that counts against a shop; `entry` is the number of its newest entry."""

    entry: int = 0
    charges: tuple[Charged, ...] = ()
    findings: tuple[Finding, ...] = ()
    sanctions: tuple[Imposed, ...] = ()

    def in_force(self, now: datetime) -> tuple[Imposed, ...]:
        """The sanctions that hold at an instant."""
        return tuple(one for one in self.sanctions if one.sanction.holds(now))

    def status(self, now: datetime) -> ShopStatus:
        """What the strictest sanction in force makes of the shop."""
        kinds = {one.sanction.kind for one in self.in_force(now)}
        for status, those in _STATUS:
            if kinds & those:
                return status
        return "open"

    def without(self, case_id: UUID) -> "ShopRecord":
        """The record but for what one case has left in it."""
        return replace(
            self,
            charges=tuple(c for c in self.charges if c.case_id != case_id),
            findings=tuple(f for f in self.findings if f.case_id != case_id),
        )

    def findings_of(self, kind: str, now: datetime) -> int:
        """How many cases of this kind were upheld in the last 365 days."""
        return self._found_since(kind, now - _YEAR)

    def findings_of_month(self, kind: str, now: datetime) -> int:
        """How many cases of this kind were upheld in the last 30 days."""
        return self._found_since(kind, now - _MONTH)

    def _found_since(self, kind: str, start: datetime) -> int:
        return sum(found.kind == kind and found.at > start for found in self.findings)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a shop's record as it is stored: an event, and the case that it belongs to."""

    at: datetime
    case_id: UUID
    kind: str
    body: Lasting


def entry_of(case: Case, record: e.Recorded) -> Entry | None:
    """The line that an event leaves in the shop's record; None where it leaves none."""
    if not isinstance(record.body, Lasting) or not record.body.entry:
        return None
    return Entry(at=record.at, case_id=case.id, kind=case.kind, body=record.body)


def write_down(record: ShopRecord, entry: Entry) -> ShopRecord:
    """The record after one more line."""
    body = entry.body
    entry = replace(entry, at=entry.at.astimezone(UTC))
    record = replace(record, entry=max(record.entry, body.entry))
    match body:
        case e.PointsCharged():
            return replace(record, charges=_charges(record.charges, entry, body))
        case e.SanctionImposed():
            imposed = Imposed(case_id=entry.case_id, sanction=body.sanction)
            return replace(record, sanctions=(*record.sanctions, imposed))
        case e.SanctionLifted():
            return replace(record, sanctions=_lifted(record.sanctions, entry, body.number))
        case e.CaseClosed():
            found = tuple(f for f in record.findings if f.case_id != entry.case_id)
            if body.upheld:
                found += (Finding(at=entry.at, case_id=entry.case_id, kind=entry.kind),)
            return replace(record, findings=found)


def points_at(
    charges: tuple[Charged, ...],
    clearings: tuple[Clearing, ...],
    *,
    calendar: Calendar,
    now: datetime,
) -> dict[PointsLedger, int]:
    """What each ledger of points stands at, after every year's end that has gone by."""
    totals: dict[PointsLedger, int] = dict.fromkeys(POINTS_LEDGERS, 0)
    year: int | None = None
    for charge in sorted(charges, key=lambda c: (c.at, c.entry)):
        charged_in = calendar.local(charge.at).year
        totals = _cleared(totals, clearings, years=charged_in - (year or charged_in))
        year = charged_in
        totals[charge.ledger] += charge.points
    this_year = calendar.local(now).year
    return _cleared(totals, clearings, years=this_year - (year or this_year))


def _cleared(
    totals: dict[PointsLedger, int], clearings: tuple[Clearing, ...], *, years: int
) -> dict[PointsLedger, int]:
    """The totals after so many ends of a year; a total that one of them keeps, the next keeps."""
    if years <= 0:
        return totals
    return {
        ledger: 0 if any(_clears(rule, ledger, total) for rule in clearings) else total
        for ledger, total in totals.items()
    }


def _clears(rule: Clearing, ledger: PointsLedger, total: int) -> bool:
    if rule.ledger != ledger:
        return False
    below = rule.keep_below is None or total < rule.keep_below
    return not (rule.keep_from is not None and total >= rule.keep_from and below)


def _charges(
    charges: tuple[Charged, ...], entry: Entry, body: e.PointsCharged
) -> tuple[Charged, ...]:
    if body.undoes:
        return tuple(charge for charge in charges if charge.entry != body.undoes)
    charge = Charged(
        entry=body.entry,
        at=entry.at,
        case_id=entry.case_id,
        ledger=body.charge.ledger,
        points=body.charge.points,
        rule=body.charge.rule,
    )
    return (*charges, charge)


def _lifted(sanctions: tuple[Imposed, ...], entry: Entry, number: int) -> tuple[Imposed, ...]:
    return tuple(
        replace(one, sanction=replace(one.sanction, lifted_at=entry.at))
        if one.sanction.number == number
        else one
        for one in sanctions
    )

"""What the pages of a shop's record show: points, sanctions in force, and what came before."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.cases.record import Charged, Finding, Imposed, ShopRecord, points_at
from gongdao.flows.case_reads import ShopSeen
from gongdao.policy.discipline import Node
from gongdao.policy.pack import Pack
from gongdao.policy.words import POINTS_LEDGERS, PointsLedger, ShopStatus

#: How many lines of each kind a page shows.
LINES_MAX = 50


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """One ledger of points, and the node that comes next."""

    ledger: PointsLedger
    points: int
    node: Node | None


class RecordShown(msgspec.Struct, frozen=True, kw_only=True):
    """A shop's record as a page has it, newest lines first."""

    name: str
    status: ShopStatus
    tallies: tuple[Tally, ...]
    in_force: tuple[Imposed, ...]
    past: tuple[Imposed, ...]
    charges: tuple[Charged, ...]
    findings: tuple[Finding, ...]
    numbers: dict[UUID, int]
    clears: bool
    """The pack clears points at the end of the year."""


def show_record(seen: ShopSeen, pack: Pack, *, now: datetime) -> RecordShown:
    """A record as it stands by the rules of today."""
    record, body = seen.record, pack.body
    points = points_at(record.charges, body.clearing, calendar=pack.calendar, now=now)
    return RecordShown(
        name=seen.name,
        status=record.status(now),
        tallies=tuple(
            Tally(ledger=ledger, points=points[ledger], node=_next(pack, ledger, points[ledger]))
            for ledger in POINTS_LEDGERS
        ),
        in_force=record.in_force(now)[::-1][:LINES_MAX],
        past=_past(record, now),
        charges=record.charges[::-1][:LINES_MAX],
        findings=record.findings[::-1][:LINES_MAX],
        numbers=seen.numbers,
        clears=bool(body.clearing),
    )


def _next(pack: Pack, ledger: PointsLedger, points: int) -> Node | None:
    ahead = [n for n in pack.body.node if n.ledger == ledger and n.points > points]
    return min(ahead, key=lambda node: node.points, default=None)


def _past(record: ShopRecord, now: datetime) -> tuple[Imposed, ...]:
    over = [one for one in reversed(record.sanctions) if not one.sanction.holds(now)]
    return tuple(over[:LINES_MAX])

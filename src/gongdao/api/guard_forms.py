"""What the guard's addresses take and answer."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.money import yuan
from gongdao.flows.guard.figures import SignFigures
from gongdao.flows.guard.hold import Held
from gongdao.flows.guard.list_findings import FindingPage, Listed
from gongdao.flows.guard.see import Warned
from gongdao.flows.guard.watch import WatchPage
from gongdao.risk.finding import Why
from gongdao.risk.hold_store import Hold
from gongdao.risk.watch import Watched, WatchKind


class TakeOffBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is watched no more."""

    why: Why = ""


class ReleaseBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the money may go."""

    why: Why


class FindingList(msgspec.Struct, frozen=True, kw_only=True):
    """Findings, the newest first."""

    findings: tuple[Listed, ...]
    after: str | None


class WatchedShown(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody or something that is watched."""

    id: UUID
    kind: WatchKind
    subject_id: UUID | None
    trait: str
    shown: str
    why: str
    by_id: UUID
    by: str
    at: datetime
    until: datetime | None
    off_at: datetime | None
    off_why: str | None


class WatchList(msgspec.Struct, frozen=True, kw_only=True):
    """The watch list, the newest first."""

    watched: tuple[WatchedShown, ...]
    after: str | None


class HoldShown(msgspec.Struct, frozen=True, kw_only=True):
    """A payout that is looked at before it goes out."""

    payout_id: UUID
    case_id: UUID | None
    amount: str
    since: datetime
    until: datetime
    released_at: datetime | None
    released_by: UUID | None
    why: str


class HeldShown(msgspec.Struct, frozen=True, kw_only=True):
    """The same with who gets it and what was found."""

    hold: HoldShown
    buyer: str
    shop: str
    order_number: str
    case_number: int | None
    signs: tuple[Warned, ...]


class HoldList(msgspec.Struct, frozen=True, kw_only=True):
    """Payouts that wait, the newest first."""

    holds: tuple[HeldShown, ...]
    after: str | None


class FiguresShown(msgspec.Struct, frozen=True, kw_only=True):
    """How well each sign serves."""

    since: datetime
    until: datetime
    signs: list[SignFigures]


def show_findings(page: FindingPage) -> FindingList:
    """A page of findings as it is answered."""
    return FindingList(
        findings=page.findings, after=page.following.text() if page.following else None
    )


def show_watched(one: Watched, names: dict[UUID, str]) -> WatchedShown:
    """One of the watch list."""
    return WatchedShown(
        id=one.id, kind=one.kind, subject_id=one.subject_id,
        trait=one.digest.hex() if one.digest else "", shown=one.shown, why=one.why,
        by_id=one.by_id, by=names.get(one.by_id, ""), at=one.at, until=one.until,
        off_at=one.off_at, off_why=one.off_why,
    )  # fmt: skip


def show_watch_list(page: WatchPage) -> WatchList:
    """The watch list."""
    return WatchList(
        watched=tuple(show_watched(one, page.names) for one in page.watched),
        after=page.following.text() if page.following else None,
    )


def show_hold(hold: Hold) -> HoldShown:
    """A payout that waits, or has waited."""
    return HoldShown(
        payout_id=hold.payout_id,
        case_id=hold.case_id,
        amount=yuan(hold.amount_fen),
        since=hold.since,
        until=hold.until,
        released_at=hold.released_at,
        released_by=hold.released_by,
        why=hold.why,
    )


def show_held(held: Held) -> HeldShown:
    """The same with who gets it."""
    return HeldShown(
        hold=show_hold(held.hold),
        buyer=held.buyer,
        shop=held.shop,
        order_number=held.order_number,
        case_number=held.case_number,
        signs=held.signs,
    )

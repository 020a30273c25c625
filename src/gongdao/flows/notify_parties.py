"""Tells each side of a case what concerns it: a follower of the log, and whoever pays out.

A deed is told once to a side, by the event of it that says most. Nobody is told of what they did
themselves, and private notes tell nobody.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from gongdao.base.db import Connection
from gongdao.base.live import changed
from gongdao.cases import events as e
from gongdao.cases.log import Deed
from gongdao.notices.notice import PLATFORM, Inbox, Notice, Side
from gongdao.notices.store import add_notices
from gongdao.policy.words import Party, Role

#: Whom an event concerns: the other side of whoever did it (both, when it was neither of them);
#: both; whom the case waits for from now on; who is asked; a side by name; or nobody.
Whom = Literal["other", "both", "waiting", "asked", "seller", "supervisor", "nobody"]

#: Which event concerns whom. What stands higher says more of a deed that holds several.
CONCERNS: dict[type[e.Happening], Whom] = {
    e.Ruled: "both",
    e.CaseAccepted: "both",
    e.RulingConfirmed: "both",
    e.CaseReopened: "both",
    e.RulingAppealed: "other",
    e.CaseTurnedAway: "both",
    e.RequestApproved: "other",
    e.OfferAccepted: "other",
    e.Compensated: "other",
    e.CaseOpened: "other",
    e.RequestModified: "other",
    e.RequestRejected: "other",
    e.OfferMade: "other",
    e.OfferDeclined: "other",
    e.ShippedBack: "other",
    e.GoodsSent: "other",
    e.GoodsSigned: "other",
    e.TrackingRefilled: "other",
    e.MismatchReported: "other",
    e.HandlingConfirmed: "other",
    e.Withdrawn: "other",
    e.Escalated: "other",
    e.EvidenceRequested: "asked",
    e.DeadlineMissed: "supervisor",
    e.RefundReckoned: "both",
    e.PaymentsInstructed: "both",
    e.AwardedAgainstBuyer: "both",
    e.ReturnSigned: "other",
    e.ReceiptConfirmed: "other",
    e.DeadlineExtended: "other",
    e.CasePaused: "other",
    e.PauseProlonged: "other",
    e.CaseResumed: "other",
    e.EvidenceSubmitted: "other",
    e.Reminded: "other",
    e.Noted: "other",
    e.TimedOut: "both",
    e.CaseClosed: "both",
    e.PointsCharged: "seller",
    e.SanctionImposed: "seller",
    e.SanctionLifted: "seller",
    e.FineCharged: "seller",
    e.FineReturned: "seller",
    e.PaymentsCorrected: "seller",
    e.FundsFrozen: "seller",
    e.FundsReleased: "seller",
    e.StageEntered: "waiting",
    e.EvidenceSealed: "nobody",
    e.WarningRaised: "nobody",
    e.ExecutionOrdered: "nobody",
    e.RulingSentBack: "nobody",
    e.Voted: "nobody",
    e.SignalRaised: "nobody",
}
_WEIGHT = {happening: n for n, happening in enumerate(reversed(CONCERNS))}

_PARTIES: frozenset[Side] = frozenset({"buyer", "seller"})
_OTHER: dict[Role, frozenset[Side]] = {
    "buyer": frozenset({"seller"}),
    "seller": frozenset({"buyer"}),
    "agent": frozenset({"buyer"}),
    "lead": frozenset({"buyer"}),
}
_SIDES_OF: dict[Party, frozenset[Side]] = {
    "buyer": frozenset({"buyer"}),
    "seller": frozenset({"seller"}),
    "agent": frozenset({"seller"}),
    "both": _PARTIES,
    "arbiter": frozenset({"arbiter"}),
    "supervisor": frozenset({"supervisor"}),
}
_NOBODY: frozenset[Side] = frozenset()
_PARTIES_OF = "SELECT id, buyer_id, shop_id FROM cases WHERE id = ANY ($1)"
# The newest event that moved the money which has arrived.
_PAID = """
SELECT p.id, p.person, p.case_id, e.version
  FROM payouts p JOIN LATERAL (
       SELECT version FROM case_events WHERE case_id = p.case_id AND type = 'payments_instructed'
          AND at <= p.created_at ORDER BY version DESC LIMIT 1) e ON true
 WHERE p.id = ANY ($1)
"""


async def notify_parties(connection: Connection, deeds: Sequence[Deed], now: datetime) -> None:
    """Put into each inbox what a batch of deeds has for it. `now` is when it is told."""
    told = [(deed, list(news_of(deed))) for deed in deeds]
    rows = await connection.fetch(_PARTIES_OF, [deed.case_id for deed, news in told if news])
    parties = {row["id"]: (row["buyer_id"], row["shop_id"]) for row in rows}
    notices = [
        Notice(
            inbox=_inbox(side, *parties[deed.case_id]),
            case_id=deed.case_id,
            version=record.version,
            at=record.at,
            by_id=record.person_id,
        )
        for deed, news in told
        for side, record in news
    ]
    await _add(connection, notices)


async def notify_arrivals(
    connection: Connection, payout_ids: Sequence[UUID], *, now: datetime
) -> None:
    """Tell buyers that their money has arrived."""
    rows = await connection.fetch(_PAID, list(payout_ids))
    notices = [
        Notice(
            inbox=Inbox("buyer", row["person"]),
            case_id=row["case_id"],
            version=row["version"],
            at=now,
            payout_id=row["id"],
        )
        for row in rows
    ]
    await _add(connection, notices)


def news_of(deed: Deed) -> Iterator[tuple[Side, e.Recorded]]:
    """Which sides a deed concerns, and by which of its events each is told. Pure."""
    heaviest: dict[Side, e.Recorded] = {}
    for record in deed.records:
        for side in sides_of(record):
            told = heaviest.get(side)
            if told is None or _WEIGHT[type(told.body)] < _WEIGHT[type(record.body)]:
                heaviest[side] = record
    yield from sorted(heaviest.items(), key=lambda item: item[0])


def sides_of(record: e.Recorded) -> frozenset[Side]:
    """The sides that an event concerns. Pure."""
    body = record.body
    if isinstance(body, e.Noted) and body.private:
        return _NOBODY
    match CONCERNS[type(body)]:
        case "other":
            return _OTHER.get(record.by, _PARTIES)
        case "both":
            return _PARTIES
        case "waiting":
            assert isinstance(body, e.StageEntered), "only a stage says whom it waits for"
            return _SIDES_OF.get(body.waiting_on, _NOBODY)
        case "asked":
            assert isinstance(body, e.EvidenceRequested), "only a request asks a side"
            return _SIDES_OF[body.request.side]
        case "seller":
            return frozenset({"seller"})
        case "supervisor":
            return frozenset({"supervisor"})
        case "nobody":
            return _NOBODY


async def _add(connection: Connection, notices: Sequence[Notice]) -> None:
    if notices:
        await add_notices(connection, notices)
        changed({notice.inbox.channel for notice in notices})


def _inbox(side: Side, buyer_id: UUID, shop_id: UUID) -> Inbox:
    match side:
        case "buyer":
            return Inbox("buyer", buyer_id)
        case "seller":
            return Inbox("seller", shop_id)
        case "arbiter" | "supervisor":
            return Inbox(side, PLATFORM)

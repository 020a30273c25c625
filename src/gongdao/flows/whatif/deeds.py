"""What people did in a past case, read back from its events as the commands that they gave.

Silence, stages and money are left out: they are what another rule book decides anew. So are notes
and reminders, which change nothing.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from gongdao.base.money import yuan
from gongdao.cases import commands as c
from gongdao.cases import events as e
from gongdao.cases.case import Wanted
from gongdao.policy.words import Role


class Deed(NamedTuple):
    """Somebody did something: when, and with which command."""

    at: datetime
    command: c.Command


def deeds_of(records: Iterable[e.Recorded]) -> list[Deed]:
    """The commands that a log of events tells of, oldest first."""
    deeds: list[Deed] = []
    clock: datetime | None = None
    stage = ""
    for record in records:
        if isinstance(record.body, e.StageEntered):
            stage = record.body.stage
        before, clock = clock, getattr(record.body, "deadline", clock)
        if isinstance(record.body, e.DeadlineExtended) and before:
            by = _span_text(record.body.deadline - before)
            args = c.ExtendArgs(by=by, note=record.body.note)
            command = c.Command(action="extend_deadline", by=record.by, args=args)
            deeds.append(Deed(record.at, command))
        read = _READ.get(type(record.body))
        if read is None or record.by == "system":
            continue
        action, args = read(record.body, record.by)
        if stage == "buyer_receipt" and action == "confirm":
            # Of goods that were sent instead, it is their receipt that is confirmed.
            action, args = "confirm_receipt", c.ConfirmReceiptArgs()
        command = c.Command(action=action, by=record.by, args=args, person_id=record.person_id)
        deeds.append(Deed(record.at, command))
    return deeds


Read = tuple[str, Any]


def _span_text(span: timedelta) -> str:
    """A span as an extension is written; clocks are extended by whole minutes, or by seconds."""
    seconds = max(1, round(span.total_seconds()))
    return f"{seconds // 60}m" if seconds % 60 == 0 else f"{min(seconds, 99_999)}s"


def _opened(body: e.CaseOpened, by: Role) -> Read:
    return "open", c.OpenArgs(
        procedure=body.procedure,
        kind=body.kind,
        lines=list(body.lines) or None,
        reason=body.reason,
        claim=body.claim,
        amount=yuan(body.asked_fen) if body.asked_fen else None,
        received=body.received,
        quantities={str(line): units for line, units in body.quantities.items()},
        share=body.share,
        count=body.count,
        wanted=body.wanted.sku if body.wanted else "",
    )


def _modified(body: e.RequestModified, by: Role) -> Read:
    return "modify", c.ModifyArgs(
        kind=body.kind,
        lines=list(body.lines) or None,
        reason=body.reason,
        claim=body.claim,
        amount=yuan(body.asked_fen) if body.asked_fen else None,
        received=body.received,
        quantities={str(line): units for line, units in body.quantities.items()},
        share=body.share,
        count=body.count,
        wanted=body.wanted.sku if body.wanted else "",
    )


def wanted_in(records: Iterable[e.Recorded]) -> tuple[Wanted, ...]:
    """The variants that an exchange asked for, one after the other."""
    asked = (getattr(record.body, "wanted", None) for record in records)
    return tuple(wanted for wanted in asked if wanted)


def _approved(body: e.RequestApproved, by: Role) -> Read:
    fen = sum(body.award_fen.values())
    return "approve", c.ApproveArgs(amount=yuan(fen) if fen else None, freight_by=body.freight_by)


def _offered(body: e.OfferMade, by: Role) -> Read:
    offer = body.offer
    action = {"arbiter": "propose_settlement", "buyer": "counter_offer"}.get(by, "offer")
    return action, c.OfferArgs(
        remedy=offer.remedy,
        refund=yuan(offer.refund_fen),
        compensation=yuan(offer.compensation_fen) if offer.compensation_fen else None,
        freight_by=offer.freight_by,
        note=offer.note,
    )


def _shipped_back(body: e.ShippedBack, by: Role) -> Read:
    parcel = body.parcel
    return "ship_back", c.ShipBackArgs(
        carrier=parcel.carrier,
        tracking=parcel.tracking,
        freight=yuan(parcel.freight_fen) if parcel.freight_fen else None,
        collect=parcel.collect,
    )


def _submitted(body: e.EvidenceSubmitted, by: Role) -> Read:
    piece = body.evidence
    return "submit_evidence", c.SubmitEvidenceArgs(
        kind=piece.kind,
        note=piece.note,
        amount=yuan(piece.amount_fen) if piece.amount_fen else None,
        cost=piece.cost,
    )


def _ruled(body: e.Ruled, by: Role) -> Read:
    """The finding stays; the sums are for the rules, but where a person had to say how much."""
    ruling = body.ruling
    in_parts = ruling.remedy == "partial_refund"
    return "adjudicate", c.AdjudicateArgs(
        liability=ruling.liability,
        remedy=ruling.remedy,
        refund=yuan(ruling.amounts_fen.get("refund", 0)) if in_parts else None,
        counterfeit=ruling.counterfeit,
        serious=ruling.serious,
        note=ruling.note,
    )


def _voted(body: e.Voted, by: Role) -> Read:
    vote = body.vote
    args = c.AdjudicateArgs(liability=vote.liability, remedy=vote.remedy, note=vote.note)
    return "adjudicate", args


def _plain(action: str, args: Any = None) -> Callable[[Any, Role], Read]:
    return lambda body, by: (action, args or c.NoArgs())


_READ: dict[type, Callable[[Any, Role], Read]] = {
    e.CaseOpened: _opened,
    e.RequestModified: _modified,
    e.CaseAccepted: _plain("approve", c.ApproveArgs()),
    e.CaseTurnedAway: lambda body, by: ("reject", c.RejectArgs(reason=body.reason)),
    e.RequestApproved: _approved,
    e.RequestRejected: lambda body, by: ("reject", c.RejectArgs(reason=body.reason)),
    e.OfferMade: _offered,
    e.OfferAccepted: _plain("accept_offer"),
    e.OfferDeclined: _plain("decline_offer"),
    # Without a sum: what the other rule book computes.
    e.Compensated: _plain("compensate", c.CompensateArgs()),
    e.ShippedBack: _shipped_back,
    e.TrackingRefilled: lambda body, by: (
        "refill_tracking",
        c.TrackingArgs(carrier=body.carrier, tracking=body.tracking),
    ),
    e.ReturnSigned: _plain("sign", c.SignArgs()),
    e.GoodsSent: lambda body, by: (
        "ship",
        c.SignArgs(carrier=body.parcel.carrier, tracking=body.parcel.tracking),
    ),
    e.GoodsSigned: _plain("sign", c.SignArgs()),
    e.ReceiptConfirmed: _plain("confirm_receipt", c.ConfirmReceiptArgs()),
    e.MismatchReported: lambda body, by: (
        "report_mismatch",
        c.MismatchArgs(problem=body.problem),
    ),
    e.HandlingConfirmed: _plain("confirm"),
    e.Escalated: _plain("escalate"),
    e.EvidenceRequested: lambda body, by: (
        "request_evidence",
        c.RequestEvidenceArgs(from_=body.request.side, kind=body.request.kind),
    ),
    e.EvidenceSubmitted: _submitted,
    e.CasePaused: lambda body, by: ("pause", c.PauseArgs(cause=body.cause)),
    e.CaseResumed: _plain("resume"),
    e.Withdrawn: _plain("withdraw"),
    e.Ruled: _ruled,
    e.Voted: _voted,
    e.RulingConfirmed: _plain("concur"),
    e.RulingSentBack: lambda body, by: ("send_back", c.SendBackArgs(note=body.note)),
    e.RulingAppealed: lambda body, by: ("appeal", c.AppealArgs(grounds=body.appeal.grounds)),
    e.ExecutionOrdered: _plain("execute"),
}

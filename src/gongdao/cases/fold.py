"""Folds events into a case: no pack, no clock, no database; the same everywhere."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from gongdao.cases import events as e
from gongdao.cases.case import Case, PaidLine, Rest


def fold(records: Iterable[e.Recorded], case: Case | None = None) -> Case:
    """The case after these events. Raises ValueError where one does not follow on another."""
    for record in records:
        case = apply(case, record)
    if case is None:
        raise ValueError("a case begins with case_opened")
    return case


def apply(case: Case | None, record: e.Recorded) -> Case:
    """The case after one more event."""
    body = record.body
    if case is None:
        if not isinstance(body, e.CaseOpened) or record.version != 1:
            raise ValueError(f"a case begins with case_opened, not with {record.type}")
        return _opened(record, body)
    if record.version != case.version + 1:
        raise ValueError(f"event {record.version} cannot follow version {case.version}")
    changes = _CHANGES[type(body)](case, record, body)
    return replace(case, version=record.version, changed_at=record.at, **changes)


def _opened(record: e.Recorded, body: e.CaseOpened) -> Case:
    return Case(
        id=body.case_id,
        procedure=body.procedure,
        kind=body.kind,
        order_id=body.order_id,
        shop_id=body.shop_id,
        buyer_id=body.buyer_id,
        pack=body.pack,
        opened_at=record.at,
        entered_at=record.at,
        opened_by=body.by,
        version=record.version,
        changed_at=record.at,
        switches=body.switches,
        reason=body.reason,
        claim=body.claim,
        lines=body.lines,
        asked_fen=body.asked_fen,
        asked_by_rules=body.by_rules,
        received=body.received,
        quantities=body.quantities,
        wanted=body.wanted,
        share=body.share,
        count=body.count,
        anonymous=body.anonymous,
    )


Changes = dict[str, Any]


def _modified(case: Case, record: e.Recorded, body: e.RequestModified) -> Changes:
    return {
        "kind": body.kind,
        "reason": body.reason,
        "claim": body.claim,
        "lines": body.lines,
        "asked_fen": body.asked_fen,
        "asked_by_rules": body.by_rules,
        "received": body.received,
        "quantities": body.quantities,
        "share": body.share,
        "count": body.count,
        "wanted": body.wanted or case.wanted,
        "applications": case.applications + 1,
        "refused": False,
        "refusal": None,
        "offers": _close_offers(case, "replaced"),
    }


def _escalated(case: Case, record: e.Recorded, body: e.Escalated) -> Changes:
    return {"stepped_in_at": case.stage}


def _entered(case: Case, record: e.Recorded, body: e.StageEntered) -> Changes:
    left = case.deadline - record.at if case.deadline and not case.rest else None
    return {
        "stage": body.stage,
        "waiting_on": body.waiting_on,
        "deadline": body.deadline,
        "entered_at": record.at,
        "ending": body.ending or case.ending,
        "left_over": case.left_over | {case.stage: left} if left else case.left_over,
        "votes": () if body.stage == "jury" else case.votes,
    }


def _turned_away(case: Case, record: e.Recorded, body: e.CaseTurnedAway) -> Changes:
    return {"refused": True, "refusal": body.reason}


def _approved(case: Case, record: e.Recorded, body: e.RequestApproved) -> Changes:
    return {
        "award_fen": body.award_fen,
        "freight_by": body.freight_by,
        "remedy": body.remedy,
        "refused": False,
        "offers": _close_offers(case, "replaced"),
    }


def _rejected(case: Case, record: e.Recorded, body: e.RequestRejected) -> Changes:
    return {"refused": True, "refusal": body.reason, "offers": _close_offers(case, "replaced")}


def _offered(case: Case, record: e.Recorded, body: e.OfferMade) -> Changes:
    return {"offers": (*_close_offers(case, "replaced"), body.offer)}


def _offer_accepted(case: Case, record: e.Recorded, body: e.OfferAccepted) -> Changes:
    settled = body.award_fen is not None
    changed = tuple(
        replace(
            offer,
            accepted_by=(*offer.accepted_by, body.by),
            state="accepted" if settled else offer.state,
        )
        if offer.number == body.number
        else offer
        for offer in case.offers
    )
    if not settled:
        return {"offers": changed}
    return {
        "offers": changed,
        "award_fen": body.award_fen,
        "freight_by": body.freight_by,
        "remedy": body.remedy,
    }


def _close_offers(case: Case, state: Any) -> Any:
    return tuple(replace(o, state=state) if o.state == "open" else o for o in case.offers)


def _declined(case: Case, record: e.Recorded, body: e.OfferDeclined) -> Changes:
    return {"offers": _close_offers(case, "declined")}


def _compensated(case: Case, record: e.Recorded, body: e.Compensated) -> Changes:
    return {
        "award_fen": case.award_fen | {"compensation": body.amount_fen},
        "remedy": "compensation",
    }


def _shipped_back(case: Case, record: e.Recorded, body: e.ShippedBack) -> Changes:
    return {"parcel": body.parcel}


def _tracking(case: Case, record: e.Recorded, body: e.TrackingRefilled) -> Changes:
    assert case.parcel, "a tracking number belongs to a parcel"
    carrier = body.carrier or case.parcel.carrier
    return {"parcel": replace(case.parcel, carrier=carrier, tracking=body.tracking)}


def _return_signed(case: Case, record: e.Recorded, body: e.ReturnSigned) -> Changes:
    assert case.parcel, "somebody signs for a parcel"
    return {
        "parcel": replace(case.parcel, signed_at=record.at),
        "deadline": body.deadline or case.deadline,
    }


def _returned(case: Case, record: e.Recorded, body: e.ReceiptConfirmed) -> Changes:
    return {"returned": True}


def _sent(case: Case, record: e.Recorded, body: e.GoodsSent) -> Changes:
    return {"sent": body.parcel}


def _goods_signed(case: Case, record: e.Recorded, body: e.GoodsSigned) -> Changes:
    assert case.sent, "somebody signs for a parcel"
    return {"sent": replace(case.sent, signed_at=record.at)}


def _mismatch(case: Case, record: e.Recorded, body: e.MismatchReported) -> Changes:
    by_seller = {} if record.by == "buyer" else {"refused": True, "returned": True}
    return {"mismatch": body.problem, **by_seller}


def _requested(case: Case, record: e.Recorded, body: e.EvidenceRequested) -> Changes:
    return {"requests": (*case.requests, body.request), "evidence_sealed_at": None}


def _submitted(case: Case, record: e.Recorded, body: e.EvidenceSubmitted) -> Changes:
    return {"evidence": (*case.evidence, body.evidence)}


def _sealed(case: Case, record: e.Recorded, body: e.EvidenceSealed) -> Changes:
    sealed = tuple(
        piece if piece.sealed_at else replace(piece, sealed_at=record.at) for piece in case.evidence
    )
    return {"evidence": sealed, "evidence_sealed_at": record.at}


def _deadline(case: Case, record: e.Recorded, body: Any) -> Changes:
    return {"deadline": body.deadline}


def _paused(case: Case, record: e.Recorded, body: e.CasePaused) -> Changes:
    rest = Rest(cause=body.cause, at=record.at, remaining=body.remaining)
    return {"rest": rest, "deadline": body.deadline}


def _resumed(case: Case, record: e.Recorded, body: e.CaseResumed) -> Changes:
    return {"rest": None, "deadline": body.deadline}


def _reminded(case: Case, record: e.Recorded, body: e.Reminded) -> Changes:
    return {"reminded": case.reminded | {body.by: record.at}}


def _ruled(case: Case, record: e.Recorded, body: e.Ruled) -> Changes:
    return {
        "ruling": body.ruling,
        "rulings": case.rulings + 1,
        "award_fen": body.ruling.amounts_fen,
        "freight_by": body.ruling.freight_by,
        "remedy": body.ruling.remedy,
        "offers": _close_offers(case, "replaced"),
    }


def _voted(case: Case, record: e.Recorded, body: e.Voted) -> Changes:
    return {"votes": (*case.votes, body.vote)}


def _appealed(case: Case, record: e.Recorded, body: e.RulingAppealed) -> Changes:
    return {"appeals": (*case.appeals, body.appeal)}


def _reopened(case: Case, record: e.Recorded, body: e.CaseReopened) -> Changes:
    return {"reopened": True, "ended": None, "closed_at": None, "ending": None}


def _reckoned(case: Case, record: e.Recorded, body: e.RefundReckoned) -> Changes:
    return {"award_fen": case.award_fen | {"refund": body.refund_fen}}


def _paid(case: Case, record: e.Recorded, body: e.PaymentsInstructed) -> Changes:
    return {"paid": (*case.paid, *body.lines)}


def _charged(case: Case, record: e.Recorded, body: e.PointsCharged) -> Changes:
    return {"charges": (*case.charges, body.charge)}


def _corrected(case: Case, record: e.Recorded, body: e.PaymentsCorrected) -> Changes:
    paid = list(case.paid)
    for line in body.voided:
        _strike(paid, line)
    return {"corrections": (*case.corrections, *body.corrections), "paid": tuple(paid)}


def _strike(paid: list[PaidLine], voided: PaidLine) -> None:
    """Take what nobody will pay off the lines of the same debt, the newest first."""
    left_fen = voided.amount_fen
    for place in range(len(paid) - 1, -1, -1):
        line = paid[place]
        if replace(line, amount_fen=0) == replace(voided, amount_fen=0):
            part_fen = min(left_fen, line.amount_fen)
            left_fen -= part_fen
            paid[place] = replace(line, amount_fen=line.amount_fen - part_fen)
    paid[:] = [line for line in paid if line.amount_fen]


def _against_buyer(case: Case, record: e.Recorded, body: e.AwardedAgainstBuyer) -> Changes:
    return {"against_buyer_fen": body.award_fen}


def _frozen(case: Case, record: e.Recorded, body: e.FundsFrozen) -> Changes:
    return {
        "frozen_fen": case.frozen_fen + body.amount_fen,
        "frozen_deposit_fen": case.frozen_deposit_fen + body.deposit_fen,
    }


def _released(case: Case, record: e.Recorded, body: e.FundsReleased) -> Changes:
    return {
        "frozen_fen": case.frozen_fen - body.amount_fen,
        "frozen_deposit_fen": case.frozen_deposit_fen - body.deposit_fen,
    }


def _imposed(case: Case, record: e.Recorded, body: e.SanctionImposed) -> Changes:
    return {"sanctions": (*case.sanctions, body.sanction)}


def _lifted(case: Case, record: e.Recorded, body: e.SanctionLifted) -> Changes:
    changed = tuple(
        replace(one, lifted_at=record.at) if one.number == body.number else one
        for one in case.sanctions
    )
    return {"sanctions": changed}


def _signalled(case: Case, record: e.Recorded, body: e.SignalRaised) -> Changes:
    return {"signals": (*case.signals, body.code)}


def _warned(case: Case, record: e.Recorded, body: e.WarningRaised) -> Changes:
    return {"warnings": (*case.warnings, body.code)}


def _closed(case: Case, record: e.Recorded, body: e.CaseClosed) -> Changes:
    return {
        "stage": "closed",
        "waiting_on": "nobody",
        "deadline": None,
        "entered_at": record.at,
        "ended": body.ended,
        "upheld": body.upheld,
        "closed_at": record.at,
        "offers": _close_offers(case, "replaced"),
    }


def _noted(case: Case, record: e.Recorded, body: e.Noted) -> Changes:
    return {"notes": {**case.notes, record.by: case.notes.get(record.by, 0) + 1}}


def _missed(case: Case, record: e.Recorded, body: e.DeadlineMissed) -> Changes:
    return {"missed": case.missed + 1}


def _no_change(case: Case, record: e.Recorded, body: Any) -> Changes:
    return {}


_CHANGES: dict[type, Callable[[Case, e.Recorded, Any], Changes]] = {
    e.RequestModified: _modified,
    e.StageEntered: _entered,
    e.CaseAccepted: _no_change,
    e.CaseTurnedAway: _turned_away,
    e.RequestApproved: _approved,
    e.RequestRejected: _rejected,
    e.OfferMade: _offered,
    e.OfferAccepted: _offer_accepted,
    e.OfferDeclined: _declined,
    e.Compensated: _compensated,
    e.ShippedBack: _shipped_back,
    e.TrackingRefilled: _tracking,
    e.ReturnSigned: _return_signed,
    e.ReceiptConfirmed: _returned,
    e.MismatchReported: _mismatch,
    e.GoodsSent: _sent,
    e.GoodsSigned: _goods_signed,
    e.HandlingConfirmed: _no_change,
    e.Escalated: _escalated,
    e.EvidenceRequested: _requested,
    e.EvidenceSubmitted: _submitted,
    e.EvidenceSealed: _sealed,
    e.DeadlineExtended: _deadline,
    e.CasePaused: _paused,
    e.PauseProlonged: _deadline,
    e.CaseResumed: _resumed,
    e.Reminded: _reminded,
    e.Noted: _noted,
    e.DeadlineMissed: _missed,
    e.TimedOut: _no_change,
    e.Withdrawn: _no_change,
    e.Ruled: _ruled,
    e.Voted: _voted,
    e.RulingConfirmed: _no_change,
    e.RulingSentBack: _no_change,
    e.RulingAppealed: _appealed,
    e.CaseReopened: _reopened,
    e.ExecutionOrdered: _no_change,
    e.RefundReckoned: _reckoned,
    e.PaymentsInstructed: _paid,
    e.PaymentsCorrected: _corrected,
    e.AwardedAgainstBuyer: _against_buyer,
    e.FundsFrozen: _frozen,
    e.FundsReleased: _released,
    e.PointsCharged: _charged,
    e.SanctionImposed: _imposed,
    e.SanctionLifted: _lifted,
    e.FineCharged: _no_change,
    e.FineReturned: _no_change,
    e.SignalRaised: _signalled,
    e.WarningRaised: _warned,
    e.CaseClosed: _closed,
}

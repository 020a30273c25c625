"""Events in words: one table, English message ids with fields, Chinese in the catalogue.

Fields that are themselves words of the vocabulary are given as their sentences (policy.terms), so
that a translation translates them too.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from gongdao.base.errors import Param
from gongdao.base.i18n import N_, Locale, translate
from gongdao.base.money import yuan
from gongdao.cases import events as e
from gongdao.policy.pack import Pack
from gongdao.policy.terms import term

Sentence = tuple[str, dict[str, Param]]

#: What only follows from somebody's act is nobody's own: a page shows it as the system's.
CONSEQUENCES = (
    e.StageEntered, e.EvidenceSealed, e.RefundReckoned, e.PaymentsInstructed, e.PointsCharged,
    e.WarningRaised, e.SignalRaised, e.CaseClosed,
)  # fmt: skip


def narrate(record: e.Recorded, pack: Pack) -> Sentence:
    """A sentence for an event, and its fields."""
    return _SENTENCES[type(record.body)](record.body, pack)


def _opened(body: e.CaseOpened, pack: Pack) -> Sentence:
    kind = term(body.kind, "kind")
    if body.reason and body.asked_fen:
        return N_("Filed: {kind}, because of {reason}; {sum} yuan asked for."), {
            "kind": kind,
            "reason": term(body.reason, "reason"),
            "sum": yuan(body.asked_fen),
        }
    if body.asked_fen:
        sum_asked = yuan(body.asked_fen)
        return N_("Filed: {kind}; {sum} yuan asked for."), {"kind": kind, "sum": sum_asked}
    return N_("Filed: {kind}."), {"kind": kind}


def _modified(body: e.RequestModified, pack: Pack) -> Sentence:
    return N_("Changed the request: {kind}, {sum} yuan."), {
        "kind": term(body.kind, "kind"),
        "sum": yuan(body.asked_fen),
    }


def _entered(body: e.StageEntered, pack: Pack) -> Sentence:
    stage = term(body.stage, "stage")
    if body.deadline is None:
        return N_("Stage: {stage}."), {"stage": stage}
    return N_("Stage: {stage}, until {at}."), {"stage": stage, "at": body.deadline}


def _approved(body: e.RequestApproved, pack: Pack) -> Sentence:
    given = yuan(sum(body.award_fen.values()))
    if body.by_silence:
        return N_("Granted by silence: {sum} yuan."), {"sum": given}
    return N_("Agreed: {sum} yuan."), {"sum": given}


def _rejected(body: e.RequestRejected, pack: Pack) -> Sentence:
    return N_("Refused: {reason}."), {"reason": term(body.reason, "reason")}


def _offered(body: e.OfferMade, pack: Pack) -> Sentence:
    offer = body.offer
    return N_("Offered: {remedy}, {sum} yuan."), {
        "remedy": term(offer.remedy, "remedy"),
        "sum": yuan(offer.refund_fen + offer.compensation_fen),
    }


def _offer_accepted(body: e.OfferAccepted, pack: Pack) -> Sentence:
    if body.award_fen is None:
        return N_("Accepted the proposal; the other side has yet to."), {}
    return N_("Accepted the offer of {sum} yuan."), {"sum": yuan(sum(body.award_fen.values()))}


def _compensated(body: e.Compensated, pack: Pack) -> Sentence:
    return N_("Paid {sum} yuan on its own."), {"sum": yuan(body.amount_fen)}


def _shipped_back(body: e.ShippedBack, pack: Pack) -> Sentence:
    parcel = body.parcel
    fields: dict[str, Param] = {
        "carrier": parcel.carrier or "-",
        "tracking": parcel.tracking or "-",
    }
    if parcel.freight_fen:
        return (
            N_("Sent the goods back with {carrier}, number {tracking}; {sum} yuan of carriage."),
            fields | {"sum": yuan(parcel.freight_fen)},
        )
    return N_("Sent the goods back with {carrier}, number {tracking}."), fields


def _refilled(body: e.TrackingRefilled, pack: Pack) -> Sentence:
    return N_("Corrected the tracking number to {tracking}."), {"tracking": body.tracking}


def _mismatch(body: e.MismatchReported, pack: Pack) -> Sentence:
    return N_("Says that the return is not right: {problem}."), {
        "problem": term(body.problem, "mismatch")
    }


def _evidence_requested(body: e.EvidenceRequested, pack: Pack) -> Sentence:
    side = term(body.request.side, "role")
    if body.request.kind is None:
        return N_("Asked for proof: {side}."), {"side": side}
    return N_("Asked for proof: {side}, {kind}."), {
        "side": side,
        "kind": term(body.request.kind, "evidence"),
    }


def _submitted(body: e.EvidenceSubmitted, pack: Pack) -> Sentence:
    piece = body.evidence
    kind = term(piece.kind, "evidence")
    if piece.amount_fen:
        return N_("Submitted evidence: {kind}, {sum} yuan."), {
            "kind": kind,
            "sum": yuan(piece.amount_fen),
        }
    return N_("Submitted evidence: {kind}."), {"kind": kind}


def _turned_away(body: e.CaseTurnedAway, pack: Pack) -> Sentence:
    return N_("Not taken on: {reason}."), {"reason": term(body.reason, "reason")}


def _goods_sent(body: e.GoodsSent, pack: Pack) -> Sentence:
    return N_("Sent the goods with {carrier}, number {tracking}."), {
        "carrier": body.parcel.carrier or "-",
        "tracking": body.parcel.tracking or "-",
    }


def _sent_back(body: e.RulingSentBack, pack: Pack) -> Sentence:
    return N_("Sent the ruling back: {note}"), {"note": body.note}


def _appealed(body: e.RulingAppealed, pack: Pack) -> Sentence:
    return N_("Appealed against the ruling: {grounds}"), {"grounds": body.appeal.grounds}


def _extended(body: e.DeadlineExtended, pack: Pack) -> Sentence:
    return N_("Gave time until {at}: {note}"), {"at": body.deadline, "note": body.note}


def _paused(body: e.CasePaused, pack: Pack) -> Sentence:
    cause = term(body.cause, "pause")
    if body.deadline is None:
        return N_("Paused: {cause}."), {"cause": cause}
    return N_("Paused: {cause}, until {at} at the latest."), {"cause": cause, "at": body.deadline}


def _prolonged(body: e.PauseProlonged, pack: Pack) -> Sentence:
    if body.deadline is None:
        return N_("The pause lasts until it is ended."), {}
    return N_("The pause lasts until {at}."), {"at": body.deadline}


def _resumed(body: e.CaseResumed, pack: Pack) -> Sentence:
    if body.deadline is None:
        return N_("The case goes on."), {}
    return N_("The case goes on; the clock runs until {at}."), {"at": body.deadline}


def _noted(body: e.Noted, pack: Pack) -> Sentence:
    return "{text}", {"text": body.text}


def _timed_out(body: e.TimedOut, pack: Pack) -> Sentence:
    return N_("Time ran out: {stage}."), {"stage": term(body.stage, "stage")}


def _ruled(body: e.Ruled, pack: Pack) -> Sentence:
    ruling = body.ruling
    return N_("Ruled: {liability}; {remedy}; {sum} yuan."), {
        "liability": term(ruling.liability, "liability"),
        "remedy": term(ruling.remedy, "remedy"),
        "sum": yuan(sum(ruling.amounts_fen.values())),
    }


def _reckoned(body: e.RefundReckoned, pack: Pack) -> Sentence:
    return N_(
        "Other goods of this order were refunded meanwhile: by the rules {sum} yuan are due here, "
        "not {before} yuan as granted."
    ), {"sum": yuan(body.refund_fen), "before": yuan(body.before_fen)}


def _paid(body: e.PaymentsInstructed, pack: Pack) -> Sentence:
    total = sum(line.amount_fen for line in body.lines)
    return N_("Money moved: {sum} yuan."), {"sum": yuan(total)}


def _charged(body: e.PointsCharged, pack: Pack) -> Sentence:
    charge = body.charge
    fields: dict[str, Param] = {"n": abs(charge.points), "ledger": term(charge.ledger, "points")}
    if charge.points < 0:
        return N_("Took back {n} penalty points ({ledger})."), fields
    return N_("{n} penalty points ({ledger})."), fields


def _corrected(body: e.PaymentsCorrected, pack: Pack) -> Sentence:
    back = sum(c.restored_fen for c in body.corrections if c.bearer == "shop")
    void = sum(line.amount_fen for line in body.voided)
    if void:
        return N_("By the ruling the shop need not pay {sum} yuan that it still owed."), {
            "sum": yuan(void)
        }
    if back < 0:
        return N_("By the ruling the shop bears {sum} yuan more."), {"sum": yuan(-back)}
    return N_("By the ruling the shop got {sum} yuan back; the buyer keeps what was paid."), {
        "sum": yuan(back)
    }


def _against_buyer(body: e.AwardedAgainstBuyer, pack: Pack) -> Sentence:
    owed = yuan(sum(body.award_fen.values()))
    return N_("The buyer is to pay {sum} yuan; it is not taken from any account here."), {
        "sum": owed
    }


def _frozen(body: e.FundsFrozen, pack: Pack) -> Sentence:
    return N_("{sum} yuan of the shop's money were frozen."), {"sum": yuan(body.amount_fen)}


def _released(body: e.FundsReleased, pack: Pack) -> Sentence:
    return N_("{sum} frozen yuan were released."), {"sum": yuan(body.amount_fen)}


def _imposed(body: e.SanctionImposed, pack: Pack) -> Sentence:
    sanction = body.sanction
    kind = term(sanction.kind, "sanction")
    if sanction.until is None:
        return N_("Sanction against the shop: {kind}."), {"kind": kind}
    return N_("Sanction against the shop: {kind}, until {at}."), {
        "kind": kind,
        "at": sanction.until,
    }


def _lifted(body: e.SanctionLifted, pack: Pack) -> Sentence:
    kind = term(body.kind, "sanction")
    if body.note:
        return N_("Lifted: {kind}. {note}"), {"kind": kind, "note": body.note}
    return N_("Lifted: {kind}."), {"kind": kind}


def _fined(body: e.FineCharged, pack: Pack) -> Sentence:
    return N_("The shop was fined {sum} yuan."), {
        "sum": yuan(sum(line.amount_fen for line in body.lines))
    }


def _fine_returned(body: e.FineReturned, pack: Pack) -> Sentence:
    return N_("The fine of {sum} yuan was given back."), {"sum": yuan(body.amount_fen)}


def _signalled(body: e.SignalRaised, pack: Pack) -> Sentence:
    return own_words(body, pack, "en") or body.code, {}


def own_words(body: e.Event, pack: Pack, locale: Locale) -> str | None:
    """The pack's own words for a warning or a signal."""
    told = pack.body.signal if isinstance(body, e.SignalRaised) else pack.body.warning
    if not isinstance(body, e.SignalRaised | e.WarningRaised):
        return None
    found = next((one for one in told if one.code == body.code), None)
    return (found.say.zh if locale == "zh" else found.say.en) if found else None


def note_of(body: e.Event) -> str:
    """What the person wrote with an event; empty where they wrote nothing."""
    match body:
        case e.CaseOpened(claim=claim) | e.RequestModified(claim=claim):
            return claim
        case e.OfferMade(offer=offer):
            return offer.note
        case e.EvidenceSubmitted(evidence=evidence):
            return evidence.note
        case e.Ruled(ruling=ruling):
            return ruling.note
        case e.RulingAppealed(appeal=appeal):
            return appeal.grounds
        case e.RulingSentBack(note=note):
            return note
        case e.Voted(vote=vote):
            return vote.note
        case _:
            return ""


def _warned(body: e.WarningRaised, pack: Pack) -> Sentence:
    return own_words(body, pack, "en") or body.code, {}


def _closed(body: e.CaseClosed, pack: Pack) -> Sentence:
    return N_("Closed: {ended}."), {"ended": term(body.ended, "ended")}


def _plain(sentence: str) -> Callable[[Any, Pack], Sentence]:
    return lambda _body, _pack: (sentence, {})


_SENTENCES: dict[type, Callable[[Any, Pack], Sentence]] = {
    e.CaseOpened: _opened,
    e.RequestModified: _modified,
    e.StageEntered: _entered,
    e.CaseAccepted: _plain(N_("The platform took the case on.")),
    e.CaseTurnedAway: _turned_away,
    e.RequestApproved: _approved,
    e.RequestRejected: _rejected,
    e.OfferMade: _offered,
    e.OfferAccepted: _offer_accepted,
    e.OfferDeclined: _plain(N_("Declined the offer.")),
    e.Compensated: _compensated,
    e.ShippedBack: _shipped_back,
    e.TrackingRefilled: _refilled,
    e.ReturnSigned: _plain(N_("The returned parcel was signed for.")),
    e.ReceiptConfirmed: _plain(N_("Confirmed that the goods are back.")),
    e.MismatchReported: _mismatch,
    e.GoodsSent: _goods_sent,
    e.GoodsSigned: _plain(N_("The goods sent by the seller were signed for.")),
    e.HandlingConfirmed: _plain(N_("Confirmed that it was handled well.")),
    e.Escalated: _plain(N_("Asked the platform to step in.")),
    e.EvidenceRequested: _evidence_requested,
    e.EvidenceSubmitted: _submitted,
    e.EvidenceSealed: _plain(N_("The evidence was sealed.")),
    e.DeadlineExtended: _extended,
    e.CasePaused: _paused,
    e.PauseProlonged: _prolonged,
    e.CaseResumed: _resumed,
    e.Reminded: _plain(N_("Asked to hurry.")),
    e.Noted: _noted,
    e.DeadlineMissed: _plain(N_("The platform is late; a supervisor has been told.")),
    e.TimedOut: _timed_out,
    e.Withdrawn: _plain(N_("Withdrew the request.")),
    e.Ruled: _ruled,
    e.Voted: _plain(N_("A juror gave a finding.")),
    e.RulingConfirmed: _plain(N_("The review agrees with the ruling.")),
    e.RulingSentBack: _sent_back,
    e.RulingAppealed: _appealed,
    e.CaseReopened: _plain(N_("The case was reopened.")),
    e.ExecutionOrdered: _plain(N_("Ordered the execution.")),
    e.RefundReckoned: _reckoned,
    e.PaymentsInstructed: _paid,
    e.PaymentsCorrected: _corrected,
    e.AwardedAgainstBuyer: _against_buyer,
    e.FundsFrozen: _frozen,
    e.FundsReleased: _released,
    e.PointsCharged: _charged,
    e.SanctionImposed: _imposed,
    e.SanctionLifted: _lifted,
    e.FineCharged: _fined,
    e.FineReturned: _fine_returned,
    e.SignalRaised: _signalled,
    e.WarningRaised: _warned,
    e.CaseClosed: _closed,
}


def say_event(
    record: e.Recorded, pack: Pack, locale: Locale, *, now: datetime | None = None
) -> str:
    """The sentence in a language; a warning or a signal in the pack's own words."""
    own = own_words(record.body, pack, locale)
    if own:
        return own
    sentence, fields = narrate(record, pack)
    return translate(locale, sentence, fields, now=now)

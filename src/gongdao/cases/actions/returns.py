"""The goods on their way back, and those that the seller sends instead."""

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import parse_yuan, yuan
from gongdao.cases import commands as c
from gongdao.cases import events as e
from gongdao.cases.actions.proof import (
    add_evidence,
    require_carriage_within_limit,
    require_proof,
)
from gongdao.cases.case import ReturnParcel
from gongdao.cases.draft import Draft
from gongdao.cases.eligibility import require_eligible
from gongdao.cases.moves import clock_end


def ship_back(draft: Draft, args: c.ShipBackArgs) -> None:
    """The buyer sends the goods back, and says what the carriage cost."""
    draft.happen(
        e.ShippedBack(
            parcel=ReturnParcel(
                carrier=args.carrier,
                tracking=args.tracking,
                freight_fen=parse_yuan(args.freight) if args.freight else 0,
                collect=args.collect,
                shipped_at=draft.now,
            )
        )
    )
    require_eligible(draft, "ship_back")
    require_carriage_within_limit(draft)


def send_goods(draft: Draft, args: c.SignArgs) -> None:
    """The seller sends the exchanged, resent or repaired goods; what is dearer is paid first."""
    wanted = draft.case.wanted
    left_fen = (wanted.more_fen if wanted else 0) - draft.facts.difference_paid_fen
    if wanted and left_fen > 0:
        raise Refusal(
            "not_eligible",
            N_("The buyer has not paid the difference of {sum} yuan yet."),
            sum=yuan(left_fen),
        )
    parcel = ReturnParcel(carrier=args.carrier, tracking=args.tracking, shipped_at=draft.now)
    draft.happen(e.GoodsSent(parcel=parcel))


def refill_tracking(draft: Draft, args: c.TrackingArgs) -> None:
    """The buyer corrects the tracking number."""
    _require_parcel(draft)
    draft.happen(e.TrackingRefilled(carrier=args.carrier, tracking=args.tracking))


def sign(draft: Draft, args: c.SignArgs) -> None:
    """Somebody signed for the parcel of the return; a shorter clock may start with it."""
    if draft.case.stage == "buyer_receipt":
        if draft.case.sent is None:
            raise Refusal("not_eligible", N_("No parcel has been sent in this case."))
        draft.happen(e.GoodsSigned())
        return
    _require_parcel(draft)
    stage = draft.stage
    assert stage, "only an open stage has moves"
    draft.happen(e.ReturnSigned(deadline=clock_end(draft, stage, start="return_signed")))


def confirm_receipt(draft: Draft, args: c.ConfirmReceiptArgs) -> None:
    """The goods are back, or the buyer has the new ones; what is not intact is a mismatch."""
    if not args.intact:
        raise Refusal(
            "not_eligible",
            N_("The rules ask for the goods back intact; say what is wrong with them instead."),
        )
    if draft.by == "buyer":
        draft.happen(e.HandlingConfirmed())
        return
    draft.happen(e.ReceiptConfirmed(intact=args.intact))


def report_mismatch(draft: Draft, args: c.MismatchArgs) -> None:
    """The return is empty, different, damaged or incomplete; the buyer may ask the platform."""
    for item in args.evidence:
        add_evidence(draft, item)
    draft.happen(e.MismatchReported(problem=args.problem))
    require_proof(draft, "report_mismatch")


def _require_parcel(draft: Draft) -> None:
    if draft.case.parcel is None:
        raise Refusal("not_eligible", N_("No parcel has been sent in this case."))

"""How a case moves through its stages, and what happens at the end: money, points, closing."""

from datetime import date, datetime

from gongdao.cases import events as e
from gongdao.cases.amounts import carriage_fen, purse_for, refundable_fen
from gongdao.cases.case import Case, Charge, PaidFrom, PaidLine
from gongdao.cases.draft import Draft
from gongdao.ledger.transfer import Transfer
from gongdao.policy.pack import Ended, StageRule, Target
from gongdao.policy.words import AmountName, Party

_PAID_FROM: dict[str, PaidFrom] = {
    "order_escrow": "escrow",
    "shop_balance": "balance",
    "shop_deposit": "deposit",
    "shop_debt": "debt",
    "platform_advance": "advance",
}


def follow(draft: Draft, targets: tuple[Target, ...]) -> None:
    """Go to the first of the targets whose condition holds; with none, the case stays."""
    facts = draft.known()
    target = next((t for t in targets if t.when.holds(facts)), None)
    if target is None:
        return
    stage = draft.stage
    if stage and stage.seals_evidence and target.stage != stage.id:
        draft.happen(e.EvidenceSealed())
    if draft.case.ended is not None:
        draft.happen(e.CaseReopened())
    ahead = draft.pack.stages.get((draft.case.procedure, target.stage))
    if target.stage == "closed":
        close(draft, draft.case.ending or target.ended or "settled")
    elif ahead is None:
        _execute(draft, target.ended or "settled")
    else:
        enter(draft, ahead, ending=target.ended)


def enter(draft: Draft, stage: StageRule, *, ending: Ended | None = None) -> None:
    """Come to a stage and start its clock, or go on with what was left of it."""
    left = draft.case.left_over.get(stage.id) if stage.resumes else None
    draft.happen(
        e.StageEntered(
            stage=stage.id,
            waiting_on=_asked_side(draft.case, stage, draft.now) or stage.waiting_on,
            deadline=draft.now + left if left else clock_end(draft, stage, start="entered"),
            ending=ending,
        )
    )


def clock_end(draft: Draft, stage: StageRule, *, start: str) -> datetime | None:
    """When a clock of the stage that starts now runs out; None where none does."""
    facts = draft.known()
    calendar = draft.pack.calendar
    for clock in stage.clock:
        if clock.after != start or not clock.when.holds(facts):
            continue
        if clock.between is None or _within(calendar.local(draft.now).date(), clock.between):
            return calendar.add(draft.now, clock.span)
    return None


def _within(day: date, days: tuple[date, date]) -> bool:
    return days[0] <= day <= days[1]


def _asked_side(case: Case, stage: StageRule, now: datetime) -> Party | None:
    """Who is waited for where the platform has just asked for proof."""
    if stage.waiting_on != "both" or not case.requests:
        return None
    last = case.requests[-1]
    return last.side if last.at == now else None


def pay_award(draft: Draft) -> None:
    """Move the money that was awarded and not yet paid, each sum from its accounts."""
    case = draft.case
    due: dict[AmountName, int] = dict(case.award_fen)
    if case.freight_by == "seller" and "freight" not in due:
        due["freight"] = carriage_fen(case, draft.pack)
    by_platform = case.ruling is not None and case.ruling.liability == "platform"
    purse = purse_for(case, draft.facts.funds, borne_by="platform" if by_platform else "shop")
    lines: list[PaidLine] = []
    for name, total_fen in due.items():
        if name == "refund":
            # Another case on the order may have given back in the meantime what was granted here.
            total_fen = min(total_fen, refundable_fen(case, draft.facts) - draft.refund_fen)
        fen = total_fen - case.paid_fen(name)
        if fen <= 0:
            continue
        start = len(purse.transfers)
        if name == "refund":
            purse.refund(fen)
            draft.refund_fen += fen
        else:
            purse.pay("compensation" if name == "test_fee" else name, fen)
        lines += [_paid_line(name, transfer) for transfer in purse.transfers[start:]]
    if lines:
        draft.transfers += purse.transfers
        draft.happen(e.PaymentsInstructed(lines=tuple(lines)))
        _close_order_if_undone(draft)


def close(draft: Draft, ended: Ended) -> None:
    """End the case, with the points that the pack puts on such an end."""
    if draft.case.ruling and ended in ("settled", "defaulted"):
        ended = "decided"
    facts = draft.known(ended=ended)
    for rule in draft.pack.body.points:
        if rule.when.holds(facts):
            charge = Charge(ledger=rule.ledger, points=rule.points, rule=rule.rule)
            draft.happen(e.PointsCharged(charge=charge))
    draft.happen(e.CaseClosed(ended=ended))


def _execute(draft: Draft, ended: Ended) -> None:
    draft.happen(e.StageEntered(stage="execution", waiting_on="system"))
    pay_award(draft)
    close(draft, ended)


def _paid_line(name: AmountName, transfer: Transfer) -> PaidLine:
    return PaidLine(
        name=name, source=_PAID_FROM[transfer.source.kind], amount_fen=transfer.amount_fen
    )


def _close_order_if_undone(draft: Draft) -> None:
    order = draft.facts.order
    paid_back = order.refunded_fen + draft.refund_fen
    never_shipped = order.shipped_at is None and order.closed_at is None
    draft.closes_order = never_shipped and draft.refund_fen > 0 and paid_back >= order.paid_fen

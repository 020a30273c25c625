"""How the money of a case moves: held from a ruling on, paid, and put right by a later ruling."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from msgspec.structs import replace

from gongdao.base.money import scale
from gongdao.cases import events as e
from gongdao.cases.amounts import (
    carriage_fen,
    carriage_limit_fen,
    purse_for,
    refund_due,
    refundable_fen,
)
from gongdao.cases.case import Case, Correction, PaidFrom, PaidLine
from gongdao.cases.ceilings import lowest_ceiling, paid_beside
from gongdao.cases.draft import Draft
from gongdao.ledger.funding import Bearer, Purse
from gongdao.ledger.transfer import Transfer, TransferKind
from gongdao.policy.condition import first_that_holds
from gongdao.policy.words import AmountName, FreightBearer

PAID_FROM: dict[str, PaidFrom] = {
    "order_escrow": "escrow",
    "shop_balance": "balance",
    "shop_deposit": "deposit",
    "shop_debt": "debt",
    "platform_advance": "advance",
}
#: What a ruling against the buyer gives to the other side: the ledger has no account for it.
_AGAINST_BUYER: tuple[AmountName, ...] = ("compensation", "punitive", "test_fee")
_CARRIAGE_BEARER: dict[FreightBearer, Bearer] = {"platform": "platform", "carrier": "carrier"}
_TRANSFER_OF: dict[AmountName, TransferKind] = {
    "refund": "refund",
    "freight": "freight",
    "compensation": "compensation",
    "punitive": "punitive",
    "test_fee": "compensation",
    "goodwill": "goodwill",
}
_ACCOUNT_OF = {source: account for account, source in PAID_FROM.items()}


def instructed(records: Iterable[e.Recorded]) -> Counter[tuple[str, str]]:
    """What the ledger has to have for a case: fen by kind of transfer and account it came from."""
    told: Counter[tuple[str, str]] = Counter()
    for record in records:
        if isinstance(record.body, e.PaymentsInstructed):
            for line in record.body.lines:
                told[_TRANSFER_OF[line.name], _ACCOUNT_OF[line.source]] += line.amount_fen
    return told


def pay_award(draft: Draft) -> None:
    """Move the money that was awarded and not yet paid, each sum from whoever bears it."""
    thaw(draft)
    _reckon_anew(draft)
    _note_against_buyer(draft)
    purse = purse_of(draft)
    purse.advance_fen = _advance_left(draft)
    lines: list[PaidLine] = []
    for name, total_fen in _due(draft).items():
        fen = total_fen - draft.case.paid_fen(name)
        if fen > 0:
            lines += _pay(draft, purse, name, fen)
    if lines:
        bounded = any(line.name in ("compensation", "freight") for line in lines)
        beside_fen = paid_beside(draft.facts) if bounded else None
        draft.happen(
            e.PaymentsInstructed(
                lines=tuple(lines),
                beside_fen=beside_fen,
                refunded_fen=_refunded_beside(draft, lines),
            )
        )
        _close_order_if_undone(draft)
    put_right(draft)


def _reckon_anew(draft: Draft) -> None:
    """Give by the rules what they give now, where other cases on the order were paid meanwhile.

    What a return loses of a discount or of free shipping is lost once, however many cases it is
    spread over and in whatever order they are filed, granted and paid.
    """
    case, facts = draft.case, draft.facts
    if not case.award_by_rules or case.paid_fen("refund"):
        return
    if not any(other.refunded_fen or other.took_goods_back for other in facts.siblings):
        return
    due = refund_due(case, facts, draft.pack, draft.known())
    share = Decimal(case.ruling.seller_share if case.ruling else 100) / 100
    fen, before_fen = scale(due.fen, share), case.award_fen["refund"]
    if fen != before_fen:
        draft.happen(e.RefundReckoned(refund_fen=fen, before_fen=before_fen, rules=due.rules))


def _refunded_beside(draft: Draft, lines: list[PaidLine]) -> int | None:
    """What a refund by the rules was worked out from; None where there is none here."""
    if not draft.case.award_by_rules or all(line.name != "refund" for line in lines):
        return None
    return sum(other.refunded_fen for other in draft.facts.siblings)


def hold_frozen(draft: Draft) -> None:
    """Hold, balance first, what the pack wants held until a ruling is carried out."""
    case, facts = draft.case, draft.known()
    if case.ruling is None or not draft.rules.freeze:
        return
    names: set[AmountName] = {
        name for rule in draft.rules.freeze if rule.when.holds(facts) for name in rule.names
    }
    due = _due(draft)
    wanted_fen = sum(
        max(0, due.get(name, 0) - case.paid_fen(name))
        for name in names
        if _bearer_of(case, name) == "shop"
    )
    more_fen = wanted_fen - case.frozen_fen
    if more_fen < 0:
        _let_go(draft, -more_fen)
    elif more_fen:
        balance_fen, deposit_fen = purse_of(draft).freeze(more_fen)
        held_fen = balance_fen + deposit_fen
        if held_fen:
            draft.happen(
                e.FundsFrozen(amount_fen=held_fen, deposit_fen=deposit_fen, wanted_fen=wanted_fen)
            )


def thaw(draft: Draft) -> None:
    """Let go of all that this case holds of the shop's money."""
    if draft.case.frozen_fen:
        _let_go(draft, draft.case.frozen_fen)


def _let_go(draft: Draft, fen: int) -> None:
    """Release so much, the deposit's part first."""
    deposit_fen = min(fen, draft.case.frozen_deposit_fen)
    purse_of(draft).thaw(fen - deposit_fen, deposit_fen)
    draft.happen(e.FundsReleased(amount_fen=fen, deposit_fen=deposit_fen))


def put_right(draft: Draft) -> None:
    """After a ruling, let each bear what it says: a buyer who got more keeps it, and the platform
    makes up for it; who now bears what others had paid, makes up for that.
    """
    case = draft.case
    if case.ruling is None or not any(line.ruled for line in case.paid):
        return
    _void_debts(draft)
    case, due, corrections = draft.case, _due(draft), list[Correction]()
    for name in _TRANSFER_OF:
        paid_fen = case.paid_fen(name)
        if not paid_fen:
            continue
        bearers: tuple[Bearer, ...] = ("shop", "carrier")
        for bearer in bearers:
            bears = _bearer_of(case, name) == bearer
            should_fen = min(due.get(name, 0), paid_fen) if bears else 0
            if bearer == "shop":
                # What it gave before any ruling, it gave of its own accord.
                should_fen = max(should_fen, case.given_fen(name))
            more_fen = case.borne_fen(name, bearer) - should_fen
            if more_fen:
                corrections.append(Correction(name=name, bearer=bearer, restored_fen=more_fen))
    if corrections:
        _correct(draft, corrections)


def _void_debts(draft: Draft) -> None:
    """End what the shop owes the buyer by a ruling that no longer stands, before it is paid."""
    if not draft.facts.funds.debts:
        return
    case, due, voided = draft.case, _due(draft), list[PaidLine]()
    for name, kind in _TRANSFER_OF.items():
        owed = [p for p in case.paid if p.name == name and p.source == "debt" and p.ruled]
        too_much_fen = case.paid_fen(name) - max(due.get(name, 0), case.given_fen(name))
        most_fen = min(too_much_fen, sum(line.amount_fen for line in owed))
        fen = purse_of(draft).void(kind, most_fen, to_buyer=True) if most_fen > 0 else 0
        if fen:
            voided.append(replace(owed[0], amount_fen=fen))
            if name == "refund":
                draft.keep_refund(fen)
    if voided:
        draft.happen(e.PaymentsCorrected(voided=tuple(voided)))


def purse_of(draft: Draft) -> Purse:
    """The one purse of a decision: whatever it draws, the next draw sees what is left."""
    if draft.purse is None:
        draft.purse = purse_for(draft.case, draft.facts.funds)
        draft.purse.spares_deposit = not _is_vouched_for(draft)
        draft.transfers = draft.purse.transfers
    return draft.purse


def _is_vouched_for(draft: Draft) -> bool:
    """Whether somebody but the two sides has seen that there was such a purchase.

    A shop that brings an order of its own could be its buyer too, and draw its deposit out.
    """
    return draft.facts.order.money == "here" or draft.case.ruling is not None


def _due(draft: Draft) -> dict[AmountName, int]:
    """What the buyer is to have got in all, by name."""
    case = draft.case
    due: dict[AmountName, int] = dict(case.award_fen)
    if case.freight_by in ("seller", "platform", "carrier") and "freight" not in due:
        due["freight"] = carriage_fen(case, draft.pack)
    if case.ruling and case.ruling.liability == "buyer":
        due = {name: fen for name, fen in due.items() if name not in _AGAINST_BUYER}
    if "refund" in due:
        # Another case on the order may have given back in the meantime what was granted here.
        limit_fen = refundable_fen(case, draft.facts)
        due["refund"] = min(due["refund"], limit_fen)
    if "compensation" in due and case.ruling:
        # Another case may have used up meanwhile what several together may cost.
        left = lowest_ceiling(case, draft.facts, draft.pack, draft.known())
        given_fen = due["compensation"]
        if left and given_fen == case.ruling.amounts_fen.get("compensation"):
            due["compensation"] = min(given_fen, left[0])
    if "freight" in due:
        # So it is with carriage, which several cases may claim before one of them has paid it.
        due["freight"] = min(due["freight"], carriage_limit_fen(draft.facts, draft.pack))
    return due


def _bearer_of(case: Case, name: AmountName) -> Bearer:
    if name == "freight" and case.freight_by in _CARRIAGE_BEARER:
        return _CARRIAGE_BEARER[case.freight_by]
    liability = case.ruling.liability if case.ruling else "seller"
    if liability == "platform" or liability == "carrier":
        return liability
    return "shop"


def _pay(draft: Draft, purse: Purse, name: AmountName, fen: int) -> list[PaidLine]:
    case = draft.case
    bearer = _bearer_of(case, name)
    if name == "refund":
        paid = purse.refund(fen, bearer=bearer)
        draft.refund_fen += fen
    else:
        paid = purse.pay(_TRANSFER_OF[name], fen, bearer=bearer)
    return [_paid_line(case, name, transfer, bearer) for transfer in paid]


def _paid_line(case: Case, name: AmountName, transfer: Transfer, bearer: Bearer) -> PaidLine:
    source = PAID_FROM[transfer.source.kind]
    return PaidLine(
        name=name,
        source=source,
        amount_fen=transfer.amount_fen,
        # Escrow is the shop's money, whoever is to bear the refund in the end.
        bearer="shop" if source == "escrow" else bearer,
        ruled=case.ruling is not None,
    )


def _advance_left(draft: Draft) -> int:
    facts = draft.known()
    rule = first_that_holds(draft.rules.advance, facts)
    if rule is None or not _is_vouched_for(draft):
        return 0
    most_fen = sum(_due(draft).values()) if rule.maximum is None else int(rule.maximum)
    paid = draft.case.paid
    before = sum(p.amount_fen for p in paid if (p.source, p.bearer) == ("advance", "shop"))
    return max(0, most_fen - before)


def _note_against_buyer(draft: Draft) -> None:
    """Write down what the buyer was told to pay: the ledger has no such money to move."""
    case = draft.case
    against: dict[AmountName, int] = {}
    if case.ruling and case.ruling.liability == "buyer":
        against = {n: case.award_fen[n] for n in _AGAINST_BUYER if case.award_fen.get(n)}
    if against != case.against_buyer_fen:
        draft.happen(e.AwardedAgainstBuyer(award_fen=against))


def _correct(draft: Draft, corrections: list[Correction]) -> None:
    purse = purse_of(draft)
    # Whoever gets something back can pay with it what it bears from now on.
    for correction in sorted(corrections, key=lambda c: -c.restored_fen):
        if correction.restored_fen > 0:
            purse.restore(correction.restored_fen, bearer=correction.bearer)
        else:
            purse.charge(-correction.restored_fen, bearer=correction.bearer)
    draft.happen(e.PaymentsCorrected(corrections=tuple(corrections)))


def _close_order_if_undone(draft: Draft) -> None:
    order = draft.facts.order
    paid_back = order.refunded_fen + draft.refund_fen
    never_shipped = order.shipped_at is None and order.closed_at is None
    draft.closes_order = never_shipped and draft.refund_fen > 0 and paid_back >= order.paid_fen

"""What a decision costs the shop: read from the outcome of the same decision, not saved. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.cases.amounts import carriage_fen, purse_for
from gongdao.cases.case import Case
from gongdao.cases.decide import decide
from gongdao.cases.draft import Outcome
from gongdao.cases.facts import Facts
from gongdao.ledger.funding import Funds
from gongdao.ledger.transfer import AccountKind, Transfer, TransferKind
from gongdao.policy.pack import Ended, Pack
from gongdao.policy.words import AmountName, Party, Stage

#: When a sum moves: with this decision; once the ruling is carried out, after a review or the time
#: for an appeal; once the goods are back; if the buyer accepts.
When = Literal["now", "executed", "later", "accepted"]
#: A ruling waits here, and not for goods.
_TO_BE_EXECUTED = ("supervisor_review", "execution")
_NO_ARGS = c.NoArgs()


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """A sum for the buyer, and the account that it comes from."""

    name: TransferKind
    source: AccountKind
    amount_fen: int


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What moves, what is left, and where the case goes."""

    when: When
    sums: tuple[Sum, ...]
    before: Funds
    after: Funds
    carriage_open: bool
    """The shop bears the carriage of the return, and nobody knows yet what it will be."""
    stage: Stage
    waiting_on: Party
    deadline: datetime | None
    ended: Ended | None
    points: int | None
    """Penalty points that this end brings; None while that is not known."""

    @property
    def total_fen(self) -> int:
        """Everything that the buyer gets."""
        return sum(each.amount_fen for each in self.sums)


def cost_of(before: Case, outcome: Outcome, *, facts: Facts, pack: Pack, now: datetime) -> Cost:
    """What an outcome costs: the sums of its transfers, or those that are promised by it."""
    case = outcome.case
    when, transfers = _transfers(case, outcome, facts, pack)
    sums = _sums(transfers)
    return Cost(
        when=when,
        sums=sums,
        before=facts.funds,
        after=_left(facts.funds, sums),
        carriage_open=_carriage_open(case, pack),
        stage=case.stage,
        waiting_on=case.waiting_on,
        deadline=case.deadline,
        ended=case.ended,
        points=_points(before, case, facts, pack, now),
    )


def _transfers(
    case: Case, outcome: Outcome, facts: Facts, pack: Pack
) -> tuple[When, list[Transfer]]:
    # What is held, let go of or fined is not the buyer's.
    paying = [t for t in outcome.transfers if t.target.kind == "buyer_refund"]
    if paying:
        return "now", paying
    offer = case.open_offer
    if offer is not None and offer.by == "seller":
        offered: dict[AmountName, int] = {
            "refund": offer.refund_fen,
            "compensation": offer.compensation_fen,
        }
        return "accepted", _promised(case, facts, offered)
    due: dict[AmountName, int] = {
        name: fen - case.paid_fen(name) for name, fen in case.award_fen.items()
    }
    if case.award_fen and case.freight_by == "seller" and "freight" not in due:
        due["freight"] = carriage_fen(case, pack) - case.paid_fen("freight")
    awaits_return = case.remedy == "return_and_refund" and not case.returned
    waits = case.stage in _TO_BE_EXECUTED and not awaits_return
    return "executed" if waits else "later", _promised(case, facts, due)


def _promised(case: Case, facts: Facts, due: Mapping[AmountName, int]) -> list[Transfer]:
    """The same draw from the same accounts as when the case is executed."""
    purse = purse_for(case, facts.funds)
    for name, fen in due.items():
        if fen > 0 and name == "refund":
            purse.refund(fen)
        elif fen > 0:
            purse.pay("compensation" if name == "test_fee" else name, fen)
    return purse.transfers


def _sums(transfers: list[Transfer]) -> tuple[Sum, ...]:
    return tuple(Sum(name=t.kind, source=t.source.kind, amount_fen=t.amount_fen) for t in transfers)


def _left(funds: Funds, sums: tuple[Sum, ...]) -> Funds:
    def drawn(source: AccountKind) -> int:
        return sum(each.amount_fen for each in sums if each.source == source)

    return Funds(
        escrow_fen=funds.escrow_fen - drawn("order_escrow"),
        balance_fen=funds.balance_fen - drawn("shop_balance"),
        deposit_fen=funds.deposit_fen - drawn("shop_deposit"),
        debt_fen=funds.debt_fen + drawn("shop_debt"),
    )


def _carriage_open(case: Case, pack: Pack) -> bool:
    coming = case.stage == "buyer_return" and case.freight_by == "seller"
    return coming and carriage_fen(case, pack) == 0


def _points(before: Case, case: Case, facts: Facts, pack: Pack, now: datetime) -> int | None:
    """Points of this end; where the buyer has still to confirm, of the end that follows."""
    if case.ended is None and case.stage == "buyer_confirmation":
        command = c.Command(action="confirm", by="buyer", args=_NO_ARGS)
        try:
            case = decide(case, command, facts=facts, pack=pack, now=now).case
        except Refusal:
            return None
    if case.ended is None:
        return None
    return sum(charge.points for charge in case.charges[len(before.charges) :])

"""Judges a past case by another rule book: the same people, the same deeds, other rules. Pure.

Whoever was too early, or whose turn it was not yet, does the same as soon as the other rules let
them. The shop can pay: what is compared is what is owed. Other cases on the order are left out.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from gongdao.base.errors import Refusal
from gongdao.cases.case import Case, Wanted
from gongdao.cases.commands import OpenArgs
from gongdao.cases.decide import decide, decide_opening, decide_timeout, timed_out
from gongdao.cases.draft import Outcome
from gongdao.cases.facts import Facts
from gongdao.flows.exchange_facts import variant_of
from gongdao.flows.whatif.deeds import Deed
from gongdao.ledger.funding import Funds
from gongdao.policy.pack import Pack
from gongdao.shops.order import Order

Fate = Literal[
    "settled", "decided", "withdrawn", "defaulted", "expired", "out_of_scope", "open", "refused"
]  # fmt: skip
#: Refusals that only say: not yet.
_LATER = ("too_early", "not_allowed_in_stage", "not_your_turn")
#: More silences than this in one case are a loop in a pack.
_TIMEOUTS_MAX = 1000
_HAPPENS = ("paid_at", "shipped_at", "signed_at", "confirmed_at", "closed_at")
_RICH = 10**12


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a case under a rule book."""

    fate: Fate
    """How it ended; open: it still waits; refused: it could not have been filed."""
    stage: str = ""
    remedy: str | None = None
    amounts_fen: dict[str, int] = {}
    took: timedelta | None = None
    points: dict[str, int] = {}
    silences: int = 0
    """How many clocks ran out."""
    refused: tuple[tuple[str, str], ...] = ()
    """Deeds that these rules never let happen, with the code of the refusal."""

    @property
    def total_fen(self) -> int:
        """Everything that was paid or is owed."""
        return sum(self.amounts_fen.values())


def judge(
    order: Order,
    deeds: list[Deed],
    pack: Pack,
    *,
    case_id: UUID,
    until: datetime,
    wanted: tuple[Wanted, ...] = (),
) -> Judged:
    """Live through a case again, up to an instant; an exchange may want what it wanted."""
    return _Retrial(order, pack, case_id, wanted).run(deeds, until)


def outcome_of(case: Case, *, silences: int, refused: tuple[tuple[str, str], ...] = ()) -> Judged:
    """A case as it stands, in the terms of a comparison."""
    amounts: Counter[str] = Counter()
    for line in case.paid:
        amounts[line.name] += line.amount_fen
    points: Counter[str] = Counter()
    for charge in case.charges:
        points[charge.ledger] += charge.points
    return Judged(
        fate=case.ended or "open",
        stage=case.stage,
        remedy=case.remedy,
        amounts_fen=dict(amounts),
        took=case.closed_at - case.opened_at if case.closed_at else None,
        points=dict(points),
        silences=silences,
        refused=refused,
    )


class _Retrial:
    def __init__(self, order: Order, pack: Pack, case_id: UUID, wanted: tuple[Wanted, ...]) -> None:
        self._variants = tuple(variant_of(each, order) for each in wanted)
        self._order, self._pack, self._id = order, pack, case_id
        self._case: Case | None = None
        self._waiting: list[Deed] = []
        self._refused: list[tuple[str, str]] = []
        self._silences = 0
        self._refunded_fen = 0
        self._happens = [(at, field) for field in _HAPPENS if (at := getattr(order, field))]
        self._stood: tuple[tuple[tuple[str, ...], int], Order] = (
            ((), 0),
            replace(order, refunded_fen=0),
        )

    def run(self, deeds: list[Deed], until: datetime) -> Judged:
        opening, *rest = deeds
        code = self._open(opening)
        if code:
            return Judged(fate="refused", refused=(("open", code),))
        for deed in rest:
            self._fall_silent(deed.at)
            self._waiting.append(deed)
            self._try_waiting(deed.at)
        self._fall_silent(until, to_the_end=True)
        assert self._case, "it was opened"
        never = tuple((deed.command.action, "not_allowed_in_stage") for deed in self._waiting)
        refused = (*self._refused, *never)
        return outcome_of(self._case, silences=self._silences, refused=refused)

    def _open(self, deed: Deed) -> str:
        """File it; a sum that these rules do not give is left to them."""
        args: OpenArgs = deed.command.args
        for asked in (args, replace(args, amount=None)):
            try:
                command = replace(deed.command, args=asked)
                outcome = decide_opening(
                    command,
                    case_id=self._id,
                    facts=self._facts(deed.at),
                    pack=self._pack,
                    now=deed.at,
                )
            except Refusal as refusal:
                if refusal.code != "amount_above_limit":
                    return refusal.code
            else:
                self._take(outcome)
                return ""
        return "amount_above_limit"

    def _fall_silent(self, until: datetime, *, to_the_end: bool = False) -> None:
        """Let every clock run out that does so before an instant.

        To the end: once only the platform is late, again and again, nothing more comes of it.
        """
        for _ in range(_TIMEOUTS_MAX):
            case = self._case
            assert case, "it was opened"
            if not timed_out(case, until):
                return
            assert case.deadline, "a clock that ran out has an end"
            facts = self._facts(case.deadline)
            self._take(decide_timeout(case, facts=facts, pack=self._pack, now=case.deadline))
            self._silences += 1
            self._try_waiting(case.deadline)
            assert self._case, "it was opened"
            if to_the_end and self._case.stage == case.stage and self._case.missed > case.missed:
                return
        raise AssertionError("clocks fire without end")

    def _try_waiting(self, now: datetime) -> None:
        """Let people do what they wanted to do, as far as the rules let them by now."""
        moved = True
        while moved and self._waiting:
            moved = False
            for deed in self._waiting:
                if self._do(deed, now):
                    self._waiting.remove(deed)
                    moved = True
                    break

    def _do(self, deed: Deed, now: datetime) -> bool:
        """Whether this deed is over: done, or refused for good."""
        case = self._case
        assert case, "it was opened"
        try:
            self._take(decide(case, deed.command, facts=self._facts(now), pack=self._pack, now=now))
        except Refusal as refusal:
            if refusal.code in _LATER and case.is_open:
                return False
            self._refused.append((deed.command.action, refusal.code))
        return True

    def _take(self, outcome: Outcome) -> None:
        self._case = outcome.case
        self._refunded_fen += outcome.refund_fen

    def _facts(self, now: datetime) -> Facts:
        """The order as it was then, and a shop that can pay."""
        then = self._then(now)
        escrow_fen = 0 if then.confirmed_at else then.paid_fen - self._refunded_fen
        funds = Funds(escrow_fen=escrow_fen, balance_fen=_RICH, deposit_fen=_RICH)
        wanted = self._case.wanted if self._case else None
        return Facts(
            order=then,
            funds=funds,
            variants=self._variants,
            difference_paid_fen=max(0, wanted.more_fen) if wanted else 0,
        )

    def _then(self, now: datetime) -> Order:
        """What lies ahead has not happened yet; most of a case is lived with the order as it is."""
        order = self._order
        ahead = tuple(field for at, field in self._happens if at > now)
        key = (ahead, self._refunded_fen)
        if self._stood[0] != key:
            then = replace(order, refunded_fen=self._refunded_fen, **dict.fromkeys(ahead))
            self._stood = (key, then)
        return self._stood[1]

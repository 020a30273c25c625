"""What a ruling in the making would bring, and what it would be if a switch stood otherwise.

The figures are those of the decision itself, not saved; nothing here decides.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.money import parse_yuan
from gongdao.cases.amounts import carriage_fen
from gongdao.cases.case import Case, Charge, Evidence, Ruling
from gongdao.cases.commands import AdjudicateArgs, Command
from gongdao.cases.decide import decide
from gongdao.flows.act import preview
from gongdao.flows.case_view import CaseView
from gongdao.flows.settings import pack_with
from gongdao.policy.pack import Pack, Rule, Switch
from gongdao.policy.words import AmountName
from gongdao.web.shop.cost import Cost, cost_of

Amounts = dict[AmountName, int]
#: Stands in a preview for the reason that has not been written yet.
_UNSAID = "—"


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """What the same ruling would give if a switch of the pack had another value."""

    switch: Switch
    value: str
    amounts: Amounts

    @property
    def total_fen(self) -> int:
        """Everything together."""
        return sum(self.amounts.values())


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """A ruling in the making, computed."""

    ruling: Ruling
    cost: Cost
    computed_fen: int | None
    """What the rules compute as the refund; None where they compute none."""
    needs_reason: bool
    charges: tuple[Charge, ...]
    cites: tuple[Rule, ...]
    alternatives: tuple[Alternative, ...]
    made_up_fen: int
    """What the platform gives the shop back, because an earlier ruling is found to be wrong."""

    @property
    def departs(self) -> bool:
        """Whether another refund was chosen than the rules compute."""
        given = self.ruling.amounts_fen.get("refund", 0)
        return self.computed_fen is not None and given != self.computed_fen

    @property
    def total_fen(self) -> int:
        """Everything that the buyer gets."""
        return sum(self.ruling.amounts_fen.values())


async def weigh_ruling(
    pool: Pool, who: Principal, view: CaseView, args: AdjudicateArgs, *, now: datetime
) -> Weighed:
    """Compute a ruling without making it. Raises Refusal where it could not be made."""
    said = args if args.note.strip() else msgspec.structs.replace(args, note=_UNSAID)
    outcome = await preview(pool, who, view.case.id, "adjudicate", said, now=now)
    ruling = outcome.case.ruling
    assert ruling, "adjudicating makes a ruling"
    computed = _refund_by_rules(view, args, now)
    departs = args.refund is not None and computed not in (None, parse_yuan(args.refund))
    return Weighed(
        ruling=ruling,
        cost=cost_of(view.case, outcome, facts=view.facts, pack=view.pack, now=now),
        computed_fen=computed,
        needs_reason=departs and args.remedy != "partial_refund" and not args.note.strip(),
        charges=outcome.case.charges[len(view.case.charges) :],
        cites=tuple(view.pack.rules[rule] for rule in ruling.cites if rule in view.pack.rules),
        alternatives=tuple(_alternatives(view, said, ruling, now)),
        made_up_fen=sum(
            moved.amount_fen
            for moved in outcome.transfers
            if (moved.source.kind, moved.target.kind) == ("platform_income", "shop_balance")
        ),
    )


def receipts_of(case: Case, pack: Pack) -> list[tuple[Evidence, bool]]:
    """The buyer's freight receipts, each with whether it is handling (stairs) and not carriage."""
    return [
        (piece, _is_handling(case, piece, pack))
        for piece in case.evidence
        if piece.kind == "freight_receipt" and piece.by == "buyer"
    ]


def _is_handling(case: Case, piece: Evidence, pack: Pack) -> bool:
    """Whether this receipt alone counts for nothing where handling does not count."""
    switch = pack.body.limits.handling_switch
    if not switch or not piece.amount_fen:
        return piece.cost == "handling"
    alone = msgspec.structs.replace(case, evidence=(piece,), parcel=None)
    strict = pack_with(pack.name, pack.changed_switches | {switch: "carriage_only"})
    return carriage_fen(alone, strict) == 0


def _refund_by_rules(view: CaseView, args: AdjudicateArgs, now: datetime) -> int | None:
    free = msgspec.structs.replace(args, refund=None)
    amounts = _amounts(view, free, view.pack, now)
    return None if amounts is None else amounts.get("refund", 0)


def _alternatives(
    view: CaseView, args: AdjudicateArgs, ruling: Ruling, now: datetime
) -> Iterator[Alternative]:
    for switch in view.pack.body.switch:
        for value in switch.allowed:
            if value == switch.value:
                continue
            changed = view.pack.changed_switches | {switch.id: value}
            amounts = _amounts(view, args, pack_with(view.pack.name, changed), now)
            if amounts is not None and amounts != ruling.amounts_fen:
                yield Alternative(switch=switch, value=value, amounts=amounts)


def _amounts(view: CaseView, args: AdjudicateArgs, pack: Pack, now: datetime) -> Amounts | None:
    """What the decision gives under a pack; None where it cannot be taken."""
    command = Command(action="adjudicate", by=view.role, args=args)
    try:
        outcome = decide(view.case, command, facts=view.facts, pack=pack, now=now)
    except Refusal:
        return None
    return outcome.case.ruling.amounts_fen if outcome.case.ruling else None

"""What cases bring upon a shop: points, the nodes that they reach, sanctions, fines, and signals.

A case that ends again (after an appeal, or because it was taken up once more) is judged anew: what
its last end put on the shop and the new one does not, is taken back.
"""

from datetime import UTC, timedelta
from typing import Any

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases import events as e
from gongdao.cases.case import Case, Charge, FineLine, Sanction
from gongdao.cases.draft import Draft
from gongdao.cases.payment import PAID_FROM, purse_of
from gongdao.cases.record import Charged, points_at
from gongdao.policy.calendar import Span
from gongdao.policy.discipline import Node, Occasion, Points
from gongdao.policy.pack import Ended
from gongdao.policy.pack import Sanction as SanctionRule
from gongdao.policy.words import PointsLedger, SanctionKind


def on_opening(draft: Draft) -> None:
    """What a case brings upon the shop by being filed."""
    _impose_all(draft, "opened", draft.known())


def on_ruling(draft: Draft) -> None:
    """What a ruling brings upon the shop, before anything else follows from it."""
    if any(isinstance(record.body, e.Ruled) for record in draft.records):
        facts = draft.known()
        _lift_undeserved(draft, ("ruled",), facts)
        _impose_all(draft, "ruled", facts)
        _lift_all(draft, "ruled", facts)


def on_closing(draft: Draft, ended: Ended) -> None:
    """What the end of a case brings upon the shop: points, nodes, sanctions."""
    facts = draft.known(ended=ended)
    due = [rule for rule in draft.rules.points if rule.when.holds(facts)]
    _take_back(draft, due)
    for rule in due:
        if not any(_is_of(charge, rule) for charge in _charges_of(draft)):
            _charge(draft, rule)
    _lift_undeserved(draft, ("ruled", "closed"), facts)
    _impose_all(draft, "closed", facts)
    _lift_all(draft, "closed", facts)


def raise_signals(draft: Draft) -> None:
    """Put the risk codes on an open case whose conditions have come to hold."""
    if not draft.rules.signal or not draft.case.is_open:
        return
    facts = draft.known()
    for signal in draft.rules.signal:
        if signal.code not in draft.case.signals and signal.when.holds(facts):
            draft.happen(e.SignalRaised(code=signal.code))


def is_upheld(case: Case, ended: Ended) -> bool:
    """Whether a case that ends like this counts against the shop."""
    at_fault = case.ruling is not None and case.ruling.liability in ("seller", "both")
    return at_fault and ended == "decided"


def lift(draft: Draft, sanction: Sanction, *, rule: str = "", note: str = "") -> None:
    """End a sanction before its time; a fine that came with it is given back."""
    draft.happen(
        e.SanctionLifted(
            number=sanction.number,
            kind=sanction.kind,
            rule=rule,
            note=note,
            entry=draft.record.entry + 1,
        )
    )
    if sanction.fine_fen:
        purse_of(draft).restore(sanction.fine_fen, bearer="shop", of="fine")
        draft.happen(e.FineReturned(number=sanction.number, amount_fen=sanction.fine_fen))


def take_back(draft: Draft, charge: Charged, *, note: str = "") -> None:
    """Take points back, and lift what only their node had brought."""
    draft.happen(
        e.PointsCharged(
            charge=Charge(ledger=charge.ledger, points=-charge.points, rule=charge.rule),
            entry=draft.record.entry + 1,
            undoes=charge.entry,
            note=note,
        )
    )
    left = _points(draft)[charge.ledger]
    for sanction in _in_force(draft):
        if sanction.charge == charge.entry and left < sanction.reached:
            lift(draft, sanction, rule=sanction.rule)


def lift_by_hand(draft: Draft, number: int, *, note: str) -> None:
    """A person ends a sanction of this case, and says why."""
    sanction = next((one for one in _in_force(draft) if one.number == number), None)
    if sanction is None:
        raise Refusal("not_found", N_("There is no such sanction in force."))
    _require_note(note)
    lift(draft, sanction, note=note)


def take_back_by_hand(draft: Draft, entry: int, *, note: str) -> None:
    """A person takes points of this case back, and says why."""
    charge = next((one for one in _charges_of(draft) if one.entry == entry), None)
    if charge is None:
        raise Refusal("not_found", N_("There are no such points."))
    _require_note(note)
    take_back(draft, charge, note=note)


def _require_note(note: str) -> None:
    if not note.strip():
        raise Refusal("reason_required", N_("Say why."))


def _charge(draft: Draft, rule: Points) -> None:
    points = rule.points
    if rule.cap:
        since = draft.now - timedelta(days=rule.cap.days)
        charged = sum(
            c.points for c in draft.record.charges if c.rule == rule.rule and c.at > since
        )
        points = min(points, rule.cap.points - charged)
    if points <= 0:
        return
    before = _points(draft)[rule.ledger]
    charge = Charge(ledger=rule.ledger, points=points, rule=rule.rule)
    entry = draft.record.entry + 1
    draft.happen(e.PointsCharged(charge=charge, entry=entry))
    after = _points(draft)[rule.ledger]
    for node in sorted(draft.pack.body.node, key=lambda node: node.points):
        if node.ledger == rule.ledger and before < node.points <= after:
            _reach(draft, node, entry)


def _reach(draft: Draft, node: Node, charge: int) -> None:
    for place, kind in enumerate(node.impose):
        # One fine for all that a node brings.
        fine_fen = 0 if place else int(node.fine)
        _impose(draft, kind, node.rule, node.span, fine_fen, charge=charge, reached=node.points)


def _take_back(draft: Draft, due: list[Points]) -> None:
    for charge in _charges_of(draft):
        if not any(_is_of(charge, rule) for rule in due):
            take_back(draft, charge)


def _is_of(charge: Charged, rule: Points) -> bool:
    return (charge.ledger, charge.rule) == (rule.ledger, rule.rule)


def _impose_all(draft: Draft, on: Occasion, facts: dict[str, Any]) -> None:
    for rule in draft.rules.sanction:
        stands = any(_is_imposed_by(one, rule) for one in _in_force(draft))
        if rule.on == on and not stands and rule.when.holds(facts):
            _impose(draft, rule.impose, rule.rule, rule.span, int(rule.fine))


def _impose(
    draft: Draft,
    kind: SanctionKind,
    rule: str,
    span: Span | None,
    fine_fen: int,
    *,
    charge: int = 0,
    reached: int = 0,
) -> None:
    until = draft.pack.calendar.add(draft.now, span).astimezone(UTC) if span else None
    entry = draft.record.entry + 1
    sanction = Sanction(
        number=entry,
        kind=kind,
        at=draft.now,
        until=until,
        rule=rule,
        fine_fen=fine_fen,
        charge=charge,
        reached=reached,
    )
    draft.happen(e.SanctionImposed(sanction=sanction, entry=entry))
    if fine_fen:
        paid = purse_of(draft).fine(fine_fen)
        lines = tuple(
            FineLine(source=PAID_FROM[t.source.kind], amount_fen=t.amount_fen) for t in paid
        )
        draft.happen(e.FineCharged(number=entry, rule=rule, lines=lines))


def _lift_all(draft: Draft, on: Occasion, facts: dict[str, Any]) -> None:
    for rule in draft.rules.lifting:
        if rule.on == on and rule.when.holds(facts):
            for sanction in _in_force(draft):
                if sanction.kind in rule.lift:
                    lift(draft, sanction, rule=rule.rule)


def _lift_undeserved(draft: Draft, on: tuple[Occasion, ...], facts: dict[str, Any]) -> None:
    """After a second ruling, what the first one had imposed and this one does not, is lifted."""
    if draft.case.rulings < 2:
        return
    for sanction in _in_force(draft):
        rules = [r for r in draft.pack.body.sanction if _is_imposed_by(sanction, r)]
        looked_at = [rule for rule in rules if rule.on in on]
        if looked_at == rules and rules and not any(r.when.holds(facts) for r in rules):
            lift(draft, sanction, rule=sanction.rule)


def _is_imposed_by(sanction: Sanction, rule: SanctionRule) -> bool:
    return (sanction.kind, sanction.rule, sanction.reached) == (rule.impose, rule.rule, 0)


def _in_force(draft: Draft) -> list[Sanction]:
    """The sanctions of this case that hold now."""
    return [sanction for sanction in draft.case.sanctions if sanction.holds(draft.now)]


def _charges_of(draft: Draft) -> list[Charged]:
    """The points of this case that stand."""
    return [charge for charge in draft.record.charges if charge.case_id == draft.case.id]


def _points(draft: Draft) -> dict[PointsLedger, int]:
    pack = draft.pack
    return points_at(
        draft.record.charges, pack.body.clearing, calendar=pack.calendar, now=draft.now
    )

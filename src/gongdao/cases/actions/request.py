"""Filing a request, changing it, taking it back, and talking about it."""

from uuid import UUID

from msgspec.structs import replace

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import parse_yuan, yuan
from gongdao.cases import commands as c
from gongdao.cases import events as e
from gongdao.cases.actions.proof import add_evidence
from gongdao.cases.amounts import (
    ask_limit_fen,
    carriage_fen,
    carriage_limit_fen,
    refund_due,
    refundable_fen,
)
from gongdao.cases.case import Wanted
from gongdao.cases.draft import Draft
from gongdao.cases.eligibility import (
    require_eligible,
    require_no_duplicate,
    require_not_too_many,
)
from gongdao.cases.moves import enter
from gongdao.policy.pack import Kind, ProcedureRule
from gongdao.policy.terms import term
from gongdao.policy.words import Reason

#: Remedies that give goods or work; a request for them asks for no money unless it says so.
_NO_MONEY = ("replacement", "resend", "repair")
#: A kind that gives none of these gives a part at most, and asks for nothing until a sum is named.
_ALL_BACK = {"full_refund", "return_and_refund", "refund_keep_item"}

#: A case is no chat: so many messages and notes of each role are more than any dispute needs.
NOTES_PER_ROLE_MAX = 200


def open_case(draft: Draft, args: c.OpenArgs, case_id: UUID) -> None:
    """File a case. Refusals say which rule stands in the way, and until when or from when."""
    procedure = draft.pack.procedures.get(args.procedure)
    if procedure is None:
        name = term(args.procedure, "procedure")
        raise Refusal("invalid", N_("This rule book has no procedure {name}."), name=name)
    kind = _fitting_kind(draft, procedure, args.kind, args.reason)
    lines = _lines(draft, args.lines)
    if draft.by not in (kind.opened_by or procedure.opened_by):
        raise Refusal("wrong_role", N_("Your role cannot file this kind of case."))
    order = draft.facts.order
    body = e.CaseOpened(
        case_id=case_id,
        procedure=args.procedure,
        kind=args.kind,
        order_id=order.id,
        shop_id=order.shop_id,
        buyer_id=order.buyer_id,
        pack=draft.pack.name,
        by=draft.by,
        switches=draft.pack.changed_switches,
        reason=args.reason,
        claim=args.claim,
        lines=lines,
        quantities=_quantities(draft, args.quantities, lines),
        received=args.received,
        share=args.share,
        count=args.count,
        anonymous=kind.anonymous,
    )
    body = replace(body, wanted=_wanted(draft, kind, body, args.wanted))
    asked_fen, by_rules = _judge(draft, body, procedure, args)
    draft.happen(replace(body, asked_fen=asked_fen, by_rules=by_rules))
    for item in args.evidence:
        add_evidence(draft, item)
    _warn(draft)
    stage = draft.stage_ahead(procedure.start)
    assert stage, "a procedure starts in a stage of its own"
    enter(draft, stage)


def modify(draft: Draft, args: c.ModifyArgs) -> None:
    """Change the request; it is judged again as if it were new."""
    case = draft.case
    if case.applications >= draft.procedure.applications_max:
        raise Refusal(
            "not_eligible",
            N_("A request can be changed at most {n} times."),
            n=draft.procedure.applications_max - 1,
        )
    if args.procedure not in (None, case.procedure):
        raise Refusal("invalid", N_("A case cannot change its procedure."))
    lines = _lines(draft, args.lines) if args.lines else case.lines
    quantities = {n: units for n, units in case.quantities.items() if n in lines}
    if args.quantities:
        quantities = _quantities(draft, args.quantities, lines)
    said = (args.kind or case.kind, lines, quantities)
    if case.wanted and said != (case.kind, case.lines, case.quantities):
        raise Refusal(
            "invalid", N_("Goods are held for this exchange; withdraw it and ask for another.")
        )
    body = e.RequestModified(
        kind=args.kind or case.kind,
        reason=args.reason or case.reason,
        claim=case.claim if args.claim is None else args.claim,
        lines=lines,
        quantities=quantities,
        received=case.received if args.received is None else args.received,
        share=args.share or case.share,
        count=args.count or case.count,
    )
    if args.wanted and not (case.wanted and case.wanted.sku == args.wanted):
        kind = _fitting_kind(draft, draft.procedure, body.kind, body.reason)
        body = replace(body, wanted=_wanted(draft, kind, body, args.wanted))
    asked_fen, by_rules = _judge(draft, body, draft.procedure, args)
    draft.happen(replace(body, asked_fen=asked_fen, by_rules=by_rules))
    for item in args.evidence:
        add_evidence(draft, item)


def withdraw(draft: Draft, args: c.NoArgs) -> None:
    """Take the request back."""
    draft.happen(e.Withdrawn())


def remind(draft: Draft, args: c.NoArgs) -> None:
    """Ask the other side to hurry, now and then."""
    last = draft.case.reminded.get(draft.by)
    if last is not None:
        again = draft.pack.calendar.add(last, draft.pack.body.limits.remind_every)
        if draft.now < again:
            raise Refusal("too_early", N_("You can remind again from {at} on."), at=again)
    draft.happen(e.Reminded(by=draft.by))


def note(draft: Draft, args: c.NoteArgs) -> None:
    """Say something to the other side, or keep a private note."""
    if not args.note.strip():
        raise Refusal("invalid", N_("The note is empty."))
    if draft.case.notes.get(draft.by, 0) >= NOTES_PER_ROLE_MAX:
        raise Refusal(
            "too_large", N_("At most {n} messages can be written in a case."), n=NOTES_PER_ROLE_MAX
        )
    draft.happen(e.Noted(text=args.note, private=args.private))


def _lines(draft: Draft, asked: list[int] | None) -> tuple[int, ...]:
    known = {line.line for line in draft.facts.order.lines}
    lines = tuple(sorted(set(asked))) if asked else tuple(sorted(known))
    for line in lines:
        if line not in known:
            raise Refusal("invalid", N_("The order has no line {n}."), n=line)
    return lines


def _quantities(draft: Draft, asked: dict[str, int], lines: tuple[int, ...]) -> dict[int, int]:
    bought = {line.line: line.quantity for line in draft.facts.order.lines if line.line in lines}
    quantities = {int(n): units for n, units in asked.items()}
    for line, units in quantities.items():
        if line not in bought:
            raise Refusal("invalid", N_("Line {n} is not among those in dispute."), n=line)
        if units > bought[line]:
            raise Refusal(
                "invalid", N_("Of line {n}, {bought} were bought."), n=line, bought=bought[line]
            )
    return {n: units for n, units in sorted(quantities.items()) if units < bought[n]}


def _judge(
    draft: Draft,
    body: e.CaseOpened | e.RequestModified,
    procedure: ProcedureRule,
    args: c.OpenArgs | c.ModifyArgs,
) -> tuple[int, bool]:
    """Judge a request before it is recorded, in the order of the refusal codes.

    Returns the sum that is asked for, in fen (the one that was given, or what the rules give), and
    whether it is just what the rules give.
    """
    trial = draft.copy()
    trial.happen(body)
    kind = _fitting_kind(draft, procedure, trial.case.kind, trial.case.reason)
    for item in args.evidence:
        add_evidence(trial, item)
    require_no_duplicate(trial, procedure)
    require_eligible(trial, "open")
    require_not_too_many(trial, procedure)
    fen = _asked_fen(trial, kind, args.amount)
    return fen, _asks_by_rules(trial, kind) and fen == _due_by_rules(trial)


def _fitting_kind(draft: Draft, procedure: ProcedureRule, name: str, reason: Reason | None) -> Kind:
    """The kind of that name, if it takes that reason."""
    kind = draft.pack.kinds.get((procedure.id, name))
    if kind is None:
        allowed = tuple(term(k.id, "kind") for k in procedure.kind)
        raise Refusal("invalid", N_("The kind is one of: {allowed}."), allowed=allowed)
    if kind.reasons and reason is not None and reason not in kind.reasons:
        allowed = tuple(term(each, "reason") for each in kind.reasons)
        raise Refusal("invalid", N_("The reason is one of: {allowed}."), allowed=allowed)
    return kind


def _wanted(
    draft: Draft, kind: Kind, body: e.CaseOpened | e.RequestModified, sku: str
) -> Wanted | None:
    """What an exchange gives instead, with its difference; there have to be enough of it."""
    if not sku:
        return None
    if kind.granted != "replacement" or len(body.lines) != 1:
        raise Refusal("invalid", N_("Only an exchange of one line can ask for another variant."))
    number = body.lines[0]
    variants = (v for v in draft.facts.variants if v.of_line == number)
    variant = next((v for v in variants if v.sku == sku), None)
    if variant is None:
        raise Refusal("invalid", N_("This is not another variant of the same product."))
    line = next(each for each in draft.facts.order.lines if each.line == number)
    units = body.quantities.get(number, line.quantity)
    if variant.stock is not None and variant.stock < units:
        raise Refusal(
            "not_eligible", N_("There are not enough of {title} left."), title=variant.title
        )
    return Wanted(
        line=number,
        product_id=variant.product_id,
        sku=variant.sku,
        title=variant.title,
        units=units,
        more_fen=(variant.price_fen - line.price_fen) * units,
    )


def _asked_fen(trial: Draft, kind: Kind, amount: str | None) -> int:
    wanted = trial.case.wanted
    if wanted:
        # Dearer is paid on top, outside of the case; cheaper comes back when it is carried out.
        return min(max(0, -wanted.more_fen), refundable_fen(trial.case, trial.facts))
    if kind.pays == "freight":
        return _asked_freight(trial, amount)
    if amount is not None and trial.case.opened_by == "seller":
        # A shop names its loss; nothing of the order is asked for, and no payment answers for it.
        return parse_yuan(amount)
    if amount is None:
        return _due_by_rules(trial) if _asks_by_rules(trial, kind) else 0
    limit = ask_limit_fen(trial.case, trial.facts, trial.pack, trial.known())
    if parse_yuan(amount) > limit:
        raise Refusal(
            "amount_above_limit",
            N_(
                "At most {limit} yuan can be asked for: that is what was paid and not yet returned."
            ),
            limit=yuan(limit),
        )
    return parse_yuan(amount)


def _asks_by_rules(trial: Draft, kind: Kind) -> bool:
    """Whether a request of this kind that names no sum asks for what the rules give back."""
    goods_only = kind.granted in _NO_MONEY or _ALL_BACK.isdisjoint(kind.remedies)
    return not (goods_only or trial.case.wanted or kind.pays == "freight")


def _due_by_rules(trial: Draft) -> int:
    return refund_due(trial.case, trial.facts, trial.pack, trial.known()).fen


def _asked_freight(trial: Draft, amount: str | None) -> int:
    """Carriage that is asked for by itself: the sum that is named, or that of the receipts."""
    limit = carriage_limit_fen(trial.facts, trial.pack)
    fen = parse_yuan(amount) if amount else carriage_fen(trial.case, trial.pack)
    if fen > limit:
        raise Refusal(
            "amount_above_limit",
            N_("At most {limit} yuan of carriage can be claimed in this case."),
            limit=yuan(limit),
        )
    return fen


def _warn(draft: Draft) -> None:
    facts = draft.known()
    for warning in draft.rules.warning:
        if warning.when.holds(facts):
            draft.happen(e.WarningRaised(code=warning.code))

"""Evidence: added while it may be, sealed when its stage ends."""

from uuid import UUID

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import parse_yuan, yuan
from gongdao.cases import commands as c
from gongdao.cases import events as e
from gongdao.cases.amounts import carriage_fen, carriage_limit_fen
from gongdao.cases.case import Evidence
from gongdao.cases.draft import Draft, refuse_by_rule
from gongdao.files.limits import CASE_SIDE_FILES_MAX
from gongdao.policy.words import Action

#: A side may add at most this many pieces to a case.
PIECES_PER_SIDE_MAX = 50
#: What proves to a paused case that a court or the police took the matter.
_ACCEPTANCE = ("third_party_report", "system_record", "qualification")


def submit_evidence(draft: Draft, args: c.SubmitEvidenceArgs) -> None:
    """Add a piece of evidence; while a case rests, proof of acceptance prolongs the rest."""
    item = c.EvidenceItem(
        kind=args.kind, note=args.note, amount=args.amount, cost=args.cost, files=args.files
    )
    add_evidence(draft, item)
    rest = draft.case.rest
    if rest and args.kind in _ACCEPTANCE:
        rule = next((p for p in draft.pack.body.pause if p.cause == rest.cause), None)
        if rule and rule.accepted_span:
            until = draft.pack.calendar.add(draft.now, rule.accepted_span)
            draft.happen(e.PauseProlonged(deadline=until))
        elif rule and rule.span:
            draft.happen(e.PauseProlonged(deadline=None))


def require_brief(draft: Draft, said: str) -> None:
    """Refuse an answer to a claim that is longer than the pack lets it be."""
    most = draft.kind.answer_max
    if most is not None and draft.by != draft.case.opened_by and len(said) > most:
        raise Refusal("too_large", N_("An answer of this kind has at most {n} characters."), n=most)


def add_evidence(draft: Draft, item: c.EvidenceItem | str) -> None:
    """Record one piece; its files must be ones that the acting person uploaded."""
    if isinstance(item, str):
        item = c.EvidenceItem(kind=item)  # pyright: ignore[reportArgumentType]
    if item.kind == "statement" and draft.by in ("buyer", "seller"):
        require_brief(draft, item.note)
    require_room(draft, item)
    draft.happen(
        e.EvidenceSubmitted(
            evidence=Evidence(
                number=len(draft.case.evidence) + 1,
                kind=item.kind,
                by=draft.by,
                at=draft.now,
                note=item.note,
                amount_fen=parse_yuan(item.amount) if item.amount else 0,
                cost="handling" if item.cost == "handling" else "carriage",
                file_ids=tuple(item.files),
                sha256=tuple(_sha256(draft, file_id) for file_id in item.files),
            )
        )
    )
    require_carriage_within_limit(draft)


def require_room(draft: Draft, item: c.EvidenceItem) -> None:
    """Refuse a piece, or files, beyond what one side may add to a case."""
    mine = [piece for piece in draft.case.evidence if piece.by == draft.by]
    if len(mine) >= PIECES_PER_SIDE_MAX:
        raise Refusal(
            "too_large", N_("A side may add at most {n} pieces of evidence."), n=PIECES_PER_SIDE_MAX
        )
    if sum(len(piece.file_ids) for piece in mine) + len(item.files) > CASE_SIDE_FILES_MAX:
        raise Refusal(
            "too_large",
            N_("A side may add at most {n} files to a case."),
            n=CASE_SIDE_FILES_MAX,
        )


def require_carriage_within_limit(draft: Draft) -> None:
    """Refuse carriage, said or on receipts, that is out of proportion to the order."""
    limit = carriage_limit_fen(draft.facts, draft.pack)
    if carriage_fen(draft.case, draft.pack) > limit:
        raise Refusal(
            "amount_above_limit",
            N_("At most {limit} yuan of carriage can be claimed in this case."),
            limit=yuan(limit),
        )


def require_proof(draft: Draft, action: Action) -> None:
    """Refuse an action for which the pack wants evidence that is not there."""
    facts = draft.known()
    submitted = draft.case.evidence_of(draft.by)
    for proof in draft.rules.proof:
        if proof.do == action and proof.when.holds(facts) and submitted.isdisjoint(proof.any_of):
            raise refuse_by_rule("evidence_required", proof.say, proof.rule)


def _sha256(draft: Draft, file_id: UUID) -> str:
    found = draft.facts.sha256_of.get(file_id)
    if found is None:
        raise Refusal("not_found", N_("One of the files is not there, or is not yours."))
    return found

"""What may follow a ruling: a supervisor's look at it, an appeal against it, its execution."""

from uuid import UUID

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases import commands as c
from gongdao.cases import events as e
from gongdao.cases.actions.proof import add_evidence
from gongdao.cases.case import Appeal
from gongdao.cases.draft import Draft
from gongdao.cases.eligibility import require_eligible
from gongdao.cases.payment import pay_award


def concur(draft: Draft, args: c.NoArgs) -> None:
    """Agree with a ruling; nobody reviews a ruling of their own."""
    ruling = draft.case.ruling
    if ruling is None:
        raise Refusal("not_eligible", N_("There is no ruling to review yet."))
    require_other_person(draft, ruling.person_id)
    draft.happen(e.RulingConfirmed())


def send_back(draft: Draft, args: c.SendBackArgs) -> None:
    """Want a ruling to be thought over, and say why."""
    if not args.note.strip():
        raise Refusal("reason_required", N_("Say what is to be thought over."))
    draft.happen(e.RulingSentBack(note=args.note))


def appeal(draft: Draft, args: c.AppealArgs) -> None:
    """Not accept a ruling; each side can do so once."""
    if not args.grounds.strip():
        raise Refusal("reason_required", N_("Say why you appeal."))
    require_appealable(draft)
    said = Appeal(by=draft.by, at=draft.now, grounds=args.grounds)
    draft.happen(e.RulingAppealed(appeal=said))
    for item in args.evidence:
        add_evidence(draft, item)


def require_appealable(draft: Draft) -> None:
    """Refuse a second appeal of one side, and one that comes after its time."""
    if any(earlier.by == draft.by for earlier in draft.case.appeals):
        raise Refusal("duplicate", N_("You have appealed against this ruling already."))
    require_eligible(draft, "appeal")


def execute(draft: Draft, args: c.NoArgs) -> None:
    """Have the ruling carried out before its clock runs out."""
    draft.happen(e.ExecutionOrdered())
    pay_award(draft)


def require_other_person(draft: Draft, person_id: UUID | None) -> None:
    """Refuse whoever made the ruling that is looked at again."""
    if person_id is not None and person_id == draft.person_id:
        raise Refusal(
            "not_eligible", N_("You made this ruling; somebody else has to look at it again.")
        )

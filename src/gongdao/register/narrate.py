"""What each event of the register says on the page, and the words that somebody wrote with it."""

from collections.abc import Callable
from typing import Any

from gongdao.base.errors import Param
from gongdao.base.i18n import N_
from gongdao.base.money import yuan
from gongdao.register import events as e
from gongdao.register.words import DEPARTMENTS, ENDINGS, REASONS, SEVERITIES, WAYS

#: A sentence, its fields, and what was written.
Narration = tuple[str, dict[str, Param], str]


def narrate(record: e.Recorded) -> Narration:
    """A sentence for an event: a message id with its fields, and the note beside it."""
    return _SAYS[type(record.body)](record.body)


def _proposed(body: e.Proposed) -> Narration:
    said = body.proposal
    if said.refuses:
        return N_("Proposed to refuse, with reasons."), {}, said.words
    sentence = N_("Proposed a solution that may cost {sum} yuan.")
    return sentence, {"sum": yuan(said.cost_fen)}, said.words


def _approved(body: e.ProposalApproved) -> Narration:
    if body.own:
        return N_("The proposal lies within their own limit; no other approval is needed."), {}, ""
    return N_("Approved the proposal."), {}, ""


def _signed(body: e.CustomerAgreed) -> Narration:
    name = body.signature.name
    return N_("{name} signed {way}."), {"name": name, "way": WAYS[body.way]}, ""


def _instructed(body: e.InstructionGiven) -> Narration:
    fields: dict[str, Param] = {"department": DEPARTMENTS[body.department], "n": body.number}
    return N_("Instruction {n} to {department}."), fields, body.what


def _done(body: e.InstructionDone) -> Narration:
    if body.reference:
        fields: dict[str, Param] = {"n": body.number, "reference": body.reference}
        return N_("Instruction {n} is done; reference {reference}."), fields, body.note
    return N_("Instruction {n} is done."), {"n": body.number}, body.note


def _followed_up(body: e.FollowedUp) -> Narration:
    if body.satisfied:
        return N_("The customer is satisfied."), {}, body.said
    return N_("The customer is not satisfied; it is taken up again."), {}, body.said


def _charge(body: e.ChargeTaken) -> Narration:
    if body.higher:
        return N_("Handed up to {name}."), {"name": body.name}, body.why
    return N_("{name} looks after it from now on."), {"name": body.name}, body.why


def _closed(body: e.EntryClosed) -> Narration:
    return N_("Closed: {ended}."), {"ended": ENDINGS[body.ended]}, body.why


def _analysed(body: e.Analysed) -> Narration:
    fields: dict[str, Param] = {"severity": SEVERITIES[body.analysis.severity]}
    return N_("Wrote the analysis: {severity}."), fields, body.analysis.facts


_SAYS: dict[type[e.Happening], Callable[[Any], Narration]] = {
    e.EntryOpened: lambda b: (
        N_("Wrote the complaint down: {reason}."),
        {"reason": REASONS[b.intake.reason]},
        b.intake.story,
    ),
    e.IntakeAmended: lambda b: (N_("Corrected the form before signing."), {}, ""),
    e.IntakeSigned: lambda b: (
        N_("Signed the form as {name}."),
        {"name": b.signature.name},
        "",
    ),
    e.CustomerContacted: lambda b: (N_("Spoke with the customer."), {}, b.contact.said),
    e.MoreAsked: lambda b: (N_("Facts are missing; the customer is asked again."), {}, b.why),
    e.Analysed: _analysed,
    e.Proposed: _proposed,
    e.ProposalApproved: _approved,
    e.ProposalSentBack: lambda b: (N_("Sent the proposal back."), {}, b.why),
    e.LinkMade: lambda b: (
        N_("Made a link for the customer, good until {until}."),
        {"until": b.expires_at.replace(second=0, microsecond=0)},
        "",
    ),
    e.CustomerAgreed: _signed,
    e.CustomerDeclined: lambda b: (
        N_("The customer does not agree (said {way})."),
        {"way": WAYS[b.way]},
        b.why,
    ),
    e.InstructionGiven: _instructed,
    e.InstructionDone: _done,
    e.InstructionCancelled: lambda b: (
        N_("Instruction {n} was cancelled."),
        {"n": b.number},
        b.why,
    ),
    e.CarriedOut: lambda b: (N_("Everything that was promised is carried out."), {}, ""),
    e.FollowedUp: _followed_up,
    e.LessonNoted: lambda b: (N_("Wrote down what was learned."), {}, b.text),
    e.ChargeTaken: _charge,
    e.Noted: lambda b: (N_("Noted."), {}, b.text),
    e.ContactShown: lambda b: (N_("Looked at the customer's phone, e-mail and address."), {}, ""),
    e.EntryClosed: _closed,
    e.EntryReopened: lambda b: (N_("The customer came back; opened again."), {}, b.why),
}

"""Who looks after an entry, notes, what was learned, ending it early, and taking it up again."""

from collections.abc import Sequence

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases.happening import Happening
from gongdao.register import commands as c
from gongdao.register import events as e
from gongdao.register.actor import Actor, Known
from gongdao.register.acts.dispatching import require_nothing_open
from gongdao.register.entry import Entry

#: How much is learned from one complaint, at most.
LESSONS_MAX = 20


def take(entry: Entry, args: c.NothingArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Look after it oneself."""
    require_not_in_charge(entry, actor)
    return [e.ChargeTaken(person_id=actor.person_id, name=actor.name)]


def require_not_in_charge(entry: Entry, actor: Actor) -> None:
    """Refuse to take what one has already."""
    if entry.in_charge == actor.person_id:
        raise Refusal("duplicate", N_("You look after this already."))


def hand_up(entry: Entry, args: c.HandUpArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Give it to somebody whose word reaches further."""
    colleague = known.colleagues.get(args.person)
    if colleague is None or not colleague.approves:
        raise Refusal("invalid", N_("Choose a colleague who may approve proposals."))
    if entry.in_charge == args.person:
        raise Refusal("duplicate", N_("They look after this already."))
    return [
        e.ChargeTaken(person_id=args.person, name=colleague.name, higher=True, why=args.why.strip())
    ]


def learn(entry: Entry, args: c.TextArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Write down what was learned; also later, when it is long over."""
    if len(entry.lessons) >= LESSONS_MAX:
        raise Refusal("too_large", N_("At most {n} lessons fit an entry."), n=LESSONS_MAX)
    return [e.LessonNoted(args.text.strip())]


def note(entry: Entry, args: c.TextArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """A note for colleagues."""
    return [e.Noted(args.text.strip())]


def show_contact(
    entry: Entry, args: c.NothingArgs, actor: Actor, known: Known
) -> Sequence[Happening]:
    """See where the customer can be reached; that somebody looked stays in the record."""
    return [e.ContactShown()]


def close(entry: Entry, args: c.CloseArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """End it without the customer's signature. That it is refused is a lead's to say."""
    refused = entry.stage == "agreement" and entry.proposal and entry.proposal.refuses
    if args.ended == "out_of_scope" and not (actor.approves or refused):
        raise Refusal("wrong_role", N_("Only a lead can turn a complaint away."))
    require_nothing_open(entry)
    return [e.EntryClosed(ended=args.ended, why=args.why.strip())]


def reopen(entry: Entry, args: c.WhyArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """The customer has come back."""
    return [e.EntryReopened(args.why.strip())]

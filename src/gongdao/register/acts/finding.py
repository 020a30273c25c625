"""Writing down, signing, talking with the customer, and finding out what happened."""

from collections.abc import Sequence
from uuid import UUID

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases.happening import Happening
from gongdao.register import commands as c
from gongdao.register import events as e
from gongdao.register.actor import Actor, Known
from gongdao.register.entry import (
    Analysis,
    Contact,
    Customer,
    Entry,
    Intake,
    Signature,
    hash_of_intake,
)


def signed(intake: Intake, name: str, actor: Actor, known: Known) -> list[Happening]:
    """The recorder's signature under a form."""
    signature = Signature(
        name=name.strip(),
        at=known.now,
        sha256=hash_of_intake(intake),
        person_id=actor.person_id,
    )
    return [e.IntakeSigned(signature)]


def sign(entry: Entry, args: c.EntrySignArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Sign the form that stands."""
    return signed(entry.intake, args.signature, actor, known)


def amend(entry: Entry, args: c.AmendArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Correct the form; it may be signed in the same breath."""
    intake = intake_of(args, known)
    happenings: list[Happening] = [e.IntakeAmended(intake)]
    if args.signature.strip():
        happenings += signed(intake, args.signature, actor, known)
    return happenings


def contact(entry: Entry, args: c.ContactArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Note what the customer said."""
    require_own(args.files, known)
    found = Contact(
        channel=args.channel,
        said=args.said.strip(),
        product=args.product.strip(),
        spec=args.spec.strip(),
        produced_on=args.produced_on,
        batch=args.batch.strip(),
        used_when=args.used_when.strip(),
        symptoms=args.symptoms.strip(),
        earlier_brand=args.earlier_brand.strip(),
        recent_use=args.recent_use.strip(),
        file_ids=tuple(args.files),
    )
    return [e.CustomerContacted(found)]


def analyse(entry: Entry, args: c.AnalyseArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Say what was found."""
    found = Analysis(
        facts=args.facts.strip(),
        severity=args.severity,
        unfounded=args.unfounded,
        long_term=args.long_term,
        repurchase=args.repurchase,
        word_of_mouth=args.word_of_mouth,
        unreasonable=args.unreasonable,
        fault=args.fault,
    )
    return [e.Analysed(found)]


def ask_again(entry: Entry, args: c.WhyArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Go back to the customer for more facts."""
    return [e.MoreAsked(args.why.strip())]


def intake_of(args: c.EntryArgs, known: Known) -> Intake:
    """The form as it is written down. Refuses a customer whom nobody could reach or tell apart."""
    if not (args.phone.strip() or args.email.strip() or args.address.strip()):
        raise Refusal("invalid", N_("Write down a phone number, an e-mail or an address."))
    if args.order_number.strip() and known.order_id is None:
        raise Refusal("invalid", N_("This shop has no order with that number."))
    if args.about is not None and args.about not in known.colleagues:
        raise Refusal("invalid", N_("There is no such colleague in this shop."))
    return Intake(
        customer=Customer(
            name=args.name.strip(),
            company=args.company.strip(),
            phone=args.phone.strip(),
            email=args.email.strip(),
            address=args.address.strip(),
        ),
        channel=args.channel,
        reason=args.reason,
        story=args.story.strip(),
        wanted=args.wanted.strip(),
        order_number=args.order_number.strip(),
        order_id=known.order_id,
        about_id=args.about if args.reason == "staff_conduct" else None,
    )


def require_own(file_ids: Sequence[UUID], known: Known) -> None:
    """Refuse files of others: whoever names a file lets all readers of the entry see it."""
    if not known.own_files.issuperset(file_ids):
        raise Refusal("invalid", N_("Send the file first, with your own account."))

"""Proposing, approving up to a limit, and the customer's agreement."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.base.money import parse_yuan, yuan
from gongdao.cases.happening import Happening
from gongdao.register import commands as c
from gongdao.register import events as e
from gongdao.register.actor import Actor, Known
from gongdao.register.acts.finding import require_own
from gongdao.register.agreement import agreement_text
from gongdao.register.entry import Entry, Proposal, Signature, hash_of_text


def propose(entry: Entry, args: c.ProposeArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Propose; what lies within one's own limit needs nobody else's word."""
    if entry.analysis is None:
        raise Refusal("not_eligible", N_("Say first what you have found."))
    proposal = _proposal(entry, args, actor)
    made: list[Happening] = [e.Proposed(proposal)]
    # A no is a lead's to say, however little it costs.
    may_say_so = actor.approves or not proposal.refuses
    if may_say_so and _within(entry, proposal, actor):
        made.append(e.ProposalApproved(number=proposal.number, limit_fen=actor.limit_fen, own=True))
    return made


def approve(entry: Entry, args: c.NothingArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Let the proposal go to the customer."""
    proposal = require_limit(entry, actor)
    return [e.ProposalApproved(number=proposal.number, limit_fen=actor.limit_fen)]


def send_back(entry: Entry, args: c.WhyArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Have the proposal made anew."""
    return [e.ProposalSentBack(_standing(entry).number, args.why.strip())]


def make_link(entry: Entry, args: c.LinkArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Make a link for the customer."""
    assert known.link_sha256, "a secret was made for it"
    expires_at = known.now + timedelta(days=known.rules.link_days)
    return [e.LinkMade(sha256=known.link_sha256, expires_at=expires_at, locale=args.locale)]


def note_signature(
    entry: Entry, args: c.PaperArgs, actor: Actor, known: Known
) -> Sequence[Happening]:
    """Note that the customer signed on paper, with its photograph."""
    require_own([args.file], known)
    text = agreement_text(entry, known.number, known.shop_name, args.locale)
    signature = Signature(
        name=args.name.strip(), at=known.now, sha256=hash_of_text(text), person_id=actor.person_id
    )
    signed = e.CustomerAgreed(
        proposal=_standing(entry).number,
        way="paper",
        signature=signature,
        text=text,
        locale=args.locale,
        file_id=args.file,
    )
    return _with_end(entry, [signed])


def note_refusal(entry: Entry, args: c.WhyArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Note that the customer said no, on the telephone or in the shop."""
    number = _standing(entry).number
    return [e.CustomerDeclined(proposal=number, way="told", why=args.why.strip())]


def customer_signs(
    entry: Entry, args: c.CustomerSignArgs, *, shop_name: str, number: int, now: datetime
) -> Sequence[Happening]:
    """The customer signs through the link."""
    of_link = require_link(entry, now)
    locale = args.locale or of_link
    if not args.consent:
        raise Refusal("invalid", N_("Tick the box if you agree; otherwise say why you do not."))
    text = agreement_text(entry, number, shop_name, locale)
    if hash_of_text(text) != args.sha256:
        raise Refusal("version_conflict", N_("The text has changed; please read it again."))
    signature = Signature(name=args.name.strip(), at=now, sha256=args.sha256)
    signed = e.CustomerAgreed(
        proposal=_standing(entry).number, way="link", signature=signature, text=text, locale=locale
    )
    return _with_end(entry, [signed])


def customer_declines(
    entry: Entry, args: c.CustomerDeclineArgs, *, now: datetime
) -> Sequence[Happening]:
    """The customer says no through the link."""
    require_link(entry, now)
    number = _standing(entry).number
    return [e.CustomerDeclined(proposal=number, way="link", why=args.why.strip())]


def require_link(entry: Entry, now: datetime) -> Locale:
    """The language of the link that stands. Refuses one that is used up or over."""
    if entry.link is None or entry.stage != "agreement":
        raise Refusal("not_found", N_("This link is not valid, or has been used already."))
    if entry.link.expires_at <= now:
        raise Refusal("too_late", N_("This link is over. Ask the shop for a new one."))
    return entry.link.locale


def require_limit(entry: Entry, actor: Actor) -> Proposal:
    """The proposal that waits. Refuses whoever's limit does not reach so far."""
    proposal = _standing(entry)
    if not _within(entry, proposal, actor):
        raise Refusal(
            "amount_above_limit",
            N_("This complaint may cost {cost} yuan in all; your limit is {limit} yuan."),
            cost=yuan(entry.committed_fen + proposal.cost_fen),
            limit=yuan(actor.limit_fen or 0),
        )
    return proposal


def _within(entry: Entry, proposal: Proposal, actor: Actor) -> bool:
    if actor.limit_fen is None:
        return True
    # What was agreed in earlier rounds counts: several small sums are one large one.
    return entry.committed_fen + proposal.cost_fen <= actor.limit_fen


def _standing(entry: Entry) -> Proposal:
    assert entry.proposal, "this stage begins with a proposal"
    return entry.proposal


def _proposal(entry: Entry, args: c.ProposeArgs, actor: Actor) -> Proposal:
    money, goods, gift = (
        parse_yuan(each or "0") for each in (args.money, args.goods_value, args.gift_value)
    )
    things = (args.goods.strip(), args.returns.strip(), args.gift.strip(), args.apology.strip())
    if args.refuses and (money or goods or gift or any(things[:3])):
        raise Refusal("invalid", N_("A refusal offers nothing; leave the other fields empty."))
    if not args.refuses and not (money or any(things)):
        raise Refusal("invalid", N_("Say what is offered, or that it is refused."))
    for thing, worth in ((things[0], goods), (things[2], gift)):
        if bool(thing) != bool(worth):
            raise Refusal("invalid", N_("Goods and gifts need both a name and what they cost us."))
    return Proposal(
        number=entry.proposals + 1,
        words=args.words.strip(),
        refuses=args.refuses,
        money_fen=money,
        goods=things[0],
        goods_fen=goods,
        returns=things[1],
        gift=things[2],
        gift_fen=gift,
        apology=things[3],
        by_id=actor.person_id,
    )


def _with_end(entry: Entry, happenings: list[Happening]) -> list[Happening]:
    """Whoever has read a refusal and signed for it waits for nothing more."""
    if _standing(entry).refuses:
        happenings.append(e.EntryClosed(ended="out_of_scope"))
    return happenings

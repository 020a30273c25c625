"""A jury decides: each juror finds alone; the finding that enough of them share is the ruling."""

from collections import Counter

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases import commands as c
from gongdao.cases import events as e
from gongdao.cases.actions.ruling import require_remedy_of_kind, rule
from gongdao.cases.case import Vote
from gongdao.cases.draft import Draft
from gongdao.policy.pack import JuryRule
from gongdao.policy.words import Liability, Remedy

Finding = tuple[Liability, Remedy]


def vote(draft: Draft, args: c.AdjudicateArgs) -> None:
    """Give a finding, once and with its reasons; the last one that is needed makes the ruling."""
    person = draft.person_id
    if person and any(other.person_id == person for other in draft.case.votes):
        raise Refusal("duplicate", N_("You have given your finding already."))
    require_remedy_of_kind(draft, args.remedy)
    in_parts = args.remedy == "partial_refund" and args.liability != "both"
    if args.refund is not None or args.shares or in_parts:
        raise Refusal("invalid", N_("A jury finds who is liable and for what; rules give the sum."))
    found = Vote(
        at=draft.now,
        liability=args.liability,
        remedy=args.remedy,
        note=args.note,
        person_id=person,
    )
    draft.happen(e.Voted(vote=found))
    jury = _jury(draft)
    votes = draft.case.votes
    finding = _shared(votes, of=jury.size, majority=jury.majority)
    if finding is None and len(votes) >= jury.size:
        finding = _shared(votes, of=len(votes), majority=jury.majority)
    if finding is None:
        draft.stays = len(votes) < jury.size
        return
    _rule_as_found(draft, finding)


def resolve(draft: Draft) -> None:
    """The time for voting is over: rule if a quorum has voted and most of it agrees."""
    jury, votes = _jury(draft), draft.case.votes
    if len(votes) < jury.quorum:
        return
    finding = _shared(votes, of=len(votes), majority=jury.majority)
    if finding is not None:
        _rule_as_found(draft, finding)


def _jury(draft: Draft) -> JuryRule:
    stage = draft.stage
    assert stage and stage.jury, "the pack is checked: the stage jury says how many decide"
    return stage.jury


def _shared(votes: tuple[Vote, ...], *, of: int, majority: int) -> Finding | None:
    """The finding that more than this percent of so many voices share."""
    if not votes:
        return None
    found: Counter[Finding] = Counter((v.liability, v.remedy) for v in votes)
    finding, count = found.most_common(1)[0]
    return finding if count * 100 > of * majority else None


def _rule_as_found(draft: Draft, finding: Finding) -> None:
    liability, remedy = finding
    shares = {"seller": 50, "buyer": 50} if liability == "both" else {}
    args = msgspec.convert(
        {"liability": liability, "remedy": remedy, "shares": shares}, c.AdjudicateArgs
    )
    rule(draft, args, by_jury=True)

"""Votes: the cases that a juror may vote on, blind, and the vote itself."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.enums import HttpMethod
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from gongdao.accounts.gate import Asked, Guarded, kind, may, principal_of
from gongdao.api.case_forms import RuleBody, show_rule
from gongdao.api.case_parts import EvidenceBody, show_evidence
from gongdao.api.headers import Key
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import yuan
from gongdao.cases.commands import AdjudicateArgs, Words
from gongdao.flows.act import act_on_case
from gongdao.flows.case_view import CaseView, view_case
from gongdao.flows.conflicts import conflict_in
from gongdao.flows.jury_reads import Vote, list_open, said_by
from gongdao.policy.words import Liability, Remedy

_JURORS = [kind("platform"), may("case.vote")]


class VoteBrief(msgspec.Struct, frozen=True, kw_only=True):
    """A case that a jury decides, without anything that says whose it is."""

    case_id: UUID
    number: int
    procedure: str
    kind: str
    pack: str
    deadline: datetime | None
    votes: int
    """How many have voted; never how."""


class VoteList(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller may still vote on, the oldest clock first; at most 50."""

    votes: list[VoteBrief]


class GoodsBody(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what is in dispute."""

    title: str
    price: str
    quantity: int


class SideBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a side says and shows."""

    words: list[str]
    evidence: list[EvidenceBody]


class Ballot(msgspec.Struct, frozen=True, kw_only=True):
    """A case as a juror sees it: goods, sums, proof and rules; no names, no order, no votes."""

    case_id: UUID
    number: int
    procedure: str
    kind: str
    reason: str | None
    asked: str
    deadline: datetime | None
    goods: list[GoodsBody]
    buyer: SideBody
    seller: SideBody
    rules: list[RuleBody]
    remedies: list[str]
    """Those that this kind of case knows."""
    may_vote: bool
    why_not: str
    """The code of what keeps the caller from voting; empty if nothing does."""


class VoteArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A finding, with its reasons; what it costs follows from the rules."""

    liability: Liability
    remedy: Remedy
    note: Annotated[Words, Meta(min_length=1)]


class Voted(msgspec.Struct, frozen=True, kw_only=True):
    """The vote is kept; what others found is not told."""

    case_id: UUID
    at: datetime


@get("/votes", guards=_JURORS, summary="What I may vote on", tags=["votes"])
async def read_votes(request: Asked) -> VoteList:
    """Cases before a jury that the caller has no part in and has not voted on."""
    found = await list_open(request.app.state.pool, principal_of(request).person_id)
    return VoteList(votes=[_brief(one) for one in found])


@get("/votes/{case_id:uuid}", guards=_JURORS, summary="A case to vote on", tags=["votes"])
async def read_ballot(request: Asked, case_id: FromPath[UUID]) -> Ballot:
    """Both sides' words and proof, and the rules; nothing that says who they are."""
    who, pool = principal_of(request), request.app.state.pool
    view = await view_case(pool, who, case_id, now=utc_now())
    _require_jury(view)
    case, locale = view.case, locale_of(request)
    barred = view.why_not("adjudicate") or await conflict_in(pool, who, case_id)
    return Ballot(
        case_id=case.id,
        number=view.number,
        procedure=case.procedure,
        kind=case.kind,
        reason=case.reason,
        asked=yuan(case.asked_fen),
        deadline=case.deadline,
        goods=[
            GoodsBody(title=line.title, price=yuan(line.price_fen), quantity=line.quantity)
            for line in view.order.lines
            if line.line in case.lines
        ],
        buyer=_side(view, "buyer"),
        seller=_side(view, "seller"),
        rules=[show_rule(rule, locale) for rule in view.cites],
        remedies=list(view.pack.kinds[case.procedure, case.kind].remedies),
        may_vote=barred is None,
        why_not=barred.code if barred else "",
    )


@Guarded(
    "/votes/{case_id:uuid}",
    http_method=HttpMethod.POST,
    guards=_JURORS,
    summary="Vote",
    tags=["votes"],
    status_code=200,
)
async def cast_vote(
    request: Asked, case_id: FromPath[UUID], data: JSONBody[VoteArgs], key: Key = None
) -> Voted:
    """Give a finding, once; the one that enough jurors share becomes the ruling."""
    now = utc_now()
    args = AdjudicateArgs(liability=data.liability, remedy=data.remedy, note=data.note)
    who = principal_of(request)
    await act_on_case(request.app.state.pool, who, case_id, "adjudicate", args, now=now, key=key)
    return Voted(case_id=case_id, at=now)


def _require_jury(view: CaseView) -> None:
    if view.case.stage != "jury":
        raise Refusal("not_found", N_("There is no such case."))


def _brief(vote: Vote) -> VoteBrief:
    return VoteBrief(
        case_id=vote.id,
        number=vote.number,
        procedure=vote.procedure,
        kind=vote.kind,
        pack=vote.pack,
        deadline=vote.due_at,
        votes=vote.votes,
    )


def _side(view: CaseView, side: str) -> SideBody:
    pieces = [piece for piece in view.case.evidence if piece.by == side]
    return SideBody(words=said_by(view, side), evidence=[show_evidence(piece) for piece in pieces])


routes = [read_votes, read_ballot, cast_vote]

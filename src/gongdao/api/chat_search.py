"""Search what was said; seal chosen messages as evidence, and list what one has sealed."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.body import SEQ_MAX, TEXT_MAX, Kind
from gongdao.chat.excerpt import CHOSEN_MAX
from gongdao.chat.excerpt_store import SealedExcerpt
from gongdao.chat.search.store import Filters
from gongdao.flows.talk.case_talk import CaseForExcerpt, cases_for_excerpts
from gongdao.flows.talk.seal_excerpt import read_excerpts, seal_excerpt
from gongdao.flows.talk.search import PAGE_MAX, FoundPage, search_chats

Query = Annotated[str, QueryParameter(max_length=TEXT_MAX)]
After = Annotated[str | None, QueryParameter(max_length=300, pattern="^[A-Za-z0-9_=-]+$")]
Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]
Seqs = Annotated[
    list[Annotated[int, msgspec.Meta(ge=1, le=SEQ_MAX)]],
    msgspec.Meta(min_length=1, max_length=CHOSEN_MAX),
]


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Messages by their numbers, and the case between the two in which they are evidence."""

    messages: Seqs
    case_id: UUID | None = None
    """Without one the excerpt is sealed and kept; its files can be named in a case later."""


class ExcerptBody(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed excerpt; both files are read at /files/{id}."""

    id: UUID
    conversation_id: UUID
    sealed_at: datetime
    messages: list[int]
    case_id: UUID | None
    sha256: str
    """Of the JSON document, which is what was sealed."""
    file_id: UUID
    paper_id: UUID
    """The same as pages, a PDF."""
    evidence: int | None = None
    """The number of the piece of evidence that it has become now."""


class Excerpts(msgspec.Struct, frozen=True, kw_only=True):
    """The newest first."""

    excerpts: list[ExcerptBody]


class CasesOfTalk(msgspec.Struct, frozen=True, kw_only=True):
    """Without cases an excerpt can be sealed and kept."""

    cases: list[CaseForExcerpt]


@get(
    "/conversations/search",
    guards=[may("chat.use")],
    summary="Search what was said",
    tags=["chat"],
)
async def search(
    request: Asked,
    q: Query,
    agent_id: FromQuery[UUID | None] = None,
    buyer_id: FromQuery[UUID | None] = None,
    group_id: FromQuery[UUID | None] = None,
    kind: FromQuery[Kind | None] = None,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    after: After = None,
    limit: Limit = 20,
) -> FoundPage:
    """The messages in which everything that was asked for stands, the newest first.

    Chinese is found wherever it stands, traditional or simplified; words and numbers by how they
    begin, numbers also by their last four digits; names and titles also by pinyin or its first
    letters. A buyer searches their own conversations, a shop's people their shop's, the platform's
    those of cases. `agent_id` is who said it, `until` is not included.
    """
    return await search_chats(
        request.app.state.pool,
        principal_of(request),
        q,
        filters=Filters(
            author_id=agent_id,
            buyer_id=buyer_id,
            group_id=group_id,
            kind=kind,
            since=_aware(since),
            until=_aware(until),
        ),
        after=after,
        limit=limit,
        now=utc_now(),
    )


@post(
    "/conversations/{conversation_id:uuid}/excerpts",
    guards=[may("chat.use")],
    summary="Seal messages as evidence",
    tags=["chat"],
)
async def seal(
    request: Asked, conversation_id: FromPath[UUID], data: JSONBody[Choice]
) -> ExcerptBody:
    """Seal messages word for word, with the links between them; with a case, as evidence in it.

    The same choice for the same case is sealed once: sent again, the answer is what was sealed.
    """
    state = request.app.state
    sealed = await seal_excerpt(
        state.pool,
        state.objects,
        principal_of(request),
        conversation_id,
        data.messages,
        case_id=data.case_id,
        now=utc_now(),
    )
    return _body(sealed.excerpt, evidence=sealed.evidence)


@get(
    "/conversations/{conversation_id:uuid}/excerpts",
    guards=[may("chat.use")],
    summary="Excerpts that one has sealed",
    tags=["chat"],
)
async def read_sealed(request: Asked, conversation_id: FromPath[UUID]) -> Excerpts:
    """One's own, of this conversation."""
    sealed = await read_excerpts(request.app.state.pool, principal_of(request), conversation_id)
    return Excerpts(excerpts=[_body(one) for one in sealed])


@get(
    "/conversations/{conversation_id:uuid}/cases",
    guards=[may("chat.use")],
    summary="Cases for its messages",
    tags=["chat"],
)
async def read_cases_of_talk(request: Asked, conversation_id: FromPath[UUID]) -> CasesOfTalk:
    """The open cases between the two in which one's excerpt can be evidence, the newest first."""
    who = principal_of(request)
    found = await cases_for_excerpts(request.app.state.pool, who, conversation_id)
    return CasesOfTalk(cases=found)


def _aware(at: datetime | None) -> datetime | None:
    # Litestar does not look at what the type says of zones.
    if at is not None and at.tzinfo is None:
        raise Refusal("invalid", N_("An instant must say in which zone it is."))
    return at


def _body(sealed: SealedExcerpt, *, evidence: int | None = None) -> ExcerptBody:
    return ExcerptBody(
        id=sealed.id,
        conversation_id=sealed.conversation_id,
        sealed_at=sealed.sealed_at,
        messages=sealed.seqs,
        case_id=sealed.case_id,
        sha256=sealed.sha256.hex(),
        file_id=sealed.file_id,
        paper_id=sealed.paper_id,
        evidence=evidence,
    )


routes: list[HTTPRouteHandler] = [search, seal, read_sealed, read_cases_of_talk]

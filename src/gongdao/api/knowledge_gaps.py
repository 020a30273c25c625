"""Questions that nobody could answer: noted, looked after, answered, told."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, principal_of
from gongdao.api.knowledge import EDITS, READS, TAGS, After, Limit
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL
from gongdao.flows.knowledge import gaps as desk
from gongdao.knowledge.gap import SAID_MAX, Asking, Gap, GapState, Source

_Answer = Annotated[str, msgspec.Meta(max_length=4_000, pattern=NO_NUL)]


class GapShown(msgspec.Struct, frozen=True, kw_only=True):
    """A question, how often it was `asked`, who looks after it, and what answers it."""

    id: UUID
    question: str
    state: GapState
    asked: int
    first_at: datetime
    last_at: datetime
    assigned_to: UUID | None
    article: UUID | None


class GapsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Questions, the most asked first; `after` is where the next page begins."""

    gaps: list[GapShown]
    after: str | None


class AskingShown(msgspec.Struct, frozen=True, kw_only=True):
    """One time that it was asked: by a buyer in a message, or by a search in vain."""

    id: UUID
    source: Source
    said: str
    conversation: UUID | None
    seq: int | None
    at: datetime
    told_at: datetime | None


class GapDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A question with each time that it was asked."""

    gap: GapShown
    askings: list[AskingShown]


class GapNoted(msgspec.Struct, frozen=True, kw_only=True):
    """Under which question it stands; null where there was nothing to note."""

    gap: GapShown | None
    repeated: bool


class GapBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A buyer's message (`conversation` and `seq`), or what was `searched` for in vain."""

    conversation: UUID | None = None
    seq: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    searched: Annotated[str, msgspec.Meta(max_length=SAID_MAX, pattern=NO_NUL)] | None = None


class AssignBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who looks after it; null: nobody."""

    person: UUID | None


class GapAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The article that answers it; null: set it aside."""

    article: UUID | None


class TellBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said in the conversation, the article by itself; or only that it was `heard`."""

    asking: UUID
    text: _Answer = ""
    heard: bool = False


_State = Annotated[GapState, QueryParameter(name="state")]


@get("/knowledge/gaps", guards=[READS], summary="Questions without an answer", tags=TAGS)
async def read_gaps(
    request: Asked, in_: _State = "open", after: After = "", limit: Limit = 50
) -> GapsPage:
    """What nobody could answer, the most asked first."""
    listed = await desk.list_questions(
        request.app.state.pool, principal_of(request), state=in_, after=after, limit=limit
    )
    return GapsPage(gaps=[_shown(each) for each in listed.gaps], after=listed.after)


@post("/knowledge/gaps", guards=[READS], summary="Nobody knows this", tags=TAGS, status_code=200)
async def note_gap(request: Asked, data: JSONBody[GapBody]) -> GapNoted:
    """Note a question; the same message, or the same search of a day, is noted once."""
    who, pool, now = principal_of(request), request.app.state.pool, utc_now()
    if data.searched is not None:
        noted = await desk.note_search(
            pool, who, data.searched, conversation_id=data.conversation, now=now
        )
    elif data.conversation and data.seq:
        noted = await desk.note_message(pool, who, data.conversation, data.seq, now=now)
    else:
        raise Refusal("invalid", N_("Say which message it is, or what was searched for."))
    if noted is None:
        return GapNoted(gap=None, repeated=False)
    return GapNoted(gap=_shown(noted.gap), repeated=noted.repeated)


@get("/knowledge/gaps/{gap_id:uuid}", guards=[READS], summary="One question", tags=TAGS)
async def read_gap(request: Asked, gap_id: FromPath[UUID]) -> GapDetails:
    """A question with each time that it was asked."""
    gap, askings = await desk.see_question(request.app.state.pool, principal_of(request), gap_id)
    return GapDetails(gap=_shown(gap), askings=[_asking(each) for each in askings])


@put("/knowledge/gaps/{gap_id:uuid}/assignee", guards=[READS], summary="Assign it", tags=TAGS)
async def assign_gap(
    request: Asked, gap_id: FromPath[UUID], data: JSONBody[AssignBody]
) -> GapShown:
    """Let a colleague look after it; with `knowledge.read` only oneself."""
    return _shown(
        await desk.assign_question(
            request.app.state.pool, principal_of(request), gap_id, data.person
        )
    )


@put("/knowledge/gaps/{gap_id:uuid}/answer", guards=[EDITS], summary="Answer it", tags=TAGS)
async def answer_gap(request: Asked, gap_id: FromPath[UUID], data: JSONBody[GapAnswer]) -> GapShown:
    """A published article answers it; without one it is set aside."""
    who, pool, now = principal_of(request), request.app.state.pool, utc_now()
    if data.article is None:
        return _shown(await desk.dismiss_question(pool, who, gap_id, now=now))
    return _shown(await desk.answer_question(pool, who, gap_id, data.article, now=now))


@post(
    "/knowledge/gaps/{gap_id:uuid}/tellings",
    guards=[READS], summary="Tell who asked", tags=TAGS, status_code=200,
)  # fmt: skip
async def tell_asker(
    request: Asked, gap_id: FromPath[UUID], data: JSONBody[TellBody]
) -> GapDetails:
    """Say the answer where it was asked; told twice, it is said once."""
    who, pool, now = principal_of(request), request.app.state.pool, utc_now()
    if data.heard:
        await desk.mark_told(pool, who, gap_id, data.asking, now=now)
    else:
        await desk.tell_asker(pool, who, gap_id, data.asking, text=data.text, now=now)
    return await read_gap.fn(request, gap_id)


def _shown(gap: Gap) -> GapShown:
    return GapShown(
        id=gap.id, question=gap.question, state=gap.state, asked=gap.asked,
        first_at=gap.first_at, last_at=gap.last_at, assigned_to=gap.assigned_to,
        article=gap.article_id,
    )  # fmt: skip


def _asking(asking: Asking) -> AskingShown:
    return AskingShown(
        id=asking.id, source=asking.source, said=asking.said,
        conversation=asking.conversation_id, seq=asking.seq, at=asking.at,
        told_at=asking.told_at,
    )  # fmt: skip


routes = [read_gaps, note_gap, read_gap, assign_gap, answer_gap, tell_asker]

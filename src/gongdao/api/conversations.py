"""Conversations: begin, list, read, say, take back, mark, end and grade them."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.chat.body import SEQ_MAX, Kind
from gongdao.chat.conversation import Topic
from gongdao.chat.store import PAGE_MAX
from gongdao.flows.talk.access import buyer_of, talk_of
from gongdao.flows.talk.begin_talk import begin_talk
from gongdao.flows.talk.close_talk import close_talk, grade_talk
from gongdao.flows.talk.list_talks import PAGE_MAX as LIST_MAX
from gongdao.flows.talk.list_talks import Brief, View, list_talks
from gongdao.flows.talk.mark import mark
from gongdao.flows.talk.open_talk import Wish, open_talk, open_talk_of_case
from gongdao.flows.talk.recall import recall
from gongdao.flows.talk.say import ToSay, say_in_talk
from gongdao.flows.talk.see_talk import Line, Standing, read_lines, see_standing

Seq = Annotated[int, msgspec.Meta(ge=0, le=SEQ_MAX)]
Number = Annotated[int | None, QueryParameter(ge=0, le=SEQ_MAX)]
Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]
ListLimit = Annotated[int, QueryParameter(ge=1, le=LIST_MAX)]
After = Annotated[str | None, QueryParameter(max_length=80, pattern="^[A-Za-z0-9_=-]+$")]


class FirstBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The message with which a conversation begins; said once under its `client_id`."""

    client_id: UUID
    kind: Kind = "text"
    body: dict[str, Any]


class OpenBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With which shop (or about which case), and about what, to talk."""

    shop_id: UUID | None = None
    case_id: UUID | None = None
    """The three-sided conversation of a case; nothing else is given then."""
    topic: Topic = "general"
    order_id: UUID | None = None
    product_id: UUID | None = None
    """What the buyer was looking at."""
    group_id: UUID | None = None
    agent_id: UUID | None = None
    locale: Literal["zh", "en"] = "zh"
    first: FirstBody | None = None
    """What the buyer says: the conversation is made with it, or neither."""


class SayBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message; `client_id` is made by the sender, and the same one is said once."""

    client_id: UUID
    kind: Kind = "text"
    body: dict[str, Any]
    reply_to: Seq | None = None
    seen: Seq | None = None
    """The newest number that the sender has read; a person of a shop who has not read a
    colleague's answer is refused with version_conflict."""


class MarkBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far a screen has received and shown it."""

    delivered: Seq = 0
    read: Seq = 0


class GradeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How content the buyer was."""

    grade: Annotated[int, msgspec.Meta(ge=1, le=5)]


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """The conversation, and whether it begins now."""

    conversation: Standing
    is_new: bool


class SaidBody(msgspec.Struct, frozen=True, kw_only=True):
    """Under which number it stands."""

    seq: int
    repeated: bool


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """Messages in their order; ask for more with the number of the last one as `after`."""

    messages: list[Line]
    last_seq: int


class TalkPage(msgspec.Struct, frozen=True, kw_only=True):
    """Conversations; `after` is where the next page begins, null at the end."""

    conversations: list[Brief]
    after: str | None


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it was ended now, or before."""

    repeated: bool


@post("/conversations", guards=[may("chat.use")], summary="Begin a conversation", tags=["chat"])
async def begin(request: Asked, data: JSONBody[OpenBody]) -> Opened:
    """A buyer's conversation with a shop that is under way, or a new one, routed at once."""
    who, pool, now = principal_of(request), request.app.state.pool, utc_now()
    if data.case_id:
        opened = await open_talk_of_case(pool, who, data.case_id, conversation_id=new_id(), now=now)
    elif data.shop_id:
        wish = Wish(
            shop_id=data.shop_id,
            topic=data.topic,
            order_id=data.order_id,
            product_id=data.product_id,
            group_id=data.group_id,
            agent_id=data.agent_id,
            locale=data.locale,
        )
        if data.first:
            first = ToSay(conversation_id=new_id(), **msgspec.structs.asdict(data.first))
            opened = await begin_talk(pool, who, wish, first, now=now)
        else:
            opened = await open_talk(pool, buyer_of(who), wish, conversation_id=new_id(), now=now)
    else:
        raise Refusal("invalid", N_("Say with which shop, or about which case."))
    standing = await see_standing(pool, opened[0])
    return Opened(conversation=standing, is_new=opened[1])


@get("/conversations", guards=[may("chat.use")], summary="Conversations", tags=["chat"])
async def read_conversations(
    request: Asked,
    view: FromQuery[View] = "open",
    after: After = None,
    limit: ListLimit = 50,
) -> TalkPage:
    """One's own: a buyer's with shops; a shop's those that one serves, that wait, or all."""
    listed = await list_talks(
        request.app.state.pool,
        principal_of(request),
        view=view,
        after=read_cursor(after) if after else None,
        limit=limit,
        now=utc_now(),
    )
    return TalkPage(conversations=listed.briefs, after=listed.after)


@get(
    "/conversations/{conversation_id:uuid}",
    guards=[may("chat.use")],
    summary="How it stands",
    tags=["chat"],
)
async def read_conversation(request: Asked, conversation_id: FromPath[UUID]) -> Standing:
    """Who serves it, the place in the queue, how far each side has read."""
    pool = request.app.state.pool
    talk = await talk_of(pool, principal_of(request), conversation_id)
    return await see_standing(pool, talk.conversation)


@get(
    "/conversations/{conversation_id:uuid}/messages",
    guards=[may("chat.use")],
    summary="Messages",
    tags=["chat"],
)
async def read_messages(
    request: Asked,
    conversation_id: FromPath[UUID],
    after: Number = None,
    before: Number = None,
    limit: Limit = 50,
) -> Lines:
    """The messages after a number, or the last ones under one; without either the newest."""
    pool = request.app.state.pool
    talk = await talk_of(pool, principal_of(request), conversation_id)
    lines = await read_lines(pool, talk, after=after, before=before, limit=limit)
    return Lines(messages=lines, last_seq=talk.conversation.last_seq)


@post(
    "/conversations/{conversation_id:uuid}/messages",
    guards=[may("chat.use")],
    summary="Say something",
    tags=["chat"],
    status_code=200,
)
async def say_it(
    request: Asked, conversation_id: FromPath[UUID], data: JSONBody[SayBody]
) -> SaidBody:
    """Sent again under the same client_id it stands there once."""
    sent = ToSay(
        conversation_id=conversation_id,
        client_id=data.client_id,
        kind=data.kind,
        body=data.body,
        reply_to=data.reply_to,
        seen=data.seen,
    )
    said = await say_in_talk(request.app.state.pool, principal_of(request), sent, now=utc_now())
    return SaidBody(seq=said.seq, repeated=said.outcome == "again")


@put(
    "/conversations/{conversation_id:uuid}/messages/{seq:int}/recall",
    guards=[may("chat.use")],
    summary="Take a message back",
    tags=["chat"],
)
async def take_back(
    request: Asked, conversation_id: FromPath[UUID], seq: FromPath[int]
) -> SaidBody:
    """One's own, within two minutes; it is hidden from everybody and kept for evidence."""
    if not 0 < seq <= SEQ_MAX:
        seq = SEQ_MAX
    who = principal_of(request)
    said = await recall(request.app.state.pool, who, conversation_id, seq, now=utc_now())
    return SaidBody(seq=said.seq, repeated=said.outcome == "again")


@put(
    "/conversations/{conversation_id:uuid}/mark",
    guards=[may("chat.use")],
    summary="Received and read",
    tags=["chat"],
    status_code=204,
)
async def set_mark(
    request: Asked, conversation_id: FromPath[UUID], data: JSONBody[MarkBody]
) -> None:
    """Note how far one has received and read it; never backwards."""
    await mark(
        request.app.state.pool,
        principal_of(request),
        conversation_id,
        delivered=data.delivered,
        read=data.read,
        now=utc_now(),
    )


@put(
    "/conversations/{conversation_id:uuid}/closure",
    guards=[may("chat.use")],
    summary="End a conversation",
    tags=["chat"],
)
async def close_it(request: Asked, conversation_id: FromPath[UUID]) -> Closed:
    """The next one between the two begins anew."""
    who = principal_of(request)
    ended = await close_talk(request.app.state.pool, who, conversation_id, now=utc_now())
    return Closed(repeated=not ended)


@put(
    "/conversations/{conversation_id:uuid}/grade",
    guards=[kind("buyer")],
    summary="Say how content one was",
    tags=["chat"],
    status_code=204,
)
async def grade_it(
    request: Asked, conversation_id: FromPath[UUID], data: JSONBody[GradeBody]
) -> None:
    """From 1 to 5, once, after the talk."""
    who = principal_of(request)
    await grade_talk(request.app.state.pool, who, conversation_id, data.grade, now=utc_now())


routes: list[HTTPRouteHandler] = [
    begin,
    read_conversations,
    read_conversation,
    read_messages,
    say_it,
    take_back,
    set_mark,
    close_it,
    grade_it,
]

"""Say something in a conversation: checked, numbered, kept, and told to every screen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.chat.body import (
    Body,
    CaseCard,
    FileBody,
    Kind,
    Note,
    OrderCard,
    ProductCard,
    ReceiverCard,
    Text,
    parse_body,
)
from gongdao.chat.conversation import Conversation
from gongdao.chat.message import Saying, Side, own_line
from gongdao.chat.store import Said, say
from gongdao.flows.guard.say_signs import look_at_said
from gongdao.flows.talk.access import Talk, talk_of
from gongdao.flows.talk.auto_answer import answer_by_itself
from gongdao.flows.talk.cards import Between, fill_card
from gongdao.flows.talk.case_talk import case_is_over
from gongdao.flows.talk.manners import order_measured_by, require_manners
from gongdao.flows.talk.open_talk import place_again
from gongdao.flows.talk.promises import promises_in
from gongdao.scripts.manners import Remark

#: What each side may send; recalls go their own way (recall.py), system lines are our own.
_OPEN_TO_ALL: frozenset[Kind] = frozenset({"text", "image", "file", "order", "product", "case"})
_OPEN_TO_SHOPS: frozenset[Kind] = _OPEN_TO_ALL | frozenset[Kind]({"note", "receiver"})
_MAY_SEND: dict[Side, frozenset[Kind]] = {
    "buyer": _OPEN_TO_ALL,
    "shop": _OPEN_TO_SHOPS,
    "platform": frozenset({"text", "image", "file", "case"}),
}


#: UUIDs made of a name are those of our own lines and of recalls: whoever knows a conversation can
#: work them out, and would keep them from being said.
_OUR_OWN = 5


class ToSay(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody sends, as it comes in at the edge."""

    conversation_id: UUID
    client_id: UUID
    kind: Kind = "text"
    body: Any
    reply_to: int | None = None
    seen: int | None = None


async def say_in_talk(pool: Pool, who: Principal, sent: ToSay, *, now: datetime) -> Said:
    """Say it. Sent again under the same client_id it stands there once, and the answer is `again`.

    Raises Refusal: not_found, wrong_role (a kind that is not theirs to send), invalid,
    version_conflict (a colleague has answered meanwhile), not_allowed_in_stage (it is closed),
    idempotency_conflict (something else was sent under this client_id).
    """
    talk = await talk_of(pool, who, sent.conversation_id)
    said = await say_here(pool, who, talk, sent, now=now)
    await see_to_it(pool, talk, said, now=now)
    return said


async def say_here(pool: Pool, who: Principal, talk: Talk, sent: ToSay, *, now: datetime) -> Said:
    """The same, where the conversation and the side are known; `see_to_it` comes after it."""
    require_may_send(talk.side, sent)
    case_id = talk.conversation.case_id
    if case_id and sent.kind != "note" and await case_is_over(pool, case_id, now=now):
        raise Refusal(
            "not_allowed_in_stage",
            N_("The case is closed for good; its conversation can only be read."),
        )
    body = await body_of(pool, who, talk.conversation, sent)
    remarks: Sequence[Remark] = ()
    order_fen = None
    if isinstance(body, Text):
        remarks = await require_manners(pool, who, body.text, conversation_id=talk.conversation.id)
        order_fen = await order_measured_by(pool, who, body.text, talk.conversation.id)
    try:
        saying = saying_of(who, talk, sent, body, remarks, order_fen=order_fen, now=now)
        said = await say(pool, saying)
    except asyncpg.CheckViolationError as error:
        if error.constraint_name != "chat_replies_to_what_was_said":
            raise
        raise Refusal("invalid", N_("There is no message of that number to reply to.")) from error
    require_said(said)
    tell(talk.conversation, said)
    return said


def require_may_send(side: Side, sent: ToSay) -> None:
    """Refuse what is not for this side to send, or under an id of ours."""
    if sent.kind not in _MAY_SEND[side]:
        raise Refusal("wrong_role", N_("This is not yours to send."))
    if sent.client_id.version == _OUR_OWN:
        raise Refusal("invalid", N_("A message needs an id made by chance."))


async def body_of(pool: Pool, who: Principal, between: Between, sent: ToSay) -> Body:
    """What was sent, with what we know of it. Raises Refusal invalid, not_found."""
    body = parse_body(sent.kind, sent.body)
    if isinstance(body, FileBody | OrderCard | ProductCard | CaseCard | ReceiverCard):
        return await fill_card(pool, who, between, sent.kind, body)
    return body


async def see_to_it(pool: Pool, talk: Talk, said: Said, *, now: datetime) -> None:
    """Somebody is found for a buyer whose agent has gone, and what the desk can answer is answered.

    Then the guard looks at it. All screens have the message before; nobody waits for this.
    """
    if said.message is None:
        return
    if said.is_alone:
        await place_again(pool, talk.conversation.id, now=now)
    if said.may_answer and isinstance(body := said.message.body, Text):
        await answer_by_itself(pool, talk.conversation, body.text, seq=said.seq, now=now)
    await look_at_said(pool, talk.conversation, [said.message], now=now)


def saying_of(
    who: Principal,
    talk: Talk,
    sent: ToSay,
    body: Body,
    remarks: Sequence[Remark] = (),
    *,
    order_fen: int | None = None,
    now: datetime,
) -> Saying:
    """The message as it is kept. `order_fen`: what the order costs a part of which is promised."""
    says = body.text if talk.side == "shop" and isinstance(body, Text) else ""
    return Saying(
        conversation_id=talk.conversation.id,
        client_id=sent.client_id,
        author=talk.side,
        author_id=who.person_id,
        kind=sent.kind,
        body=body,
        reply_to=sent.reply_to,
        seen=sent.seen if talk.side == "shop" else None,
        at=now,
        promises=promises_in(says, now=now, order_fen=order_fen),
        warnings=tuple(remark.id for remark in remarks),
    )


def require_said(said: Said) -> None:
    """Refuse what was not said, with the reason."""
    match said.outcome:
        case "unknown":
            raise Refusal("not_found", N_("There is no such conversation."))
        case "closed":
            raise Refusal("not_allowed_in_stage", N_("This conversation is over. Begin a new one."))
        case "newer":
            raise Refusal(
                "version_conflict", N_("A colleague has answered meanwhile. Read it first.")
            )
        case "other":
            raise Refusal(
                "idempotency_conflict", N_("Something else was sent under this client id.")
            )
        case "said" | "again":
            pass


async def say_line(
    database: Queryable,
    conversation: Conversation,
    event: str,
    *,
    once: str,
    now: datetime,
    for_shop: bool = False,
    fields: dict[str, str | int] | None = None,
) -> Said:
    """A line of the product's own, told to the screens; the same one is said once."""
    line = own_line(conversation.id, event, once=once, at=now, for_shop=for_shop, fields=fields)
    said = await say(database, line)
    tell(conversation, said)
    return said


def tell(conversation: Conversation, said: Said) -> None:
    """Tell the screens of the conversation, and the shop's list of who waits for what."""
    if said.message is None:
        return
    changed([f"talk:{conversation.id}#{said.seq}"])
    if said.message.author != "buyer":
        changed([f"chats:{conversation.buyer_id}"])
    if said.stirs:
        changed([f"desk:{conversation.shop_id}"])
    if isinstance(said.message.body, Note):
        changed(f"agent:{person_id}" for person_id in said.message.body.mentions)

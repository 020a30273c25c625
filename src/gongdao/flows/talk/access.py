"""Whose conversation it is, and on which side somebody stands in it."""

from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.conversation import Conversation
from gongdao.chat.message import Side
from gongdao.chat.store import load_conversation
from gongdao.flows.conflicts import tie_in


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as one of its people may use it."""

    conversation: Conversation
    side: Side


async def talk_of(database: Queryable, who: Principal, conversation_id: UUID) -> Talk:
    """The conversation and their side of it.

    Raises Refusal: not_found where it is not theirs, not_eligible for who is tied to a side of the
    case.
    """
    conversation = await load_conversation(database, conversation_id)
    side = side_of(who, conversation) if conversation else None
    if conversation is None or side is None:
        raise Refusal("not_found", N_("There is no such conversation."))
    case_id = conversation.case_id if side == "platform" else None
    if case_id and (conflict := await tie_in(database, who, case_id)):
        raise conflict
    return Talk(conversation=conversation, side=side)


def side_of(who: Principal, conversation: Conversation) -> Side | None:
    """The side of a person in a conversation; None: it is none of theirs."""
    if who.kind == "buyer":
        return "buyer" if who.may("chat.use") and conversation.buyer_id == who.person_id else None
    if who.kind == "shop":
        theirs = conversation.shop_id == who.shop_id
        return "shop" if theirs and talks(who) else None
    # The platform joins the conversations of cases, and no others.
    return "platform" if conversation.case_id and who.may("chat.use") else None


def talks(who: Principal) -> bool:
    """Whether a person of a shop reads the conversations of its buyers."""
    return who.may("chat.serve") or who.may("chat.manage")


def buyer_of(who: Principal) -> UUID:
    """The buyer who somebody is. Raises Refusal wrong_role."""
    if who.kind != "buyer" or not who.may("chat.use"):
        raise Refusal("wrong_role", N_("Only a buyer begins a conversation with a shop."))
    return who.person_id

"""Begin a conversation: with a shop, or the three-sided one of a case."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.cases.store import Stored, load_case
from gongdao.chat.conversation import Channel, Conversation, Topic
from gongdao.chat.routing.place import place
from gongdao.chat.routing.schooled_store import keep_about
from gongdao.chat.store import Opening, load_conversation, open_conversation
from gongdao.flows.act import may_see
from gongdao.flows.conflicts import tie_in
from gongdao.flows.talk.search import remember_buyer
from gongdao.flows.talk.topic import topic_of

_SHOP_IS_THERE = "SELECT status <> 'closed' FROM shops WHERE id = $1"
# The products of an order's lines, by their ids or numbers, and one that was asked about.
_ABOUT = """
WITH told AS (SELECT l ->> 'product_id' AS id, l ->> 'sku' AS sku
                FROM orders o, jsonb_array_elements(o.lines) AS l
               WHERE o.id = $2 AND o.shop_id = $1)
SELECT id FROM products WHERE id = $3 AND shop_id = $1
UNION SELECT p.id FROM told t JOIN products p ON p.id = t.id::uuid AND p.shop_id = $1
UNION SELECT p.id FROM told t JOIN products p ON p.shop_id = $1 AND p.sku = t.sku AND p.sku <> ''
LIMIT 200
"""
_PRODUCT_IS_THERE = "SELECT EXISTS (SELECT FROM products WHERE id = $1 AND shop_id = $2)"
_ORDER_IS_THEIRS = (
    "SELECT EXISTS (SELECT FROM orders WHERE id = $1 AND shop_id = $2 AND buyer_id = $3)"
)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """With whom, and about what, somebody wants to talk."""

    shop_id: UUID
    topic: Topic = "general"
    order_id: UUID | None = None
    product_id: UUID | None = None
    """What they were looking at."""
    group_id: UUID | None = None
    """The group that was clicked on the storefront."""
    agent_id: UUID | None = None
    """The agent who was clicked."""
    locale: Literal["zh", "en"] = "zh"
    channel: Channel = "chat"
    subject: str = ""


async def open_talk(
    pool: Pool,
    buyer_id: UUID,
    wish: Wish,
    *,
    conversation_id: UUID,
    now: datetime,
    then: Callable[[Connection, Conversation], Awaitable[None]] | None = None,
) -> tuple[Conversation, bool]:
    """The conversation of a buyer with a shop that is under way, or a new one; whether it is new.

    A new one is routed at once. `then` is part of the same: where it refuses, nothing was begun.
    Raises Refusal not_found where there is no such shop, or the order
    is not one of theirs.
    """
    if not await pool.fetchval(_SHOP_IS_THERE, wish.shop_id):
        raise Refusal("not_found", N_("There is no such shop."))
    if wish.order_id and not await pool.fetchval(
        _ORDER_IS_THEIRS, wish.order_id, wish.shop_id, buyer_id
    ):
        raise Refusal("not_found", N_("There is no such order."))
    if wish.product_id and not await pool.fetchval(
        _PRODUCT_IS_THERE, wish.product_id, wish.shop_id
    ):
        raise Refusal("not_found", N_("There is no such product."))
    opening = Opening(
        id=conversation_id,
        shop_id=wish.shop_id,
        buyer_id=buyer_id,
        channel=wish.channel,
        subject=wish.subject,
        topic=await topic_of(pool, wish.topic, wish.order_id),
        order_id=wish.order_id,
        locale=wish.locale,
    )
    async with pool.acquire() as connection, connection.transaction():
        conversation, is_new = await open_conversation(connection, opening, now=now)
        if is_new:
            await remember_buyer(connection, wish.shop_id, buyer_id)
            await _note_products(connection, wish, conversation.id)
        # One that exists is left where it is: only who clicks somebody else asks for a change.
        if is_new or ((wish.group_id or wish.agent_id) and conversation.state == "waiting"):
            await place(
                connection,
                conversation.id,
                now=now,
                group_id=wish.group_id,
                agent_id=wish.agent_id,
            )
        if then is not None:
            await then(connection, conversation)
    changed([f"desk:{wish.shop_id}"])
    stored = await load_conversation(pool, conversation.id)
    assert stored, "conversations are never deleted"
    return stored, is_new


async def _note_products(connection: Connection, wish: Wish, conversation_id: UUID) -> None:
    """Routing minds who was schooled for what it is about."""
    if not (wish.order_id or wish.product_id):
        return
    rows = await connection.fetch(_ABOUT, wish.shop_id, wish.order_id, wish.product_id)
    if rows:
        products = [row["id"] for row in rows]
        await keep_about(connection, conversation_id, wish.shop_id, products)


async def open_talk_of_case(
    pool: Pool, who: Principal, case_id: UUID, *, conversation_id: UUID, now: datetime
) -> tuple[Conversation, bool]:
    """The three-sided conversation of a case. Raises Refusal not_found where it is not theirs.

    A case whose reporter is unknown to the other side has none: it would show who they are.
    """
    stored = await require_case_to_talk_of(pool, who, case_id)
    opening = Opening(
        id=conversation_id,
        shop_id=stored.case.shop_id,
        buyer_id=stored.case.buyer_id,
        case_id=case_id,
        order_id=stored.case.order_id,
        topic="complaint",
    )
    async with pool.acquire() as connection, connection.transaction():
        conversation, is_new = await open_conversation(connection, opening, now=now)
        if is_new:
            await remember_buyer(connection, conversation.shop_id, conversation.buyer_id)
    if is_new:
        changed([f"case:{case_id}"])
    return conversation, is_new


async def require_case_to_talk_of(pool: Pool, who: Principal, case_id: UUID) -> Stored:
    """The case, if its sides may know each other. Raises Refusal not_found, not_eligible."""
    stored = await load_case(pool, case_id)
    if stored is None or not may_see(who, stored.case):
        raise Refusal("not_found", N_("There is no such case."))
    if conflict := await tie_in(pool, who, case_id):
        raise conflict
    if stored.case.anonymous:
        raise Refusal("not_eligible", N_("Whoever reported this stays unknown to the other side."))
    return stored


async def place_again(pool: Pool, conversation_id: UUID, *, now: datetime) -> None:
    """Find somebody anew for a buyer who writes to an agent that has gone."""
    async with pool.acquire() as connection, connection.transaction():
        await place(connection, conversation_id, now=now)

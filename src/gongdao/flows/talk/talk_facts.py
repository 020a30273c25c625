"""What a conversation is about, as scripts and bargains need it: buyer, order, who serves."""

from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.scripts.script import Variable
from gongdao.scripts.suggest import OrderState

# The order that the talk was opened from, else the buyer's newest one in this shop.
_FACTS = """
SELECT c.buyer_id, c.locale, b.name AS buyer, coalesce(a.nickname, $3) AS agent,
       o.number AS order_number, o.lines -> 0 ->> 'title' AS product, o.carrier AS courier,
       o.state, (SELECT array_agg(u.script ORDER BY u.at) FROM script_uses u
                  WHERE u.conversation_id = c.id) AS said
  FROM chat_conversations c
  JOIN people b ON b.id = c.buyer_id
  LEFT JOIN chat_agents a ON a.person_id = $4
  LEFT JOIN LATERAL (
       SELECT * FROM orders o WHERE o.buyer_id = c.buyer_id AND o.shop_id = c.shop_id
          AND (o.id = c.order_id OR c.order_id IS NULL)
        ORDER BY o.placed_at DESC, o.id DESC LIMIT 1) AS o ON TRUE
 WHERE c.id = $1 AND c.shop_id = $2
"""
_STATES: dict[str, OrderState] = {
    "unpaid": "unpaid",
    "paid": "unshipped",
    "shipped": "shipped",
    "signed": "signed",
    "confirmed": "signed",
}


class TalkFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a conversation; without one, only who writes."""

    values: dict[Variable, str]
    order: OrderState = ""
    buyer_id: UUID | None = None
    locale: Locale = "zh"
    """The language that is spoken in it."""
    said: tuple[str, ...] = ()
    """The scripts that were said in it."""


async def facts_of_talk(
    database: Queryable, who: Principal, conversation_id: UUID | None
) -> TalkFacts:
    """What is known. Raises Refusal not_found where the conversation is not of one's shop."""
    if conversation_id is None:
        return TalkFacts(values={"agent": who.name})
    row = await database.fetchrow(_FACTS, conversation_id, who.shop_id, who.name, who.person_id)
    if row is None:
        raise Refusal("not_found", N_("There is no such conversation."))
    return TalkFacts(
        values=_values(row),
        order=_STATES.get(row["state"] or "", ""),
        buyer_id=row["buyer_id"],
        locale=row["locale"],
        said=tuple(row["said"] or ()),
    )


def _values(row: Any) -> dict[Variable, str]:
    known: dict[Variable, str | None] = {
        "buyer": row["buyer"],
        "agent": row["agent"],
        "order": row["order_number"],
        "product": row["product"],
        "courier": row["courier"],
    }
    return {name: value for name, value in known.items() if value}

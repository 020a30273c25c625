"""What a conversation is about where its buyer did not say: the order and its cases tell."""

from uuid import UUID

from gongdao.base.db import Queryable
from gongdao.cases.seen_by import masked_in_sql
from gongdao.chat.conversation import Topic

# What the shop must not know sends no talk elsewhere.
_TOLD = f"NOT {masked_in_sql('c.state', 'seller')}"
_OF_ORDER = f"""
SELECT o.state IN ('unpaid', 'paid') AS is_young,
       EXISTS (SELECT FROM cases c WHERE c.order_id = o.id AND c.ended IS NULL
                  AND {_TOLD}) AS has_case,
       EXISTS (SELECT FROM cases c WHERE c.order_id = o.id AND c.ended IS NULL
                  AND c.procedure <> 'after_sale' AND {_TOLD}) AS has_complaint
  FROM orders o WHERE o.id = $1
"""  # noqa: S608 - put together from constants


async def topic_of(database: Queryable, said: Topic, order_id: UUID | None) -> Topic:
    """The topic that was said; else that of the order, which decides the groups it is for.

    Open complaints and claims go to those who answer complaints. What is not shipped yet and has
    no case is still a matter of the sale.
    """
    if said != "general" or order_id is None:
        return said
    row = await database.fetchrow(_OF_ORDER, order_id)
    if row is None:
        return said
    if row["has_complaint"]:
        return "complaint"
    return "presale" if row["is_young"] and not row["has_case"] else "aftersale"

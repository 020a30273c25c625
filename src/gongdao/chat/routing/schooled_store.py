"""What conversations are about, and who was schooled for which product, in SQL."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from gongdao.base.db import Connection

_ABOUT = """
INSERT INTO chat_about (conversation_id, shop_id, product_ids) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING
"""
_SCHOOLED = """
INSERT INTO chat_schooled (product_id, shop_id, agents) VALUES ($1, $2, $3)
ON CONFLICT (product_id) DO UPDATE SET agents = excluded.agents
"""


async def keep_about(
    connection: Connection, conversation_id: UUID, shop_id: UUID, product_ids: Sequence[UUID]
) -> None:
    """Note the products that a conversation was opened about; noted once."""
    await connection.execute(_ABOUT, conversation_id, shop_id, list(product_ids))


async def keep_schooled(
    connection: Connection, shop_id: UUID, schooled: Mapping[UUID, Sequence[UUID] | None]
) -> None:
    """Who was schooled for which product; None: nobody has to be. The caller holds the desk."""
    free = [product_id for product_id, agents in schooled.items() if agents is None]
    await connection.execute(
        "DELETE FROM chat_schooled WHERE shop_id = $1 AND product_id = ANY ($2)", shop_id, free
    )
    bound = [(each, shop_id, list(who)) for each, who in schooled.items() if who is not None]
    await connection.executemany(_SCHOOLED, bound)

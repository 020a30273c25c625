"""Whatever comes into a shop's balance pays what the shop owes: confirmed orders, restored sums.

A top-up pays in its own transaction; here is everything else, seconds later.
"""

from datetime import datetime

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.live import changed
from gongdao.ledger.store import debtors_with_money, repay_debts

#: So many shops pay in one round.
BATCH = 100


async def repay_what_came_in(pool: Pool, now: datetime) -> int:
    """One round. Returns how many shops have paid something."""
    paid = 0
    async with pool.acquire() as connection:
        for shop_id in await debtors_with_money(connection, limit=BATCH):
            try:
                paid_fen = await repay_debts(connection, shop_id=shop_id, now=now)
            except Refusal:
                # Somebody drew on the balance in the same moment; the next round looks again.
                continue
            if paid_fen:
                paid += 1
                changed({f"shop:{shop_id}"})
    return paid

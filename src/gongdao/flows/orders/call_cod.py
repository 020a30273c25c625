"""Who pays on delivery is called before the parcel leaves, and what they said is kept."""

from datetime import datetime
from typing import cast

from gongdao.base.db import Pool
from gongdao.base.live import changed
from gongdao.flows.order_desk import Wish
from gongdao.flows.orders.desk import lock_for, other_said, rules_of
from gongdao.settings.setting import DayRules
from gongdao.shops.cod import Call, CallResult, Fees, check_call, with_price_told
from gongdao.shops.cod_store import add_call, call_of_key
from gongdao.shops.store import advance_orders


def fees_of(rules: DayRules) -> Fees:
    """What carriers take for collecting the money, as the shop has it."""
    return Fees(named=rules.cod_fees, least_fen=rules.cod_fee_least, most_fen=rules.cod_fee_most)


async def call_cod(
    pool: Pool,
    wish: Wish,
    *,
    result: str,
    carrier: str = "",
    told_fen: int | None = None,
    again_at: datetime | None = None,
    note: str = "",
) -> Call:
    """Keep how a call ended; the same request again keeps nothing more.

    Raises Refusal: wrong_role, not_found, not_eligible (no cash on delivery), not_allowed_in_stage,
    invalid, reason_required, idempotency_conflict.
    """
    async with pool.acquire() as connection, connection.transaction():
        purchase = await lock_for(connection, wish, "case.answer")
        order = purchase.order
        made = Call(
            order_id=order.id,
            result=cast("CallResult", result),
            carrier=carrier.strip()[:60],
            told_fen=told_fen if result == "confirmed" else None,
            again_at=again_at if result == "no_answer" else None,
            note=" ".join(note.split()),
            by_id=wish.who.person_id,
            at=wish.now,
        )
        if wish.key:
            before = await call_of_key(connection, order.id, by=wish.who.person_id, key=wish.key)
            if before is not None:
                if (before.result, before.told_fen, before.note) != (
                    made.result, made.told_fen, made.note,
                ):  # fmt: skip
                    raise other_said()
                return before
        call = check_call(order, made, fees_of(await rules_of(connection, order.shop_id)))
        await add_call(connection, call, shop_id=order.shop_id, key=wish.key)
        # The kept call is what the log has of it.
        if call.result == "confirmed" and (told := with_price_told(order)) is not order:
            await advance_orders(connection, [told])
    changed((f"shop:{order.shop_id}",))
    return call

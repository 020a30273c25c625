"""The money of orders that came further: into escrow when paid, to the shop when confirmed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from gongdao.base.db import Connection
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.ledger.transfer import Account, Transfer
from gongdao.shops.order import Order

_OUTSIDE = Account("external", UUID(int=0))
#: The ledger's word for an account that holds too little.
_SHORT = "GD001"


async def post_order_money(
    connection: Connection, changes: Sequence[tuple[Order | None, Order]], *, now: datetime
) -> None:
    """Post what the change of each order moves, in bulk; None before means a new order."""
    posts = [
        (after, transfer) for before, after in changes for transfer in transfers_of(before, after)
    ]
    if not posts:
        return
    try:
        await connection.execute(
            "SELECT ledger_post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, $11)",
            [None] * len(posts),
            [order.id for order, _ in posts],
            [t.kind for _, t in posts],
            [t.source.kind for _, t in posts],
            [t.source.owner for _, t in posts],
            [t.target.kind for _, t in posts],
            [t.target.owner for _, t in posts],
            [t.amount_fen for _, t in posts],
            [False] * len(posts),
            now,
            [order.payment for order, _ in posts],
        )
    except asyncpg.PostgresError as error:
        if error.sqlstate != _SHORT:
            raise
        raise Refusal(
            "insufficient_funds",
            N_("An account holds less than these orders want to move."),
        ) from error


def transfers_of(before: Order | None, after: Order) -> Iterator[Transfer]:
    """What moves when an order comes from one state to another, seen from escrow.

    What was paid back elsewhere before the order came here never passed through the ledger; what
    is paid back elsewhere later leaves it to the outside, because the buyer has it already. An
    order whose money is elsewhere moves none; where it comes here, it is as if it were new.
    """
    if after.money == "elsewhere":
        return
    if before is not None and before.money == "elsewhere":
        before = None
    escrow, shop = Account("order_escrow", after.id), Account("shop_balance", after.shop_id)
    was_paid = before is not None and before.paid_at is not None
    was_confirmed = before is not None and before.confirmed_at is not None
    left_fen = after.paid_fen - after.refunded_fen
    if not was_paid and left_fen:
        yield Transfer(kind="payment", source=_OUTSIDE, target=escrow, amount_fen=left_fen)
    if was_paid and before is not None and after.refunded_fen > before.refunded_fen:
        yield Transfer(
            kind="refund",
            source=shop if was_confirmed else escrow,
            target=_OUTSIDE,
            amount_fen=after.refunded_fen - before.refunded_fen,
        )
    if after.confirmed_at is not None and not was_confirmed and left_fen:
        yield Transfer(kind="capture", source=escrow, target=shop, amount_fen=left_fen)

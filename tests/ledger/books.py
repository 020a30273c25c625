"""Shorthand of the ledger's tests: money in, money on its way, and are the books right."""

from datetime import UTC, datetime
from uuid import UUID

from gongdao.base.db import Connection, Pool
from gongdao.ledger.store import OUTSIDE, post
from gongdao.ledger.transfer import Account, Transfer, TransferKind
from gongdao.ledger.verify import verify_books

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
#: Ends pending transfers: `posted` moves the money, `voided` and `expired` let it go.
END = "SELECT ledger_end($1, $2, $3)"


def move(
    kind: TransferKind, source: Account, target: Account, amount_fen: int, pending: bool = False
) -> Transfer:
    return Transfer(kind=kind, source=source, target=target, amount_fen=amount_fen, pending=pending)


async def pay_order(
    connection: Connection, order_id: UUID, amount_fen: int, channel: str = "card"
) -> Account:
    """An order was paid; returns its escrow."""
    escrow = Account("order_escrow", order_id)
    paid = move("payment", OUTSIDE, escrow, amount_fen)
    await post(connection, [paid], now=NOW, order_id=order_id, channel=channel)
    return escrow


async def faults(pool: Pool) -> list[str]:
    async with pool.acquire() as connection:
        return [fault async for fault in verify_books(connection)]

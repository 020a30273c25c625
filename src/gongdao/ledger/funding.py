"""Who pays: from escrow, from the shop's balance, then its deposit, and the rest as a debt."""

from typing import Literal
from uuid import UUID

import msgspec

from gongdao.ledger.transfer import Account, Transfer, TransferKind

#: Who bears what escrow does not hold: the shop, or the platform out of its own money.
Bearer = Literal["shop", "platform"]
#: The owner of the platform's own accounts.
NOBODY = UUID(int=0)


class Funds(msgspec.Struct, frozen=True, kw_only=True):
    """What can be drawn on for one order: available amounts in fen, holds already taken off."""

    escrow_fen: int = 0
    balance_fen: int = 0
    deposit_fen: int = 0
    debt_fen: int = 0
    """What the shop owes already, from pending transfers."""


class Purse:
    """Draws transfers from funds, so that later draws see what the earlier ones left."""

    def __init__(
        self,
        funds: Funds,
        *,
        order_id: UUID,
        shop_id: UUID,
        buyer_id: UUID,
        borne_by: Bearer = "shop",
    ) -> None:
        self._borne_by = borne_by
        self._left = {
            "order_escrow": funds.escrow_fen,
            "shop_balance": funds.balance_fen,
            "shop_deposit": funds.deposit_fen,
        }
        self._owners = {
            "order_escrow": order_id,
            "shop_balance": shop_id,
            "shop_deposit": shop_id,
            "shop_debt": shop_id,
            "platform_advance": NOBODY,
        }
        self._buyer = Account("buyer_refund", buyer_id)
        self.transfers: list[Transfer] = []

    def refund(self, amount_fen: int) -> None:
        """Give back what was paid: from escrow while it holds the money, then from who bears it."""
        self._draw("refund", amount_fen, ("order_escrow", *self._pockets()))

    def pay(self, kind: TransferKind, amount_fen: int) -> None:
        """Pay freight, a compensation or a penalty: from the shop's balance, then its deposit."""
        self._draw(kind, amount_fen, self._pockets())

    def _pockets(self) -> tuple[str, ...]:
        return () if self._borne_by == "platform" else ("shop_balance", "shop_deposit")

    def _draw(self, kind: TransferKind, amount_fen: int, sources: tuple[str, ...]) -> None:
        assert amount_fen >= 0, "an amount is never negative"
        for source in sources:
            part = min(amount_fen, self._left[source])
            self._left[source] -= part
            amount_fen -= part
            self._append(kind, source, part)
        rest = "platform_advance" if self._borne_by == "platform" else "shop_debt"
        self._append(kind, rest, amount_fen)

    def _append(self, kind: TransferKind, source: str, amount_fen: int) -> None:
        if amount_fen == 0:
            return
        account = Account(source, self._owners[source])  # pyright: ignore[reportArgumentType]
        self.transfers.append(
            Transfer(
                kind=kind,
                source=account,
                target=self._buyer,
                amount_fen=amount_fen,
                pending=source == "shop_debt",
            )
        )

"""Who pays: from escrow, from the shop's balance, then its deposit, and the rest as a debt."""

from typing import Literal
from uuid import UUID

import msgspec

from gongdao.ledger.transfer import Account, AccountKind, Transfer, TransferKind

#: Who bears a sum: the shop, the platform, or the carrier, whom the platform sends the bill.
Bearer = Literal["shop", "platform", "carrier"]
#: The owner of the platform's own accounts.
NOBODY = UUID(int=0)

_LIMITED: tuple[AccountKind, ...] = ("order_escrow", "shop_balance", "shop_deposit")


class Debt(msgspec.Struct, frozen=True, kw_only=True):
    """A pending transfer that a decision of the case made, and of what is still owed of it."""

    id: int
    kind: TransferKind
    target: AccountKind
    amount_fen: int


class Void(msgspec.Struct, frozen=True, kw_only=True):
    """A debt, or a part of it, that nobody has to pay any more."""

    debt_id: int
    amount_fen: int


class Funds(msgspec.Struct, frozen=True, kw_only=True):
    """What can be drawn on for one order: available amounts in fen, holds already taken off."""

    escrow_fen: int = 0
    balance_fen: int = 0
    deposit_fen: int = 0
    debt_fen: int = 0
    """What the shop owes already, from pending transfers."""
    debts: tuple[Debt, ...] = ()
    """Those of them that the case itself has made."""


class Purse:
    """Draws transfers from funds, so that later draws see what the earlier ones left."""

    def __init__(self, funds: Funds, *, order_id: UUID, shop_id: UUID, buyer_id: UUID) -> None:
        self._left: dict[AccountKind, int] = {
            "order_escrow": funds.escrow_fen,
            "shop_balance": funds.balance_fen,
            "shop_deposit": funds.deposit_fen,
        }
        owners: dict[AccountKind, UUID] = {
            "order_escrow": order_id,
            "shop_balance": shop_id,
            "shop_deposit": shop_id,
            "shop_debt": shop_id,
            "shop_frozen": shop_id,
            "platform_advance": NOBODY,
            "platform_income": NOBODY,
            "carrier": NOBODY,
            "buyer_refund": buyer_id,
        }
        self._accounts = {kind: Account(kind, owner) for kind, owner in owners.items()}
        self.advance_fen = 0
        """How much of what the shop cannot pay the platform still advances."""
        self.spares_deposit = False
        """Nobody but the shop has seen the order: to its buyer its deposit pays nothing."""
        self.transfers: list[Transfer] = []
        self.voids: list[Void] = []
        self._debts = list(funds.debts)

    def available_fen(self, kind: AccountKind) -> int:
        """What an account still has after what was drawn here."""
        return self._left[kind]

    def refund(self, amount_fen: int, *, bearer: Bearer = "shop") -> list[Transfer]:
        """Give back what was paid: from escrow while it holds the money, then from who bears it."""
        start = len(self.transfers)
        rest_fen = self._draw("refund", amount_fen, ("order_escrow",), "buyer_refund")
        self._bear("refund", rest_fen, bearer)
        return self._to_buyer(start)

    def pay(
        self, kind: TransferKind, amount_fen: int, *, bearer: Bearer = "shop"
    ) -> list[Transfer]:
        """Pay freight, a compensation or a penalty. Returns the transfers that go to the buyer."""
        start = len(self.transfers)
        self._bear(kind, amount_fen, bearer)
        return self._to_buyer(start)

    def fine(self, amount_fen: int) -> list[Transfer]:
        """Take a fine for the platform: from the balance, then the deposit, then as a debt."""
        start = len(self.transfers)
        sources: tuple[AccountKind, ...] = ("shop_balance", "shop_deposit")
        rest_fen = self._draw("fine", amount_fen, sources, "platform_income")
        self._move("fine", "shop_debt", "platform_income", rest_fen)
        return self.transfers[start:]

    def freeze(self, amount_fen: int) -> tuple[int, int]:
        """Hold as much of this as balance and deposit have. Returns how much of each."""
        lack_fen = self._draw("hold", amount_fen, ("shop_balance",), "shop_frozen")
        if self.spares_deposit:
            return amount_fen - lack_fen, 0
        rest_fen = self._draw("hold", lack_fen, ("shop_deposit",), "shop_frozen")
        return amount_fen - lack_fen, lack_fen - rest_fen

    def thaw(self, balance_fen: int, deposit_fen: int) -> None:
        """Let go of what was held of each, so that it can be paid with."""
        self._move("release", "shop_frozen", "shop_deposit", deposit_fen)
        self._move("release", "shop_frozen", "shop_balance", balance_fen)

    def void(self, kind: TransferKind, amount_fen: int, *, to_buyer: bool = False) -> int:
        """End debts of this kind before anybody pays them. Returns how much was still owed."""
        rest_fen = amount_fen
        for place, debt in enumerate(self._debts):
            if debt.kind == kind and (debt.target == "buyer_refund") == to_buyer:
                part_fen = min(rest_fen, debt.amount_fen)
                rest_fen -= part_fen
                if part_fen:
                    self.voids.append(Void(debt_id=debt.id, amount_fen=part_fen))
                    left_fen = debt.amount_fen - part_fen
                    self._debts[place] = msgspec.structs.replace(debt, amount_fen=left_fen)
        return amount_fen - rest_fen

    def restore(self, amount_fen: int, *, bearer: Bearer, of: TransferKind = "clawback") -> None:
        """Give somebody back what a ruling that no longer stands had made them pay.

        What the shop still owes of it, to the platform, it need not pay; only the rest comes back.
        """
        if bearer == "shop":
            paid_fen = amount_fen - self.void(of, amount_fen)
            self._move("goodwill", "platform_income", "shop_balance", paid_fen)
        elif bearer == "carrier":
            self._move("write_off", "platform_advance", "carrier", amount_fen)

    def charge(self, amount_fen: int, *, bearer: Bearer) -> None:
        """Let somebody bear what the platform has paid so far."""
        if bearer == "shop":
            sources: tuple[AccountKind, ...] = ("shop_balance", "shop_deposit")
            rest_fen = self._draw("clawback", amount_fen, sources, "platform_income")
            self._move("clawback", "shop_debt", "platform_income", rest_fen)
        elif bearer == "carrier":
            self._move("clawback", "carrier", "platform_advance", amount_fen)

    def _bear(self, kind: TransferKind, amount_fen: int, bearer: Bearer) -> None:
        """Let the bearer pay the buyer; what the shop lacks is advanced, or owed."""
        if bearer != "shop":
            self._move(kind, "platform_advance", "buyer_refund", amount_fen)
            self.charge(amount_fen, bearer=bearer)
            return
        sources: tuple[AccountKind, ...] = ("shop_balance", "shop_deposit")
        if self.spares_deposit:
            sources = ("shop_balance",)
        rest_fen = self._draw(kind, amount_fen, sources, "buyer_refund")
        advanced_fen = min(rest_fen, self.advance_fen)
        self.advance_fen -= advanced_fen
        self._move(kind, "platform_advance", "buyer_refund", advanced_fen)
        self._move("clawback", "shop_debt", "platform_advance", advanced_fen)
        self._move(kind, "shop_debt", "buyer_refund", rest_fen - advanced_fen)

    def _draw(
        self,
        kind: TransferKind,
        amount_fen: int,
        sources: tuple[AccountKind, ...],
        target: AccountKind,
    ) -> int:
        """Draw on accounts in their order. Returns what they do not cover."""
        assert amount_fen >= 0, "an amount is never negative"
        for source in sources:
            part_fen = min(amount_fen, self._left[source])
            amount_fen -= part_fen
            self._move(kind, source, target, part_fen)
        return amount_fen

    def _move(
        self, kind: TransferKind, source: AccountKind, target: AccountKind, amount_fen: int
    ) -> None:
        assert amount_fen >= 0, "an amount is never negative"
        if amount_fen == 0:
            return
        if source in _LIMITED:
            self._left[source] -= amount_fen
        if target in _LIMITED:
            self._left[target] += amount_fen
        transfer = Transfer(
            kind=kind,
            source=self._accounts[source],
            target=self._accounts[target],
            amount_fen=amount_fen,
            pending=source == "shop_debt",
        )
        self.transfers.append(transfer)

    def _to_buyer(self, start: int) -> list[Transfer]:
        return [t for t in self.transfers[start:] if t.target.kind == "buyer_refund"]

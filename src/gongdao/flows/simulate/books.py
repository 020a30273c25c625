"""The books of a simulated marketplace: the ledger's accounts in memory, debts and payouts too."""

from collections import defaultdict, deque
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from gongdao.ledger.funding import NOBODY, Debt, Funds, Void
from gongdao.ledger.transfer import Account, AccountKind, Transfer, TransferKind

OUTSIDE = Account("external", NOBODY)


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """A debt that is not paid, and the case that made it."""

    id: int
    case_id: UUID
    transfer: Transfer


class Books:
    """What each account holds, in fen; money only moves, so that all of them add up to nothing."""

    def __init__(self) -> None:
        self._held: defaultdict[Account, int] = defaultdict(int)
        self._owed: defaultdict[UUID, deque[Owed]] = defaultdict(deque)
        self._debts = 0
        self.touched: set[Account] = set()
        """Accounts that moved since somebody last looked."""
        self.volume_fen: defaultdict[str, int] = defaultdict(int)
        self.payouts: deque[tuple[datetime, UUID, int]] = deque()
        """Money on its way to a buyer: decided when, to whom, and how much."""

    def held(self, kind: AccountKind, owner: UUID = NOBODY) -> int:
        """What an account holds."""
        return self._held[Account(kind, owner)]

    def total(self) -> int:
        """Everything, the outside world included: nothing is made and nothing is lost."""
        return sum(self._held.values())

    def funds(self, order_id: UUID, shop_id: UUID, case_id: UUID) -> Funds:
        """What can be drawn on for an order, and what the shop owes by one of its cases."""
        return Funds(
            escrow_fen=self.held("order_escrow", order_id),
            balance_fen=self.held("shop_balance", shop_id),
            deposit_fen=self.held("shop_deposit", shop_id),
            debt_fen=self.owed(shop_id),
            debts=tuple(
                Debt(
                    id=owed.id,
                    kind=owed.transfer.kind,
                    target=owed.transfer.target.kind,
                    amount_fen=owed.transfer.amount_fen,
                )
                for owed in self._owed[shop_id]
                if owed.case_id == case_id
            ),
        )

    def owed(self, shop_id: UUID) -> int:
        """What a shop owes."""
        return sum(owed.transfer.amount_fen for owed in self._owed[shop_id])

    def owe(self, transfer: Transfer, case_id: UUID) -> None:
        """Put down a debt."""
        self._debts += 1
        owed = Owed(id=self._debts, case_id=case_id, transfer=transfer)
        self._owed[transfer.source.owner].append(owed)

    def void(self, shop_id: UUID, void: Void) -> None:
        """A debt, or a part of it, need not be paid any more."""
        owed = self._owed[shop_id]
        place = next(i for i, one in enumerate(owed) if one.id == void.debt_id)
        left_fen = owed[place].transfer.amount_fen - void.amount_fen
        if left_fen:
            left = replace(owed[place].transfer, amount_fen=left_fen)
            owed[place] = replace(owed[place], transfer=left)
        else:
            del owed[place]

    def move(self, transfer: Transfer, now: datetime) -> None:
        """Carry out a transfer."""
        self._held[transfer.source] -= transfer.amount_fen
        self._held[transfer.target] += transfer.amount_fen
        self.touched |= {transfer.source, transfer.target}
        self.volume_fen[transfer.kind] += transfer.amount_fen
        if transfer.target.kind == "buyer_refund":
            self.payouts.append((now, transfer.target.owner, transfer.amount_fen))

    def bring(self, kind: TransferKind, target: Account, amount_fen: int, now: datetime) -> None:
        """Money comes in from outside."""
        if amount_fen:
            self.move(
                Transfer(kind=kind, source=OUTSIDE, target=target, amount_fen=amount_fen), now
            )

    def pay_out(self, buyer_id: UUID, amount_fen: int, now: datetime) -> None:
        """Money has arrived at a buyer."""
        source = Account("buyer_refund", buyer_id)
        self.move(
            Transfer(kind="payout", source=source, target=OUTSIDE, amount_fen=amount_fen), now
        )

    def capture(self, order_id: UUID, shop_id: UUID, now: datetime) -> None:
        """An order is confirmed: its money is the shop's, and its debts are paid first."""
        amount_fen = self.held("order_escrow", order_id)
        if amount_fen:
            source, target = Account("order_escrow", order_id), Account("shop_balance", shop_id)
            self.move(
                Transfer(kind="capture", source=source, target=target, amount_fen=amount_fen), now
            )
        self.repay(shop_id, now)

    def repay(self, shop_id: UUID, now: datetime) -> None:
        """Pay debts, oldest first, as far as the balance goes."""
        owed, balance = self._owed[shop_id], Account("shop_balance", shop_id)
        while owed and self._held[balance] > 0:
            first = owed.popleft()
            debt = first.transfer
            part_fen = min(debt.amount_fen, self._held[balance])
            if part_fen < debt.amount_fen:
                left = replace(debt, amount_fen=debt.amount_fen - part_fen)
                owed.appendleft(replace(first, transfer=left))
            self.move(replace(debt, source=balance, amount_fen=part_fen, pending=False), now)

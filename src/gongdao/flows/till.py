"""The money of a story: the same accounts as in the ledger, in memory."""

from msgspec.structs import replace

from gongdao.ledger.funding import Debt, Void
from gongdao.ledger.transfer import AccountKind, Transfer

_LIMITED: tuple[AccountKind, ...] = (
    "order_escrow",
    "shop_balance",
    "shop_deposit",
    "shop_frozen",
    "buyer_refund",
)


class Till:
    """What the accounts of one order, its shop and its buyer hold, in fen."""

    def __init__(self, *, balance_fen: int, deposit_fen: int, escrow_fen: int) -> None:
        self._held: dict[AccountKind, int] = dict.fromkeys(_LIMITED, 0)
        self._held |= {
            "order_escrow": escrow_fen,
            "shop_balance": balance_fen,
            "shop_deposit": deposit_fen,
        }
        self.transfers: list[Transfer] = []
        self.voided_fen = 0
        self._debts: dict[int, tuple[str, Debt]] = {}

    @property
    def debt_fen(self) -> int:
        """What the shop owes."""
        return sum(debt.amount_fen for _, debt in self._debts.values())

    def debts_of(self, case: str) -> tuple[Debt, ...]:
        """What the shop owes by what was decided in a case."""
        return tuple(debt for name, debt in self._debts.values() if name == case)

    def void(self, void: Void) -> None:
        """A debt, or a part of it, need not be paid any more."""
        case, debt = self._debts[void.debt_id]
        left_fen = debt.amount_fen - void.amount_fen
        assert left_fen >= 0, "no more is voided than is owed"
        self._debts[void.debt_id] = (case, replace(debt, amount_fen=left_fen))
        self.voided_fen += void.amount_fen

    def __getitem__(self, kind: AccountKind) -> int:
        """What an account holds."""
        return self._held[kind]

    def receive(self, kind: AccountKind, amount_fen: int) -> None:
        """Money comes in from outside of the story."""
        self._held[kind] += amount_fen

    def capture(self) -> None:
        """The order is confirmed: its money is the shop's."""
        self._held["shop_balance"] += self._held["order_escrow"]
        self._held["order_escrow"] = 0

    def move(self, transfer: Transfer, *, case: str) -> None:
        """Carry out a transfer; what is pending is only owed."""
        self.transfers.append(transfer)
        if transfer.pending:
            number, kind = len(self._debts) + 1, transfer.target.kind
            owed = Debt(id=number, kind=transfer.kind, target=kind, amount_fen=transfer.amount_fen)
            self._debts[number] = (case, owed)
            return
        for kind, change_fen in (
            (transfer.source.kind, -transfer.amount_fen),
            (transfer.target.kind, transfer.amount_fen),
        ):
            # The money of the platform and of the outside world has no bottom.
            if kind in self._held:
                self._held[kind] += change_fen
        assert min(self._held.values()) >= 0, "nobody overdraws"

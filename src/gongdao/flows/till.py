"""The money of a story: the same accounts as in the ledger, in memory."""

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
        self.debt_fen = 0
        self.transfers: list[Transfer] = []

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

    def move(self, transfer: Transfer) -> None:
        """Carry out a transfer; what is pending is only owed."""
        self.transfers.append(transfer)
        if transfer.pending:
            self.debt_fen += transfer.amount_fen
            return
        for kind, change_fen in (
            (transfer.source.kind, -transfer.amount_fen),
            (transfer.target.kind, transfer.amount_fen),
        ):
            # The money of the platform and of the outside world has no bottom.
            if kind in self._held:
                self._held[kind] += change_fen
        assert min(self._held.values()) >= 0, "nobody overdraws"

"""Transfers between accounts: the only way in which money moves, and never edited."""

from typing import Literal
from uuid import UUID

import msgspec

AccountKind = Literal[
    "order_escrow",
    "shop_balance",
    "shop_deposit",
    "shop_frozen",
    "shop_debt",
    "buyer_refund",
    "platform_advance",
    "platform_income",
    "carrier",
    "external",
    "gift_card",
]

#: Accounts of the platform and of the outside world.
UNLIMITED: frozenset[AccountKind] = frozenset(
    ("platform_advance", "platform_income", "carrier", "external")
)

TransferKind = Literal[
    "payment",
    "hold",
    "release",
    "capture",
    "refund",
    "advance",
    "clawback",
    "deposit_deduct",
    "freight",
    "compensation",
    "punitive",
    "goodwill",
    "fine",
    "top_up",
    "repay",
    "payout",
    "write_off",
]


class Account(msgspec.Struct, frozen=True):
    """An account: its kind and whose it is (an order's escrow, a shop's balance ...).

    Accounts of the platform itself and of the outside world belong to the nil owner.
    """

    kind: AccountKind
    owner: UUID

    @property
    def is_unlimited(self) -> bool:
        """Whether it may go below zero and keeps no balance of its own (see schema/ledger.sql)."""
        return self.kind in UNLIMITED


class Transfer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money from one account to another: posted at once, or pending until somebody can pay it."""

    kind: TransferKind
    source: Account
    target: Account
    amount_fen: int
    pending: bool = False
    """True for a debt: it is owed, and posts when the shop's money comes in."""

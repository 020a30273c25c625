"""What accounts hold, and the lines in which a page tells where money is."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.ledger.payout import PayoutState, Purpose
from gongdao.ledger.transfer import Account, AccountKind, TransferKind

TransferState = Literal["posted", "pending", "voided", "expired"]


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What an account holds; of a debt account, `held_fen` is what is owed."""

    balance_fen: int = 0
    held_fen: int = 0

    @property
    def available_fen(self) -> int:
        """What can be drawn on: holds taken off."""
        return self.balance_fen - self.held_fen


class ShopMoney(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts of a shop, side by side."""

    balance: Balance
    deposit: Balance
    frozen: Balance
    debt_fen: int


class StatementLine(msgspec.Struct, frozen=True, kw_only=True):
    """One transfer as the statement of an account shows it; newest lines have the largest id."""

    id: int
    at: datetime
    kind: TransferKind
    state: TransferState
    change_fen: int
    """What it did to the balance: nothing while pending or voided."""
    amount_fen: int
    other: Account
    """The account on the other side."""
    case_id: UUID | None
    order_id: UUID | None
    memo: str | None


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """From an instant on and before another one."""

    since: datetime
    until: datetime


EVER = Period(since=datetime(1970, 1, 1, tzinfo=UTC), until=datetime(9999, 1, 1, tzinfo=UTC))


class PeriodSums(msgspec.Struct, frozen=True, kw_only=True):
    """A period of an account in sums."""

    closing_fen: int
    """What it held when the period ended, or holds now."""
    in_fen: int
    out_fen: int
    above_fen: int
    """What it held after the newest line of the page that was asked for."""

    @property
    def opening_fen(self) -> int:
        """What it held when the period began."""
        return self.closing_fen - self.in_fen + self.out_fen


class MoneyLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of "where is the money": decided when, paid from where, and how far it has come."""

    transfer_id: int
    kind: TransferKind
    amount_fen: int
    source: AccountKind
    target: AccountKind
    decided_at: datetime
    state: Literal["posted", "owed", "voided", "expired"]
    """owed: decided, and paid as soon as the shop's money comes in."""
    purpose: Purpose | None = None
    """The rest tells of the payout that carries it, if there is one yet."""
    channel: str | None = None
    payout_id: UUID | None = None
    payout_state: PayoutState | None = None
    sent_at: datetime | None = None
    expected_at: datetime | None = None
    arrived_at: datetime | None = None
    failed_at: datetime | None = None
    attempts: int = 0
    next_attempt_at: datetime | None = None
    held_until: datetime | None = None
    """A person looks at the payout before it goes out; at the latest then it goes by itself."""

"""Events that tell what a case brings about: money that moves, and what it does to the shop.

Those with an `entry` are lines of the shop's record (cases/record.py).
"""

from gongdao.cases.case import Charge, Correction, FineLine, PaidLine, Sanction
from gongdao.cases.happening import Happening
from gongdao.policy.pack import Ended
from gongdao.policy.words import AmountName, SanctionKind


class PaymentsInstructed(Happening, frozen=True, kw_only=True):
    """Money moved, in the same transaction as this event."""

    lines: tuple[PaidLine, ...]
    beside_fen: int | None = None
    """What other cases had been paid of what all of them together may cost; None where nothing
    here counts among it."""
    refunded_fen: int | None = None
    """What other cases on the order had given back, where a refund here was worked out from it:
    whoever commits it looks again whether it is still so (cases_check_refunded in the schema)."""


class RefundReckoned(Happening, frozen=True, kw_only=True):
    """Before it was paid, a refund by the rules was worked out anew: other cases on the order had
    been paid since it was granted, and several together come to what they come to at once.
    """

    refund_fen: int
    before_fen: int
    """What had been granted."""
    rules: tuple[str, ...] = ()


class PaymentsCorrected(Happening, frozen=True, kw_only=True):
    """After a second ruling, the platform evened out who bears what had been paid."""

    corrections: tuple[Correction, ...] = ()
    voided: tuple[PaidLine, ...] = ()
    """What the shop owed the buyer by the ruling that no longer stands, and had not paid."""


class AwardedAgainstBuyer(Happening, frozen=True, kw_only=True):
    """The buyer was told to pay; the ledger has no such money, so nothing moved."""

    award_fen: dict[AmountName, int]


class FundsFrozen(Happening, frozen=True, kw_only=True):
    """Money was held on the shop's balance and deposit until the ruling is carried out."""

    amount_fen: int
    deposit_fen: int = 0
    """What of it was the deposit's."""
    wanted_fen: int
    """What the rules want held in all; the shop may not have had as much."""


class FundsReleased(Happening, frozen=True, kw_only=True):
    """Money that was held went back to where it came from, or is paid from there."""

    amount_fen: int
    deposit_fen: int = 0


class PointsCharged(Happening, frozen=True, kw_only=True):
    """Penalty points were put on the shop, or (below zero) taken back."""

    charge: Charge
    entry: int = 0
    undoes: int = 0
    """The entry that put on the points which this one takes back."""
    note: str = ""


class SanctionImposed(Happening, frozen=True, kw_only=True):
    """A sanction was imposed on the shop."""

    sanction: Sanction
    entry: int = 0


class SanctionLifted(Happening, frozen=True, kw_only=True):
    """A sanction ended before its time, by a rule or by a person who says why."""

    number: int
    kind: SanctionKind
    rule: str = ""
    note: str = ""
    entry: int = 0


class FineCharged(Happening, frozen=True, kw_only=True):
    """The shop paid a fine to the platform, or owes it."""

    number: int
    """Of the sanction that it came with."""
    rule: str
    lines: tuple[FineLine, ...]


class FineReturned(Happening, frozen=True, kw_only=True):
    """The platform gave a fine back."""

    number: int
    amount_fen: int


class SignalRaised(Happening, frozen=True, kw_only=True):
    """The case shows a risk that people should know of; it decides nothing."""

    code: str


class CaseClosed(Happening, frozen=True, kw_only=True):
    """The case ended."""

    ended: Ended
    upheld: bool = False
    """It counts against the shop."""
    entry: int = 0
    """Where that has changed."""

"""What has happened in a case: past tense, typed, and forever.

Names and fields are a public interface: they stand in the log, in webhooks and in dossiers. A field
may be added with a default; nothing is ever renamed or removed.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.cases.case import (
    Appeal,
    Evidence,
    EvidenceRequest,
    Offer,
    PauseCause,
    ReturnParcel,
    Ruling,
    Vote,
    Wanted,
)
from gongdao.cases.consequences import (
    AwardedAgainstBuyer,
    CaseClosed,
    FineCharged,
    FineReturned,
    FundsFrozen,
    FundsReleased,
    PaymentsCorrected,
    PaymentsInstructed,
    PointsCharged,
    RefundReckoned,
    SanctionImposed,
    SanctionLifted,
    SignalRaised,
)
from gongdao.cases.happening import Happening
from gongdao.policy.pack import Ended
from gongdao.policy.words import (
    AmountName,
    FreightBearer,
    Mismatch,
    Party,
    Procedure,
    Reason,
    RefusalReason,
    Remedy,
    Role,
    Stage,
)


class CaseOpened(Happening, frozen=True, kw_only=True):
    """A party filed a case."""

    case_id: UUID
    procedure: Procedure
    kind: str
    order_id: UUID
    shop_id: UUID
    buyer_id: UUID
    pack: str
    by: Role
    switches: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it
    reason: Reason | None = None
    claim: str = ""
    lines: tuple[int, ...] = ()
    asked_fen: int = 0
    by_rules: bool = False
    """The sum is what the rules gave, not another that somebody named."""
    received: bool | None = None
    quantities: dict[int, int] = {}  # noqa: RUF012
    share: float | None = None
    count: int | None = None
    anonymous: bool = False
    wanted: Wanted | None = None


class RequestModified(Happening, frozen=True, kw_only=True):
    """The request was changed; what is said here replaces what was asked."""

    kind: str
    reason: Reason | None = None
    claim: str = ""
    lines: tuple[int, ...] = ()
    asked_fen: int = 0
    by_rules: bool = False
    """The sum is what the rules gave, not another that somebody named."""
    received: bool | None = None
    quantities: dict[int, int] = {}  # noqa: RUF012
    share: float | None = None
    count: int | None = None
    wanted: Wanted | None = None
    """Another variant than before; None where that has not changed."""


class StageEntered(Happening, frozen=True, kw_only=True):
    """The case came to a stage: whose turn it is, and until when."""

    stage: Stage
    waiting_on: Party
    deadline: datetime | None = None
    ending: Ended | None = None
    """How the case will have ended; set on the way to its execution."""


class CaseAccepted(Happening, frozen=True):
    """The platform took the case on."""


class CaseTurnedAway(Happening, frozen=True, kw_only=True):
    """The platform does not take the case on."""

    reason: RefusalReason


class RequestApproved(Happening, frozen=True, kw_only=True):
    """The other side (or its silence) granted what was asked."""

    award_fen: dict[AmountName, int]
    freight_by: FreightBearer | None = None
    remedy: Remedy
    by_silence: bool = False


class RequestRejected(Happening, frozen=True, kw_only=True):
    """The seller refused."""

    reason: RefusalReason


class OfferMade(Happening, frozen=True, kw_only=True):
    """Somebody proposed to settle."""

    offer: Offer


class OfferAccepted(Happening, frozen=True, kw_only=True):
    """A side accepted an offer; `award_fen` is set once nobody's consent is missing."""

    number: int
    by: Role
    award_fen: dict[AmountName, int] | None = None
    freight_by: FreightBearer | None = None
    remedy: Remedy | None = None


class OfferDeclined(Happening, frozen=True, kw_only=True):
    """A side declined an offer."""

    number: int


class Compensated(Happening, frozen=True, kw_only=True):
    """The seller paid on its own."""

    amount_fen: int
    rules: tuple[str, ...] = ()
    """What the sum follows from."""


class ShippedBack(Happening, frozen=True, kw_only=True):
    """The buyer sent the goods back."""

    parcel: ReturnParcel


class TrackingRefilled(Happening, frozen=True, kw_only=True):
    """The buyer corrected the tracking number of the return."""

    carrier: str
    tracking: str


class ReturnSigned(Happening, frozen=True, kw_only=True):
    """The seller signed for the returned parcel."""

    deadline: datetime | None = None


class ReceiptConfirmed(Happening, frozen=True, kw_only=True):
    """The seller has the goods back."""

    intact: bool = True


class MismatchReported(Happening, frozen=True, kw_only=True):
    """The seller says that the return is not what was sold."""

    problem: Mismatch


class GoodsSent(Happening, frozen=True, kw_only=True):
    """The seller sent the exchanged, resent or repaired goods."""

    parcel: ReturnParcel


class GoodsSigned(Happening, frozen=True):
    """Somebody signed for the goods that the seller sent."""


class HandlingConfirmed(Happening, frozen=True, kw_only=True):
    """The buyer is satisfied with how it was handled."""


class Escalated(Happening, frozen=True, kw_only=True):
    """The platform was asked to step in."""


class EvidenceRequested(Happening, frozen=True, kw_only=True):
    """The platform asked for proof."""

    request: EvidenceRequest


class EvidenceSubmitted(Happening, frozen=True, kw_only=True):
    """A piece of evidence was added."""

    evidence: Evidence


class EvidenceSealed(Happening, frozen=True, kw_only=True):
    """The evidence stage ended: nothing can be added any more."""


class DeadlineExtended(Happening, frozen=True, kw_only=True):
    """A person gave more time, with a reason."""

    deadline: datetime
    note: str


class CasePaused(Happening, frozen=True, kw_only=True):
    """The clock was stopped."""

    cause: PauseCause
    remaining: timedelta | None = None
    deadline: datetime | None = None
    """When the case goes on by itself."""


class PauseProlonged(Happening, frozen=True, kw_only=True):
    """A court or the police accepted the matter; the case rests longer."""

    deadline: datetime | None = None


class CaseResumed(Happening, frozen=True, kw_only=True):
    """The clock runs again."""

    deadline: datetime | None = None


class Reminded(Happening, frozen=True, kw_only=True):
    """A party asked to hurry."""

    by: Role


class Noted(Happening, frozen=True, kw_only=True):
    """A message to the other side, or a private note of one's own side."""

    text: str
    private: bool = False


class DeadlineMissed(Happening, frozen=True, kw_only=True):
    """The platform is late; a person is told, and nothing is decided by silence."""


class TimedOut(Happening, frozen=True, kw_only=True):
    """A clock ran out in a stage, and the rule for silence applied."""

    stage: Stage
    rule: str


class Withdrawn(Happening, frozen=True, kw_only=True):
    """The party that filed it took it back."""


class Ruled(Happening, frozen=True, kw_only=True):
    """The platform decided."""

    ruling: Ruling


class Voted(Happening, frozen=True, kw_only=True):
    """A juror gave a finding."""

    vote: Vote


class RulingConfirmed(Happening, frozen=True):
    """A supervisor looked at the ruling and agrees with it."""


class RulingSentBack(Happening, frozen=True, kw_only=True):
    """A supervisor wants the ruling to be thought over."""

    note: str


class RulingAppealed(Happening, frozen=True, kw_only=True):
    """A side does not accept the ruling."""

    appeal: Appeal


class CaseReopened(Happening, frozen=True):
    """A case that had ended goes on."""


class ExecutionOrdered(Happening, frozen=True):
    """A person ordered the execution before its clock ran out."""


class WarningRaised(Happening, frozen=True, kw_only=True):
    """Something looks odd and a person should know."""

    code: str


Event = (
    CaseOpened
    | RequestModified
    | StageEntered
    | CaseAccepted
    | CaseTurnedAway
    | RequestApproved
    | RequestRejected
    | OfferMade
    | OfferAccepted
    | OfferDeclined
    | Compensated
    | ShippedBack
    | TrackingRefilled
    | ReturnSigned
    | ReceiptConfirmed
    | MismatchReported
    | GoodsSent
    | GoodsSigned
    | HandlingConfirmed
    | Escalated
    | EvidenceRequested
    | EvidenceSubmitted
    | EvidenceSealed
    | DeadlineExtended
    | CasePaused
    | PauseProlonged
    | CaseResumed
    | Reminded
    | Noted
    | DeadlineMissed
    | TimedOut
    | Withdrawn
    | Ruled
    | Voted
    | RulingConfirmed
    | RulingSentBack
    | RulingAppealed
    | CaseReopened
    | ExecutionOrdered
    | RefundReckoned
    | PaymentsInstructed
    | PaymentsCorrected
    | AwardedAgainstBuyer
    | FundsFrozen
    | FundsReleased
    | PointsCharged
    | SanctionImposed
    | SanctionLifted
    | FineCharged
    | FineReturned
    | SignalRaised
    | WarningRaised
    | CaseClosed
)


class Recorded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event in its place: the how-manieth of its case, when, by whom, under which pack."""

    version: int
    at: datetime
    by: Role
    pack: str
    person_id: UUID | None = None
    body: Event

    @property
    def type(self) -> str:
        """The event's name, as it stands in the log."""
        return type(self.body).__struct_config__.tag  # pyright: ignore[reportReturnType]

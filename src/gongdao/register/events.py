"""What has happened to an entry of the register: past tense, typed, and forever."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.i18n import Locale
from gongdao.cases.happening import Happening
from gongdao.register.entry import (
    Analysis,
    Contact,
    Department,
    Ended,
    Intake,
    Proposal,
    Signature,
    Way,
)

#: Who did it: somebody of the shop, or the customer through the link.
By = Literal["shop", "customer"]


class EntryOpened(Happening, frozen=True, kw_only=True):
    """A complaint was written down."""

    entry_id: UUID
    shop_id: UUID
    intake: Intake
    name: str
    answer_due_at: datetime | None = None


class IntakeAmended(Happening, frozen=True):
    """Before it was signed, the form was corrected."""

    intake: Intake


class IntakeSigned(Happening, frozen=True):
    """The recorder put their name under the form."""

    signature: Signature


class CustomerContacted(Happening, frozen=True):
    """Somebody spoke with the customer."""

    contact: Contact


class MoreAsked(Happening, frozen=True):
    """Facts are missing: the customer is to be asked again."""

    why: str


class Analysed(Happening, frozen=True):
    """The shop said what it found."""

    analysis: Analysis


class Proposed(Happening, frozen=True):
    """Somebody proposed how to settle it."""

    proposal: Proposal


class ProposalApproved(Happening, frozen=True, kw_only=True):
    """Somebody whose limit reaches so far let the proposal go to the customer."""

    number: int
    limit_fen: int | None
    own: bool = False


class ProposalSentBack(Happening, frozen=True):
    """The proposal is to be made anew."""

    number: int
    why: str


class LinkMade(Happening, frozen=True, kw_only=True):
    """A link for the customer was made; the one before it is void."""

    sha256: str
    expires_at: datetime
    locale: Locale


class CustomerAgreed(Happening, frozen=True, kw_only=True):
    """The customer signed."""

    proposal: int
    way: Way
    signature: Signature
    text: str
    locale: Locale
    file_id: UUID | None = None


class CustomerDeclined(Happening, frozen=True, kw_only=True):
    """The customer does not agree."""

    proposal: int
    way: Way | Literal["told"]
    why: str


class InstructionGiven(Happening, frozen=True, kw_only=True):
    """A department was told to do something until a day."""

    number: int
    department: Department
    what: str
    due_at: datetime
    money_fen: int = 0


class InstructionDone(Happening, frozen=True, kw_only=True):
    """A department has done it."""

    number: int
    note: str = ""
    reference: str = ""


class InstructionCancelled(Happening, frozen=True):
    """It need not be done any more."""

    number: int
    why: str


class CarriedOut(Happening, frozen=True):
    """Everything that was promised has been done."""


class FollowedUp(Happening, frozen=True, kw_only=True):
    """The customer was asked whether they are satisfied."""

    satisfied: bool
    said: str = ""
    back_to: Literal["contact", "analysis"] | None = None


class LessonNoted(Happening, frozen=True):
    """Somebody wrote down what was learned."""

    text: str


class ChargeTaken(Happening, frozen=True, kw_only=True):
    """Somebody else looks after it from now on."""

    person_id: UUID
    name: str
    higher: bool = False
    why: str = ""


class Noted(Happening, frozen=True):
    """A note of the shop's own."""

    text: str


class ContactShown(Happening, frozen=True):
    """Somebody of the shop looked at the customer's telephone, e-mail and address."""


class EntryClosed(Happening, frozen=True, kw_only=True):
    """Nothing is left to do."""

    ended: Ended
    why: str = ""


class EntryReopened(Happening, frozen=True):
    """The customer came back."""

    why: str


Event = (
    EntryOpened
    | IntakeAmended
    | IntakeSigned
    | CustomerContacted
    | MoreAsked
    | Analysed
    | Proposed
    | ProposalApproved
    | ProposalSentBack
    | LinkMade
    | CustomerAgreed
    | CustomerDeclined
    | InstructionGiven
    | InstructionDone
    | InstructionCancelled
    | CarriedOut
    | FollowedUp
    | LessonNoted
    | ChargeTaken
    | Noted
    | ContactShown
    | EntryClosed
    | EntryReopened
)


class Recorded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event in its place: the how-manieth of its entry, when, and by whom."""

    version: int
    at: datetime
    by: By
    person_id: UUID | None = None
    body: Event

    @property
    def type(self) -> str:
        """The event's name, as it stands in the log."""
        return type(self.body).__struct_config__.tag  # pyright: ignore[reportReturnType]


decode_event = msgspec.json.Decoder(Event).decode

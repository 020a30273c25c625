"""An entry of the shop's complaint register, and what stands in it. Pure.

The customer may have no order and no account: whoever takes the call writes down who they are.
"""

import hashlib
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.canonical import encode_canonical
from gongdao.base.i18n import Locale

Stage = Literal[
    "intake", "contact", "analysis", "approval", "agreement", "dispatch", "follow_up", "closed"
]  # fmt: skip
STAGES: tuple[Stage, ...] = (
    "intake", "contact", "analysis", "approval", "agreement", "dispatch", "follow_up", "closed",
)  # fmt: skip
Reason = Literal[
    "quality", "unclear_introduction", "customer_misunderstanding", "staff_conduct", "logistics",
    "other",
]  # fmt: skip
REASONS: tuple[Reason, ...] = (
    "quality", "unclear_introduction", "customer_misunderstanding", "staff_conduct", "logistics",
    "other",
)  # fmt: skip
#: How a customer and the shop speak with each other.
Channel = Literal["phone", "email", "chat", "visit", "letter", "other"]
Severity = Literal["low", "medium", "high", "critical"]
#: How much of it is the company's fault.
Fault = Literal["none", "slight", "partial", "main", "full"]
#: An answer to a question that nobody can know for certain.
Likely = Literal["yes", "no", "unknown"]
Department = Literal[
    "warehouse", "finance", "marketing", "customer_care", "purchasing", "production", "logistics",
    "management",
]  # fmt: skip
#: How an entry ended; words of docs/vocabulary.md.
Ended = Literal["settled", "withdrawn", "expired", "out_of_scope"]
#: How the customer agreed: by the link on their own telephone, or on paper.
Way = Literal["link", "paper"]


class Noun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of an entry; what is empty is left out where it is written down."""


class Customer(Noun, frozen=True, kw_only=True):
    """Who complains, as they told it."""

    name: str
    company: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


class Intake(Noun, frozen=True, kw_only=True):
    """What the recorder writes down and signs: who, why, and what they want."""

    customer: Customer
    channel: Channel
    reason: Reason
    story: str
    """What the customer said, in their own words."""
    wanted: str = ""
    order_number: str = ""
    order_id: UUID | None = None
    about_id: UUID | None = None
    """The colleague whom the complaint is about, where it is about conduct."""


class Signature(Noun, frozen=True, kw_only=True):
    """Who signed what: the typed name, and the hash of the text that stood there."""

    name: str
    at: datetime
    sha256: str
    person_id: UUID | None = None


class Contact(Noun, frozen=True, kw_only=True):
    """What came out of talking with the customer."""

    channel: Channel
    said: str
    """What the customer said and what they were told, repeated back to them."""
    product: str = ""
    spec: str = ""
    produced_on: date | None = None
    batch: str = ""
    used_when: str = ""
    symptoms: str = ""
    earlier_brand: str = ""
    recent_use: str = ""
    file_ids: tuple[UUID, ...] = ()


class Analysis(Noun, frozen=True, kw_only=True):
    """What the shop found, and its answers to the five questions."""

    facts: str
    severity: Severity
    unfounded: bool
    long_term: Likely
    """Is there a long-term relation with the customer?"""
    repurchase: Likely
    """Will they buy again once it is solved?"""
    word_of_mouth: Likely
    """Will the quarrel be talked about, to the shop's harm?"""
    unreasonable: bool
    """Is what they demand unreasonable?"""
    fault: Fault
    """Is the company at fault, and how far?"""


class Proposal(Noun, frozen=True, kw_only=True):
    """What the shop offers the customer, or that it refuses, with what it costs."""

    number: int
    words: str
    """What the customer reads."""
    refuses: bool = False
    money_fen: int = 0
    goods: str = ""
    goods_fen: int = 0
    returns: str = ""
    """What the customer sends back, and who pays the carriage."""
    gift: str = ""
    gift_fen: int = 0
    apology: str = ""
    by_id: UUID
    approved_by_id: UUID | None = None

    @property
    def cost_fen(self) -> int:
        """Everything that it may cost the shop; this is what a limit is compared with."""
        return self.money_fen + self.goods_fen + self.gift_fen


class Link(Noun, frozen=True, kw_only=True):
    """A way for the customer to read and sign without an account; only its hash is kept."""

    sha256: str
    expires_at: datetime
    locale: Locale


class Agreement(Noun, frozen=True, kw_only=True):
    """The customer's signature under a proposal."""

    proposal: int
    way: Way
    signature: Signature
    text: str
    file_id: UUID | None = None
    """The photograph of the paper."""
    instructions_before: int = 0
    """How many instructions earlier agreements had brought about."""


class Instruction(Noun, frozen=True, kw_only=True):
    """What a department is told to do, until when, and what it says it has done."""

    number: int
    version: int
    """The event that gave it."""
    department: Department
    what: str
    due_at: datetime
    money_fen: int = 0
    done_at: datetime | None = None
    cancelled: bool = False
    reference: str = ""
    """The number of the payment, the parcel or whatever else proves it."""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_at is None and not self.cancelled


class Lesson(Noun, frozen=True, kw_only=True):
    """What was learned, so that it need not be learned again."""

    text: str
    at: datetime
    by_id: UUID


class Entry(Noun, frozen=True, kw_only=True):
    """The whole of a complaint: the fold of its events."""

    id: UUID
    shop_id: UUID
    version: int
    stage: Stage
    intake: Intake
    opened_at: datetime
    changed_at: datetime
    opened_by: UUID
    in_charge: UUID
    """Who looks after it."""
    in_charge_name: str = ""
    signature: Signature | None = None
    answer_due_at: datetime | None = None
    answered_at: datetime | None = None
    contact: Contact | None = None
    analysis: Analysis | None = None
    proposal: Proposal | None = None
    proposals: int = 0
    link: Link | None = None
    agreement: Agreement | None = None
    declined: int = 0
    instructions: tuple[Instruction, ...] = ()
    rounds: int = 0
    """How often the customer was not satisfied, or came back."""
    lessons: tuple[Lesson, ...] = ()
    files: tuple[UUID, ...] = ()
    agreed_fen: int = 0
    """The money that the customer was promised, over all agreements that they signed."""
    committed_fen: int = 0
    """What all signed agreements may cost, so that several small ones are not a way around."""
    ended: Ended | None = None
    closed_at: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """When the first open instruction is due."""
        return min((one.due_at for one in self.instructions if one.is_open), default=None)

    @property
    def is_answered(self) -> bool:
        """Whether the customer has been given an answer."""
        return self.answered_at is not None

    @property
    def instructed_fen(self) -> int:
        """What departments have been told to pay so far."""
        return sum(one.money_fen for one in self.instructions if not one.cancelled)


encode_entry = encode_canonical
decode_entry = msgspec.json.Decoder(Entry).decode


def hash_of_intake(intake: Intake) -> str:
    """What a recorder signs, as a hash: the form, byte by byte."""
    return hashlib.sha256(encode_canonical(intake)).hexdigest()


def hash_of_text(text: str) -> str:
    """What a customer signs, as a hash."""
    return hashlib.sha256(text.encode()).hexdigest()

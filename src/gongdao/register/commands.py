"""What people do with an entry: one struct of arguments per action.

The same structs are the bodies of the API and the fields of the forms. Amounts are text in yuan.
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from gongdao.base.i18n import Locale
from gongdao.base.texts import NO_NUL
from gongdao.cases.commands import Args, FileIds, Words, Yuan
from gongdao.register.entry import (
    Channel,
    Department,
    Fault,
    Likely,
    Reason,
    Severity,
)

#: At least one character that is seen, and no NUL.
_SAID = r"^\s*[^\x00\s][^\x00]*$"

#: A line of a form, and something that must be said.
Line = Annotated[str, Meta(max_length=120, pattern=NO_NUL)]
Said = Annotated[str, Meta(max_length=2000, pattern=_SAID)]
Name = Annotated[str, Meta(max_length=60, pattern=_SAID)]
Phone = Annotated[str, Meta(max_length=40, pattern=r"^[0-9+ ()./\-]*$")]
Email = Annotated[str, Meta(max_length=120, pattern=r"^([^@\s\x00]+@[^@\s\x00]+)?$")]
Number = Annotated[int, Meta(ge=1, le=10_000)]


class EntryArgs(Args, frozen=True, kw_only=True):
    """Write a complaint down; with a typed name it is signed at once."""

    name: Name
    company: Line = ""
    phone: Phone = ""
    email: Email = ""
    address: Annotated[str, Meta(max_length=200, pattern=NO_NUL)] = ""
    channel: Channel = "phone"
    reason: Reason
    story: Said
    wanted: Words = ""
    order_number: Line = ""
    about: UUID | None = None
    signature: Line = ""


class AmendArgs(EntryArgs, frozen=True, kw_only=True):
    """Correct the form before it is signed; what is given stands for all of it."""


class EntrySignArgs(Args, frozen=True, kw_only=True):
    """Put one's name under the form."""

    signature: Name


class ContactArgs(Args, frozen=True, kw_only=True):
    """What came out of talking with the customer."""

    channel: Channel = "phone"
    said: Said
    product: Line = ""
    spec: Line = ""
    produced_on: date | None = None
    batch: Line = ""
    used_when: Line = ""
    symptoms: Words = ""
    earlier_brand: Line = ""
    recent_use: Words = ""
    files: FileIds = []  # noqa: RUF012 - msgspec copies it


class WhyArgs(Args, frozen=True, kw_only=True):
    """An action that needs a reason."""

    why: Said


class AnalyseArgs(Args, frozen=True, kw_only=True):
    """What the shop found, and the five questions."""

    facts: Said
    severity: Severity
    unfounded: bool = False
    long_term: Likely = "unknown"
    repurchase: Likely = "unknown"
    word_of_mouth: Likely = "unknown"
    unreasonable: bool = False
    fault: Fault


class ProposeArgs(Args, frozen=True, kw_only=True):
    """What the shop would do, or that it refuses; what is left empty is not offered."""

    words: Said
    refuses: bool = False
    money: Yuan | None = None
    goods: Line = ""
    goods_value: Yuan | None = None
    returns: Line = ""
    gift: Line = ""
    gift_value: Yuan | None = None
    apology: Words = ""


class NothingArgs(Args, frozen=True):
    """An action that needs no arguments."""


class LinkArgs(Args, frozen=True, kw_only=True):
    """Make a link by which the customer reads and signs; the one before it is void."""

    locale: Locale = "zh"


class PaperArgs(Args, frozen=True, kw_only=True):
    """Note that the customer signed on paper."""

    name: Name
    file: UUID
    locale: Locale = "zh"


class InstructArgs(Args, frozen=True, kw_only=True):
    """Tell a department what to do, until which day."""

    department: Department
    what: Annotated[str, Meta(max_length=500, pattern=_SAID)]
    due_on: date
    money: Yuan | None = None


class DoneArgs(Args, frozen=True, kw_only=True):
    """Note that a department has done it, and the number that proves it."""

    number: Number
    note: Words = ""
    reference: Line = ""


class CancelArgs(Args, frozen=True, kw_only=True):
    """Take an instruction back."""

    number: Number
    why: Said


class FollowUpArgs(Args, frozen=True, kw_only=True):
    """What the customer says afterwards; who is not satisfied goes back to contact or analysis."""

    satisfied: bool
    said: Words = ""
    back_to: Literal["contact", "analysis"] = "contact"
    lesson: Words = ""


class TextArgs(Args, frozen=True, kw_only=True):
    """A note, or what was learned."""

    text: Said


class HandUpArgs(Args, frozen=True, kw_only=True):
    """Give it to somebody higher up."""

    person: UUID
    why: Said


class CloseArgs(Args, frozen=True, kw_only=True):
    """End it without an agreement."""

    ended: Literal["withdrawn", "expired", "out_of_scope"]
    why: Said


class CustomerSignArgs(Args, frozen=True, kw_only=True):
    """The customer signs through the link: their name, their consent, and what they have read."""

    name: Name
    consent: bool
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    locale: Locale | None = None
    """In which language they read it; the link's own where nothing is said."""


class CustomerDeclineArgs(Args, frozen=True, kw_only=True):
    """The customer does not agree, and says why."""

    why: Said


#: The arguments of each action of the shop on an entry that exists.
ARGS: dict[str, type[Args]] = {
    "amend": AmendArgs,
    "sign": EntrySignArgs,
    "contact": ContactArgs,
    "ask_again": WhyArgs,
    "analyse": AnalyseArgs,
    "propose": ProposeArgs,
    "approve": NothingArgs,
    "send_back": WhyArgs,
    "make_link": LinkArgs,
    "note_signature": PaperArgs,
    "note_refusal": WhyArgs,
    "instruct": InstructArgs,
    "instruct_as_agreed": NothingArgs,
    "report_done": DoneArgs,
    "cancel_instruction": CancelArgs,
    "carried_out": NothingArgs,
    "follow_up": FollowUpArgs,
    "learn": TextArgs,
    "take": NothingArgs,
    "hand_up": HandUpArgs,
    "note": TextArgs,
    "show_contact": NothingArgs,
    "close": CloseArgs,
    "reopen": WhyArgs,
}

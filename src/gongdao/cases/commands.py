"""What people ask of a case: one struct of arguments per action.

The same structs are the bodies of the API, the fields of the pages' forms and the `with` tables of
scenario files. Amounts are text in yuan; a missing amount is what the pack computes.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from gongdao.base.money import YUAN_PATTERN
from gongdao.base.texts import NO_NUL
from gongdao.cases.case import PauseCause
from gongdao.policy.words import (
    EvidenceKind,
    FreightBearer,
    Liability,
    Mismatch,
    Procedure,
    Reason,
    RefusalReason,
    Remedy,
    Role,
)
from gongdao.shops.order import SignedBy

#: Limits of what one command may carry.
TEXT_MAX, LINES_MAX, FILES_MAX, EVIDENCE_MAX = 2000, 200, 10, 20

Yuan = Annotated[str, Meta(pattern=YUAN_PATTERN, description="Yuan with at most two decimals")]
# PostgreSQL keeps any character but U+0000.
Words = Annotated[str, Meta(max_length=TEXT_MAX, pattern=NO_NUL)]
Short = Annotated[str, Meta(max_length=100, pattern=NO_NUL)]
Lines = Annotated[list[Annotated[int, Meta(ge=1)]], Meta(min_length=1, max_length=LINES_MAX)]
FileIds = Annotated[list[UUID], Meta(max_length=FILES_MAX)]
Share = Annotated[float, Meta(gt=0, le=100)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Quantities = Annotated[
    dict[Annotated[str, Meta(pattern="^[1-9][0-9]{0,4}$")], Annotated[int, Meta(ge=1)]],
    Meta(max_length=LINES_MAX),
]
Cost = Annotated[str, Meta(pattern="^(carriage|handling)$")]


class Args(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The arguments of an action: unknown ones are refused."""


class EvidenceItem(Args, frozen=True, kw_only=True):
    """A piece of evidence that comes with a request or a refusal."""

    kind: EvidenceKind
    note: Words = ""
    amount: Yuan | None = None
    cost: Cost = "carriage"
    files: FileIds = []


EvidenceList = Annotated[list[EvidenceKind | EvidenceItem], Meta(max_length=EVIDENCE_MAX)]


class OpenArgs(Args, frozen=True, kw_only=True):
    """File a case: what happened, what is wanted, and proof."""

    procedure: Procedure
    kind: Short
    lines: Lines | None = None
    reason: Reason | None = None
    claim: Words = ""
    amount: Yuan | None = None
    received: bool | None = None
    quantities: Quantities = {}
    """Units of a line, by its number, where not all of them are meant."""
    share: Share | None = None
    """What part of the goods is affected, in percent."""
    count: Count | None = None
    """How many orders or units the claim speaks of."""
    wanted: Short = ""
    """Of an exchange: the sku of the variant that is wanted instead."""
    evidence: EvidenceList = []


class ModifyArgs(Args, frozen=True, kw_only=True):
    """Change the request: what is given replaces what was asked."""

    procedure: Procedure | None = None
    kind: Short | None = None
    lines: Lines | None = None
    reason: Reason | None = None
    claim: Words | None = None
    amount: Yuan | None = None
    received: bool | None = None
    quantities: Quantities = {}
    share: Share | None = None
    count: Count | None = None
    wanted: Short = ""
    """Of an exchange: the sku of the variant that is wanted by now."""
    evidence: EvidenceList = []


class NoArgs(Args, frozen=True):
    """An action that needs no arguments."""


class ApproveArgs(Args, frozen=True, kw_only=True):
    """Grant the request."""

    amount: Yuan | None = None
    freight_by: FreightBearer | None = None


class RejectArgs(Args, frozen=True, kw_only=True):
    """Refuse the request, with a reason."""

    reason: RefusalReason | None = None
    evidence: EvidenceList = []
    note: Words = ""


class OfferArgs(Args, frozen=True, kw_only=True):
    """Propose to settle."""

    remedy: Remedy
    refund: Yuan | None = None
    compensation: Yuan | None = None
    freight_by: FreightBearer | None = None
    note: Words = ""


class CompensateArgs(Args, frozen=True, kw_only=True):
    """Pay at once; without an amount, what the pack computes."""

    amount: Yuan | None = None


class ShipBackArgs(Args, frozen=True, kw_only=True):
    """Send the goods back."""

    carrier: Short = ""
    tracking: Short = ""
    freight: Yuan | None = None
    collect: bool = False


class TrackingArgs(Args, frozen=True, kw_only=True):
    """Correct the tracking number of a return."""

    carrier: Short = ""
    tracking: Short


class SignArgs(Args, frozen=True, kw_only=True):
    """Somebody signed for a parcel."""

    carrier: Short = ""
    tracking: Short = ""
    signed_by: SignedBy = "self"
    event: Short = ""
    """What the carrier reports."""


class ConfirmReceiptArgs(Args, frozen=True, kw_only=True):
    """The returned goods are back."""

    intact: bool = True


class MismatchArgs(Args, frozen=True, kw_only=True):
    """The return is not what was sold."""

    problem: Mismatch
    evidence: EvidenceList = []


class RequestEvidenceArgs(Args, frozen=True, kw_only=True):
    """Ask one side, or both, for proof."""

    from_: Annotated[str, Meta(pattern="^(buyer|seller|both)$")] = msgspec.field(name="from")
    kind: EvidenceKind | None = None


class SubmitEvidenceArgs(Args, frozen=True, kw_only=True):
    """Add a piece of evidence."""

    kind: EvidenceKind
    note: Words = ""
    amount: Yuan | None = None
    cost: Cost = "carriage"
    files: FileIds = []


class AdjudicateArgs(Args, frozen=True, kw_only=True):
    """Rule: who is liable, what is done about it, and why where it departs from the rules."""

    liability: Liability
    remedy: Remedy
    shares: dict[Role, int | float | str] = {}
    freight_by: FreightBearer | None = None
    refund: Yuan | None = None
    counterfeit: bool = False
    serious: bool = False
    count: Count | None = None
    """For how many units a multiple is due; none: for all that are in dispute."""
    note: Words = ""


class SendBackArgs(Args, frozen=True, kw_only=True):
    """Send a ruling back to the arbiter, and say why."""

    note: Words = ""


class AppealArgs(Args, frozen=True, kw_only=True):
    """Appeal against a ruling."""

    grounds: Words = ""
    evidence: EvidenceList = []


class ExtendArgs(Args, frozen=True, kw_only=True):
    """Give more time, with a reason."""

    by: Short
    note: Words = ""


class PauseArgs(Args, frozen=True, kw_only=True):
    """Stop the clock."""

    cause: PauseCause
    note: Words = ""


class NoteArgs(Args, frozen=True, kw_only=True):
    """A message to the other side, or a private note."""

    note: Words
    private: bool = False


#: The arguments of every action that this version decides.
ARGS: dict[str, type[Args]] = {
    "open": OpenArgs,
    "modify": ModifyArgs,
    "withdraw": NoArgs,
    "approve": ApproveArgs,
    "reject": RejectArgs,
    "offer": OfferArgs,
    "counter_offer": OfferArgs,
    "propose_settlement": OfferArgs,
    "accept_offer": NoArgs,
    "decline_offer": NoArgs,
    "compensate": CompensateArgs,
    "ship_back": ShipBackArgs,
    "refill_tracking": TrackingArgs,
    "sign": SignArgs,
    "ship": SignArgs,
    "confirm_receipt": ConfirmReceiptArgs,
    "report_mismatch": MismatchArgs,
    "confirm": NoArgs,
    "escalate": NoArgs,
    "request_evidence": RequestEvidenceArgs,
    "submit_evidence": SubmitEvidenceArgs,
    "adjudicate": AdjudicateArgs,
    "concur": NoArgs,
    "send_back": SendBackArgs,
    "appeal": AppealArgs,
    "execute": NoArgs,
    "extend_deadline": ExtendArgs,
    "pause": PauseArgs,
    "resume": NoArgs,
    "remind": NoArgs,
    "note": NoteArgs,
    "timeout": NoArgs,
}


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One request to act: what, in which role, with which arguments, seen at which version."""

    action: str
    by: Role
    args: Any
    person_id: UUID | None = None
    version: int | None = None
    """The version that the person saw; another one is a conflict. None: whatever stands."""

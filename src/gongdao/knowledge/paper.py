"""A paper of goods: what was bought, who may sell it, what a sample showed, until when. Pure."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal, get_args
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL
from gongdao.knowledge.article import PRODUCTS_MAX, Title
from gongdao.policy.words import EvidenceKind

PaperKind = Literal["purchase", "authorisation", "inspection"]
Result = Literal["passed", "failed"]
PAPER_KINDS: tuple[PaperKind, ...] = get_args(PaperKind)
#: A paper that ends within these days is one to renew.
SOON_DAYS = 30
FILES_MAX, BATCH_MAX, NOTE_MAX, SUPPLIER_MAX = 10, 60, 500, 120

PAPER_LABELS: dict[PaperKind, str] = {
    "purchase": N_("Purchase paper"),
    "authorisation": N_("Authorisation"),
    "inspection": N_("Sampling inspection"),
}
RESULT_LABELS: dict[Result, str] = {"passed": N_("Sample in order"), "failed": N_("Sample failed")}
#: What a paper is as evidence in a case.
EVIDENCE_OF: dict[PaperKind, EvidenceKind] = {
    "purchase": "invoice",
    "authorisation": "qualification",
    "inspection": "appraisal_report",
}

_Units = Annotated[int, msgspec.Meta(ge=1, le=100_000_000)]


class PaperWritten(msgspec.Struct, frozen=True, kw_only=True):
    """A paper as somebody files it; an inspection says how many were looked at and failed."""

    kind: PaperKind
    title: Title
    supplier: Annotated[str, msgspec.Meta(min_length=1, max_length=SUPPLIER_MAX, pattern=NO_NUL)]
    product_ids: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=PRODUCTS_MAX)]
    file_ids: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=FILES_MAX)]
    batch: Annotated[str, msgspec.Meta(max_length=BATCH_MAX, pattern=NO_NUL)] = ""
    quantity: _Units | None = None
    sampled: _Units | None = None
    failed: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)] | None = None
    result: Result | None = None
    issued_on: date | None = None
    valid_until: date | None = None
    note: Annotated[str, msgspec.Meta(max_length=NOTE_MAX, pattern=NO_NUL)] = ""


class Paper(PaperWritten, frozen=True, kw_only=True):
    """A paper as it is kept. A withdrawn one stays, and serves no more."""

    id: UUID
    shop_id: UUID
    by_id: UUID
    at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = None

    @property
    def ratio(self) -> float | None:
        """What part of the batch was looked at, in percent."""
        if not self.quantity or not self.sampled:
            return None
        return round(self.sampled * 100 / self.quantity, 2)

    def standing(self, today: date) -> Literal["withdrawn", "over", "ending", "valid"]:
        """Whether it still counts, and whether it is one to renew."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.valid_until is None:
            return "valid"
        if self.valid_until < today:
            return "over"
        return "ending" if self.valid_until <= today + timedelta(days=SOON_DAYS) else "valid"

    def days_left(self, today: date) -> int | None:
        """How many days it still counts; None: for good."""
        return None if self.valid_until is None else (self.valid_until - today).days


def require_whole(written: PaperWritten) -> None:
    """Refuse a paper that contradicts itself or leaves out what its kind needs. Raises Refusal."""
    numbers = (written.quantity, written.sampled, written.failed, written.result)
    if written.kind == "inspection":
        if any(each is None for each in numbers):
            raise Refusal(
                "invalid",
                N_("An inspection needs the quantity, the sample, how many failed and the result."),
            )
        assert written.quantity and written.sampled and written.failed is not None
        if written.sampled > written.quantity:
            raise Refusal("invalid", N_("A sample is no larger than what it was taken from."))
        if written.failed > written.sampled:
            raise Refusal("invalid", N_("No more can fail than were looked at."))
        if not written.batch.strip():
            raise Refusal("invalid", N_("An inspection names the batch that it was taken from."))
    elif any(each is not None for each in numbers[1:]):
        raise Refusal("invalid", N_("Only an inspection has a sample and a result."))
    if written.kind == "authorisation" and written.valid_until is None:
        raise Refusal("invalid", N_("An authorisation says until when it holds."))
    if written.issued_on and written.valid_until and written.valid_until < written.issued_on:
        raise Refusal("invalid", N_("A paper does not end before it was issued."))

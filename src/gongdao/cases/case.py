"""A case: everything that is known of a dispute, as folded from its events."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.ledger.funding import Bearer
from gongdao.policy.pack import Ended
from gongdao.policy.words import (
    AmountName,
    EvidenceKind,
    FreightBearer,
    Liability,
    Mismatch,
    Party,
    PointsLedger,
    Procedure,
    Reason,
    RefusalReason,
    Remedy,
    Role,
    SanctionKind,
    Stage,
)

PaidFrom = Literal["escrow", "balance", "deposit", "debt", "advance"]
PauseCause = Literal["joint_request", "court", "police"]


class Noun(msgspec.Struct, frozen=True, omit_defaults=True):
    """What every part of a case has in common: frozen, and stored without its defaults."""


class Offer(Noun, frozen=True, kw_only=True):
    """A proposal to settle: what the buyer would get. The arbiter's needs both sides."""

    number: int
    by: Role
    at: datetime
    remedy: Remedy
    refund_fen: int = 0
    compensation_fen: int = 0
    freight_by: FreightBearer | None = None
    note: str = ""
    accepted_by: tuple[Role, ...] = ()
    state: Literal["open", "accepted", "declined", "replaced"] = "open"


class Evidence(Noun, frozen=True, kw_only=True):
    """One piece of evidence. `file_ids` name its files; `sha256` are theirs, in hex."""

    number: int
    kind: EvidenceKind
    by: Role
    at: datetime
    note: str = ""
    amount_fen: int = 0
    """The sum on a receipt."""
    cost: Literal["carriage", "handling"] = "carriage"
    file_ids: tuple[UUID, ...] = ()
    sha256: tuple[str, ...] = ()
    sealed_at: datetime | None = None


class ReturnParcel(Noun, frozen=True, kw_only=True):
    """The goods on their way back to the seller."""

    carrier: str = ""
    tracking: str = ""
    freight_fen: int = 0
    """What the buyer says the carriage cost."""
    collect: bool = False
    shipped_at: datetime
    signed_at: datetime | None = None


class Wanted(Noun, frozen=True, kw_only=True):
    """What the buyer of an exchange gets instead: another variant of what is in a line."""

    line: int
    product_id: UUID
    sku: str
    title: str
    units: int
    more_fen: int = 0
    """What it costs more, to be paid before it is sent; below zero, what comes back."""


class Vote(Noun, frozen=True, kw_only=True):
    """What one juror found, and why; nobody sees it before the vote is over."""

    at: datetime
    liability: Liability
    remedy: Remedy
    note: str = ""
    person_id: UUID | None = None


class Appeal(Noun, frozen=True, kw_only=True):
    """A side does not accept a ruling."""

    by: Role
    at: datetime
    grounds: str


class Rest(Noun, frozen=True, kw_only=True):
    """A paused clock: why it rests, and how much of it is left."""

    cause: PauseCause
    at: datetime
    remaining: timedelta | None = None


class EvidenceRequest(Noun, frozen=True, kw_only=True):
    """The platform asks a side for proof."""

    side: Literal["buyer", "seller", "both"]
    at: datetime
    kind: EvidenceKind | None = None


class Ruling(Noun, frozen=True, kw_only=True):
    """Liability, remedy, freight and amounts, with the rules that carry them."""

    at: datetime
    liability: Liability
    remedy: Remedy
    freight_by: FreightBearer
    amounts_fen: dict[AmountName, int]
    cites: tuple[str, ...]
    seller_share: int = 100
    """What part of the refund the seller bears, in percent."""
    counterfeit: bool = False
    serious: bool = False
    note: str = ""
    unverified: tuple[str, ...] = ()
    """Those of the cited rules whose source nobody has read."""
    by_rules: bool = False
    """The refund is what the rules gave then, not another that somebody named."""
    person_id: UUID | None = None
    """Who ruled: reviewing it, or hearing an appeal against it, is for somebody else."""


class PaidLine(Noun, frozen=True, kw_only=True):
    """A sum that has been paid, or is owed as a debt, and from which account."""

    name: AmountName
    source: PaidFrom
    amount_fen: int
    bearer: Bearer = "shop"
    """Who bears it; what comes from escrow is the shop's."""
    ruled: bool = False
    """It was paid under a ruling."""


class Correction(Noun, frozen=True, kw_only=True):
    """A sum that somebody got back, or (below zero) bears after all, by a later ruling."""

    name: AmountName
    bearer: Bearer
    restored_fen: int


class FineLine(Noun, frozen=True, kw_only=True):
    """A part of a fine, and the account that it came from."""

    source: PaidFrom
    amount_fen: int


class Charge(Noun, frozen=True, kw_only=True):
    """Penalty points put on the shop; below zero, points that were taken back."""

    ledger: PointsLedger
    points: int
    rule: str


class Sanction(Noun, frozen=True, kw_only=True):
    """What was imposed on a shop; its number is its entry in the shop's record."""

    number: int
    kind: SanctionKind
    at: datetime
    until: datetime | None = None
    """None: until it is lifted."""
    rule: str
    fine_fen: int = 0
    charge: int = 0
    """The entry of the points that reached a node, if that is what brought it."""
    reached: int = 0
    """The points of that node."""
    lifted_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it is in force: from its first instant, and up to its last one."""
        ended = self.until is not None and now > self.until
        return self.lifted_at is None and not ended


#: Where a case is on its way to a ruling.
_BEFORE_A_RULING = ("evidence", "seller_preprocessing", "mediation", "jury", "adjudication")


class Case(Noun, frozen=True, kw_only=True):
    """The state of a case. `version` counts its events; money is in fen, instants are in UTC."""

    id: UUID
    procedure: Procedure
    kind: str
    order_id: UUID
    shop_id: UUID
    buyer_id: UUID
    pack: str
    opened_at: datetime
    opened_by: Role
    version: int = 0
    changed_at: datetime | None = None
    """When the newest event happened; nothing that comes later happens before it."""
    switches: dict[str, str] = {}
    """Switches of the pack that the operator had set when the case was opened."""
    anonymous: bool = False
    """Whoever filed it stays unknown to the other side (see cases/seen_by.py)."""
    reason: Reason | None = None
    claim: str = ""
    lines: tuple[int, ...] = ()
    quantities: dict[int, int] = {}
    """Units in dispute of a line; a line that is not named is disputed whole."""
    asked_fen: int = 0
    asked_by_rules: bool = False
    """The sum is what the rules gave when it was asked for, not another that somebody named."""
    received: bool | None = None
    share: float | None = None
    """What part of the goods is affected, in percent."""
    count: int | None = None
    """How many orders or units the claim speaks of."""
    applications: int = 1
    stage: Stage = "closed"
    waiting_on: Party = "nobody"
    deadline: datetime | None = None
    entered_at: datetime
    refusal: RefusalReason | None = None
    refused: bool = False
    mismatch: Mismatch | None = None
    offers: tuple[Offer, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    evidence_sealed_at: datetime | None = None
    requests: tuple[EvidenceRequest, ...] = ()
    parcel: ReturnParcel | None = None
    returned: bool = False
    wanted: Wanted | None = None
    sent: ReturnParcel | None = None
    """The exchanged, resent or repaired goods on their way to the buyer."""
    left_over: dict[Stage, timedelta] = {}
    """The time that was left in a stage when the case went away from it."""
    stepped_in_at: Stage | None = None
    """The stage in which the platform was asked to step in."""
    votes: tuple[Vote, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    reopened: bool = False
    rest: Rest | None = None
    reminded: dict[Role, datetime] = {}
    ruling: Ruling | None = None
    rulings: int = 0
    """How often it was ruled on."""
    award_fen: dict[AmountName, int] = {}
    """What was agreed or ruled, by name; paid when the case is executed."""
    freight_by: FreightBearer | None = None
    remedy: Remedy | None = None
    paid: tuple[PaidLine, ...] = ()
    corrections: tuple[Correction, ...] = ()
    against_buyer_fen: dict[AmountName, int] = {}
    """What the buyer was told to pay; no account pays it."""
    frozen_fen: int = 0
    """What is held on the shop's balance and deposit until the ruling is carried out."""
    frozen_deposit_fen: int = 0
    """What of it is the deposit's."""
    charges: tuple[Charge, ...] = ()
    sanctions: tuple[Sanction, ...] = ()
    upheld: bool = False
    """It ended against the shop, and counts in the shop's record."""
    signals: tuple[str, ...] = ()
    notes: dict[Role, int] = {}
    """How many messages and notes each role has written."""
    missed: int = 0
    """How often a clock of the platform has run out."""
    warnings: tuple[str, ...] = ()
    ending: Ended | None = None
    """How the case will have ended once it is executed."""
    ended: Ended | None = None
    closed_at: datetime | None = None

    @property
    def is_ruled_anew(self) -> bool:
        """Whether the ruling that was made is thought over: appealed against, or sent back."""
        return self.ruling is not None and self.is_open and self.stage in _BEFORE_A_RULING

    @property
    def is_open(self) -> bool:
        """Whether anything can still happen in it."""
        return self.ended is None

    @property
    def open_offer(self) -> Offer | None:
        """The offer that waits for an answer, if there is one."""
        return next((o for o in reversed(self.offers) if o.state == "open"), None)

    @property
    def award_by_rules(self) -> bool:
        """Whether the refund that was granted or ruled is just what the rules gave."""
        if self.ruling is not None:
            return self.ruling.by_rules
        bargained = any(offer.state == "accepted" for offer in self.offers)
        granted = self.award_fen.get("refund") == self.asked_fen
        return self.asked_by_rules and granted and not bargained

    def paid_fen(self, name: str) -> int:
        """What has been paid or put down as a debt under this name."""
        return sum(line.amount_fen for line in self.paid if line.name == name)

    def given_fen(self, name: str) -> int:
        """What the shop paid under this name before there was a ruling."""
        own = (line for line in self.paid if line.name == name and line.bearer == "shop")
        return sum(line.amount_fen for line in own if not line.ruled)

    @property
    def paid_first(self) -> bool:
        """Whether the shop had paid of its own accord all that the ruling then gave."""
        ruled = self.ruling.amounts_fen if self.ruling else {}
        return any(ruled.values()) and all(
            self.given_fen(name) >= fen for name, fen in ruled.items()
        )

    def borne_fen(self, name: str, bearer: Bearer) -> int:
        """What somebody bears of what was paid under this name, after all corrections."""
        paid = sum(p.amount_fen for p in self.paid if (p.name, p.bearer) == (name, bearer))
        made_up = (c for c in self.corrections if (c.name, c.bearer) == (name, bearer))
        return paid - sum(c.restored_fen for c in made_up)

    def paid_from_fen(self, source: str) -> int:
        """What has been drawn from this account."""
        return sum(line.amount_fen for line in self.paid if line.source == source)

    def evidence_of(self, *roles: str) -> frozenset[str]:
        """The kinds of evidence that these roles have submitted."""
        return frozenset(piece.kind for piece in self.evidence if piece.by in roles)

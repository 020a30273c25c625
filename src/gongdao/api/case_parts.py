"""Parts of a case as the API shows them: offers, evidence, the ruling, and where the money is."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.money import yuan
from gongdao.cases.case import Evidence, Offer, Ruling
from gongdao.ledger.balance import MoneyLine
from gongdao.policy.words import AmountName


class OfferBody(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal to settle: what the buyer would get."""

    number: int
    by: str
    at: datetime
    remedy: str
    refund: str
    compensation: str
    freight_by: str | None
    note: str
    accepted_by: tuple[str, ...]
    state: str


class EvidenceBody(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence; its files are read under /files/{id}."""

    number: int
    kind: str
    by: str
    at: datetime
    note: str
    amount: str
    """The sum on a receipt."""
    cost: str
    file_ids: tuple[UUID, ...]
    sha256: tuple[str, ...]
    sealed_at: datetime | None


class RulingBody(msgspec.Struct, frozen=True, kw_only=True):
    """Liability, remedy, freight and amounts, with the rules that carry them."""

    at: datetime
    liability: str
    remedy: str
    freight_by: str
    amounts: dict[str, str]
    cites: tuple[str, ...]
    seller_share: int
    """What part of the refund the seller bears, in percent."""
    counterfeit: bool
    serious: bool
    note: str
    unverified: tuple[str, ...]
    """Those of the cited rules whose source nobody has read."""


class MoneyBody(msgspec.Struct, frozen=True, kw_only=True):
    """Where one sum is: decided when, paid from where, and how far it has come."""

    transfer_id: int
    kind: str
    amount: str
    source: str
    target: str
    decided_at: datetime
    state: str
    """posted, owed (paid as soon as the shop's money comes in), voided or expired."""
    purpose: str | None
    channel: str | None
    payout_id: UUID | None
    payout_state: str | None
    sent_at: datetime | None
    expected_at: datetime | None
    arrived_at: datetime | None
    failed_at: datetime | None
    attempts: int
    next_attempt_at: datetime | None
    held_until: datetime | None
    """It is being checked; at the latest then it goes out by itself."""


def show_offer(offer: Offer) -> OfferBody:
    """An offer, its sums in yuan."""
    return OfferBody(
        number=offer.number,
        by=offer.by,
        at=offer.at,
        remedy=offer.remedy,
        refund=yuan(offer.refund_fen),
        compensation=yuan(offer.compensation_fen),
        freight_by=offer.freight_by,
        note=offer.note,
        accepted_by=offer.accepted_by,
        state=offer.state,
    )


def show_evidence(piece: Evidence) -> EvidenceBody:
    """A piece of evidence, its sum in yuan."""
    return EvidenceBody(
        number=piece.number,
        kind=piece.kind,
        by=piece.by,
        at=piece.at,
        note=piece.note,
        amount=yuan(piece.amount_fen),
        cost=piece.cost,
        file_ids=piece.file_ids,
        sha256=piece.sha256,
        sealed_at=piece.sealed_at,
    )


def show_ruling(ruling: Ruling) -> RulingBody:
    """A ruling, its sums in yuan."""
    return RulingBody(
        at=ruling.at,
        liability=ruling.liability,
        remedy=ruling.remedy,
        freight_by=ruling.freight_by,
        amounts=in_yuan(ruling.amounts_fen),
        cites=ruling.cites,
        seller_share=ruling.seller_share,
        counterfeit=ruling.counterfeit,
        serious=ruling.serious,
        note=ruling.note,
        unverified=ruling.unverified,
    )


def show_money(line: MoneyLine) -> MoneyBody:
    """A line of "where is the money", its sum in yuan."""
    rest = {name: getattr(line, name) for name in MoneyBody.__struct_fields__ if name != "amount"}
    return MoneyBody(amount=yuan(line.amount_fen), **rest)


def in_yuan(amounts: Mapping[AmountName, int]) -> dict[str, str]:
    """Named sums, in yuan."""
    return {name: yuan(fen) for name, fen in amounts.items()}

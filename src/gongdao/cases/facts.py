"""What a decision rests on beside its case: the order, the money, the shop's record, neighbours."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.cases.case import Case
from gongdao.cases.record import ShopRecord
from gongdao.ledger.funding import Funds
from gongdao.policy.pack import Ended
from gongdao.policy.words import Procedure, Reason, Remedy, Role
from gongdao.shops.order import Order

#: Reasons of a request that nothing is wrong with the goods for.
_DISLIKE = ("no_reason", "changed_mind")


class Sibling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Another case on the same order."""

    procedure: Procedure
    kind: str
    lines: tuple[int, ...]
    opened_by: Role = "buyer"
    quantities: dict[int, int] = {}
    reason: Reason | None = None
    remedy: Remedy | None = None
    resent_at: datetime | None = None
    """When the goods that were sent in it instead were signed for, or counted as received."""
    ended: Ended | None = None
    returned: bool = False
    """The seller has what was sent back in it."""
    refunded_fen: int = 0
    freight_fen: int = 0
    """The carriage that was paid in it."""
    compensated_fen: int = 0
    """What was paid in it for a breach."""

    @property
    def unwanted(self) -> bool:
        """Whether its goods did not stay with the buyer, though nothing was wrong with them."""
        return self.took_goods_back and self.reason in _DISLIKE

    @property
    def disliked(self) -> bool:
        """Whether the buyer had such goods, and sent them back."""
        return self.unwanted and self.kind != "refund_only"

    @property
    def took_goods_back(self) -> bool:
        """Whether its goods are the shop's again, and their price is the buyer's."""
        if self.ended not in ("settled", "defaulted", "decided"):
            return False
        # Cheap goods that are back may have cost a discount of as much: then nothing was paid.
        if self.remedy == "return_and_refund":
            return self.returned or self.refunded_fen > 0
        # A request out of mere dislike gives money for goods that did not stay with the buyer.
        never_kept = self.kind == "refund_only" and self.reason in _DISLIKE
        return never_kept and self.refunded_fen > 0


def sibling_of(case: Case) -> Sibling:
    """A case as the others on its order know it."""
    return Sibling(
        procedure=case.procedure,
        kind=case.kind,
        lines=case.lines,
        opened_by=case.opened_by,
        quantities=case.quantities,
        reason=case.reason,
        remedy=case.ruling.remedy if case.ruling else case.remedy,
        resent_at=(case.sent.signed_at or case.closed_at) if case.sent else None,
        ended=case.ended,
        returned=case.returned,
        refunded_fen=case.paid_fen("refund"),
        freight_fen=case.paid_fen("freight"),
        compensated_fen=case.paid_fen("compensation"),
    )


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """A case between the same two on another order, paid about the same time."""

    kind: str
    paid_at: datetime
    compensated_fen: int = 0


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """Another variant of something in the order, and how many of it may be promised."""

    product_id: UUID
    sku: str
    title: str
    price_fen: int
    of_line: int
    stock: int | None = None
    """None where nobody counts."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything outside the case that its decisions rest on, handed in."""

    order: Order
    funds: Funds
    record: ShopRecord = ShopRecord()
    """What the cases against the shop have left."""
    siblings: tuple[Sibling, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    """What was paid between the same buyer and shop on other orders of about the same day."""
    sha256_of: dict[UUID, str] = {}
    """The hashes of the files that the acting person may attach."""
    variants: tuple[Variant, ...] = ()
    """What an exchange may ask for."""
    difference_paid_fen: int = 0
    """What the buyer has paid on top in this case, and what is held for its exchange."""

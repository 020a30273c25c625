"""A parcel before it leaves: how far it is made up, what is added, what is merged."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NOT_TEXT

#: How far whoever makes up the parcel is.
Making = Literal["unread", "read", "packed"]
_STEPS: tuple[Making, ...] = get_args(Making)
WHAT_MAX = 200


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a buyer wants in the same parcel."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    what: str
    making: Making
    """How far the parcel was when it was asked."""
    extra_fen: int
    """Postage that the buyer pays on top."""
    bill_id: UUID | None
    key: str | None
    by_id: UUID
    at: datetime
    done_by: UUID | None = None
    done_at: datetime | None = None


def furthest(makings: Iterable[Making]) -> Making:
    """How far a parcel is: as far as the furthest of the orders in it."""
    return max(makings, key=_STEPS.index)


def check_addition(what: str, making: Making, extra_fen: int) -> str:
    """What is added, if the postage fits how far the parcel is. Raises Refusal."""
    said = " ".join(what.split())
    if not said or len(said) > WHAT_MAX or NOT_TEXT.search(said):
        raise Refusal(
            "invalid", N_("Say what is to be added, in at most {n} characters."), n=WHAT_MAX
        )
    if making == "unread" and extra_fen:
        raise Refusal(
            "not_eligible", N_("The parcel has not been read yet: nothing more is to be paid.")
        )
    if making != "unread" and extra_fen <= 0:
        raise Refusal(
            "reason_required",
            N_("The parcel has been read already: name the postage that the buyer pays for it."),
        )
    return said

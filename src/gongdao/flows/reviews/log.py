"""What is done about a review is written into its log, once for each form."""

from datetime import datetime
from typing import Any
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.reviews.review import Deed, Review, ReviewEvent
from gongdao.reviews.store import append_event, event_of_key


async def is_done(connection: Connection, review: Review, what: Deed, key: UUID) -> bool:
    """Whether this very form was sent before. Raises Refusal idempotency_conflict."""
    event = await event_of_key(connection, key)
    if event is None:
        return False
    if (event.review_id, event.what) != (review.id, what):
        raise Refusal("idempotency_conflict", N_("This key was used for something else."))
    return True


async def note(
    connection: Connection,
    review: Review,
    what: Deed,
    who: Principal,
    now: datetime,
    *,
    key: UUID | None = None,
    **detail: Any,
) -> None:
    """Write down what somebody did; the caller holds the review."""
    event = ReviewEvent(
        review_id=review.id,
        shop_id=review.shop_id,
        at=now,
        by_id=who.person_id,
        what=what,
        detail=detail,
        key=key,
    )
    await append_event(connection, event)


def tell(review: Review) -> None:
    """Open pages of both sides look again."""
    changed([f"shop:{review.shop_id}", f"buyer:{review.buyer_id}"])

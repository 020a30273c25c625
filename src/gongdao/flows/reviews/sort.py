"""Sort neutral and negative reviews by cause, and say when their buyers are to be contacted."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from gongdao.base.db import Connection
from gongdao.flows.reviews.known import Asked, facts_of_reviews
from gongdao.reviews.review import Review
from gongdao.reviews.triage import Facts, first_contact, sign_book, sort_review

#: Nobody calls about a review that is older than this when it is brought in.
CALLED_WITHIN = timedelta(days=30)


async def sorted_review(connection: Connection, review: Review, *, now: datetime) -> Review:
    """The review with the cause that is suggested for it; a good one has none."""
    return (await sorted_reviews(connection, [review], now=now))[0]


async def sorted_reviews(
    connection: Connection, reviews: Sequence[Review], *, now: datetime
) -> list[Review]:
    """Many at once, their facts read by one statement.

    A cause that somebody has decided stays; what is suggested beside it is brought up to date.
    """
    minded = [review for review in reviews if review.stars < 4]
    asked = [
        Asked(
            review_id=review.id,
            order_id=review.order_id,
            at=review.changed_at or review.at,
            stars=review.stars,
            text=review.text,
        )
        for review in minded
    ]
    facts = await facts_of_reviews(connection, asked) if asked else []
    if len(minded) > 1:
        facts = [
            replace(known, lowest_at_once=known.lowest_at_once + others)
            for known, others in zip(facts, _lowest_beside(minded), strict=True)
        ]
    found = {
        review.id: _sort(review, known, now) for review, known in zip(minded, facts, strict=True)
    }
    return [found.get(review.id) or _content(review) for review in reviews]


def _lowest_beside(reviews: Sequence[Review]) -> list[int]:
    """For each: how many lowest marks its buyer gives within a day in the others of these."""
    times: defaultdict[UUID, list[datetime]] = defaultdict(list)
    for review in reviews:
        if review.stars == 1:
            times[review.buyer_id].append(review.at)
    return [
        sum(abs(at - review.at) <= timedelta(days=1) for at in times[review.buyer_id])
        - (review.stars == 1)
        for review in reviews
    ]


def _content(review: Review) -> Review:
    """Nobody has to be contacted about a good one."""
    return replace(review, cause=None, suggested=None, signs=(), corrected_by=None, due_at=None)


def _sort(review: Review, known: Facts, now: datetime) -> Review:
    book = sign_book()
    suggested = sort_review(known, book)
    cause = review.cause if review.corrected_by and review.cause else suggested.cause
    is_new = review.cause is None
    due_at = review.due_at
    if is_new and now - review.at <= CALLED_WITHIN:
        due_at = first_contact(cause, now, book.contact)
    return replace(
        review, cause=cause, suggested=suggested.cause, signs=suggested.signs, due_at=due_at
    )

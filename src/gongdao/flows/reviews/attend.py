"""What the shop does about a review: decides its cause, calls the buyer, rates them."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec.structs import replace

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL
from gongdao.flows.reviews.access import (
    held_review_for,
    require_in_time,
    rule_for,
    shop_of,
)
from gongdao.flows.reviews.log import is_done, note, tell
from gongdao.flows.reviews.sort import sorted_review
from gongdao.flows.settings import current_pack
from gongdao.flows.talk.manners import require_manners
from gongdao.reviews.review import (
    NOTE_MAX,
    RATING_MAX,
    BuyerRating,
    Cause,
    Mark,
    Outcome,
    Review,
    Way,
    require_words,
)
from gongdao.reviews.store import add_rating, events_of, rating_of, save_review
from gongdao.reviews.triage import sign_book, within_hours
from gongdao.shops.store import Scope, load_order

#: A follow-up lies no further ahead than this.
FOLLOW_UP_MAX = timedelta(days=90)
_Note = Annotated[str, msgspec.Meta(max_length=2 * NOTE_MAX, pattern=NO_NUL)]


class CauseArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cause as somebody has decided it, and why."""

    cause: Cause
    reason: _Note = ""


class ContactArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How trying to reach the buyer ended, and when to try again."""

    way: Way = "phone"
    outcome: Outcome
    note: _Note = ""
    again_at: datetime | None = None


class RatingArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the shop rates a buyer."""

    mark: Mark
    text: Annotated[str, msgspec.Meta(max_length=2 * RATING_MAX, pattern=NO_NUL)] = ""


async def decide_cause(
    pool: Pool, who: Principal, review_id: UUID, args: CauseArgs, *, key: UUID, now: datetime
) -> Review:
    """Confirm or correct the suggested cause; both are kept, so that agreement can be counted.

    Raises Refusal: not_found, not_eligible (a good review), reason_required (a correction).
    """
    shop_of(who)
    said = require_words(args.reason, most=NOTE_MAX, empty_ok=True)
    async with pool.acquire() as connection, connection.transaction():
        review = await held_review_for(connection, who, review_id)
        if await is_done(connection, review, "cause_set", key):
            return review
        if review.cause is None:
            raise Refusal("not_eligible", N_("A good review has no cause to look for."))
        if args.cause != review.suggested and not said:
            raise Refusal("reason_required", N_("Say why it is another cause."))
        after = replace(review, cause=args.cause, corrected_by=who.person_id)
        after = await save_review(connection, after)
        await note(
            connection, after, "cause_set", who, now, key=key,
            cause=args.cause, suggested=review.suggested, was=review.cause, reason=said,
        )  # fmt: skip
    tell(after)
    return after


async def note_contact(
    pool: Pool, who: Principal, review_id: UUID, args: ContactArgs, *, key: UUID, now: datetime
) -> Review:
    """Write down how a call went, and when the buyer is contacted next.

    Nobody reached is tried again the next day, three times in all; who was reached waits for a day
    that is named. Raises Refusal: not_found, not_eligible, invalid, reason_required.
    """
    shop_of(who)
    said = require_words(args.note, most=NOTE_MAX, empty_ok=True)
    _require_sound(args, said, now)
    async with pool.acquire() as connection, connection.transaction():
        review = await held_review_for(connection, who, review_id)
        if await is_done(connection, review, "contacted", key):
            return review
        if review.cause is None:
            raise Refusal("not_eligible", N_("Nobody has to be contacted about a good review."))
        await note(
            connection, review, "contacted", who, now, key=key,
            way=args.way, outcome=args.outcome, note=said, again_at=args.again_at,
        )  # fmt: skip
        after = await sorted_review(connection, review, now=now)
        missed = sum(
            event.what == "contacted" and event.detail.get("outcome") == "no_answer"
            for event in await events_of(connection, review.id)
        )
        after = replace(
            after,
            due_at=_next_contact(args, missed, now),
            solved_at=now if args.outcome == "solved" else review.solved_at,
        )
        after = await save_review(connection, after)
    tell(after)
    return after


def _require_sound(args: ContactArgs, said: str, now: datetime) -> None:
    if args.outcome == "solved" and not said:
        raise Refusal("reason_required", N_("Say what was agreed."))
    if args.again_at is not None:
        if args.again_at.utcoffset() is None or not now < args.again_at <= now + FOLLOW_UP_MAX:
            raise Refusal("invalid", N_("The next contact lies within the coming 90 days."))
        if args.outcome in ("solved", "refused"):
            raise Refusal("invalid", N_("What is over needs no next contact."))


def _next_contact(args: ContactArgs, missed: int, now: datetime) -> datetime | None:
    hours = sign_book().contact
    if args.outcome in ("solved", "refused"):
        return None
    if args.again_at is not None:
        return args.again_at
    if args.outcome == "no_answer" and missed >= hours.give_up_after:
        return None
    return within_hours(now + timedelta(hours=hours.again_after_hours), hours)


async def rate_buyer(
    pool: Pool, who: Principal, order_id: UUID, args: RatingArgs, *, now: datetime
) -> BuyerRating:
    """The shop's rating of a buyer, once, in words that manners let pass.

    Raises Refusal: not_found, too_early, too_late, duplicate, not_eligible (manners), invalid.
    """
    shop_id = shop_of(who)
    text = require_words(args.text, most=RATING_MAX, empty_ok=True)
    pack = await current_pack(pool)
    async with pool.acquire() as connection:
        order = await load_order(connection, order_id, scope=Scope(shop_id=shop_id))
        if order is None:
            raise Refusal("not_found", N_("There is no such order."))
        if order.confirmed_at is None:
            raise Refusal("too_early", N_("A review is possible once receipt is confirmed."))
        require_in_time(pack, rule_for(pack, "rate_buyer"), order.confirmed_at, now)
        if args.mark != "good" and not text:
            raise Refusal("reason_required", N_("Say why the buyer gets no good mark."))
        await require_manners(connection, who, text)
        rating = BuyerRating(
            order_id=order_id,
            shop_id=shop_id,
            buyer_id=order.buyer_id,
            mark=args.mark,
            text=text,
            by_id=who.person_id,
            at=now,
        )
        if not await add_rating(connection, rating):
            known = await rating_of(connection, order_id)
            if known is None or (known.mark, known.text) != (rating.mark, rating.text):
                raise Refusal("duplicate", N_("The buyer of this order is rated already."))
            return known
    return rating

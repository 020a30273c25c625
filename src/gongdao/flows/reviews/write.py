"""A buyer says what they think of a finished order; changes it; adds to it.

Nothing is asked for in return, and nothing of it is ever deleted: what was said before a change
stays in the log of the review.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec.structs import replace

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL
from gongdao.files.store import find_files
from gongdao.flows.reviews.access import held_review_for, require_in_time, rule_for
from gongdao.flows.reviews.log import is_done, note, tell
from gongdao.flows.reviews.sort import sorted_review
from gongdao.flows.settings import current_pack
from gongdao.policy.pack import Pack
from gongdao.policy.reviews import ReviewRule
from gongdao.reviews.review import (
    PICTURES_MAX,
    STARS_OF_MARK,
    TEXT_MAX,
    Review,
    require_words,
)
from gongdao.reviews.store import (
    add_reviews,
    reviews_of_order,
    save_review,
)
from gongdao.shops.order import Line, Order
from gongdao.shops.store import Scope, load_order, lock_order

_Stars = Annotated[int, msgspec.Meta(ge=1, le=5)]
_Text = Annotated[str, msgspec.Meta(max_length=2 * TEXT_MAX, pattern=NO_NUL)]
_Pictures = Annotated[list[UUID], msgspec.Meta(max_length=PICTURES_MAX)]


class ReviewArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a buyer says of one line of an order."""

    line: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    stars: _Stars
    text: _Text = ""
    pictures: _Pictures = []


class ChangeArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a buyer says instead; `seen` is the version that they read."""

    stars: _Stars
    text: _Text = ""
    pictures: _Pictures = []
    seen: Annotated[int, msgspec.Meta(ge=1)]


class AdditionArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a buyer adds after a while."""

    text: _Text
    pictures: _Pictures = []


async def write_review(
    pool: Pool, who: Principal, order_id: UUID, args: ReviewArgs, *, review_id: UUID, now: datetime
) -> Review:
    """Keep what a buyer says of a line; sent again under the same id it stands there once.

    Raises Refusal: not_found, too_early (not received yet), too_late, not_eligible (all of it was
    paid back, or the rule book knows no such mark), duplicate, invalid.
    """
    if who.kind != "buyer":
        raise Refusal("wrong_role", N_("Only the buyer reviews an order."))
    pack = await current_pack(pool)
    text = require_words(args.text, most=TEXT_MAX, empty_ok=True)
    async with pool.acquire() as connection, connection.transaction():
        order = await lock_order(connection, order_id, scope=Scope(buyer_id=who.person_id))
        line = _line_of(order, args.line)
        known = await reviews_of_order(connection, order_id)
        if again := next((each for each in known if each.id == review_id), None):
            return again
        rule = require_reviewable(pack, order, line, now)
        if any(each.line in (0, line.line) for each in known):
            raise Refusal("duplicate", N_("You have reviewed this already."))
        _require_scale(rule, args.stars)
        await _require_pictures(connection, who, args.pictures)
        review = await sorted_review(
            connection, _review(order, line, args, text, review_id, now), now=now
        )
        await add_reviews(connection, [review])
        await note(connection, review, "written", who, now)
    tell(review)
    return review


async def change_review(
    pool: Pool, who: Principal, review_id: UUID, args: ChangeArgs, *, key: UUID, now: datetime
) -> Review:
    """Another mark and other words, as often as the rule book lets a buyer think again.

    Raises Refusal: not_found, too_late, not_eligible, version_conflict, invalid.
    """
    pack = await current_pack(pool)
    text = require_words(args.text, most=TEXT_MAX, empty_ok=True)
    async with pool.acquire() as connection, connection.transaction():
        review = await _own(connection, who, review_id)
        if await is_done(connection, review, "changed", key):
            return review
        await require_changeable(connection, pack, review, now)
        if review.version != args.seen:
            raise Refusal("version_conflict", N_("This review has moved on meanwhile; look again."))
        _require_scale(rule_for(pack, "write"), args.stars)
        await _require_pictures(connection, who, args.pictures)
        before = {
            "stars": review.stars,
            "text": review.text,
            "pictures": review.pictures,
            "cause": review.cause,
        }
        after = replace(
            review,
            stars=args.stars,
            text=text,
            pictures=tuple(args.pictures) or review.pictures,
            changed_at=now,
            changes=review.changes + 1,
        )
        after = await save_review(connection, await sorted_review(connection, after, now=now))
        await note(connection, after, "changed", who, now, key=key, **before)
    tell(after)
    return after


async def append_to_review(
    pool: Pool, who: Principal, review_id: UUID, args: AdditionArgs, *, key: UUID, now: datetime
) -> Review:
    """A few words more after some time; once. Raises Refusal: not_found, too_late, duplicate."""
    pack = await current_pack(pool)
    text = require_words(args.text, most=TEXT_MAX)
    async with pool.acquire() as connection, connection.transaction():
        review = await _own(connection, who, review_id)
        if await is_done(connection, review, "appended", key):
            return review
        if review.added_at is not None:
            raise Refusal("duplicate", N_("You have added to this review already."))
        rule = rule_for(pack, "append")
        require_in_time(pack, rule, review.at, now)
        await _require_pictures(connection, who, args.pictures)
        after = replace(
            review,
            added_text=text,
            added_at=now,
            pictures=(*review.pictures, *args.pictures)[: 2 * PICTURES_MAX],
        )
        after = await save_review(connection, after)
        await note(connection, after, "appended", who, now, key=key)
    tell(after)
    return after


def require_reviewable(pack: Pack, order: Order, line: Line, now: datetime) -> ReviewRule:
    """The rule by which a line may be reviewed now.

    Raises Refusal: too_early, too_late, not_eligible.
    """
    rule = rule_for(pack, "write", line.tags)
    if order.closed_at is not None or (
        not rule.after_full_refund and 0 < order.paid_fen <= order.refunded_fen
    ):
        raise Refusal(
            "not_eligible",
            N_("This order was closed or wholly paid back, so there is nothing to review."),
            rules=(rule.rule,),
        )
    if order.confirmed_at is None:
        raise Refusal(
            "too_early", N_("A review is possible once receipt is confirmed."), rules=(rule.rule,)
        )
    require_in_time(pack, rule, order.confirmed_at, now)
    return rule


async def require_changeable(
    connection: Connection, pack: Pack, review: Review, now: datetime
) -> ReviewRule:
    """The rule by which a review may be changed now. Raises Refusal: too_late, not_eligible."""
    order = await load_order(connection, review.order_id, scope=Scope(buyer_id=review.buyer_id))
    tags = _line_of(order, review.line).tags if order and review.line else ()
    rule = rule_for(pack, "change", tags)
    if rule.times == 0:
        raise Refusal(
            "not_eligible", N_("Here a review stays as it was given."), rules=(rule.rule,)
        )
    if review.changes >= rule.times:
        raise Refusal("not_eligible", N_("A review is changed once."), rules=(rule.rule,))
    require_in_time(pack, rule, review.at, now)
    return rule


def _line_of(order: Order, number: int) -> Line:
    line = next((each for each in order.lines if each.line == number), None)
    if line is None:
        raise Refusal("not_found", N_("This order has no such line."))
    return line


def _require_scale(rule: ReviewRule, stars: int) -> None:
    if rule.scale == "marks" and stars not in STARS_OF_MARK.values():
        raise Refusal(
            "invalid", N_("Here a review is good (5), neutral (3) or negative (1)."),
            rules=(rule.rule,),
        )  # fmt: skip


async def _require_pictures(connection: Connection, who: Principal, pictures: list[UUID]) -> None:
    found = await find_files(connection, pictures) if pictures else {}
    sound = all(
        file.uploaded_by == who.person_id and file.media_type.startswith("image/")
        for file in found.values()
    )
    if not sound or len(found) != len(set(pictures)) or len(pictures) > PICTURES_MAX:
        raise Refusal(
            "invalid", N_("A review takes up to {most} pictures of your own."), most=PICTURES_MAX
        )


def _review(
    order: Order, line: Line, args: ReviewArgs, text: str, review_id: UUID, now: datetime
) -> Review:
    return Review(
        id=review_id,
        shop_id=order.shop_id,
        order_id=order.id,
        line=line.line,
        order_number=order.number,
        buyer_id=order.buyer_id,
        product_id=line.product_id,
        product=line.title,
        stars=args.stars,
        text=text,
        pictures=tuple(args.pictures),
        at=now,
    )


async def _own(connection: Connection, who: Principal, review_id: UUID) -> Review:
    if who.kind != "buyer":
        raise Refusal("wrong_role", N_("Only the buyer reviews an order."))
    return await held_review_for(connection, who, review_id)

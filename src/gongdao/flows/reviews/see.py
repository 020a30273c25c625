"""Reviews as the shop's pages, the API and the day's work read them: one function for all."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.days import day_of, next_midnight, start_of
from gongdao.base.db import Connection, Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.flows.reviews.access import is_open, review_for, shop_of
from gongdao.flows.reviews.proof import TalkBeside, talks_beside
from gongdao.flows.reviews.reply import Draft, drafts_for
from gongdao.flows.reviews.write import require_changeable, require_reviewable
from gongdao.flows.settings import current_pack
from gongdao.flows.talk.see_talk import names_of
from gongdao.policy.reviews import Scale, review_rule
from gongdao.reviews.lists import (
    Agreement,
    Page,
    ProductFigures,
    Score,
    Wanted,
    WeekOfCause,
    count_due,
    list_reviews,
    read_agreement,
    read_products,
    read_score,
    read_weeks,
)
from gongdao.reviews.review import BuyerRating, Review, ReviewEvent
from gongdao.reviews.store import events_of, rating_of, reviews_of_buyer, reviews_of_order
from gongdao.reviews.triage import sign_book
from gongdao.shops.order import Line, Order
from gongdao.shops.store import Scope, load_order

#: The score of a shop is the mean of so many days; trends go back so many weeks.
SCORE_DAYS, WEEKS = 182, 12
#: Counts of what is due stop here.
DUE_MAX = 500


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A review with everything that stands beside it on the shop's page."""

    review: Review
    reasons: list[str]
    """What speaks for the suggested cause, in words, the strongest first."""
    others: list[str]
    """What was seen beside that."""
    events: list[ReviewEvent]
    names: dict[UUID, str]
    order: Order | None
    talks: list[TalkBeside]
    answers: list[Draft]
    calls: list[Draft]
    more: list[Review]
    """Other reviews of the same buyer in this shop."""
    rating: BuyerRating | None
    may_reply: bool
    may_report: bool
    may_rate: bool


class Trends(msgspec.Struct, frozen=True, kw_only=True):
    """What was said in the last weeks."""

    since: datetime
    until: datetime
    weeks: list[WeekOfCause]
    products: list[ProductFigures]
    agreement: list[Agreement]
    score: Score


class Writable(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a buyer's order: what they said of it, or whether and why not they may."""

    line: Line
    review: Review | None
    refused: Refusal | None = None
    may_change: bool = False
    may_append: bool = False


async def see_list(
    database: Queryable,
    who: Principal,
    wanted: Wanted,
    *,
    now: datetime,
    after: str = "",
    limit: int = 30,
) -> Page:
    """A page of the reviews of one's shop. Raises Refusal wrong_role, invalid."""
    return await list_reviews(
        database, shop_of(who), wanted, now=next_midnight(now), after=after, limit=limit
    )


async def due_today(
    database: Queryable, shop_id: UUID, *, now: datetime, limit: int
) -> tuple[int, tuple[Review, ...]]:
    """How many buyers are to be contacted today (up to DUE_MAX), and the most urgent of them."""
    until = next_midnight(now)
    count = await count_due(database, shop_id, until=until, most=DUE_MAX)
    if not count:
        return 0, ()
    page = await list_reviews(database, shop_id, Wanted(view="due"), now=until, limit=limit)
    return count, page.reviews


async def see_review(
    pool: Pool, who: Principal, review_id: UUID, *, locale: Locale, now: datetime
) -> Seen:
    """One review of one's shop with all that stands beside it. Raises Refusal not_found."""
    shop_id = shop_of(who)
    pack = await current_pack(pool)
    async with pool.acquire() as connection:
        review = await review_for(connection, who, review_id)
        events = await events_of(connection, review_id)
        answers, calls = (
            await drafts_for(connection, who, review, locale=locale, now=now)
            if review.cause
            else ([], [])
        )
        order = await load_order(connection, review.order_id, scope=Scope(shop_id=shop_id))
        more = await reviews_of_buyer(connection, review.buyer_id, shop_id=shop_id, limit=6)
        people = {event.by_id for event in events if event.by_id} | {review.buyer_id}
        confirmed = order.confirmed_at if order else None
        return Seen(
            review=review,
            reasons=_said(review, locale, of_cause=True),
            others=_said(review, locale, of_cause=False),
            events=events,
            names=await _names(connection, people),
            order=order,
            talks=await talks_beside(connection, who, review),
            answers=answers,
            calls=calls,
            more=[each for each in more if each.id != review.id],
            rating=await rating_of(connection, review.order_id),
            may_reply=review.replied_at is None and is_open(pack, "reply", review.at, now),
            may_report=is_open(pack, "report", review.at, now),
            may_rate=confirmed is not None and is_open(pack, "rate_buyer", confirmed, now),
        )


async def read_trends(
    database: Queryable, who: Principal, *, now: datetime, product: str | None = None
) -> Trends:
    """The last twelve weeks by cause and product, the score, and how often suggestions stood."""
    shop_id = shop_of(who)
    day = day_of(now)
    monday = day - timedelta(days=day.weekday() + 7 * (WEEKS - 1))
    since = start_of(monday)
    rule = review_rule((await current_pack(database)).body.review, "write")
    return Trends(
        since=since,
        until=now,
        weeks=await read_weeks(database, shop_id, since=since, until=now, product=product),
        products=await read_products(database, shop_id, since=since, until=now),
        agreement=await read_agreement(database, shop_id, since=since, until=now),
        score=await read_score(
            database,
            shop_id,
            since=now - timedelta(days=SCORE_DAYS),
            until=now,
            a_month=rule.counted_a_month if rule else None,
        ),
    )


async def see_order(
    pool: Pool, who: Principal, order_id: UUID, *, now: datetime
) -> tuple[list[Writable], Scale, BuyerRating | None]:
    """The lines of a buyer's own order with their reviews, or why there can be none.

    Raises Refusal: not_found, wrong_role.
    """
    if who.kind != "buyer":
        raise Refusal("wrong_role", N_("Only the buyer reviews an order."))
    pack = await current_pack(pool)
    async with pool.acquire() as connection:
        order = await load_order(connection, order_id, scope=Scope(buyer_id=who.person_id))
        if order is None:
            raise Refusal("not_found", N_("There is no such order."))
        known = {each.line: each for each in reversed(await reviews_of_order(connection, order_id))}
        lines: list[Writable] = []
        for line in order.lines:
            review = known.get(line.line) or known.get(0)
            if review is None:
                refused = _why_not(lambda line=line: require_reviewable(pack, order, line, now))
                lines.append(Writable(line=line, review=None, refused=refused))
                continue
            try:
                await require_changeable(connection, pack, review, now)
                may_change = True
            except Refusal:
                may_change = False
            may_append = review.added_at is None and is_open(pack, "append", review.at, now)
            lines.append(
                Writable(line=line, review=review, may_change=may_change, may_append=may_append)
            )
        rule = review_rule(pack.body.review, "write")
        return lines, rule.scale if rule else "stars", await rating_of(connection, order_id)


def _why_not(ask: Callable[[], object]) -> Refusal | None:
    try:
        ask()
    except Refusal as refusal:
        return refusal
    return None


def _said(review: Review, locale: Locale, *, of_cause: bool) -> list[str]:
    book = sign_book()
    signs = [sign for sign in review.signs if (sign.cause == review.suggested) == of_cause]
    signs.sort(key=lambda sign: -sign.points)
    return [book.said(sign, locale) for sign in signs]


async def _names(connection: Connection, ids: set[UUID]) -> dict[UUID, str]:
    return {each: name.name for each, name in (await names_of(connection, ids)).items()}

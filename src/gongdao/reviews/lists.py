"""Lists of reviews, what is due, and what they come to by week, product and cause."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from gongdao.base.cursor import Cursor, read_cursor
from gongdao.base.db import Queryable
from gongdao.reviews.review import Cause, Mark, Review
from gongdao.reviews.store import COLUMNS, review_of

PAGE_MAX = 100
#: Products of a table of trends.
PRODUCTS_MAX = 20

View = Literal["due", "waiting", "unanswered", "all"]
VIEWS: tuple[View, ...] = ("due", "waiting", "unanswered", "all")
_STARS: dict[Mark, str] = {
    "good": "r.stars >= 4",
    "neutral": "r.stars = 3",
    "negative": "r.stars < 3",
}
# What is due comes in the order in which it runs out; the rest the newest first.
_VIEWS: dict[View, str] = {
    "due": "r.due_at < {now}",
    "waiting": "r.due_at >= {now}",
    "unanswered": "r.cause IS NOT NULL AND r.reply IS NULL",
    "all": "true",
}
_COUNT_DUE = """
SELECT count(*) FROM (SELECT FROM reviews WHERE shop_id = $1 AND due_at < $2 LIMIT $3) AS due
"""
# Each week is a stretch of the index: no review is asked in which week it lies.
_WEEKS = """
SELECT w.monday::date AS monday, found.*
  FROM generate_series(date_trunc('week', $2::timestamptz AT TIME ZONE 'Asia/Shanghai'),
                       $3::timestamptz AT TIME ZONE 'Asia/Shanghai', interval '7 days')
       AS w (monday)
 CROSS JOIN LATERAL (
       SELECT r.cause, count(*) AS reviews, sum(r.stars) AS stars
         FROM reviews r WHERE r.shop_id = $1
          AND r.at >= greatest($2, w.monday AT TIME ZONE 'Asia/Shanghai')
          AND r.at < least($3, (w.monday + interval '7 days') AT TIME ZONE 'Asia/Shanghai')
          AND {product}
        GROUP BY r.cause) AS found
 ORDER BY 1, 2
"""
_WEEKS_OF_ALL = _WEEKS.format(product="true")
_WEEKS_OF_PRODUCT = _WEEKS.format(product="r.product = $4")
# The most frequent cause is looked for only in the products that are shown.
_PRODUCTS = """
SELECT p.*, (SELECT mode() WITHIN GROUP (ORDER BY r.cause) FROM reviews r
              WHERE r.shop_id = $1 AND r.product = p.product AND r.at >= $2 AND r.at < $3
                AND r.cause IS NOT NULL) AS cause
  FROM (SELECT r.product, count(*) AS reviews, avg(r.stars) AS mean,
               count(*) FILTER (WHERE r.stars < 4) AS not_good
          FROM reviews r WHERE r.shop_id = $1 AND r.at >= $2 AND r.at < $3
         GROUP BY r.product ORDER BY not_good DESC, reviews DESC, r.product LIMIT $4) AS p
 ORDER BY p.not_good DESC, p.reviews DESC, p.product
"""
_AGREEMENT = """
SELECT r.suggested, count(*) AS sorted,
       count(*) FILTER (WHERE r.corrected_by IS NOT NULL AND r.cause <> r.suggested) AS corrected
  FROM reviews r WHERE r.shop_id = $1 AND r.at >= $2 AND r.at < $3 AND r.cause IS NOT NULL
 GROUP BY r.suggested ORDER BY sorted DESC
"""
# $4: of one buyer in one month so many count; null is all. Few buyers say more: only theirs are
# put in an order.
_SCORE = """
WITH months AS MATERIALIZED (
    SELECT r.buyer_id, date_trunc('month', r.at AT TIME ZONE 'Asia/Shanghai') AS month,
           count(*) AS said, sum(r.stars) AS stars
      FROM reviews r WHERE r.shop_id = $1 AND r.at >= $2 AND r.at < $3 GROUP BY 1, 2
), counted AS (
    SELECT said, stars FROM months WHERE $4::integer IS NULL OR said <= $4
     UNION ALL
    SELECT count(*), sum(first.stars) FROM months m CROSS JOIN LATERAL (
           SELECT r.stars FROM reviews r
            WHERE r.shop_id = $1 AND r.buyer_id = m.buyer_id AND r.at >= $2 AND r.at < $3
              AND date_trunc('month', r.at AT TIME ZONE 'Asia/Shanghai') = m.month
            ORDER BY r.at, r.id LIMIT $4) AS first
     WHERE m.said > $4
)
SELECT sum(stars) / sum(said) AS mean, coalesce(sum(said), 0)::bigint AS counted FROM counted
"""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; without a value it is not."""

    view: View = "due"
    cause: Cause | None = None
    mark: Mark | None = None
    product: str = ""
    buyer_id: UUID | None = None


class Page(msgspec.Struct, frozen=True):
    """Some reviews, and where the rest begins; empty at the end."""

    reviews: tuple[Review, ...]
    following: str


class WeekOfCause(msgspec.Struct, frozen=True, kw_only=True):
    """What came in one week for one cause; good ones have none."""

    monday: date
    cause: Cause | None
    reviews: int
    stars: int


class ProductFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of one product."""

    product: str
    reviews: int
    mean: float
    not_good: int
    cause: Cause | None
    """The most frequent one."""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How often people decided otherwise than was suggested."""

    suggested: Cause
    sorted: int
    corrected: int


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The mean of what counts; None where there is nothing."""

    mean: float | None
    counted: int


async def list_reviews(
    database: Queryable,
    shop_id: UUID,
    wanted: Wanted,
    *,
    now: datetime,
    after: str = "",
    limit: int = 30,
) -> Page:
    """One page: what is due or waits by when, everything else the newest first."""
    assert 0 < limit <= PAGE_MAX, "a page has at least one review and not too many"
    clocked = wanted.view in ("due", "waiting")
    terms, values = _terms(shop_id, wanted, now)
    key, order = ("due_at", "ASC") if clocked else ("at", "DESC")
    if after:
        cursor = read_cursor(after)
        values += [cursor.at, cursor.id]
        comparison = ">" if clocked else "<"
        terms.append(f"(r.{key}, r.id) {comparison} (${len(values) - 1}, ${len(values)})")
    rows = await database.fetch(
        f"SELECT {COLUMNS} FROM reviews r WHERE {' AND '.join(terms)}"  # noqa: S608
        f" ORDER BY r.{key} {order}, r.id {order} LIMIT {limit + 1}",
        *values,
    )
    found = tuple(review_of(row) for row in rows[:limit])
    last = found[-1] if len(rows) > limit else None
    return Page(found, Cursor(getattr(last, key), last.id).text() if last else "")


def _terms(shop_id: UUID, wanted: Wanted, now: datetime) -> tuple[list[str], list[Any]]:
    terms, values = ["r.shop_id = $1"], list[Any]((shop_id,))
    if wanted.view != "all":
        view = _VIEWS[wanted.view]
        if "{now}" in view:
            values.append(now)
        terms.append(view.replace("{now}", f"${len(values)}"))
    for column in ("cause", "product", "buyer_id"):
        if value := getattr(wanted, column):
            values.append(value)
            terms.append(f"r.{column} = ${len(values)}")
    if wanted.mark:
        terms.append(_STARS[wanted.mark])
    return terms, values


async def count_due(database: Queryable, shop_id: UUID, *, until: datetime, most: int) -> int:
    """How many buyers are to be contacted before an instant; `most` stands for that or more."""
    return await database.fetchval(_COUNT_DUE, shop_id, until, most) or 0


async def read_weeks(
    database: Queryable,
    shop_id: UUID,
    *,
    since: datetime,
    until: datetime,
    product: str | None = None,
) -> list[WeekOfCause]:
    """How many reviews each week brought for each cause."""
    if product is None:
        rows = await database.fetch(_WEEKS_OF_ALL, shop_id, since, until)
    else:
        rows = await database.fetch(_WEEKS_OF_PRODUCT, shop_id, since, until, product)
    return [WeekOfCause(**dict(row)) for row in rows]


async def read_products(
    database: Queryable, shop_id: UUID, *, since: datetime, until: datetime
) -> list[ProductFigures]:
    """The products with the most reviews that are not good."""
    rows = await database.fetch(_PRODUCTS, shop_id, since, until, PRODUCTS_MAX)
    return [msgspec.convert({**row, "mean": float(row["mean"])}, ProductFigures) for row in rows]


async def read_agreement(
    database: Queryable, shop_id: UUID, *, since: datetime, until: datetime
) -> list[Agreement]:
    """How often what was suggested stood."""
    rows = await database.fetch(_AGREEMENT, shop_id, since, until)
    return [Agreement(**dict(row)) for row in rows if row["suggested"] is not None]


async def read_score(
    database: Queryable, shop_id: UUID, *, since: datetime, until: datetime, a_month: int | None
) -> Score:
    """The mean of the stars of a time, of one buyer at most `a_month` in a month."""
    row = await database.fetchrow(_SCORE, shop_id, since, until, a_month)
    assert row is not None, "an aggregate always answers"
    mean = None if row["mean"] is None else float(row["mean"])
    return Score(mean=mean, counted=row["counted"])

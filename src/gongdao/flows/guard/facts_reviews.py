"""What the guard reads of reviews: days with much praise, and texts that are nearly the same."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from gongdao.base.db import Queryable
from gongdao.flows.guard.facts_shops import month_of, shop_place
from gongdao.flows.guard.facts_touched import Touched
from gongdao.policy.guard import GuardRule
from gongdao.risk.finding import Place, Sign
from gongdao.risk.looking import window_of
from gongdao.risk.review_signs import (
    DayFacts,
    ReviewText,
    burst_signs,
    twin_signs,
    twins_among,
)

#: So many texts are compared at once, the newest of the window.
TEXTS_MAX = 2_000

# Days are those of Shanghai. $3 the least number, $4 how long before is usual.
_DAYS = """
WITH new AS (
    SELECT DISTINCT r.shop_id, date_trunc('day', r.at, 'Asia/Shanghai') AS day
      FROM reviews r WHERE r.at > $1 AND r.at <= $2 AND r.stars = 5
), many AS (
    SELECT n.shop_id, n.day, count(*) AS best, count(DISTINCT r.buyer_id) AS buyers
      FROM new n JOIN reviews r
        ON r.shop_id = n.shop_id AND r.at >= n.day AND r.at < n.day + interval '1 day'
     WHERE r.stars = 5 GROUP BY n.shop_id, n.day HAVING count(*) >= $3
)
SELECT m.*, usual.best AS before, ended.orders AS finished FROM many m
 CROSS JOIN LATERAL (SELECT count(*) AS best FROM reviews r WHERE r.shop_id = m.shop_id
     AND r.stars = 5 AND r.at >= m.day - $4::interval AND r.at < m.day) AS usual
 CROSS JOIN LATERAL (SELECT count(*) AS orders FROM orders o WHERE o.shop_id = m.shop_id
     AND o.placed_at > m.day - interval '60 days' AND o.placed_at < m.day + interval '1 day'
     AND coalesce(o.confirmed_at, o.signed_at) >= m.day - interval '7 days'
     AND coalesce(o.confirmed_at, o.signed_at) < m.day + interval '1 day') AS ended
"""
_TEXTS = """
WITH new AS (
    SELECT DISTINCT shop_id FROM reviews WHERE at > $1 AND at <= $2
)
SELECT r.id, r.shop_id, r.buyer_id, r.text FROM new JOIN reviews r ON r.shop_id = new.shop_id
 WHERE r.at > $3 AND r.at <= $2 AND length(r.text) >= $4
 ORDER BY r.at DESC, r.id LIMIT $5
"""


async def signs_of_reviews(
    database: Queryable, touched: Touched, rules: Mapping[str, GuardRule]
) -> list[tuple[Sign, Place]]:
    """What is noticed about the reviews of shops that got new ones."""
    bursts = await _bursts(database, touched, rules)
    return bursts + await _twins(database, touched, rules)


async def _bursts(
    database: Queryable, touched: Touched, rules: Mapping[str, GuardRule]
) -> list[tuple[Sign, Place]]:
    if (rule := rules.get("review-bursts")) is None:
        return []
    window = window_of(rule.limits["hours"])
    rows = await database.fetch(_DAYS, touched.since, touched.until, rule.limits["reviews"], window)
    found: list[tuple[Sign, Place]] = []
    for row in rows:
        day: datetime = row["day"]
        facts = DayFacts(
            day=day,
            best=row["best"],
            buyers=row["buyers"],
            before=row["before"],
            before_days=window.days,
            finished=row["finished"],
        )
        place = shop_place(row["shop_id"], f"{day:%Y-%m-%dT%H}")
        found += [(sign, place) for sign in burst_signs(facts, rules)]
    return found


async def _twins(
    database: Queryable, touched: Touched, rules: Mapping[str, GuardRule]
) -> list[tuple[Sign, Place]]:
    if (rule := rules.get("twin-review-texts")) is None:
        return []
    since = touched.until - window_of(rule.limits["hours"])
    rows = await database.fetch(
        _TEXTS, touched.since, touched.until, since, rule.limits["letters"], TEXTS_MAX
    )
    texts = [
        ReviewText(id=r["id"], shop_id=r["shop_id"], buyer_id=r["buyer_id"], text=r["text"])
        for r in rows
    ]
    month = month_of(touched.until)
    # Long work that waits for nobody: the rounds beside it go on meanwhile.
    groups = await asyncio.to_thread(twins_among, texts, rule.limits)
    return [
        (sign, shop_place(twins.shop_id, f"{month} {twins.reviews[0].id}"))
        for twins in groups
        for sign in twin_signs(twins, rules)
    ]

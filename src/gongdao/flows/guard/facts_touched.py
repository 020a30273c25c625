"""Who has to be looked at again: the shops and buyers to whom something has happened since."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable

# Orders by their log, cases by their end, reviews by their time, findings by theirs. A shop that is
# not open may be one that has left its buyers behind.
_TOUCHED = """
WITH logged AS (
    SELECT DISTINCT order_id FROM order_log WHERE at > $1 AND at <= $2
), parties AS (
    SELECT o.shop_id, o.buyer_id FROM logged JOIN orders o ON o.id = logged.order_id
    UNION SELECT shop_id, buyer_id FROM cases WHERE closed_at > $1 AND closed_at <= $2
    UNION SELECT shop_id, buyer_id FROM reviews WHERE at > $1 AND at <= $2
    UNION SELECT shop_id, buyer_id FROM risk_findings
           WHERE found_at > $1 AND found_at <= $2 AND subject IN ('message', 'order')
    UNION SELECT id, NULL FROM shops WHERE status <> 'open'
    UNION SELECT shop_id, NULL FROM people
           WHERE shop_id IS NOT NULL AND disabled_at > $1 AND disabled_at <= $2
)
SELECT array_agg(DISTINCT shop_id) FILTER (WHERE shop_id IS NOT NULL) AS shops,
       array_agg(DISTINCT buyer_id) FILTER (WHERE buyer_id IS NOT NULL) AS buyers
  FROM parties
"""


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """Between two instants."""

    since: datetime
    until: datetime
    shops: list[UUID]
    buyers: list[UUID]


async def touched_between(database: Queryable, since: datetime, until: datetime) -> Touched:
    """The shops and buyers to whom something happened after `since`, up to `until`."""
    row = await database.fetchrow(_TOUCHED, since, until)
    assert row, "an aggregate always has a row"
    return Touched(since=since, until=until, shops=row["shops"] or [], buyers=row["buyers"] or [])

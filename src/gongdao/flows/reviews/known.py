"""What is known of a review beside its own words: the order, its buyer, cases, talks, calls."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Connection
from gongdao.base.plain import plain
from gongdao.reviews.triage import Facts

#: So much of what a buyer said to the shop is looked through.
_CHAT_MAX = 20_000
_QUALITY = [
    "quality", "not_as_described", "counterfeit", "wrong_item", "missing_item",
]  # fmt: skip
# Talks from a week before the order on; what was taken back was not said.
_KNOWN = """
SELECT a.n, o.total_fen, o.shipped_at, o.signed_at, o.closed_at, o.ship_within_s,
       CASE WHEN o.payment = 'cod' THEN o.placed_at ELSE o.paid_at END AS promised_from,
       jsonb_path_exists(o.track, '$[*] ? (@.event == "damaged" || @.event == "lost"
                                           || @.event == "exception")') AS trouble,
       p.created_at AS account_since,
       (SELECT count(*) FROM cases c WHERE c.order_id = o.id AND c.reason = ANY ($4)
           AND NOT c.state ? 'anonymous') AS quality,
       (SELECT count(*) FROM reviews r
         WHERE r.buyer_id = o.buyer_id AND r.shop_id = o.shop_id AND r.stars = 1 AND r.id <> a.id
           AND r.at BETWEEN a.at - interval '1 day' AND a.at + interval '1 day') AS lowest,
       (SELECT count(*) FROM review_log l WHERE l.review_id = a.id AND l.what = 'contacted'
           AND l.detail ->> 'outcome' = 'no_answer') AS missed,
       talk.said, talk.unanswered, talk.grade
  FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) WITH ORDINALITY AS a (order_id, id, at, n)
  JOIN orders o ON o.id = a.order_id
  LEFT JOIN people p ON p.id = o.buyer_id
  LEFT JOIN LATERAL (
       SELECT string_agg(m.said, '。' ORDER BY t.opened_at) AS said, min(t.grade) AS grade,
              sum(u.unanswered)::integer AS unanswered
         FROM (SELECT id, opened_at, grade FROM chat_conversations t
                WHERE t.shop_id = o.shop_id AND t.buyer_id = o.buyer_id
                  AND t.last_at >= o.placed_at - interval '7 days'
                ORDER BY t.opened_at DESC LIMIT 10) AS t
        CROSS JOIN LATERAL (
              SELECT string_agg(m.body ->> 'text', '。' ORDER BY m.seq) AS said
                FROM chat_messages m
               WHERE m.conversation_id = t.id AND m.author = 'buyer' AND m.kind = 'text'
                 AND NOT EXISTS (SELECT FROM chat_messages k
                                  WHERE k.conversation_id = m.conversation_id
                                    AND k.kind = 'recall' AND (k.body ->> 'seq')::integer = m.seq)
              ) AS m
        CROSS JOIN LATERAL (
              SELECT count(*) FILTER (WHERE answered_seq IS NULL) AS unanswered
                FROM chat_turns u WHERE u.conversation_id = t.id) AS u) AS talk ON TRUE
 ORDER BY a.n
"""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A review that is to be sorted: its words and where it belongs."""

    review_id: UUID
    order_id: UUID
    at: datetime
    stars: int
    text: str


async def facts_of_reviews(connection: Connection, asked: Sequence[Asked]) -> list[Facts]:
    """The facts of each, in one statement for all. Their orders are there."""
    rows = await connection.fetch(
        _KNOWN,
        [each.order_id for each in asked],
        [each.review_id for each in asked],
        [each.at for each in asked],
        _QUALITY,
    )
    assert len(rows) == len(asked), "a review is of an order that there is"
    return [_facts(each, row) for each, row in zip(asked, rows, strict=True)]


def _facts(asked: Asked, row: Any) -> Facts:
    said = row["said"] or ""
    shipped: datetime | None = row["shipped_at"]
    signed: datetime | None = row["signed_at"]
    since: datetime | None = row["account_since"]
    waits = shipped if signed is None and row["closed_at"] is None else None
    return Facts(
        stars=asked.stars,
        text=plain(asked.text).text,
        chat=plain(said[-_CHAT_MAX:]).text if said else "",
        paid_fen=row["total_fen"],
        days_on_the_way=(signed - shipped).days if shipped and signed else None,
        undelivered_days=(asked.at - waits).days if waits else None,
        late_dispatch_hours=late_hours(shipped, row["promised_from"], row["ship_within_s"]),
        parcel_trouble=int(row["trouble"]),
        quality_cases=row["quality"],
        unanswered=row["unanswered"] or 0,
        grade=row["grade"],
        lowest_at_once=row["lowest"] + (asked.stars == 1),
        account_days=(asked.at - since).days if since and since <= asked.at else None,
        missed=row["missed"],
    )


def late_hours(
    shipped: datetime | None, promised_from: datetime | None, ship_within_s: int
) -> int | None:
    """How many whole hours later than promised an order was shipped; None where it was not."""
    if shipped is None or promised_from is None:
        return None
    late = shipped - promised_from - timedelta(seconds=ship_within_s)
    return max(0, late // timedelta(hours=1))

"""Counting what a shop sold, answered and settled: one statement over orders, cases and talks.

Keys are made in SQL, so that a division by agent, product, hour or day counts the very same rows as
the whole. What counts and what is left out is said in measures.py.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from gongdao.base.db import Queryable
from gongdao.chat.figures import ROUNDS
from gongdao.figures.line import Line
from gongdao.figures.measures import LONGEST_CASE, WINDOW, By

#: A table has at most so many lines.
LINES_MAX = 500
_UNION = " UNION ALL "
# Keys are compared byte by byte, which sorts them several times faster than by a language.
_HOUR = """to_char({at} AT TIME ZONE 'Asia/Shanghai', 'HH24') COLLATE "C\""""
_DAY = """to_char({at} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') COLLATE "C\""""
_SKU = """coalesce(nullif(l ->> 'sku', ''), l ->> 'title') COLLATE "C\""""

#: Whether the platform had a hand in a case: it was asked, it took evidence, it judged.
_PLATFORM = (
    "(c.state ?| ARRAY['stepped_in_at', 'evidence_sealed_at', 'requests', 'votes', 'rulings']"
    " OR c.stage IN ('triage', 'evidence', 'mediation', 'jury', 'adjudication',"
    " 'supervisor_review'))"
)
# A report counts against nobody before it is decided, and nothing may tell who reported.
_COUNTED = (
    "c.procedure IN ('after_sale', 'complaint', 'counterfeit_claim') AND NOT c.state ? 'anonymous'"
)

# Each order once; by product once for each product, its money by the prices of the lines.
_SUMMED = "p.buyer_id, p.is_disputed, p.is_talked"
_WHOLE = f"""
SELECT {{key}} AS key, '' AS name, {_SUMMED}, p.paid_fen AS fen, p.refunded_fen AS back FROM sold p
"""  # noqa: S608 - made of constants
# Most orders have one line, to which all of their money belongs: nothing is to be shared out.
_BY_PRODUCT = f"""
SELECT {_SKU} AS key, l ->> 'title' AS name, {_SUMMED},
       CASE WHEN costs THEN p.paid_fen ELSE 0 END AS fen,
       CASE WHEN costs THEN p.refunded_fen ELSE 0 END AS back
  FROM sold p, LATERAL (SELECT p.lines -> 0 AS l OFFSET 0) AS one,
       LATERAL (SELECT l ->> 'price_fen' <> '0' AND l ->> 'quantity' IS DISTINCT FROM '0' AS costs
                OFFSET 0) AS priced
 WHERE jsonb_array_length(p.lines) = 1
 UNION ALL
SELECT l.key, l.name, {_SUMMED},
       round(p.paid_fen * l.amount / greatest(l.total, 1))::bigint AS fen,
       round(p.refunded_fen * l.amount / greatest(l.total, 1))::bigint AS back
  FROM sold p, LATERAL (
       SELECT {_SKU} AS key, max(l ->> 'title') AS name, sum(amount) AS amount,
              sum(sum(amount)) OVER () AS total
         FROM jsonb_array_elements(p.lines) AS l, LATERAL (
              SELECT (l ->> 'price_fen')::numeric * coalesce((l ->> 'quantity')::numeric, 1)
                     AS amount) AS a
        GROUP BY 1) AS l
 WHERE jsonb_array_length(p.lines) > 1
"""  # noqa: S608 - made of constants
_LAST_ACTED = """
LEFT JOIN LATERAL (
    SELECT e.person_id FROM case_events e
     WHERE e.case_id = c.id AND e.by = 'seller' AND e.person_id IS NOT NULL
     ORDER BY e.version DESC LIMIT 1) AS acted ON TRUE
"""
_DISPUTED_LINES = f"""
JOIN orders o ON o.id = c.order_id
CROSS JOIN LATERAL (
    SELECT DISTINCT {_SKU} AS key FROM jsonb_array_elements(o.lines) AS l
     WHERE NOT c.state ? 'lines' OR c.state -> 'lines' @> (l -> 'line')) AS of_line
"""  # noqa: S608 - made of constants


_ORDER_KEYS: dict[By, str] = {
    "all": "''",
    "agent": "coalesce(p.agent_id::text, '')",
    "hour": _HOUR.format(at="p.paid_at"),
    "day": _DAY.format(at="p.paid_at"),
}
_CASE_KEYS: dict[By, tuple[str, str]] = {
    "all": ("''", ""),
    "agent": ("coalesce(acted.person_id::text, '')", _LAST_ACTED),
    "product": ("of_line.key", _DISPUTED_LINES),
    "hour": (_HOUR.format(at="c.closed_at"), ""),
    "day": (_DAY.format(at="c.closed_at"), ""),
}
_ASKER_KEYS: dict[By, str] = {
    "all": "''",
    "agent": "coalesce(a.agent_id::text, '')",
    # Nobody says of which product they ask.
    "product": "NULL",
    "hour": _HOUR.format(at="a.at"),
    "day": _DAY.format(at="a.at"),
}
# $1 shop, $2 from, $3 until, $4 window, $5 the longest case, $6 at most.
_COUNT = """
WITH answered AS MATERIALIZED (
    SELECT c.buyer_id, t.asked_at, t.answered_at, t.agent_id
      FROM chat_turns t JOIN chat_conversations c ON c.id = t.conversation_id
       -- A talk goes on until its question at least: only talks of this shop and time are read.
       AND c.shop_id = $1 AND c.last_at >= $2::timestamptz - $4::interval
     WHERE t.shop_id = $1 AND t.asked_at >= $2::timestamptz - $4::interval AND t.asked_at < $3
       AND t.answered_at IS NOT NULL
), paid AS MATERIALIZED (
    SELECT id, buyer_id, paid_at, paid_fen, refunded_fen{lines}
      FROM orders WHERE shop_id = $1 AND paid_at >= $2 AND paid_at < $3
), served AS MATERIALIZED (
    SELECT DISTINCT ON (p.id) p.id, t.agent_id
      FROM paid p JOIN answered t ON t.buyer_id = p.buyer_id
       AND t.asked_at >= p.paid_at - $4::interval AND t.answered_at <= p.paid_at
     ORDER BY p.id, t.answered_at DESC
), disputed AS MATERIALIZED (
    SELECT DISTINCT c.order_id AS id FROM cases c
     WHERE c.shop_id = $1 AND c.opened_at >= $2 AND {counted} AND {platform}
), sold AS MATERIALIZED (
    SELECT p.*, w.agent_id, w.id IS NOT NULL AS is_talked, d.id IS NOT NULL AS is_disputed
      FROM paid p LEFT JOIN served w ON w.id = p.id LEFT JOIN disputed d ON d.id = p.id
), bought AS (
    {bought}
), closed AS (
    {closed}
), asked AS MATERIALIZED (
    SELECT c.buyer_id, r.at, r.agent_id
      FROM ({rounds}) AS r JOIN chat_conversations c ON c.id = r.conversation_id
       AND c.shop_id = $1 AND c.last_at >= $2
     WHERE c.case_id IS NULL AND c.order_id IS NULL AND c.topic IN ('presale', 'general')
), paying AS MATERIALIZED (
    SELECT buyer_id, paid_at FROM paid
     UNION ALL
    SELECT buyer_id, paid_at FROM orders
     WHERE shop_id = $1 AND paid_at >= $3 AND paid_at < $3::timestamptz + $4::interval
), won AS (
    SELECT DISTINCT a.buyer_id FROM asked a JOIN paying o ON o.buyer_id = a.buyer_id
       AND o.paid_at >= a.at AND o.paid_at < a.at + $4::interval
), first_asked AS (
    SELECT DISTINCT ON (buyer_id) buyer_id, at, agent_id FROM asked ORDER BY buyer_id, at
), askers AS (
    {asked}
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY by ORDER BY paid_fen DESC NULLS LAST, key) AS place
      FROM bought FULL JOIN closed USING (by, key) FULL JOIN askers USING (by, key)
     WHERE key IS NOT NULL
)
SELECT * FROM ranked WHERE place <= $6 ORDER BY by, place
"""
# What each division asks of the rows that were read once.
_BOUGHT = """
SELECT '{by}' AS by, key, max(name) AS name, count(*) AS orders,
       count(DISTINCT buyer_id) AS buyers, sum(fen)::bigint AS paid_fen,
       count(*) FILTER (WHERE back > 0) AS refunded_orders, sum(back)::bigint AS refunded_fen,
       count(*) FILTER (WHERE is_disputed) AS disputed_orders,
       coalesce(sum(fen) FILTER (WHERE is_disputed), 0)::bigint AS disputed_fen,
       count(*) FILTER (WHERE is_talked) AS talked_orders,
       coalesce(sum(fen) FILTER (WHERE is_talked), 0)::bigint AS talked_fen
  FROM ({sold}) AS each GROUP BY key
"""
_CLOSED = f"""
SELECT '{{by}}' AS by, {{key}} AS key, count(*) AS ended,
       extract(epoch FROM sum(c.closed_at - c.opened_at))::float8 AS ended_s,
       count(*) FILTER (WHERE NOT {_PLATFORM}) AS own
  FROM cases c {{join}}
 WHERE c.shop_id = $1 AND c.opened_at >= $2::timestamptz - $5::interval AND c.opened_at < $3
   AND c.closed_at >= $2 AND c.closed_at < $3 AND {_COUNTED}
 GROUP BY 2
"""  # noqa: S608 - made of constants
_ASKED = """
SELECT '{by}' AS by, {key} AS key, count(*) AS askers, count(w.buyer_id) AS won
  FROM first_asked a LEFT JOIN won w USING (buyer_id) GROUP BY 2
"""


async def count_lines(
    database: Queryable, shop_id: UUID, since: datetime, until: datetime, *, by: Sequence[By]
) -> dict[By, list[Line]]:
    """What was sold, asked and settled from an instant up to another; the largest line first.

    One reading of the rows answers all divisions.
    """
    rows = await database.fetch(
        _statement(by), shop_id, since, until, WINDOW, LONGEST_CASE, LINES_MAX
    )
    found: dict[By, list[Line]] = {each: [] for each in by}
    for row in rows:
        fields = dict(row)
        found[fields.pop("by")].append(_line(fields))
    return found


def _statement(divisions: Sequence[By]) -> str:
    closed = [(by, *_CASE_KEYS[by]) for by in divisions]
    return _COUNT.format(
        bought=_UNION.join(_BOUGHT.format(by=by, sold=_sold(by)) for by in divisions),
        closed=_UNION.join(_CLOSED.format(by=by, key=key, join=join) for by, key, join in closed),
        asked=_UNION.join(_ASKED.format(by=by, key=_ASKER_KEYS[by]) for by in divisions),
        # What was bought is carried along only where somebody asks for it: it is most of a row.
        lines=", lines" if "product" in divisions else "",
        rounds=ROUNDS,
        counted=_COUNTED,
        platform=_PLATFORM,
    )


def _sold(by: By) -> str:
    return _BY_PRODUCT if by == "product" else _WHOLE.format(key=_ORDER_KEYS[by])


def _line(fields: dict[str, Any]) -> Line:
    del fields["place"]
    return Line(**{name: value for name, value in fields.items() if value is not None})

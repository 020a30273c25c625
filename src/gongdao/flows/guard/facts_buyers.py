"""What the guard reads of buyers: refunds, returns, threats, claims, and what was never paid."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from gongdao.base.db import Queryable, Record
from gongdao.flows.guard.facts_shops import month_of
from gongdao.flows.guard.facts_touched import Touched
from gongdao.policy.guard import GuardRule
from gongdao.risk.buyer_signs import BuyerFacts, UnpaidFacts, buyer_signs, unpaid_signs
from gongdao.risk.finding import Place, Sign
from gongdao.risk.looking import window_of

#: Words in messages of buyers that threaten with a review.
THREATS = ["review-threat"]
#: Claims of one kind in many shops.
_CLAIMS = ["counterfeit", "pirated", "counterfeit_listing", "not_as_described", "prohibited_goods"]
#: A refund for these says nothing about the buyer: the law gives it, or nothing was sent.
_BLAMELESS = ["no_reason", "changed_mind", "late_shipment", "out_of_stock", "price_drop", "agreed"]

# A case found against somebody else than the buyer is no sign of the buyer's.
_OPEN_QUESTION = """
NOT coalesce((c.state -> 'upheld')::boolean, false)
AND coalesce(c.state #>> '{ruling,liability}', 'none') IN ('none', 'buyer')
"""
_REFUND = f"""
c.procedure = 'after_sale' AND c.refunded_fen > 0 AND NOT coalesce(c.reason, '') = ANY ($3)
AND {_OPEN_QUESTION}
"""
# Of each: how often the same happens where this buyer buys.
_REFUNDS = f"""
WITH many AS (
    SELECT c.buyer_id, array_agg(c.id) AS refunds, array_agg(DISTINCT c.shop_id) AS shops,
           count(*) FILTER (WHERE c.kind = 'refund_only') AS kept
      FROM unnest($1::uuid[]) AS b (buyer_id) JOIN cases c ON c.buyer_id = b.buyer_id
     WHERE c.opened_at > $2 AND {_REFUND}
     GROUP BY c.buyer_id HAVING count(*) >= $4
)
SELECT m.buyer_id, m.refunds, m.kept, bought.orders, base.per_mille FROM many m
 CROSS JOIN LATERAL (SELECT count(*) AS orders FROM orders o
     WHERE o.buyer_id = m.buyer_id AND o.placed_at > $2 AND o.paid_at IS NOT NULL) AS bought
 CROSS JOIN LATERAL (
     SELECT coalesce(1000 * sum(refunded.cases) / nullif(sum(sold.orders), 0), 0)::integer
                AS per_mille
       FROM unnest(m.shops) AS s (shop_id)
      CROSS JOIN LATERAL (SELECT count(*) AS cases FROM cases c
          WHERE c.shop_id = s.shop_id AND c.buyer_id <> m.buyer_id AND c.opened_at > $2
            AND {_REFUND}) AS refunded
      CROSS JOIN LATERAL (SELECT count(*) AS orders FROM orders o
          WHERE o.shop_id = s.shop_id AND o.buyer_id <> m.buyer_id AND o.paid_at > $2) AS sold
 ) AS base
"""  # noqa: S608 - made of constants
_SWAPPED = """
SELECT c.buyer_id, array_agg(c.id) AS swapped
  FROM unnest($1::uuid[]) AS b (buyer_id) JOIN cases c ON c.buyer_id = b.buyer_id
 WHERE c.closed_at > $2 AND c.state ->> 'mismatch' IN ('empty', 'different')
   AND c.state #>> '{ruling,liability}' = 'buyer'
 GROUP BY c.buyer_id
"""
# A shop's word alone accuses nobody: the review itself has to speak of it.
# What is demanded of one shop on one day is one demand, in whichever place it is found.
_THREATS = """
WITH demanded AS (
    SELECT r.buyer_id, r.shop_id, r.at FROM unnest($1::uuid[]) AS b (buyer_id)
      JOIN reviews r ON r.buyer_id = b.buyer_id
     WHERE r.at > $2 AND r.cause = 'extortion' AND r.suggested = 'extortion'
    UNION ALL
    SELECT f.buyer_id, f.shop_id, f.at FROM unnest($1::uuid[]) AS b (buyer_id)
      JOIN risk_findings f ON f.buyer_id = b.buyer_id
     WHERE f.at > $2 AND f.code = ANY ($3) AND f.about = 'buyer'
       AND f.verdict IS DISTINCT FROM 'wrong'
    UNION ALL
    SELECT c.buyer_id, c.shop_id, c.opened_at FROM unnest($1::uuid[]) AS b (buyer_id)
      JOIN cases c ON c.buyer_id = b.buyer_id
     WHERE c.opened_at > $2 AND c.kind = 'review_extortion'
       AND c.state #>> '{ruling,liability}' = 'buyer'
)
SELECT buyer_id, array_agg(DISTINCT
           md5(concat(shop_id, (at AT TIME ZONE 'Asia/Shanghai')::date))::uuid) AS threats
  FROM demanded GROUP BY buyer_id
"""
_PROFESSIONAL = f"""
WITH many AS (
    SELECT c.buyer_id, c.kind, array_agg(c.id) AS claims,
           count(DISTINCT c.shop_id)::integer AS shops
      FROM unnest($1::uuid[]) AS b (buyer_id) JOIN cases c ON c.buyer_id = b.buyer_id
     WHERE c.opened_at > $2 AND c.closed_at IS NOT NULL AND c.kind = ANY ($3)
       AND c.ended <> 'settled' AND {_OPEN_QUESTION}
     GROUP BY c.buyer_id, c.kind HAVING count(*) >= $4
)
SELECT DISTINCT ON (m.buyer_id) m.buyer_id, m.claims, m.shops, bought.orders FROM many m
 CROSS JOIN LATERAL (SELECT count(*) AS orders FROM orders o
     WHERE o.buyer_id = m.buyer_id AND o.placed_at > $2 AND o.paid_at IS NOT NULL) AS bought
 ORDER BY m.buyer_id, cardinality(m.claims) DESC, m.kind
"""  # noqa: S608 - made of constants
_UNPAID = """
SELECT o.buyer_id, o.shop_id, array_agg(o.id) AS timed_out, sum(o.total_fen)::bigint AS total_fen,
       (SELECT count(*) FROM orders p WHERE p.buyer_id = o.buyer_id AND p.shop_id = o.shop_id
           AND p.placed_at > $2 AND p.paid_at IS NOT NULL) AS paid
  FROM unnest($1::uuid[]) AS b (buyer_id) JOIN orders o ON o.buyer_id = b.buyer_id
 WHERE o.closed_by = 'timeout' AND o.paid_at IS NULL AND o.payment <> 'cod' AND o.placed_at > $2
 GROUP BY o.buyer_id, o.shop_id HAVING count(*) >= $3
"""


async def signs_of_buyers(
    database: Queryable, touched: Touched, rules: Mapping[str, GuardRule]
) -> list[tuple[Sign, Place]]:
    """What is noticed about buyers to whom something happened; each sign once a month."""
    fields: defaultdict[UUID, dict[str, Any]] = defaultdict(dict)
    for read in (_refunds, _swapped, _threats, _professional):
        for buyer_id, known in (await read(database, touched, rules)).items():
            fields[buyer_id].update(known)
    month = month_of(touched.until)
    found = [
        (sign, _place(buyer_id, month))
        for buyer_id in sorted(fields)
        for sign in buyer_signs(BuyerFacts(**fields[buyer_id]), rules)
    ]
    return found + await _unpaid(database, touched, rules)


def _place(buyer_id: UUID, occasion: str, shop_id: UUID | None = None) -> Place:
    return Place(
        subject="buyer",
        subject_id=buyer_id,
        buyer_id=buyer_id,
        shop_id=shop_id,
        occasion=occasion,
        about="buyer",
    )


def _since(touched: Touched, rule: GuardRule) -> datetime:
    return touched.until - window_of(rule.limits["hours"])


_Known = dict[UUID, dict[str, Any]]
_Rules = Mapping[str, GuardRule]


async def _refunds(database: Queryable, touched: Touched, rules: _Rules) -> _Known:
    if (rule := rules.get("repeated-refunds")) is None:
        return {}
    rows = await database.fetch(
        _REFUNDS, touched.buyers, _since(touched, rule), _BLAMELESS, rule.limits["refunds"]
    )
    return {row["buyer_id"]: _refund_facts(row) for row in rows}


def _refund_facts(row: Record) -> dict[str, Any]:
    return {
        "orders": row["orders"],
        "refunds": tuple(row["refunds"]),
        "refunds_only": row["kept"],
        "base_per_mille": row["per_mille"],
    }


async def _swapped(database: Queryable, touched: Touched, rules: _Rules) -> _Known:
    if (rule := rules.get("swapped-goods")) is None:
        return {}
    rows = await database.fetch(_SWAPPED, touched.buyers, _since(touched, rule))
    return {row["buyer_id"]: {"swapped": tuple(row["swapped"])} for row in rows}


async def _threats(database: Queryable, touched: Touched, rules: _Rules) -> _Known:
    if (rule := rules.get("review-threats")) is None:
        return {}
    rows = await database.fetch(_THREATS, touched.buyers, _since(touched, rule), THREATS)
    return {row["buyer_id"]: {"threats": tuple(row["threats"])} for row in rows}


async def _professional(database: Queryable, touched: Touched, rules: _Rules) -> _Known:
    if (rule := rules.get("professional-claims")) is None:
        return {}
    rows = await database.fetch(
        _PROFESSIONAL, touched.buyers, _since(touched, rule), _CLAIMS, rule.limits["claims"]
    )
    return {
        row["buyer_id"]: {
            "claims": tuple(row["claims"]),
            "claim_shops": row["shops"],
            "claim_orders": row["orders"],
        }
        for row in rows
    }


async def _unpaid(database: Queryable, touched: Touched, rules: _Rules) -> list[tuple[Sign, Place]]:
    """Of each buyer in each shop; the shop is told of its own alone."""
    if (rule := rules.get("orders-and-never-pays")) is None:
        return []
    rows = await database.fetch(
        _UNPAID, touched.buyers, _since(touched, rule), rule.limits["orders"]
    )
    month = month_of(touched.until)
    found: list[tuple[Sign, Place]] = []
    for row in rows:
        facts = UnpaidFacts(
            timed_out=tuple(row["timed_out"]), paid=row["paid"], total_fen=row["total_fen"]
        )
        place = _place(row["buyer_id"], f"{month} {row['shop_id']}", row["shop_id"])
        found += [(sign, place) for sign in unpaid_signs(facts, rules)]
    return found

"""What the guard reads of shops: goods and sales, victims, what was written, who was left."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from gongdao.base.db import Queryable
from gongdao.flows.guard.facts_touched import Touched
from gongdao.policy.guard import GuardBook, GuardRule
from gongdao.risk.finding import Place, Sign
from gongdao.risk.looking import window_of
from gongdao.risk.shop_signs import SAID, ShopFacts, shop_signs

_VICTIMS = "many-victims"
#: Complaints about fraud and fakes, by their kind.
_FRAUD = ["counterfeit", "pirated", "counterfeit_listing", "paid_not_shipped", "fake_dispatch"]

_SALES = """
SELECT s.shop_id, g.goods, sold.orders
  FROM unnest($1::uuid[]) AS s (shop_id)
  CROSS JOIN LATERAL (SELECT count(*) AS goods FROM (
      SELECT FROM products p WHERE p.shop_id = s.shop_id LIMIT $3 + 1) AS few) AS g
  CROSS JOIN LATERAL (SELECT count(*) AS orders FROM orders o
      WHERE o.shop_id = s.shop_id AND o.paid_at > $2) AS sold
 WHERE g.goods BETWEEN 1 AND $3 AND sold.orders >= $4
"""
_FOUND = """
SELECT DISTINCT f.shop_id, f.buyer_id, f.code, f.weight
  FROM unnest($1::uuid[]) AS s (shop_id) JOIN risk_findings f ON f.shop_id = s.shop_id
 WHERE f.found_at > $2 AND f.at > $2 AND f.about = 'shop' AND f.buyer_id IS NOT NULL
   AND f.subject IN ('message', 'order') AND f.verdict IS DISTINCT FROM 'wrong'
"""
_UPHELD = """
SELECT c.shop_id, c.buyer_id FROM unnest($1::uuid[]) AS s (shop_id)
  JOIN cases c ON c.shop_id = s.shop_id
 WHERE c.closed_at > $2 AND c.kind = ANY ($3) AND (c.state -> 'upheld')::boolean
"""
_BUYERS = """
SELECT s.shop_id, paid.buyers FROM unnest($1::uuid[]) AS s (shop_id)
  CROSS JOIN LATERAL (SELECT count(DISTINCT o.buyer_id) AS buyers FROM orders o
      WHERE o.shop_id = s.shop_id AND o.paid_at > $2) AS paid
"""
# Closed by itself, shut by a sanction that holds at $3, or with nobody left who could sign in.
_LEFT = """
WITH shut AS MATERIALIZED (
    SELECT s.id FROM unnest($1::uuid[]) AS t (shop_id) JOIN shops s ON s.id = t.shop_id
     WHERE s.status <> 'open'
        OR EXISTS (SELECT FROM shop_record r
                    WHERE r.shop_id = s.id AND r.slot = 'sanction'
                      AND r.body #>> '{sanction,kind}' IN ('close_shop', 'shield')
                      AND coalesce((r.body #>> '{sanction,until}')::timestamptz >= $3, TRUE)
                      AND NOT EXISTS (SELECT FROM shop_record l
                           WHERE l.shop_id = s.id AND l.slot = 'sanction'
                             AND NOT l.body ? 'sanction'
                             AND l.body -> 'number' = r.body #> '{sanction,number}'))
        OR (EXISTS (SELECT FROM people p WHERE p.shop_id = s.id)
            AND NOT EXISTS (SELECT FROM people p
                             WHERE p.shop_id = s.id AND p.disabled_at IS NULL))
)
SELECT DISTINCT o.shop_id, o.buyer_id FROM shut JOIN orders o ON o.shop_id = shut.id
 WHERE o.paid_at > $2 AND o.state IN ('paid', 'shipped') AND o.refunded_fen < o.paid_fen
"""


async def signs_of_shops(
    database: Queryable, touched: Touched, book: GuardBook
) -> list[tuple[Sign, Place]]:
    """What is noticed about shops to whom something happened; each sign once a month."""
    rules = book.active("shop")
    facts = _Gathered()
    await _read_sales(database, touched, rules, facts)
    await _read_found(database, touched, book, facts)
    await _read_left(database, touched, rules, facts)
    month = month_of(touched.until)
    return [
        (sign, shop_place(shop_id, month))
        for shop_id in facts.shops()
        for sign in shop_signs(facts.of(shop_id), rules)
    ]


def shop_place(shop_id: UUID, occasion: str) -> Place:
    """Where a sign about a shop belongs."""
    return Place(
        subject="shop", subject_id=shop_id, shop_id=shop_id, occasion=occasion, about="shop"
    )


def month_of(now: datetime) -> str:
    """What sets this month's finding apart from last month's."""
    return f"{now:%Y-%m}"


class _Gathered:
    """Facts of shops as they come in from several statements."""

    def __init__(self) -> None:
        self.sales: dict[UUID, tuple[int, int]] = {}
        self.buyers: dict[UUID, int] = {}
        self.victims: defaultdict[UUID, set[UUID]] = defaultdict(set)
        self.said: defaultdict[UUID, dict[str, set[UUID]]] = defaultdict(dict)
        self.left: defaultdict[UUID, set[UUID]] = defaultdict(set)

    def shops(self) -> list[UUID]:
        return sorted({*self.sales, *self.victims, *self.said, *self.left})

    def of(self, shop_id: UUID) -> ShopFacts:
        goods, orders = self.sales.get(shop_id, (0, 0))
        return ShopFacts(
            goods=goods,
            orders=orders,
            buyers=self.buyers.get(shop_id, 0),
            victims=tuple(self.victims.get(shop_id, ())),
            said_to={code: tuple(to) for code, to in self.said.get(shop_id, {}).items()},
            left=tuple(self.left.get(shop_id, ())),
            is_closed=shop_id in self.left,
        )


async def _read_sales(
    database: Queryable, touched: Touched, rules: Mapping[str, GuardRule], facts: _Gathered
) -> None:
    rule = rules.get("few-goods-many-sales")
    if rule is None:
        return
    since = touched.until - window_of(rule.limits["hours"])
    wanted = (rule.limits["goods"], rule.limits["orders"])
    for row in await database.fetch(_SALES, touched.shops, since, *wanted):
        facts.sales[row["shop_id"]] = (row["goods"], row["orders"])


async def _read_found(
    database: Queryable, touched: Touched, book: GuardBook, facts: _Gathered
) -> None:
    """Buyers with a danger sign, what a shop's people wrote, and complaints that were upheld."""
    rules = book.active("shop")
    hours = [rule.limits["hours"] for code, rule in rules.items() if code in {*SAID, _VICTIMS}]
    if not hours:
        return
    since = touched.until - window_of(max(hours))
    signs: defaultdict[tuple[UUID, UUID], list[tuple[str, int]]] = defaultdict(list)
    for row in await database.fetch(_FOUND, touched.shops, since):
        signs[row["shop_id"], row["buyer_id"]].append((row["code"], row["weight"]))
        for code, words in SAID.items():
            if row["code"] in words:
                to = facts.said[row["shop_id"]].setdefault(code, set())
                to.add(row["buyer_id"])
    for (shop_id, buyer_id), met in signs.items():
        if book.level_of(met) == "danger":
            facts.victims[shop_id].add(buyer_id)
    for row in await database.fetch(_UPHELD, touched.shops, since, _FRAUD):
        facts.victims[row["shop_id"]].add(row["buyer_id"])
    await _read_buyers(database, [*facts.victims], since, facts)


async def _read_buyers(
    database: Queryable, shops: Sequence[UUID], since: datetime, facts: _Gathered
) -> None:
    if shops:
        rows = await database.fetch(_BUYERS, shops, since)
        facts.buyers.update({row["shop_id"]: row["buyers"] for row in rows})


async def _read_left(
    database: Queryable, touched: Touched, rules: Mapping[str, GuardRule], facts: _Gathered
) -> None:
    rule = rules.get("blocked-after")
    if rule is None:
        return
    since = touched.until - window_of(rule.limits["hours"])
    for row in await database.fetch(_LEFT, touched.shops, since, touched.until):
        facts.left[row["shop_id"]].add(row["buyer_id"])

"""What the guard reads to find rings: the orders of buyers whose parcels never moved."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from gongdao.base.db import Queryable, Record
from gongdao.flows.guard.facts_orders import MOVED
from gongdao.flows.guard.facts_shops import month_of, shop_place
from gongdao.flows.guard.facts_touched import Touched
from gongdao.policy.guard import GuardRule
from gongdao.risk.finding import Place, Sign
from gongdao.risk.looking import window_of
from gongdao.risk.rings import CODE, Dealt, parts_by_shop, ring_signs, rings_among

#: So many orders are looked at together, the newest of the window.
ORDERS_MAX = 200_000
#: What is used the moment it is paid for has no parcel.
_NO_PARCEL = """o.lines @? '$[*].tags[*] ? (@ == "virtual")'"""

# The orders in the window of all who had an empty one in a shop that was touched.
_ORDERS = f"""
WITH hollow AS (
    SELECT DISTINCT o.buyer_id FROM unnest($1::uuid[]) AS s (shop_id)
      JOIN orders o ON o.shop_id = s.shop_id
     WHERE o.paid_at > $2 AND o.confirmed_at - o.paid_at <= $3 AND NOT {MOVED}
       AND NOT {_NO_PARCEL}
)
SELECT o.id, o.shop_id, o.buyer_id, o.paid_at, o.total_fen, o.confirmed_at,
       {MOVED} OR {_NO_PARCEL} AS moved, md5(regexp_replace(
           concat(o.receiver_phone, o.receiver_address), '\\s', '', 'g')) AS address,
       o.receiver_address <> '' AS has_address
  FROM hollow JOIN orders o ON o.buyer_id = hollow.buyer_id
 WHERE o.placed_at > $2 AND o.paid_at IS NOT NULL
 ORDER BY o.placed_at DESC, o.id LIMIT $4
"""  # noqa: S608 - made of constants
_TRAITS = """
SELECT person_id, array_agg(kind || encode(digest, 'hex')) AS traits
  FROM risk_traits WHERE person_id = ANY ($1) GROUP BY person_id
"""


async def signs_of_rings(
    database: Queryable, touched: Touched, rules: Mapping[str, GuardRule]
) -> list[tuple[Sign, Place]]:
    """Rings among the buyers of shops to whom something happened; each once a month and shop."""
    if (rule := rules.get(CODE)) is None:
        return []
    since = touched.until - window_of(rule.limits["hours"])
    rows = await database.fetch(
        _ORDERS, touched.shops, since, window_of(rule.limits["confirm_hours"]), ORDERS_MAX
    )
    traits = await _traits(database, rows)
    month = month_of(touched.until)
    dealt = [_dealt(row) for row in rows]
    # Long work that waits for nobody: the rounds beside it go on meanwhile.
    rings = await asyncio.to_thread(rings_among, dealt, traits, rule.limits)
    return [
        (sign, shop_place(shop_id, f"{month} {ring.buyers[0]}"))
        for ring in rings
        for shop_id, part in parts_by_shop(ring, rule.limits).items()
        for sign in ring_signs(part, rules)
    ]


def _dealt(row: Record) -> Dealt:
    confirmed = row["confirmed_at"]
    return Dealt(
        order_id=row["id"],
        shop_id=row["shop_id"],
        buyer_id=row["buyer_id"],
        at=row["paid_at"],
        total_fen=row["total_fen"],
        moved=row["moved"],
        confirmed_after=None if confirmed is None else confirmed - row["paid_at"],
    )


async def _traits(database: Queryable, rows: list[Record]) -> Mapping[UUID, set[str]]:
    """What is known of each: the traits of the account, and where its parcels go."""
    traits: defaultdict[UUID, set[str]] = defaultdict(set)
    for row in rows:
        if row["has_address"]:
            traits[row["buyer_id"]].add(f"receiver{row['address']}")
    for row in await database.fetch(_TRAITS, [*{row["buyer_id"] for row in rows}]):
        traits[row["person_id"]].update(row["traits"])
    return traits

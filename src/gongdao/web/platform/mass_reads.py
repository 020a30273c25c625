"""Mass cases: many buyers, one shop, one thing, within a window; found by one statement.

What is looked at are the cases before an arbiter, up to LOOKED_AT of them by the queue's own index.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable, Record
from gongdao.cases.case import Case
from gongdao.cases.chain import decode_state
from gongdao.flows.rule_many import CASES_MAX
from gongdao.policy.words import Procedure

#: Cases that lie at most so far apart belong together.
WINDOW = timedelta(days=30)
#: So many like ones are a mass; fewer are ruled one by one.
LEAST = 3
CLUSTERS_MAX = 50
LOOKED_AT = 5000

_WAITING = f"""
SELECT c.id, c.number, c.shop_id, c.procedure, c.kind, c.opened_at, c.due_at, c.state, c.order_id
  FROM cases c WHERE c.stage = 'adjudication' AND c.ended IS NULL
 ORDER BY c.due_at, c.id LIMIT {LOOKED_AT}
"""  # noqa: S608 - made of constants
_PRODUCT = """
(SELECT l ->> 'title' FROM jsonb_array_elements(o.lines) l
  WHERE coalesce(c.state -> 'lines', '[]') @> (l -> 'line') LIMIT 1)
"""
_CLUSTERS = f"""
SELECT k.*, s.name AS shop_name FROM (
    SELECT c.shop_id, c.procedure, c.kind, {_PRODUCT} AS product, count(*) AS cases,
           count(DISTINCT o.buyer_id) AS buyers, min(c.due_at) AS due_at,
           min(c.opened_at) AS since,
           sum(coalesce((c.state ->> 'asked_fen')::bigint, 0))::bigint AS asked_fen
      FROM ({_WAITING}) c JOIN orders o ON o.id = c.order_id
     WHERE c.opened_at > $1
     GROUP BY c.shop_id, c.procedure, c.kind, product
    HAVING count(*) >= {LEAST} AND count(DISTINCT o.buyer_id) > 1
     ORDER BY count(*) DESC, min(c.due_at) LIMIT {CLUSTERS_MAX}
) k JOIN shops s ON s.id = k.shop_id ORDER BY k.cases DESC, k.due_at
"""  # noqa: S608 - made of constants
_CASES = f"""
SELECT c.id, c.number, c.state, c.due_at, o.number AS order_number, o.buyer_name,
       (SELECT name FROM shops WHERE id = $1) AS shop_name
  FROM cases c JOIN orders o ON o.id = c.order_id
 WHERE c.shop_id = $1 AND c.stage = 'adjudication' AND c.ended IS NULL
   AND c.procedure = $2 AND c.kind = $3 AND {_PRODUCT} = $4 AND c.opened_at > $5
 ORDER BY c.opened_at, c.id LIMIT {CASES_MAX}
"""  # noqa: S608 - made of constants


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Cases of many buyers against one shop about one thing."""

    shop_id: UUID
    shop_name: str
    procedure: Procedure
    kind: str
    product: str
    cases: int
    buyers: int
    since: datetime
    due_at: datetime | None
    asked_fen: int


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One case of a cluster."""

    number: int
    case: Case
    due_at: datetime | None
    order_number: str
    buyer_name: str
    shop_name: str


async def list_clusters(database: Queryable, *, now: datetime) -> list[Cluster]:
    """The largest clusters among the cases that wait for a ruling."""
    rows = await database.fetch(_CLUSTERS, now - WINDOW)
    return [msgspec.convert(dict(row), Cluster) for row in rows]


async def list_members(
    database: Queryable, *, shop_id: UUID, procedure: str, kind: str, product: str, now: datetime
) -> list[Member]:
    """The cases of one cluster, the oldest first, as many as are ruled on at a time."""
    rows = await database.fetch(_CASES, shop_id, procedure, kind, product, now - WINDOW)
    return [_member(row) for row in rows]


def _member(row: Record) -> Member:
    return Member(
        number=row["number"],
        case=decode_state(row["state"]),
        due_at=row["due_at"],
        order_number=row["order_number"],
        buyer_name=row["buyer_name"],
        shop_name=row["shop_name"],
    )

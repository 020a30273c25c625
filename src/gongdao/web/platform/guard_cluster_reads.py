"""What joins most accounts now: where to start looking for one person behind many."""

from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.flows.guard.links import IN_RINGS
from gongdao.risk.trait_store import SHARED_MAX
from gongdao.risk.watch import TraitKind

#: Looked for among what was seen last, so that a large table costs no more than a small one.
_RECENT, _SHOWN_MAX = 5_000, 12

# What more share than that tells nothing, and is followed nowhere. A network is shared by whole
# houses and schools: it stands behind what people share on purpose.
_CLUSTERS = f"""
WITH recent AS (
    SELECT DISTINCT kind, digest
      FROM (SELECT kind, digest FROM risk_traits ORDER BY last_at DESC LIMIT {_RECENT}) seen
), shared AS (
    SELECT r.kind, r.digest, held.people, held.shown
      FROM recent r CROSS JOIN LATERAL (
           SELECT array_agg(t.person_id ORDER BY t.last_at DESC, t.person_id) AS people,
                  min(t.shown) AS shown
             FROM (SELECT * FROM risk_traits t WHERE t.kind = r.kind AND t.digest = r.digest
                    LIMIT {SHARED_MAX + 1}) t) held
     WHERE cardinality(held.people) BETWEEN 2 AND {SHARED_MAX}
     ORDER BY r.kind = 'network', cardinality(held.people) DESC, r.kind, r.digest
     LIMIT {_SHOWN_MAX}
), in_rings AS MATERIALIZED (
    SELECT DISTINCT id FROM ({IN_RINGS}) AS ring
)
SELECT s.kind, encode(s.digest, 'hex') AS digest, s.shown, cardinality(s.people) AS accounts,
       s.people[1] AS person_id, p.name AS person,
       (SELECT count(*) FROM unnest(s.people) AS one (id)
         WHERE EXISTS (SELECT FROM risk_findings f WHERE f.buyer_id = one.id AND f.about = 'buyer'
                          AND f.verdict IS DISTINCT FROM 'wrong')
            OR one.id IN (SELECT id FROM in_rings)) AS noticed
  FROM shared s LEFT JOIN people p ON p.id = s.people[1]
 ORDER BY s.kind = 'network', noticed DESC, accounts DESC, s.kind, s.digest
"""  # noqa: S608 - made of constants


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Something that several accounts were seen with."""

    kind: TraitKind
    digest: str
    shown: str
    accounts: int
    noticed: int
    """How many of them did something that was noticed, and not called wrong."""
    person_id: UUID
    """The one that was seen last: where the drawing starts."""
    person: str | None


async def list_clusters(database: Queryable) -> list[Cluster]:
    """What is shared by most accounts, those with findings first."""
    return [msgspec.convert(dict(row), Cluster) for row in await database.fetch(_CLUSTERS)]

"""What ties accounts together, as it is kept: a keyed digest, and a masked word to show."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable, Record
from gongdao.risk.watch import TraitKind


class Trait(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person was seen with."""

    kind: TraitKind
    digest: bytes
    shown: str


#: A trait that so many have tells nothing: a school's network, a parcel station's address.
SHARED_MAX = 30
#: So many newest traits of one person are followed, and so many steps are taken.
TRAITS_MAX, REACH_MAX = 15, 3_000

# Seen again within the hour is no news: signing in is reading, mostly.
_KEEP = """
INSERT INTO risk_traits AS t (kind, digest, person_id, shown, first_at, last_at)
SELECT DISTINCT ON (kind, digest, person_id) kind, digest, person_id, shown, $5, $5
  FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[])
       AS seen (person_id, kind, digest, shown)
ON CONFLICT (kind, digest, person_id) DO UPDATE SET last_at = excluded.last_at
 WHERE t.last_at < excluded.last_at - interval '1 hour'
"""
_FORGET = """
DELETE FROM risk_traits t USING unnest($2::text[], $3::bytea[]) AS gone (kind, digest)
 WHERE t.person_id = $1 AND t.kind = gone.kind AND t.digest = gone.digest
"""
_FORGET_OLD = """
DELETE FROM risk_traits WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM risk_traits WHERE last_at < $1 ORDER BY last_at LIMIT 10000))
"""
# Breadth first: a recursive statement gives its rows hop by hop, and ends once it is asked no more.
_LINKED = """
WITH RECURSIVE reach (person_id, hop) AS (
    SELECT start, 0 FROM unnest($1::uuid[]) AS start
  UNION
    SELECT other.person_id, r.hop + 1
      FROM reach r
      CROSS JOIN LATERAL (SELECT t.kind, t.digest FROM risk_traits t
                           WHERE t.person_id = r.person_id
                           ORDER BY t.last_at DESC LIMIT $4) AS mine
      CROSS JOIN LATERAL (SELECT array_agg(o.person_id) AS people
                            FROM (SELECT person_id FROM risk_traits o
                                   WHERE o.kind = mine.kind AND o.digest = mine.digest
                                   LIMIT $3 + 1) AS o) AS shared
      CROSS JOIN LATERAL unnest(shared.people) AS other (person_id)
     WHERE r.hop < $2 AND cardinality(shared.people) <= $3
), nearest AS (
    SELECT person_id, min(hop) AS hop FROM (SELECT * FROM reach LIMIT $5) AS r
     GROUP BY person_id ORDER BY hop, person_id LIMIT $6
)
SELECT n.person_id, n.hop, t.kind, t.digest, t.shown, t.first_at, t.last_at
  FROM nearest n
  LEFT JOIN LATERAL (SELECT * FROM risk_traits t WHERE t.person_id = n.person_id
                      ORDER BY t.last_at DESC LIMIT $4) AS t ON TRUE
 ORDER BY n.hop, n.person_id, t.kind, t.digest
"""


async def keep_traits(
    database: Queryable, person_id: UUID, traits: Sequence[Trait], *, now: datetime
) -> None:
    """Note what a person was seen with."""
    await keep_traits_of(database, [(person_id, one) for one in traits], now=now)


async def keep_traits_of(
    database: Queryable, seen: Sequence[tuple[UUID, Trait]], *, now: datetime
) -> None:
    """Note what many were seen with, in one statement."""
    if seen:
        await database.execute(
            _KEEP,
            [person for person, _ in seen],
            [one.kind for _, one in seen],
            [one.digest for _, one in seen],
            [one.shown for _, one in seen],
            now,
        )


async def forget_traits(database: Queryable, person_id: UUID, gone: Collection[Trait]) -> None:
    """Forget that a person was seen with these."""
    kinds, digests = [one.kind for one in gone], [one.digest for one in gone]
    await database.execute(_FORGET, person_id, kinds, digests)


async def forget_old_traits(database: Queryable, *, before: datetime) -> bool:
    """Forget some of what was last seen long ago; False: there is no more."""
    return await database.execute(_FORGET_OLD, before) != "DELETE 0"


async def linked(
    database: Queryable, start: Sequence[UUID], *, depth: int, people_max: int
) -> list[Record]:
    """Whoever shares something with these, with what they were seen with; the nearest first."""
    return await database.fetch(
        _LINKED, list(start), depth, SHARED_MAX, TRAITS_MAX, REACH_MAX, people_max
    )

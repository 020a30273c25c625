"""Somebody who is watched has acted: they, or an account with a watched device, phone or address.

Once a day for each of them at most. That is a reason to look, and weighs next to nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gongdao.base.db import Pool, Record
from gongdao.base.live import changed
from gongdao.flows.guard.noticed import noticed
from gongdao.flows.settings import current_pack
from gongdao.policy.pack import Pack
from gongdao.risk.finding import Evidence, Finding, Place, Sign
from gongdao.risk.read_store import note_read, read_since
from gongdao.risk.store import keep

ROUND, CODE = "watched", "watched"
#: The first round looks so far back.
FIRST = timedelta(days=1)
#: So many accounts with one watched trait are followed.
_SHARING_MAX, _ACTS_MAX = 200, 1_000

# $1 and $2 the time, $3 how many with one trait, $4 how many acts.
_ACTS = """
WITH on_list AS (
    SELECT * FROM risk_watched w WHERE w.off_at IS NULL AND (w.until IS NULL OR w.until > $2)
), people AS (
    SELECT w.id AS watched_id, w.kind, w.shown, w.subject_id AS person_id
      FROM on_list w WHERE w.kind = 'person'
    UNION ALL
    SELECT w.id, w.kind, w.shown, t.person_id
      FROM on_list w CROSS JOIN LATERAL (
           SELECT person_id FROM risk_traits t WHERE t.kind = w.kind AND t.digest = w.digest
            LIMIT $3) AS t
     WHERE w.digest IS NOT NULL
)
SELECT p.watched_id, p.kind, p.shown, p.person_id, NULL::uuid AS of_shop, act.*
  FROM people p CROSS JOIN LATERAL (
       (SELECT 'order' AS what, o.number AS said, o.placed_at AS at, o.shop_id,
               o.id AS order_id, NULL::uuid AS case_id
          FROM orders o WHERE o.buyer_id = p.person_id AND o.placed_at > $1 AND o.placed_at <= $2
         ORDER BY o.placed_at DESC LIMIT 1)
       UNION ALL
       (SELECT 'case', k.number::text, k.opened_at, k.shop_id, k.order_id, k.id
          FROM cases k WHERE k.buyer_id = p.person_id AND k.opened_at > $1 AND k.opened_at <= $2
         ORDER BY k.opened_at DESC LIMIT 1)
       UNION ALL
       (SELECT 'sign-in', t.shown, t.last_at, NULL, NULL, NULL
          FROM risk_traits t WHERE t.person_id = p.person_id AND t.kind IN ('device', 'network')
           AND t.last_at > $1 AND t.last_at <= $2
         ORDER BY t.last_at DESC LIMIT 1)) AS act
UNION ALL
SELECT w.id, w.kind, w.shown, NULL, w.subject_id, act.*
  FROM on_list w CROSS JOIN LATERAL (
       SELECT 'order' AS what, o.number, o.placed_at, o.shop_id, o.id, NULL::uuid
         FROM orders o WHERE o.shop_id = w.subject_id AND o.placed_at > $1 AND o.placed_at <= $2
        ORDER BY o.placed_at DESC LIMIT 1) AS act
 WHERE w.kind = 'shop'
 LIMIT $4
"""


async def find_watched(pool: Pool, *, now: datetime) -> list[Finding]:
    """Look whether somebody on the list has acted since the last round; returns what is new."""
    since = await read_since(pool, ROUND, first=FIRST, now=now)
    pack = await current_pack(pool)
    kept: list[Finding] = []
    if CODE in pack.guard.rules:
        rows = await pool.fetch(_ACTS, since, now, _SHARING_MAX, _ACTS_MAX)
        kept = await keep(pool, _findings(rows, pack, now))
    await note_read(pool, ROUND, now)
    if kept:
        changed(["guard"])
    return kept


def _findings(rows: Sequence[Record], pack: Pack, now: datetime) -> list[Finding]:
    found: list[Finding] = []
    for row in rows:
        is_shop = row["of_shop"] is not None
        day = pack.calendar.local(row["at"]).date().isoformat()
        place = Place(
            subject="shop" if is_shop else "buyer",
            subject_id=row["of_shop"] if is_shop else row["person_id"],
            # The act of one day: what follows on it is the same news.
            occasion=f"{row['watched_id']} {day}",
            shop_id=row["of_shop"],
            buyer_id=row["person_id"],
            order_id=row["order_id"],
            case_id=row["case_id"],
            about="shop" if is_shop else "buyer",
        )
        sign = Sign(
            code=CODE,
            by="facts",
            evidence=(
                Evidence(shows="person", said=row["shown"], label="watched"),
                Evidence(shows="order", said=f"{row['what']} {row['said']}", label="act"),
                Evidence(shows="time", said=row["at"].isoformat()),
            ),
        )
        found.append(noticed(sign, place, pack, at=row["at"], now=now))
    return found

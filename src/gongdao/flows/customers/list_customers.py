"""The customers of a shop: by name, by how it sounds, by group; the latest first."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.cursor import Cursor
from gongdao.base.db import Pool, Queryable
from gongdao.base.pinyin import sounds_of
from gongdao.customers.store import keep_sounds, silent_names
from gongdao.flows.customers.access import shop_of

PAGE, PAGE_MAX, QUERY_MAX = 40, 100, 64
#: So many names are looked up in one round.
_SOUNDS_ROUND = 500
# $1 shop, $2 name or null, $3 how it sounds or null, $4 and $5 behind whom, $6 so many, $7 group.
_LIST = """
SELECT c.buyer_id, c.name, c.first_at, f.last_at,
       ARRAY(SELECT m.grouped FROM customer_members m
              WHERE m.shop_id = c.shop_id AND m.buyer_id = c.buyer_id ORDER BY m.at LIMIT 20)
       AS groups,
       o.orders, o.paid_fen, n.text AS note, n.due_at
  FROM (SELECT c.last_at, c.buyer_id FROM {those}
         WHERE c.shop_id = $1 AND c.erased_at IS NULL
           AND (c.last_at, c.buyer_id) < ($4, $5)
           AND ($2::text IS NULL OR strpos(lower(c.name), $2) > 0 OR strpos(c.sounds, $3) > 0)
         ORDER BY c.last_at DESC, c.buyer_id DESC LIMIT $6) AS f
  JOIN customers c ON c.shop_id = $1 AND c.buyer_id = f.buyer_id
  CROSS JOIN LATERAL (
       SELECT count(*) AS orders, coalesce(sum(paid_fen), 0)::bigint AS paid_fen FROM orders
        WHERE buyer_id = c.buyer_id AND shop_id = $1 AND paid_at IS NOT NULL) AS o
  LEFT JOIN LATERAL (
       SELECT text, due_at FROM customer_notes
        WHERE shop_id = $1 AND buyer_id = c.buyer_id AND erased_at IS NULL
        ORDER BY at DESC LIMIT 1) AS n ON TRUE
 ORDER BY f.last_at DESC, f.buyer_id DESC
"""
# All customers are read from the latest on, in an index that holds their names; a group, small
# beside them, by its members.
_ALL = _LIST.format(those="customers c")
_MEMBERS = _LIST.format(
    those="""customer_members m JOIN customers c
      ON m.shop_id = $1 AND m.grouped = $7 AND c.buyer_id = m.buyer_id"""
)
_LAST = UUID(int=2**128 - 1)


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """A customer in a list."""

    buyer_id: UUID
    name: str
    first_at: datetime
    last_at: datetime
    groups: tuple[str, ...]
    orders: int
    paid_fen: int
    note: str
    """The newest one."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a list is narrowed to: a part of a name or of its sound, a group."""

    q: str = ""
    group: str = ""


class Listed(msgspec.Struct, frozen=True):
    """Some customers, and where the rest begins; None at the end."""

    briefs: list[Brief]
    following: Cursor | None


async def list_customers(
    database: Queryable,
    who: Principal,
    wanted: Wanted,
    *,
    after: Cursor | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Listed:
    """A page of the customers of one's shop. Raises Refusal wrong_role."""
    shop_id = shop_of(who, "customers.read")
    q = " ".join(wanted.q.lower().split())[:QUERY_MAX] or None
    # A sound is looked for from the beginning of a syllable's run: " limei lm" holds " lm".
    behind = (after.at, after.id) if after else (now.replace(year=now.year + 1, day=1), _LAST)
    sound = q.replace(" ", "") if q and q.isascii() else q
    given = (shop_id, q, sound, *behind, limit + 1)
    if wanted.group:
        rows = await database.fetch(_MEMBERS, *given, wanted.group)
    else:
        rows = await database.fetch(_ALL, *given)
    briefs = [_brief(row) for row in rows[:limit]]
    last = briefs[-1] if len(rows) > limit else None
    return Listed(briefs, Cursor(last.last_at, last.buyer_id) if last else None)


async def keep_names_findable(pool: Pool, *, now: datetime) -> int:
    """Look up how the names of new customers are pronounced; how many there were."""
    found = await silent_names(pool, limit=_SOUNDS_ROUND)
    await keep_sounds(pool, [(shop, buyer, name, sound_of(name)) for shop, buyer, name in found])
    return len(found)


def sound_of(name: str) -> str:
    """ " limei lm" of 李梅: the whole sound, then the first letters."""
    syllables = [each.lower() for each in sounds_of(name.replace(" ", "")[:60])]
    return f" {''.join(syllables)} {''.join(each[:1] for each in syllables)}"


def _brief(row: Any) -> Brief:
    fields = dict(row)
    fields.pop("due_at")
    fields["note"] = fields["note"] or ""
    fields["groups"] = tuple(fields["groups"])
    return Brief(**fields)

"""What the guard's pages show beside findings: who is meant, what was said, who marked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.accounts.ties import find_person
from gongdao.base.db import Queryable
from gongdao.flows.conflicts import tied_in_sql
from gongdao.risk.finding import Verdict
from gongdao.web.platform.tie_reads import find_shops_named

#: So many messages before and after the one that something was found in.
AROUND = 4
#: So much of each of them is shown, beside the one that it is about.
SAID_MAX = 2_000
#: So many cases of each account, the newest.
CASES_MAX = 10

# Notes that a shop writes to itself are nobody's evidence.
_SAID = """
SELECT m.seq, m.author, m.kind, left(m.body ->> 'text', $4) AS text, m.at,
       ARRAY(SELECT f.code FROM risk_findings f
              WHERE f.conversation_id = $1 AND f.seq = m.seq AND f.subject = 'message') AS found
  FROM chat_messages m
 WHERE m.conversation_id = $1 AND m.seq BETWEEN $2::integer - $3::integer
                                       AND $2::integer + $3::integer
   AND m.kind NOT IN ('note', 'receiver', 'system') ORDER BY m.seq
"""
_MISSED = """
SELECT x.seq, x.code, x.why, p.name AS who, x.at
  FROM risk_missed x LEFT JOIN people p ON p.id = x.by_id
 WHERE x.conversation_id = $1 AND x.seq BETWEEN $2::integer - $3::integer
                                          AND $2::integer + $3::integer
 ORDER BY x.at, x.id LIMIT 50
"""
_MARKS = """
SELECT m.verdict, m.why, p.name AS who, m.at FROM risk_marks m LEFT JOIN people p ON p.id = m.by_id
 WHERE m.finding_id = $1 ORDER BY m.at DESC, m.id DESC LIMIT 50
"""
_NAMES = """
SELECT (SELECT name FROM people WHERE id = $1) AS person,
       (SELECT name FROM shops WHERE id = $2) AS shop
"""
# $4 is who asks: of those whom they are tied to they read nothing.
_OF_ACTORS = f"""
SELECT c.id, c.number, c.kind, c.stage, c.ended, c.buyer_id, b.name AS buyer, c.shop_id,
       s.name AS shop, c.opened_at
  FROM (SELECT k.id FROM unnest($1::uuid[]) AS a (actor)
         CROSS JOIN LATERAL (SELECT id FROM cases WHERE buyer_id = a.actor
                              ORDER BY opened_at DESC, id DESC LIMIT $3) k
         UNION
        SELECT k.id FROM unnest($2::uuid[]) AS a (actor)
         CROSS JOIN LATERAL (SELECT id FROM cases WHERE shop_id = a.actor
                              ORDER BY opened_at DESC, id DESC LIMIT $3) k) found
  JOIN cases c ON c.id = found.id
  JOIN people b ON b.id = c.buyer_id JOIN shops s ON s.id = c.shop_id
 WHERE NOT {tied_in_sql("$4")}
 ORDER BY c.opened_at DESC, c.id DESC
"""  # noqa: S608 - made of constants


class SaidLine(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it stands around a finding."""

    seq: int
    author: str
    kind: str
    text: str | None
    at: datetime
    found: list[str]
    """Codes of what was found in it."""

    @property
    def may_lack(self) -> bool:
        """Whether something may have been missed in it: a party wrote it."""
        return self.kind == "text" and self.author in ("buyer", "shop")


class MissedSign(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says was missed in a message."""

    seq: int
    code: str
    why: str
    who: str | None
    at: datetime


class Marked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said of a finding."""

    verdict: Verdict
    why: str
    who: str | None
    at: datetime


class ActorCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case of one of several accounts: with whom, and what became of it."""

    id: UUID
    number: int
    kind: str
    stage: str
    ended: str | None
    buyer_id: UUID
    buyer: str
    shop_id: UUID
    shop: str
    opened_at: datetime


class Whom(msgspec.Struct, frozen=True, kw_only=True):
    """Whom somebody asked for by name."""

    kind: Literal["person", "shop"]
    id: UUID


async def find_whom(database: Queryable, text: str) -> list[Whom]:
    """The buyer of this sign-in name and the shops of exactly this name."""
    person = await find_person(database, text, "buyer")
    found = [Whom(kind="person", id=person)] if person else []
    shops = await find_shops_named(database, text)
    return [*found, *(Whom(kind="shop", id=each) for each in shops)]


async def names_of(
    database: Queryable, person_id: UUID | None, shop_id: UUID | None
) -> tuple[str, str]:
    """The names of a person and of a shop; empty where there is none."""
    row = await database.fetchrow(_NAMES, person_id, shop_id)
    return ((row["person"] or ""), (row["shop"] or "")) if row else ("", "")


async def said_around(database: Queryable, conversation_id: UUID, seq: int) -> list[SaidLine]:
    """What was said before and after a message."""
    rows = await database.fetch(_SAID, conversation_id, seq, AROUND, SAID_MAX)
    return [msgspec.convert(dict(row), SaidLine) for row in rows]


async def missed_around(database: Queryable, conversation_id: UUID, seq: int) -> list[MissedSign]:
    """What people say was missed in these messages."""
    rows = await database.fetch(_MISSED, conversation_id, seq, AROUND)
    return [msgspec.convert(dict(row), MissedSign) for row in rows]


async def marks_of(database: Queryable, finding_id: UUID) -> list[Marked]:
    """What people said of a finding, the newest first."""
    rows = await database.fetch(_MARKS, finding_id)
    return [msgspec.convert(dict(row), Marked) for row in rows]


async def cases_of(
    database: Queryable, who: UUID, person_ids: Sequence[UUID], shop_ids: Sequence[UUID]
) -> list[ActorCase]:
    """The newest cases of each of these buyers and shops, without those that one is tied to."""
    rows = await database.fetch(_OF_ACTORS, list(person_ids), list(shop_ids), CASES_MAX, who)
    return [msgspec.convert(dict(row), ActorCase) for row in rows]

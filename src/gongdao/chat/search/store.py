"""Messages by what is in them, the newest first, within what the asker may see at all."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.base.asked import Piece
from gongdao.base.cursor import Count, Instant, Place
from gongdao.base.db import Queryable, Record
from gongdao.base.words import spellings_of
from gongdao.chat.body import Kind, read_body
from gongdao.chat.message import Message
from gongdao.chat.search.asked import PEOPLE_MAX
from gongdao.chat.store import recalled_in_sql

_MESSAGE = ", ".join(f"m.{column}" for column in Message.__struct_fields__)
_RECALLED = recalled_in_sql("m")
_FIND = f"""
SELECT {_MESSAGE}, c.number, c.buyer_id, c.shop_id, {_RECALLED} AS recalled, f.at AS reached
  FROM chat_find($1::text::tsquery, $2, $3, $4, $5, $6, $7, $8, $9) AS f
  LEFT JOIN chat_messages m ON m.conversation_id = f.conversation_id AND m.seq = f.seq
  LEFT JOIN chat_conversations c ON c.id = f.conversation_id
 ORDER BY f.at DESC, f.conversation_id DESC, f.seq DESC
"""  # noqa: S608 - made of constants
# A buyer has few messages: all of theirs are read, and no index of words is asked.
_FIND_OF_BUYER = f"""
SELECT {_MESSAGE}, c.number, c.buyer_id, c.shop_id, {_RECALLED} AS recalled, m.at AS reached
  FROM chat_conversations c JOIN chat_messages m ON m.conversation_id = c.id
 WHERE c.buyer_id = $10 AND ($2::uuid IS NULL OR c.shop_id = $2)
   AND (NOT $11 OR c.case_id IS NOT NULL)
   AND coalesce(m.words @@ $1::text::tsquery, false) AND ($3 OR m.kind <> 'note')
   AND m.at >= $5 AND (m.at, m.conversation_id, m.seq) < ($6, $7, $8)
   AND (($4 AND m.author = 'shop') OR NOT {_RECALLED})
 ORDER BY m.at DESC, m.conversation_id DESC, m.seq DESC LIMIT $9
"""  # noqa: S608 - made of constants
_FIRST = """
SELECT coalesce((SELECT at FROM chat_messages WHERE shop_id = $1 ORDER BY at LIMIT 1),
                (SELECT opened_at FROM chat_conversations
                  WHERE $1::uuid IS NULL ORDER BY number LIMIT 1))
"""
_CALLED = """
SELECT asked.n::integer AS n, found.person_id
  FROM unnest($2::text[]) WITH ORDINALITY AS asked (piece, n),
       LATERAL (SELECT DISTINCT near.person_id FROM (
                    SELECT person_id FROM chat_names
                     WHERE shop_id = $1 AND spelling >= asked.piece
                       AND spelling < asked.piece || chr(1114111)
                     ORDER BY spelling LIMIT $3) AS near) AS found
"""
_KEEP_NAME = """
INSERT INTO chat_names (shop_id, spelling, person_id)
SELECT $1, spelling, $2 FROM unnest($3::text[]) AS spelling ON CONFLICT DO NOTHING
"""
_NICKNAMES = "SELECT person_id, nickname FROM chat_agents WHERE shop_id = $1 LIMIT 1000"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: A message may be a little later than the clock of who asks.
_AHEAD = timedelta(days=1)


class Within(msgspec.Struct, frozen=True, kw_only=True):
    """What the asker may see at all: the talks of a shop, of a buyer, or those of cases."""

    shop_id: UUID | None = None
    buyer_id: UUID | None = None
    notes: bool = False
    recalled: bool = False
    """Also what people of the shop have said and taken back."""


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What else the messages must be; empty fields ask for nothing."""

    author_id: UUID | None = None
    buyer_id: UUID | None = None
    group_id: UUID | None = None
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None


class HitPlace(Place, frozen=True):
    """A message in the order of a search: the next page goes on after it."""

    at: Instant
    conversation_id: UUID
    seq: Count


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was found, and the conversation it stands in."""

    message: Message
    number: int
    buyer_id: UUID
    shop_id: UUID
    recalled: bool

    @property
    def place(self) -> HitPlace:
        """Where the next page goes on."""
        message = self.message
        return HitPlace(at=message.at, conversation_id=message.conversation_id, seq=message.seq)


class Hits(msgspec.Struct, frozen=True, kw_only=True):
    """What was found; `stopped` is the place back to which there was time to look."""

    hits: list[Hit]
    stopped: HitPlace | None = None


async def find_messages(
    database: Queryable,
    within: Within,
    tsquery: str,
    filters: Filters,
    *,
    before: HitPlace | None,
    limit: int,
    now: datetime,
) -> Hits:
    """The newest messages before a place that the question fits. The filters' terms are in it."""
    first = await database.fetchval(_FIRST, within.shop_id)
    buyer_id = within.buyer_id or filters.buyer_id
    if (first is None and buyer_id is None) or filters.buyer_id not in (None, buyer_id):
        return Hits(hits=[])
    since = max(filter(None, (first, filters.since)), default=_EPOCH)
    args = (
        tsquery,
        within.shop_id,
        within.notes,
        within.recalled,
        since,
        *_start(filters.until or now + _AHEAD, before),
        limit,
    )
    if buyer_id is None:
        rows = await database.fetch(_FIND, *args)
    else:
        of_cases = within.shop_id is None and within.buyer_id is None
        rows = await database.fetch(_FIND_OF_BUYER, *args, buyer_id, of_cases)
    stopped = next((row["reached"] for row in rows if row["id"] is None), None)
    return Hits(
        hits=[_hit(row) for row in rows if row["id"] is not None],
        stopped=HitPlace(at=stopped, conversation_id=UUID(int=0), seq=0) if stopped else None,
    )


async def people_called(
    database: Queryable, shop_id: UUID, pieces: Sequence[Piece]
) -> list[list[UUID]]:
    """For each piece, the buyers and agents of a shop whose names begin so, some of many."""
    texts = [piece.text for piece in pieces]
    found: list[list[UUID]] = []
    agents: dict[UUID, list[str]] = {
        row["person_id"]: spellings_of(row["nickname"])
        for row in await database.fetch(_NICKNAMES, shop_id)
    }
    for text in texts:
        found.append(
            [
                person_id
                for person_id, spellings in agents.items()
                if any(one.startswith(text) for one in spellings)
            ]
        )
    for row in await database.fetch(_CALLED, shop_id, texts, PEOPLE_MAX):
        piece: int = row["n"]
        found[piece - 1].append(row["person_id"])
    return found


async def keep_name(database: Queryable, shop_id: UUID, person_id: UUID, name: str) -> None:
    """Remember what a buyer of a shop is called, so that the shop's people find them by it."""
    await database.execute(_KEEP_NAME, shop_id, person_id, spellings_of(name))


def _start(until: datetime, before: HitPlace | None) -> tuple[datetime, UUID, int]:
    """After which place in the order, from the newest, the messages are looked at."""
    if before is not None and before.at < until:
        return before.at, before.conversation_id, before.seq
    return until, UUID(int=0), 0


def _hit(row: Record) -> Hit:
    fields = dict(row)
    del fields["reached"]
    hit = {name: fields.pop(name) for name in ("number", "buyer_id", "shop_id", "recalled")}
    fields["body"] = read_body(fields["kind"], fields["body"])
    return Hit(message=Message(**fields), **hit)

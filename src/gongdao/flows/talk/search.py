"""Search what was said: each within what they may see, the newest first, a page at a time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.asked import Piece, Snippet, pieces_of, snippet_of
from gongdao.base.cursor import read_place
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.body import Body, CaseCard, FileBody, Kind, Note, OrderCard, ProductCard, Text
from gongdao.chat.message import Author, Side
from gongdao.chat.search.asked import term_of, tsquery_of
from gongdao.chat.search.store import (
    Filters,
    Hit,
    HitPlace,
    Hits,
    Within,
    find_messages,
    keep_name,
    people_called,
)
from gongdao.flows.talk.see_talk import Name, name_for, names_of

#: Messages of one page, at most.
PAGE_MAX = 50
_TIES = "SELECT tied_to FROM ties WHERE person_id = $1"
_NAME = "SELECT name FROM people WHERE id = $1"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was found: where it stands, who said it, and the part that fits."""

    conversation_id: UUID
    conversation_number: int
    shop_id: UUID
    buyer_id: UUID
    buyer: str
    seq: int
    at: datetime
    author: Author
    author_id: UUID | None
    name: str
    kind: Kind
    text: str
    marks: list[tuple[int, int]]
    """Where in the text the things looked for stand: from, and the place after the last."""
    recalled: bool


class FoundPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a search; `next` asks for the one after it."""

    found: list[Found]
    next: str | None = None
    searched_to: datetime | None = None
    """There was time to look back to here; `next` goes on."""


async def search_chats(
    pool: Pool,
    who: Principal,
    query: str,
    *,
    filters: Filters | None = None,
    after: str | None = None,
    limit: int = 20,
    now: datetime,
) -> FoundPage:
    """What fits in the conversations that this person may see; nothing where nothing was asked.

    Raises Refusal wrong_role for who has no conversations, invalid for a foreign cursor.
    """
    within, filters = _within(who), filters or Filters()
    before = read_place(after, HitPlace) if after else None
    pieces = pieces_of(query)
    if not pieces:
        return FoundPage(found=[])
    async with pool.acquire() as connection:
        people = await _called(connection, within, pieces)
        tsquery = tsquery_of(pieces, people, within=_terms(filters))
        limit = max(1, min(limit, PAGE_MAX))
        found = await find_messages(
            connection, within, tsquery, filters, before=before, limit=limit + 1, now=now
        )
        shown = found.hits[:limit]
        tied = await _ties_of(connection, who)
        theirs = [hit for hit in shown if tied.isdisjoint((hit.shop_id, hit.buyer_id))]
        names = await names_of(connection, _people_of(theirs))
    return FoundPage(
        found=[_found(_side(who), hit, pieces, names) for hit in theirs],
        next=following.text() if (following := _following(found, shown)) else None,
        searched_to=found.stopped.at if found.stopped else None,
    )


def _following(found: Hits, shown: Sequence[Hit]) -> HitPlace | None:
    """Where the next page goes on: after what is shown, or where time ran out."""
    return shown[-1].place if len(found.hits) > len(shown) else found.stopped


async def remember_buyer(connection: Queryable, shop_id: UUID, buyer_id: UUID) -> None:
    """Let the shop's people find a buyer's messages by what the buyer is called now."""
    name = await connection.fetchval(_NAME, buyer_id)
    if name:
        await keep_name(connection, shop_id, buyer_id, name)


def text_of(body: Body) -> str:
    """The words of a message, of a card those on it."""
    match body:
        case Text() | Note():
            return body.text
        case FileBody():
            return body.name
        case OrderCard():
            return f"{body.number} {body.title}"
        case CaseCard():
            return f"{body.number} {body.title}"
        case ProductCard():
            return body.title
        case _:
            return ""


def _side(who: Principal) -> Side:
    return who.kind


def _within(who: Principal) -> Within:
    """A shop's people see their shop's talks, a buyer their own, the platform those of cases."""
    if who.kind == "buyer" and who.may("chat.use"):
        return Within(buyer_id=who.person_id)
    if who.kind == "shop" and (who.may("chat.serve") or who.may("chat.manage")):
        return Within(shop_id=who.shop_id, notes=True, recalled=who.may("chat.manage"))
    if who.kind == "platform" and who.may("chat.use"):
        return Within()
    raise Refusal("wrong_role", N_("Your role does not read conversations."))


async def _ties_of(connection: Queryable, who: Principal) -> set[UUID]:
    """Whose cases somebody of the platform leaves alone; they do not read along either."""
    if who.kind != "platform":
        return set()
    return {row["tied_to"] for row in await connection.fetch(_TIES, who.person_id)}


async def _called(
    connection: Queryable, within: Within, pieces: Sequence[Piece]
) -> list[list[UUID]]:
    """Names are looked up for the people of a shop: a buyer is not told who an agent is."""
    if within.shop_id is None:
        return [[] for _ in pieces]
    return await people_called(connection, within.shop_id, pieces)


def _terms(filters: Filters) -> list[str]:
    terms = [term_of(one) for one in (filters.author_id, filters.group_id) if one]
    return [*terms, f"@{filters.kind}"] if filters.kind else terms


def _people_of(hits: Sequence[Hit]) -> set[UUID]:
    return {person for hit in hits for person in (hit.message.author_id, hit.buyer_id) if person}


def _found(side: Side, hit: Hit, pieces: Sequence[Piece], names: dict[UUID, Name]) -> Found:
    message = hit.message
    snippet: Snippet = snippet_of(text_of(message.body), pieces)
    name = names.get(message.author_id) if message.author_id else None
    return Found(
        conversation_id=message.conversation_id,
        conversation_number=hit.number,
        shop_id=hit.shop_id,
        buyer_id=hit.buyer_id,
        buyer=names[hit.buyer_id].name if hit.buyer_id in names else "",
        seq=message.seq,
        at=message.at,
        author=message.author,
        author_id=message.author_id,
        name=name_for(side, message.author, name),
        kind=message.kind,
        text=snippet.text,
        marks=snippet.marks,
        recalled=hit.recalled,
    )

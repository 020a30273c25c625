"""Gaps: what nobody could answer is noted, looked after, answered, and told to those who asked."""

from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.cursor import read_place
from gongdao.base.days import day_of
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.chat.body import Text, read_body
from gongdao.flows.knowledge.articles import see_article, write_article
from gongdao.flows.knowledge.leave import edited_by, id_under, shop_of
from gongdao.flows.talk.access import talk_of
from gongdao.flows.talk.say import ToSay, say_in_talk
from gongdao.knowledge.article import Article, Written, say
from gongdao.knowledge.gap import MOST_ASKED, SAID_MAX, Asking, Gap, GapPlace, GapState
from gongdao.knowledge.gap_store import (
    askings_of,
    assign_gap,
    close_gap,
    find_gap,
    list_gaps,
    note_asking,
    note_told,
)
from gongdao.knowledge.likeness import parts_of

PAGE_MAX = 50
_MESSAGE = """
SELECT m.body, m.kind FROM chat_messages m
 WHERE m.conversation_id = $1 AND m.seq = $2 AND m.author = 'buyer' AND m.kind = 'text'
   AND NOT EXISTS (SELECT FROM chat_messages r WHERE r.conversation_id = m.conversation_id
                      AND r.kind = 'recall' AND (r.body ->> 'seq')::integer = m.seq)
"""
_COLLEAGUES = """
SELECT p.id, p.name FROM people p JOIN roles r ON r.id = p.role_id
 WHERE p.shop_id = $1 AND p.disabled_at IS NULL AND 'knowledge.read' = ANY (r.permissions)
   AND ($2::uuid IS NULL OR p.id = $2)
 ORDER BY p.created_at, p.id LIMIT 300
"""


class GapsListed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of questions, and where the next one begins."""

    gaps: list[Gap]
    after: str | None


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """Under which question it stands, and whether it stood there before."""

    gap: Gap
    repeated: bool


async def note_message(
    pool: Pool, who: Principal, conversation_id: UUID, seq: int, *, now: datetime
) -> Noted:
    """Nobody knows the answer to a buyer's message; noted twice, it is noted once.

    Raises Refusal: not_found where there is no such text of a buyer in one's shop.
    """
    shop_id = shop_of(who)
    talk = await talk_of(pool, who, conversation_id)
    row = await pool.fetchrow(_MESSAGE, conversation_id, seq)
    body = read_body(row["kind"], row["body"]) if row else None
    if talk.side != "shop" or not isinstance(body, Text):
        raise Refusal("not_found", N_("There is no such question of a buyer."))
    asking = Asking(
        id=new_id(), gap_id=new_id(), source="message", said=body.text.strip()[:SAID_MAX],
        conversation_id=conversation_id, seq=seq, buyer_id=talk.conversation.buyer_id,
        noted_by=who.person_id, at=now,
    )  # fmt: skip
    return await _note(pool, shop_id, asking)


async def note_search(
    pool: Pool, who: Principal, typed: str, *, conversation_id: UUID | None = None, now: datetime
) -> Noted | None:
    """Somebody searched in vain; once a day and person. What says nothing is not noted: None."""
    shop_id = shop_of(who)
    said = typed.strip()[:SAID_MAX]
    parts = parts_of(said)
    if not parts or max(map(len, parts)) < 2:
        return None
    if conversation_id is not None:
        await talk_of(pool, who, conversation_id)
    day = day_of(now)
    asking = Asking(
        id=uuid5(who.person_id, f"search {day} {' '.join(sorted(parts))}"), gap_id=new_id(),
        source="search", said=said, conversation_id=conversation_id, seq=None, buyer_id=None,
        noted_by=who.person_id, at=now,
    )  # fmt: skip
    return await _note(pool, shop_id, asking)


async def list_questions(
    database: Queryable,
    who: Principal,
    *,
    state: GapState = "open",
    after: str = "",
    limit: int = PAGE_MAX,
) -> GapsListed:
    """A page of the questions of one's shop, the most asked first."""
    before = read_place(after, GapPlace) if after else MOST_ASKED
    found = await list_gaps(database, shop_of(who), state=state, before=before, limit=limit + 1)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    place = GapPlace(last.asked, last.last_at, last.id).text() if last else None
    return GapsListed(gaps=shown, after=place)


async def see_question(
    database: Queryable, who: Principal, gap_id: UUID
) -> tuple[Gap, list[Asking]]:
    """A question of one's shop with each time that it was asked. Raises Refusal not_found."""
    gap = await _gap_of(database, shop_of(who), gap_id)
    return gap, await askings_of(database, gap_id)


async def assign_question(pool: Pool, who: Principal, gap_id: UUID, person_id: UUID | None) -> Gap:
    """Let a colleague look after an open question, or nobody. Raises Refusal."""
    shop_id = shop_of(who)
    if person_id != who.person_id:
        edited_by(who)
    if person_id is not None and not await pool.fetch(_COLLEAGUES, shop_id, person_id):
        raise Refusal("not_found", N_("There is no such person among your staff."))
    await _gap_of(pool, shop_id, gap_id)
    if not await assign_gap(pool, gap_id, shop_id=shop_id, person_id=person_id):
        raise _closed()
    return await _gap_of(pool, shop_id, gap_id)


async def answer_question(
    pool: Pool, who: Principal, gap_id: UUID, article_id: UUID, *, now: datetime
) -> Gap:
    """A published article answers an open question. Raises Refusal."""
    article = await see_article(pool, who, article_id)
    if article.state != "published":
        raise Refusal("not_eligible", N_("Publish the article first; nobody could read it."))
    return await _close(pool, who, gap_id, "answered", article_id, now)


async def write_answer(
    pool: Pool, who: Principal, gap_id: UUID, written: Written, *, key: str | None, now: datetime
) -> Article:
    """Keep a new article for an open question; once it is published, it answers it.

    Under a key that was used for the same, what it did is there. Raises Refusal, with nothing kept:
    not_found, not_allowed_in_stage (the question is closed), and those of an article.
    """
    gap = await _gap_of(pool, edited_by(who), gap_id)
    if gap.state != "open" and gap.article_id != id_under(who, "article", key):
        raise _closed()
    article = await write_article(pool, who, written, key=key, now=now)
    if article.state == "published":
        await answer_question(pool, who, gap_id, article.id, now=now)
    return article


async def dismiss_question(pool: Pool, who: Principal, gap_id: UUID, *, now: datetime) -> Gap:
    """Set an open question aside: it needs no answer. Raises Refusal."""
    return await _close(pool, who, gap_id, "dismissed", None, now)


async def tell_asker(
    pool: Pool, who: Principal, gap_id: UUID, asking_id: UUID, *, text: str = "", now: datetime
) -> None:
    """Say the answer in the conversation in which it was asked; told twice, it is said once.

    Raises Refusal: not_found, not_allowed_in_stage (not answered yet, or the conversation is over).
    """
    gap, asking = await _to_tell(pool, who, gap_id, asking_id)
    assert gap.article_id and asking.conversation_id
    article = await see_article(pool, who, gap.article_id)
    said = ToSay(
        conversation_id=asking.conversation_id,
        client_id=asking.id,
        body={"text": text.strip() or say(article)},
    )
    if asking.told_at is None:
        await say_in_talk(pool, who, said, now=now)
        await note_told(pool, asking_id, by_id=who.person_id, now=now)


async def mark_told(
    pool: Pool, who: Principal, gap_id: UUID, asking_id: UUID, *, now: datetime
) -> None:
    """The buyer heard it in another way. Raises Refusal."""
    await _to_tell(pool, who, gap_id, asking_id)
    await note_told(pool, asking_id, by_id=who.person_id, now=now)


async def colleagues_of(database: Queryable, who: Principal) -> dict[UUID, str]:
    """Who may look after a question."""
    rows = await database.fetch(_COLLEAGUES, shop_of(who), None)
    return {row["id"]: row["name"] for row in rows}


async def _to_tell(pool: Pool, who: Principal, gap_id: UUID, asking_id: UUID) -> tuple[Gap, Asking]:
    gap, askings = await see_question(pool, who, gap_id)
    asking = next((each for each in askings if each.id == asking_id), None)
    if asking is None or asking.conversation_id is None or asking.source != "message":
        raise Refusal("not_found", N_("There is no such question of a buyer."))
    if gap.state != "answered":
        raise Refusal("not_allowed_in_stage", N_("This question is not answered yet."))
    return gap, asking


async def _note(pool: Pool, shop_id: UUID, asking: Asking) -> Noted:
    async with pool.acquire() as connection, connection.transaction():
        gap_id, is_new = await note_asking(
            connection, asking, shop_id=shop_id, new_gap=asking.gap_id
        )
    return Noted(gap=await _gap_of(pool, shop_id, gap_id), repeated=not is_new)


async def _close(
    pool: Pool, who: Principal, gap_id: UUID, state: GapState, article_id: UUID | None,
    now: datetime,
) -> Gap:  # fmt: skip
    shop_id = edited_by(who)
    before = await _gap_of(pool, shop_id, gap_id)
    if before.state == state and before.article_id == article_id:
        return before
    if not await close_gap(
        pool, gap_id, shop_id=shop_id, state=state, article_id=article_id,
        by_id=who.person_id, now=now,
    ):  # fmt: skip
        raise _closed()
    return await _gap_of(pool, shop_id, gap_id)


async def _gap_of(database: Queryable, shop_id: UUID, gap_id: UUID) -> Gap:
    gap = await find_gap(database, gap_id, shop_id=shop_id)
    if gap is None:
        raise Refusal("not_found", N_("There is no such question."))
    return gap


def _closed() -> Refusal:
    return Refusal("not_allowed_in_stage", N_("This question is closed already."))

"""Proof of extortion: messages of the chat are sealed and bound to the review."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, ZONE, Locale, translate
from gongdao.chat.conversation import Conversation
from gongdao.files.objects import Objects
from gongdao.flows.reviews.access import held_review_for, review_for, shop_of
from gongdao.flows.reviews.log import note, tell
from gongdao.flows.talk.access import Talk, talk_of
from gongdao.flows.talk.seal_excerpt import Sealed, seal_excerpt
from gongdao.flows.talk.see_talk import Line, read_lines
from gongdao.reviews.review import Review
from gongdao.reviews.store import events_of

#: So many talks of a buyer, and so many messages of each, stand beside a review.
TALKS_MAX, LINES_MAX = 3, 40
_TALKS = """
SELECT id FROM chat_conversations WHERE shop_id = $1 AND buyer_id = $2 AND case_id IS NULL
 ORDER BY opened_at DESC LIMIT $3
"""


class TalkBeside(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with the buyer of a review, and its newest messages."""

    conversation: Conversation
    lines: list[Line]


async def talks_beside(database: Queryable, who: Principal, review: Review) -> list[TalkBeside]:
    """What was said with the buyer, the newest talk first."""
    rows = await database.fetch(_TALKS, review.shop_id, review.buyer_id, TALKS_MAX)
    talks: list[TalkBeside] = []
    for row in rows:
        talk: Talk = await talk_of(database, who, row["id"])
        lines = await read_lines(database, talk, limit=LINES_MAX)
        talks.append(TalkBeside(conversation=talk.conversation, lines=lines))
    return talks


class Filing(msgspec.Struct, frozen=True, kw_only=True):
    """A report of extortion as a review makes it: what happened, and the sealed excerpts."""

    claim: str
    files: list[UUID]


async def filing_of_review(
    database: Queryable, who: Principal, review_id: UUID, locale: Locale
) -> Filing:
    """What a report about a review says at first. Raises Refusal: not_found, wrong_role."""
    shop_of(who)
    review = await review_for(database, who, review_id)
    events = [each for each in await events_of(database, review_id) if each.what == "sealed"]
    claim = translate(
        locale,
        N_(
            "On {day} the buyer gave {stars} of 5 stars for {product}, and demanded money or goods "
            "under the threat of it. The review: {text}"
        ),
        {
            "day": f"{review.at.astimezone(ZONE):%Y-%m-%d}",
            "stars": review.stars,
            "product": review.product,
            "text": review.text or "—",
        },
    )
    files = [UUID(str(each.detail[name])) for each in events for name in ("paper", "file")]
    return Filing(claim=claim, files=files)


async def seal_for_review(
    pool: Pool,
    objects: Objects,
    who: Principal,
    review_id: UUID,
    conversation_id: UUID,
    chosen: Collection[int],
    *,
    now: datetime,
) -> Sealed:
    """Seal the chosen messages and bind them to the review; the same choice is one excerpt.

    Raises Refusal: not_found (also where the talk is with somebody else), and what sealing an
    excerpt is refused for.
    """
    shop_of(who)
    review = await review_for(pool, who, review_id)
    talk = await talk_of(pool, who, conversation_id)
    if talk.conversation.buyer_id != review.buyer_id:
        raise Refusal("not_found", N_("There is no such conversation."))
    sealed = await seal_excerpt(pool, objects, who, conversation_id, chosen, now=now)
    excerpt = sealed.excerpt
    async with pool.acquire() as connection, connection.transaction():
        review = await held_review_for(connection, who, review_id)
        known = [each.detail for each in await events_of(connection, review_id)]
        if not any(each.get("excerpt") == str(excerpt.id) for each in known):
            await note(
                connection, review, "sealed", who, now,
                excerpt=excerpt.id, conversation=conversation_id, seqs=excerpt.seqs,
                file=excerpt.file_id, paper=excerpt.paper_id, sha256=excerpt.sha256.hex(),
            )  # fmt: skip
    tell(review)
    return sealed

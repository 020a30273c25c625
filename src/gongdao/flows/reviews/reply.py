"""The shop answers a review in public: once, for ever, with manners, and nothing but the truth.

A draft comes from the scripts. Before it goes out it is held against the manners of the rule book
(no reward for another mark, no "signed means accepted") and against what is on record.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec.structs import replace

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, ZONE, Locale
from gongdao.base.plain import plain
from gongdao.base.texts import NO_NUL
from gongdao.flows.reviews.access import (
    held_review_for,
    require_in_time,
    review_for,
    rule_for,
    shop_of,
)
from gongdao.flows.reviews.known import late_hours
from gongdao.flows.reviews.log import is_done, note, tell
from gongdao.flows.settings import current_pack
from gongdao.flows.talk.manners import look_over
from gongdao.flows.talk.scripts import shelf_of
from gongdao.policy.manners import Level
from gongdao.reviews.review import NOTE_MAX, REPLY_MAX, Cause, Review, require_words
from gongdao.reviews.store import save_review
from gongdao.reviews.truth import Record, check_truth
from gongdao.scripts.script import Filled, Script, Variable, fill
from gongdao.scripts.shelf import at_key

#: The templates that answer each cause, the first of them suggested.
_TEMPLATES: dict[Cause, tuple[str, ...]] = {
    "quality": ("review.answer-quality", "review.answer-size", "review.answer-solved"),
    "service": ("review.answer-service", "review.answer-solved"),
    "courier": ("review.answer-courier", "review.answer-solved"),
    "mood": ("review.answer-mood", "review.answer-solved"),
    "competitor": ("review.answer-competitor", "review.answer-wrong"),
    "extortion": ("review.answer-wrong", "review.answer-competitor"),
}
#: What is said on the telephone: sorry first, then listen, then a solution and a promise (S0-47).
_CALL = ("review.call-open", "review.call-solve", "review.call-thanks")
_CALLS: dict[Cause, tuple[str, ...]] = {
    "mood": ("review.call-open", "review.call-calm", "review.call-thanks"),
    # What is meant is asked and answered in writing, so that it can be shown (S1-15).
    "extortion": ("review.call-confirm", "review.call-solve"),
}
_MISSED = "review.call-missed"
_RECORD = """
SELECT o.refunded_fen, o.shipped_at, o.signed_at, o.ship_within_s, o.number, o.buyer_name,
       o.receiver_name, o.receiver_phone, o.receiver_address, p.name,
       CASE WHEN o.payment = 'cod' THEN o.placed_at ELSE o.paid_at END AS promised_from,
       (SELECT coalesce(sum(c.refunded_fen), 0) FROM cases c WHERE c.order_id = o.id) AS promised,
       EXISTS (SELECT FROM cases c WHERE c.order_id = o.id AND c.kind IN ('exchange', 'resend')
                  AND c.ended IN ('settled', 'decided', 'defaulted')) AS replaced,
       EXISTS (SELECT FROM cases c WHERE c.order_id = o.id AND c.ended = 'settled'
                  AND NOT c.state ? 'anonymous') AS settled,
       (SELECT count(*) FROM chat_conversations t JOIN chat_messages m ON m.conversation_id = t.id
         WHERE t.shop_id = o.shop_id AND t.buyer_id = o.buyer_id AND t.last_at >= o.placed_at
           AND m.author = 'buyer' AND m.at >= o.placed_at) AS messages,
       (SELECT count(*) FROM review_log l WHERE l.review_id = $2 AND l.what = 'contacted') AS tries
  FROM orders o LEFT JOIN people p ON p.id = o.buyer_id WHERE o.id = $1
"""


class ReplyArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer, and why it goes out in spite of a warning."""

    text: Annotated[str, msgspec.Meta(max_length=2 * REPLY_MAX, pattern=NO_NUL)]
    reason: Annotated[str, msgspec.Meta(max_length=2 * NOTE_MAX, pattern=NO_NUL)] = ""


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is minded in an answer: a matter of manners, or of truth."""

    id: str
    level: Level
    about: str
    """manners or truth."""
    words: str
    zh: str
    en: str
    rule: str = ""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A template with what is known filled in."""

    ref: str
    title: str
    text: str
    is_whole: bool
    """Nothing is left to be filled in."""


async def drafts_for(
    database: Queryable, who: Principal, review: Review, *, locale: Locale, now: datetime
) -> tuple[list[Draft], list[Draft]]:
    """Templates for the answer in public, and what is said on the telephone."""
    assert review.cause is not None, "a good review is thanked for elsewhere"
    shelf = await shelf_of(database, who, locale=locale, now=now)
    values: dict[Variable, str] = {
        "agent": who.name,
        "order": review.order_number,
        "product": review.product,
    }
    call = (*_CALLS.get(review.cause, _CALL), _MISSED)
    name: str = await database.fetchval("SELECT name FROM people WHERE id = $1", review.buyer_id)
    answers = [_draft(shelf.scripts, ref, values, locale) for ref in _TEMPLATES[review.cause]]
    values["buyer"] = name
    calls = [_draft(shelf.scripts, ref, values, locale) for ref in call]
    return [one for one in answers if one], [one for one in calls if one]


def _draft(
    scripts: list[Script], ref: str, values: dict[Variable, str], locale: Locale
) -> Draft | None:
    script = at_key(scripts, ref)
    if script is None:
        return None
    filled: Filled = fill(script.text, values, locale)
    return Draft(ref=script.ref, title=script.title, text=filled.text, is_whole=not filled.blanks)


async def check_reply(
    database: Queryable, who: Principal, review_id: UUID, text: str
) -> list[Objection]:
    """What is minded in an answer before it goes out. Raises Refusal not_found."""
    shop_of(who)
    return await _objections(database, who, await review_for(database, who, review_id), text)


async def reply_to_review(
    pool: Pool, who: Principal, review_id: UUID, args: ReplyArgs, *, key: UUID, now: datetime
) -> Review:
    """Answer in public, once.

    Raises Refusal: not_found, duplicate, too_late, not_eligible (what blocks, with its reason),
    reason_required (a warning that nobody has explained away).
    """
    shop_of(who)
    text = require_words(args.text, most=REPLY_MAX)
    reason = require_words(args.reason, most=NOTE_MAX, empty_ok=True)
    pack = await current_pack(pool)
    async with pool.acquire() as connection, connection.transaction():
        review = await held_review_for(connection, who, review_id)
        if await is_done(connection, review, "replied", key):
            return review
        if review.replied_at is not None:
            raise Refusal("duplicate", N_("This review is answered already, and answers stay."))
        require_in_time(pack, rule_for(pack, "reply"), review.at, now)
        objections = await _objections(connection, who, review, text)
        _require_fit(objections, reason)
        after = await save_review(connection, replace(review, reply=text, replied_at=now))
        minded = [each.id for each in objections]
        await note(
            connection, after, "replied", who, now, key=key, text=text, minded=minded, reason=reason
        )
    tell(after)
    return after


async def record_of(database: Queryable, review: Review) -> Record:
    """What is on record of the order of a review, and of what was done since."""
    row = await database.fetchrow(_RECORD, review.order_id, review.id)
    assert row is not None, "a review is of an order that there is"
    shipped: datetime | None = row["shipped_at"]
    private = (
        row["name"], row["buyer_name"], row["receiver_name"], row["receiver_phone"],
        row["receiver_address"], row["number"],
    )  # fmt: skip
    return Record(
        refunded_fen=row["refunded_fen"],
        promised_fen=int(row["promised"]),
        shipped_on=shipped.astimezone(ZONE).date() if shipped else None,
        late_dispatch_hours=late_hours(shipped, row["promised_from"], row["ship_within_s"]) or 0,
        signed=row["signed_at"] is not None,
        messages=row["messages"],
        tries=row["tries"],
        replaced=row["replaced"],
        settled=row["settled"] or review.solved_at is not None,
        private=tuple(text for text in private if text),
    )


async def _objections(
    database: Queryable, who: Principal, review: Review, text: str
) -> list[Objection]:
    manners = [
        Objection(
            id=remark.id,
            level=remark.level,
            about="manners",
            words=text[remark.start : remark.end],
            zh=remark.say.zh,
            en=remark.say.en,
            rule=remark.rule,
        )
        for remark in await look_over(database, who, text)
    ]
    untrue = check_truth(text, plain(text).text, await record_of(database, review))
    return manners + [
        Objection(
            id=each.id,
            level=each.level,
            about="truth",
            words=each.words,
            zh=each.say.zh,
            en=each.say.en,
        )
        for each in untrue
    ]


def _require_fit(objections: list[Objection], reason: str) -> None:
    blocking = next((each for each in objections if each.level == "block"), None)
    if blocking:
        raise Refusal(
            "not_eligible",
            blocking.en.replace("{", "{{").replace("}", "}}"),
            chinese=blocking.zh,
            rules=(blocking.rule,) if blocking.rule else (),
        )
    if objections and not reason:
        raise Refusal("reason_required", N_("Say why the answer goes out in spite of the warning."))

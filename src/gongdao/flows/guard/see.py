"""What of the guard's findings somebody is told: in a talk, on an order, in a case."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable, Record
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.conflicts import tie_in
from gongdao.flows.guard.access import UNTIED, may_know, reads_all
from gongdao.flows.settings import current_pack
from gongdao.flows.talk.access import talks
from gongdao.policy.guard import GuardBook, Level, Subject
from gongdao.policy.written import Text
from gongdao.risk.finding import Evidence, Place, Verdict
from gongdao.risk.store import LIST_MAX, Kept, kept_of
from gongdao.risk.wording import worded, words_in

#: What was said before an order counts with it for so long.
TALKED_BEFORE = timedelta(days=30)

# Of a report whose maker is not named, its other side is told nothing. One case is asked for each
# finding: as NOT EXISTS it may be answered from all cases there are.
_NOT_ANONYMOUS = """
coalesce((SELECT NOT (k.state ? 'anonymous' AND k.state ->> 'opened_by' <> $2)
            FROM cases k WHERE k.id = f.case_id), TRUE)
"""
#: $1 who asks, $2 their role in a case, $3 at most: of each sign the newest first, so that nobody
#: talks a grave one out of the list with many small ones.
_SEEN = f"""
SELECT * FROM (
    SELECT f.*,
           row_number() OVER (PARTITION BY f.code, f.about, f.verdict ORDER BY f.at DESC) AS nth
      FROM risk_findings f
     WHERE {{where}} AND {UNTIED} AND ($2 = 'platform' OR {_NOT_ANONYMOUS})
     ORDER BY nth, f.at DESC, f.id LIMIT $3) AS f
"""  # noqa: S608 - made of constants
_IN_TALK = _SEEN.format(where="f.conversation_id = $4 AND f.seq > $5") + "ORDER BY f.seq, f.id"
_OF_PARTIES = (
    _SEEN.format(where="f.subject IN ('buyer', 'shop') AND f.subject_id IN ($4, $5)")
    + "ORDER BY f.found_at DESC, f.id DESC"
)
#: $4 order, $5 shop, $6 buyer, $7 since when their talks count, $8 case. What stands in a talk that
#: was about another order alone belongs to that one.
_AROUND = (
    _SEEN.format(
        where="""(f.order_id = $4 OR f.case_id = $8
        OR (f.subject IN ('buyer', 'shop') AND f.subject_id IN ($5, $6))
        OR (f.buyer_id = $6 AND f.shop_id = $5 AND f.conversation_id IS NOT NULL AND f.at >= $7
            AND (f.order_id IS NULL OR f.order_id = $4)))"""
    )
    + "ORDER BY f.at DESC, f.id DESC"
)
_TIED = "SELECT EXISTS (SELECT FROM ties WHERE person_id = $1 AND tied_to = ANY ($2))"
_TALK = "SELECT shop_id, buyer_id, case_id FROM chat_conversations WHERE id = $1"
_ORDER = "SELECT id AS order_id, shop_id, buyer_id, placed_at FROM orders WHERE id = $1"
_CASE = """
SELECT o.id AS order_id, k.shop_id, k.buyer_id, o.placed_at,
       k.state ? 'anonymous' AND k.state ->> 'opened_by' <> $2 AS hidden
  FROM cases k JOIN orders o ON o.id = k.order_id WHERE k.id = $1
"""


class Warned(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as somebody is told of it."""

    finding_id: UUID
    code: str
    say: Text
    advice: Text | None
    weight: int
    evidence: tuple[Evidence, ...]
    subject: Subject
    subject_id: UUID
    conversation_id: UUID | None
    seq: int | None
    """The message that it is about, in its conversation."""
    at: datetime
    about: str
    """Whose doing it seems to be: buyer, shop or other."""
    verdict: Verdict | None
    """What a person said of it last; what is wrong weighs nothing."""

    @property
    def words(self) -> list[str]:
        """The words that show it, each once."""
        return words_in(self.evidence)


class Warnings(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is told, and how careful that is a reason to be."""

    level: Level
    signs: tuple[Warned, ...] = ()


async def seen_in_talk(
    database: Queryable, who: Principal, conversation_id: UUID, *, after_seq: int = 0
) -> Warnings:
    """The signs in a talk after a message; asked from its beginning, those about its sides too.

    Raises Refusal not_found where the talk is not theirs.
    """
    talk = await database.fetchrow(_TALK, conversation_id)
    if talk is None or not _is_party(
        who, talk, who.may("chat.use") if who.kind == "buyer" else talks(who)
    ):
        raise Refusal("not_found", N_("There is no such conversation."))
    if conflict := talk["case_id"] and await tie_in(database, who, talk["case_id"]):
        raise conflict
    asking = (who.person_id, _role(who), LIST_MAX)
    rows = await database.fetch(_IN_TALK, *asking, conversation_id, after_seq)
    if not after_seq:
        parties = await database.fetch(_OF_PARTIES, *asking, talk["shop_id"], talk["buyer_id"])
        rows = [*parties, *rows]
    return await _told(database, who, rows)


async def seen_on_order(database: Queryable, who: Principal, order_id: UUID) -> Warnings:
    """The signs about an order, its two sides, and what they said to each other around it.

    Raises Refusal not_found where the order is not theirs.
    """
    order = await database.fetchrow(_ORDER, order_id)
    if order is None or not _is_party(who, order, who.may("order.read")):
        raise Refusal("not_found", N_("There is no such order."))
    return await _told(database, who, await _around(database, who, order, case_id=None))


async def seen_in_case(database: Queryable, who: Principal, case_id: UUID) -> Warnings:
    """The signs about a case, its order, its talk and its sides.

    Raises Refusal: not_found where the case is not theirs, not_eligible for who is tied to a side.
    """
    case = await database.fetchrow(_CASE, case_id, _role(who))
    if case is None or not _is_party(who, case, who.may("case.read")):
        raise Refusal("not_found", N_("There is no such case."))
    if conflict := await tie_in(database, who, case_id):
        raise conflict
    if case["hidden"] and who.kind != "platform":
        return Warnings(level="calm")
    return await _told(database, who, await _around(database, who, case, case_id=case_id))


def warned_of(who: Principal, kept: Kept, book: GuardBook) -> Warned | None:
    """A finding as this person is told of it; None: they are not."""
    finding, rule = kept.finding, book.rules.get(kept.finding.code)
    place = finding.place
    if not may_know(who, place, rule):
        return None
    if who.kind == "buyer" and kept.verdict == "wrong":
        return None
    evidence = finding.evidence
    if who.kind != "platform":
        # Others who are part of a pattern are nobody's business but the platform's.
        evidence = tuple(one for one in evidence if one.shows != "person")
    return Warned(
        finding_id=finding.id,
        code=finding.code,
        say=worded(rule.say, evidence) if rule else Text(zh=finding.code, en=finding.code),
        advice=rule.advice if rule else None,
        weight=finding.weight,
        evidence=evidence,
        subject=place.subject,
        subject_id=place.subject_id,
        conversation_id=place.conversation_id,
        seq=place.seq,
        at=finding.at,
        about=place.about,
        verdict=kept.verdict,
    )


async def is_tied(database: Queryable, who: Principal, place: Place) -> bool:
    """Whether somebody of the platform is tied to a side of what a finding is about."""
    sides = [place.shop_id, place.buyer_id, place.subject_id]
    return who.kind == "platform" and await database.fetchval(_TIED, who.person_id, sides)


async def _around(
    database: Queryable, who: Principal, order: Record, *, case_id: UUID | None
) -> list[Record]:
    return await database.fetch(
        _AROUND,
        who.person_id,
        _role(who),
        LIST_MAX,
        order["order_id"],
        order["shop_id"],
        order["buyer_id"],
        order["placed_at"] - TALKED_BEFORE,
        case_id,
    )


async def _told(database: Queryable, who: Principal, rows: Sequence[Record]) -> Warnings:
    if not rows:
        return Warnings(level="calm")
    book = (await current_pack(database)).guard
    each = (warned_of(who, kept_of(row), book) for row in rows)
    signs = tuple(one for one in each if one is not None)
    # What is wrong weighs nothing.
    level = book.level_of((one.code, one.weight) for one in signs if one.verdict != "wrong")
    return Warnings(level=level, signs=signs)


def _is_party(who: Principal, of: Record, leave: bool) -> bool:
    match who.kind:
        case "buyer":
            return leave and of["buyer_id"] == who.person_id
        case "shop":
            return leave and of["shop_id"] == who.shop_id
        case "platform":
            return reads_all(who)


def _role(who: Principal) -> str:
    return {"buyer": "buyer", "shop": "seller", "platform": "platform"}[who.kind]

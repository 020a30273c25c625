"""Conversations and cases of the same two: where proof is found, where a case is spoken of."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal, party_role
from gongdao.base.db import Pool
from gongdao.cases.available import available_actions
from gongdao.cases.seen_by import masked_in_sql
from gongdao.flows.act import pack_of
from gongdao.flows.case_reads import see_case
from gongdao.flows.talk.access import talk_of
from gongdao.flows.talk.open_talk import require_case_to_talk_of
from gongdao.policy.words import Role

#: So many open cases between two are offered for an excerpt.
CASES_MAX = 50
_UNMASKED = f"(NOT $3 OR NOT {masked_in_sql('c.state', 'seller')})"
_BUYER_UNMASKED = f"(NOT $4 OR NOT {masked_in_sql('c.state', 'buyer')})"
_CASES = f"""
SELECT c.id, c.number, c.kind FROM cases c
 WHERE c.buyer_id = $1 AND c.shop_id = $2 AND c.ended IS NULL
   AND {_UNMASKED} AND {_BUYER_UNMASKED} AND ($5::uuid IS NULL OR c.id = $5)
 ORDER BY c.opened_at DESC, c.id DESC LIMIT {CASES_MAX}
"""  # noqa: S608 - made of constants
_IS_CLOSED = "SELECT stage = 'closed' FROM cases WHERE id = $1"
_PARTIES: tuple[Role, ...] = ("buyer", "seller")
_TALK = "SELECT id FROM chat_conversations WHERE case_id = $1"
# Of the two, the conversation in which something was last said.
_LAST = """
SELECT id FROM chat_conversations
 WHERE shop_id = $1 AND buyer_id = $2 AND case_id IS NULL AND last_seq > 0
 ORDER BY opened_at DESC LIMIT 1
"""


class CaseForExcerpt(msgspec.Struct, frozen=True, kw_only=True):
    """A case in which messages of a conversation can be evidence."""

    id: UUID
    number: int
    kind: str


class CaseTalk(msgspec.Struct, frozen=True, kw_only=True):
    """The three-sided conversation of a case; without one nobody has said anything yet."""

    case_id: UUID
    number: int
    shop_id: UUID
    conversation_id: UUID | None


async def cases_for_excerpts(
    pool: Pool, who: Principal, conversation_id: UUID
) -> list[CaseForExcerpt]:
    """The open cases of the two that this person may know of. Raises Refusal not_found.

    A shop is not told of a case whose reporter stays unknown to it: it would learn who that is.
    """
    conversation = (await talk_of(pool, who, conversation_id)).conversation
    if not who.may("case.read"):
        return []
    role = party_role(who)
    rows = await pool.fetch(
        _CASES,
        conversation.buyer_id,
        conversation.shop_id,
        role == "seller",
        role == "buyer",
        conversation.case_id,
    )
    return [CaseForExcerpt(**dict(row)) for row in rows]


async def find_case_talk(pool: Pool, who: Principal, case_id: UUID) -> CaseTalk:
    """The conversation of a case, begun or not. Raises Refusal not_found, not_eligible."""
    stored = await require_case_to_talk_of(pool, who, case_id)
    return CaseTalk(
        case_id=case_id,
        number=stored.number,
        shop_id=stored.case.shop_id,
        conversation_id=await pool.fetchval(_TALK, case_id),
    )


async def find_talk_for_case(pool: Pool, who: Principal, case_id: UUID) -> UUID | None:
    """The last conversation of the two, from which evidence is chosen; None: they never talked.

    Raises Refusal not_found, and not_eligible where one side must not learn who the other is.
    """
    case = (await require_case_to_talk_of(pool, who, case_id)).case
    return await pool.fetchval(_LAST, case.shop_id, case.buyer_id)


async def case_is_over(pool: Pool, case_id: UUID, *, now: datetime) -> bool:
    """Whether a case is closed for good: no side can appeal any more. Its conversation is read."""
    if not await pool.fetchval(_IS_CLOSED, case_id):
        return False
    async with pool.acquire() as connection:
        seen = await see_case(connection, case_id)
    assert seen, "it was found just now"
    case = seen.stored.case
    return not any(
        each.action == "appeal" and each.allowed
        for role in _PARTIES
        for each in available_actions(case, role, facts=seen.facts, pack=pack_of(case), now=now)
    )

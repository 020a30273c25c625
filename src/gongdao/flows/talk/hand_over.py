"""An agent, or whoever leads the desk, hands a conversation over; always with a reason."""

from datetime import datetime
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.routing import hand_over as routing
from gongdao.chat.routing.hand_over import Handed
from gongdao.flows.talk.access import talk_of


async def hand_over_talk(
    pool: Pool,
    who: Principal,
    conversation_id: UUID,
    *,
    to_agent: UUID | None = None,
    to_group: UUID | None = None,
    reason: str,
    now: datetime,
) -> Handed:
    """Hand one's own conversation to a colleague or a group; a lead also hands over others'.

    Nobody takes a colleague's customer by it: only whoever serves gives away. Raises Refusal:
    not_found, wrong_role, invalid, reason_required, not_allowed_in_stage, duplicate, not_eligible.
    """
    talk = await talk_of(pool, who, conversation_id)
    if talk.side != "shop" or talk.conversation.case_id:
        raise Refusal("not_found", N_("There is no such conversation."))
    if talk.conversation.agent_id != who.person_id and not who.may("chat.manage"):
        raise Refusal("wrong_role", N_("Only whoever serves this conversation hands it over."))
    if (to_agent is None) == (to_group is None):
        raise Refusal("invalid", N_("Name a colleague or a group."))
    async with pool.acquire() as connection, connection.transaction():
        return await routing.hand_over(
            connection,
            conversation_id,
            to_agent=to_agent,
            to_group=to_group,
            reason=reason,
            by_id=who.person_id,
            now=now,
        )

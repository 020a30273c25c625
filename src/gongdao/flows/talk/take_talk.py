"""An agent takes the conversation that has waited longest, whatever routing would do."""

from datetime import datetime
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.chat.routing.lines import RoutingLine, say_lines
from gongdao.chat.routing.store import (
    first_in_queue,
    give_to,
    load_board,
    lock_desk,
    lock_talk,
    log_routing,
)
from gongdao.flows.talk.presence import shop_served_by

#: Somebody may go away while they are looked at; the next one is taken then.
_LOOKED_AT = 20


async def take_next(pool: Pool, who: Principal, *, now: datetime) -> UUID | None:
    """Serve whoever has waited longest, beyond one's capacity too; None while nobody waits.

    Nobody picks and chooses: it is always the first of the queue. Raises Refusal: wrong_role,
    not_eligible for somebody who is offline.
    """
    shop_id = shop_served_by(who)
    async with pool.acquire() as connection, connection.transaction():
        desk = await lock_desk(connection, shop_id)
        own = (await load_board(connection, desk)).agents.get(who.person_id)
        if own is None or own.state == "offline":
            raise Refusal("not_eligible", N_("Come online first, then take the next one."))
        for conversation_id in await first_in_queue(connection, shop_id, limit=_LOOKED_AT):
            talk = await lock_talk(connection, conversation_id)
            if talk is None or talk.state != "waiting":
                continue
            group = next((each.group_id for each in own.seats if each.group_id), None)
            await give_to(connection, talk, who.person_id, group_id=group)
            await log_routing(
                connection,
                talk,
                "taken",
                to_agent=who.person_id,
                group_id=group,
                by_id=who.person_id,
                now=now,
            )
            line = RoutingLine(
                conversation_id=talk.id,
                event="assigned",
                once=f"{who.person_id}:{now.isoformat()}",
                fields={"agent": own.nickname},
            )
            await say_lines(connection, [line], now=now)
            moved = await first_in_queue(connection, shop_id, limit=_LOOKED_AT)
            changed(
                [f"state:{talk.id}", f"desk:{shop_id}", f"agent:{who.person_id}",
                 *(f"state:{each}" for each in moved)]
            )  # fmt: skip
            return talk.id
    return None

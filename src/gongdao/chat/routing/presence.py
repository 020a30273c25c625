"""Who is there: agents come online, are suspended, go offline, drop and come back; all logged."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from gongdao.base.db import Connection
from gongdao.base.live import changed
from gongdao.chat.routing.desk import Desk, State
from gongdao.chat.routing.desk_store import (
    Change,
    add_agent,
    find_agent,
    log_state,
    name_of_agent,
    restore_state,
    set_state,
    silence,
)
from gongdao.chat.routing.lines import RoutingLine, say_lines
from gongdao.chat.routing.pick import Pick
from gongdao.chat.routing.place import serve
from gongdao.chat.routing.store import lock_desk, lock_left_behind, queue_again

Cause = Literal["self", "lead", "silent", "back"]


async def join_desk(
    connection: Connection,
    shop_id: UUID,
    person_id: UUID,
    *,
    nickname: str,
    is_main: bool,
    now: datetime,
) -> None:
    """Give a person of the shop their place at its desk, offline at first; twice is as once.

    A desk has one main account: the first who comes as such.
    """
    if await find_agent(connection, person_id) != shop_id:
        await lock_desk(connection, shop_id)
        await add_agent(connection, shop_id, person_id, nickname=nickname, is_main=is_main, now=now)


async def change_state(
    connection: Connection,
    shop_id: UUID,
    agent_id: UUID,
    state: State,
    *,
    cause: Cause,
    by_id: UUID | None,
    now: datetime,
) -> list[Pick] | None:
    """Let an agent be online, suspended or offline; whoever could be served at once.

    None: they were so already, or are no agent of this shop. Going offline, they leave the
    conversations in which a buyer waits for their answer to the others.
    """
    desk = await lock_desk(connection, shop_id)
    change = await set_state(connection, desk, agent_id, state, now=now)
    return await _changed(connection, desk, change, cause, by_id, now) if change else None


async def drop_silent(
    connection: Connection, shop_id: UUID, agent_id: UUID, *, now: datetime
) -> list[Pick] | None:
    """Take an agent whose screens say nothing any more for gone; None: they spoke meanwhile."""
    desk = await lock_desk(connection, shop_id)
    change = await silence(connection, desk, agent_id, now=now)
    return await _changed(connection, desk, change, "silent", None, now) if change else None


async def welcome_back(
    connection: Connection, shop_id: UUID, agent_id: UUID, *, now: datetime
) -> list[Pick] | None:
    """Let an agent who had dropped be as before; None: they are not fallen any more."""
    desk = await lock_desk(connection, shop_id)
    change = await restore_state(connection, desk, agent_id, now=now)
    return await _changed(connection, desk, change, "back", None, now) if change else None


async def leave_behind(
    connection: Connection, desk: Desk, agent_id: UUID, *, now: datetime
) -> list[UUID]:
    """Queue again what an agent who is gone has not answered; the desk is held. Which ones."""
    ids = await lock_left_behind(connection, agent_id)
    if not ids:
        return []
    await queue_again(connection, ids, left_by=agent_id, now=now)
    nickname = await name_of_agent(connection, agent_id)
    lines = [
        RoutingLine(
            conversation_id=each,
            event="agent_left",
            once=f"{agent_id}:{now.isoformat()}",
            fields={"agent": nickname},
        )
        for each in ids
    ]
    await say_lines(connection, lines, now=now)
    changed([f"state:{each}" for each in ids])
    return ids


async def _changed(
    connection: Connection,
    desk: Desk,
    change: Change,
    cause: Cause,
    by_id: UUID | None,
    now: datetime,
) -> list[Pick]:
    await log_state(connection, desk, change, cause=cause, by_id=by_id, now=now)
    changed([f"desk:{desk.shop_id}", f"agent:{change.agent_id}"])
    if change.state == "offline":
        await leave_behind(connection, desk, change.agent_id, now=now)
    return await serve(connection, desk, now=now)

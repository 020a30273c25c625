"""Agents come and go: they say so themselves, a lead says so, or their screens fall silent.

For screens that are open somebody calls `keep_alive` every few seconds; the worker `keep_desks`.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import DEFAULT_LOCALE, N_, translate
from gongdao.chat.routing.desk import AGENTS_MAX, DeskRules, State
from gongdao.chat.routing.desk_store import (
    count_agents,
    find_agent,
    find_busy_desks,
    find_silent,
    find_stranded,
    note_seen,
)
from gongdao.chat.routing.place import drain, serve
from gongdao.chat.routing.presence import (
    change_state,
    drop_silent,
    join_desk,
    leave_behind,
    welcome_back,
)
from gongdao.chat.routing.store import lock_desk

_log = structlog.get_logger()

_OWN = """
SELECT a.nickname, a.state, a.state_since, a.in_routing, a.is_main,
       coalesce(a.capacity, (d.rules ->> 'capacity')::integer, $2) AS capacity,
       (SELECT count(*) FROM chat_conversations c
         WHERE c.agent_id = a.person_id AND c.state = 'open') AS load,
       (SELECT count(*) FROM chat_conversations c
         WHERE c.shop_id = a.shop_id AND c.state = 'waiting') AS waiting
  FROM chat_agents a JOIN chat_desks d ON d.shop_id = a.shop_id WHERE a.person_id = $1
"""


class OwnPresence(msgspec.Struct, frozen=True, kw_only=True):
    """How an agent is at their desk; before their first time they are offline."""

    nickname: str
    state: State
    state_since: datetime | None
    in_routing: bool
    is_main: bool
    capacity: int
    load: int
    """How many open conversations they have."""
    waiting: int
    """How many conversations wait for somebody of the shop."""


def shop_served_by(who: Principal) -> UUID:
    """The shop at whose desk somebody may sit. Raises Refusal wrong_role."""
    if who.shop_id is None or not who.may("chat.serve"):
        raise Refusal("wrong_role", N_("Your role does not permit this."))
    return who.shop_id


async def own_presence(database: Queryable, who: Principal) -> OwnPresence:
    """How somebody is at their own desk."""
    shop_served_by(who)
    row = await database.fetchrow(_OWN, who.person_id, DeskRules().capacity)
    if row is not None:
        return OwnPresence(**dict(row))
    return OwnPresence(
        nickname="",
        state="offline",
        state_since=None,
        in_routing=True,
        is_main=False,
        capacity=DeskRules().capacity,
        load=0,
        waiting=0,
    )


async def set_own_state(pool: Pool, who: Principal, state: State, *, now: datetime) -> OwnPresence:
    """Come online, be suspended, or go offline. Whoever waits is served at once."""
    shop_id = shop_served_by(who)
    async with pool.acquire() as connection, connection.transaction():
        await take_place(connection, shop_id, who.person_id, is_main=who.role == "owner", now=now)
        await change_state(
            connection, shop_id, who.person_id, state, cause="self", by_id=who.person_id, now=now
        )
    return await own_presence(pool, who)


async def set_state_of(
    pool: Pool, who: Principal, agent_id: UUID, state: State, *, now: datetime
) -> None:
    """Let a colleague be online, suspended or offline, as those who lead the desk may.

    Raises Refusal: wrong_role, not_found.
    """
    shop_id = shop_led_by(who)
    async with pool.acquire() as connection, connection.transaction():
        if await find_agent(connection, agent_id) != shop_id:
            raise Refusal("not_found", N_("There is no such agent at your desk."))
        await change_state(
            connection, shop_id, agent_id, state, cause="lead", by_id=who.person_id, now=now
        )


def shop_led_by(who: Principal) -> UUID:
    """The shop whose desk somebody leads. Raises Refusal wrong_role."""
    if who.shop_id is None or not who.may("chat.manage"):
        raise Refusal("wrong_role", N_("Your role does not permit this."))
    return who.shop_id


async def take_place(
    connection: Connection, shop_id: UUID, person_id: UUID, *, is_main: bool, now: datetime
) -> None:
    """See that somebody has a place at the desk. Buyers know them by a number, not by their name.

    Raises Refusal too_large where the desk has no place left.
    """
    if await find_agent(connection, person_id) == shop_id:
        return
    await lock_desk(connection, shop_id)
    count = await count_agents(connection, shop_id)
    if count == AGENTS_MAX:
        raise Refusal("too_large", N_("A desk has at most {n} agents."), n=AGENTS_MAX)
    nickname = translate(DEFAULT_LOCALE, N_("Agent {n}"), {"n": count + 1})
    await join_desk(connection, shop_id, person_id, nickname=nickname, is_main=is_main, now=now)


async def keep_alive(pool: Pool, person_ids: Sequence[UUID], *, now: datetime) -> None:
    """A screen of each of these agents is open. Those who had dropped are back as they were."""
    if not person_ids:
        return
    for shop_id, agent_id in await note_seen(pool, person_ids, now=now):
        async with pool.acquire() as connection, connection.transaction():
            await welcome_back(connection, shop_id, agent_id, now=now)


async def keep_desks(pool: Pool, *, now: datetime) -> int:
    """Drop the silent, and serve what a crash between two steps has left; how many desks moved."""
    moved = 0
    for shop_id, agent_id in await find_silent(pool, now=now):
        async with pool.acquire() as connection, connection.transaction():
            dropped = await drop_silent(connection, shop_id, agent_id, now=now)
        if dropped is not None:
            _log.info("agent dropped", shop=str(shop_id), agent=str(agent_id))
            moved += 1
    for shop_id, agent_id in await find_stranded(pool):
        async with pool.acquire() as connection, connection.transaction():
            desk = await lock_desk(connection, shop_id)
            # Locked: they may be back, or somebody else may have taken it.
            if await leave_behind(connection, desk, agent_id, now=now):
                await serve(connection, desk, now=now)
                moved += 1
    for shop_id in await find_busy_desks(pool):
        async with pool.acquire() as connection, connection.transaction():
            moved += bool(await drain(connection, shop_id, now=now))
    return moved

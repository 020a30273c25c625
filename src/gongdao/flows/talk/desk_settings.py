"""Whoever leads the desk sets it up: rules, groups, who sits where, how each agent takes part.

What changes who can be served serves the queue at once. Every change is kept in the desk's log.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.base.live import changed
from gongdao.base.texts import NO_NUL
from gongdao.chat.routing import desk_store
from gongdao.chat.routing.desk import (
    AGENTS_MAX,
    GROUPS_MAX,
    WEIGHT_MAX,
    Capacity,
    Desk,
    DeskRules,
    Group,
    Topic,
)
from gongdao.chat.routing.place import serve
from gongdao.chat.routing.store import lock_desk
from gongdao.flows.talk.presence import shop_led_by, take_place

_SERVES = """
SELECT r.name = 'owner' AS is_owner FROM people p JOIN roles r ON r.id = p.role_id
 WHERE p.id = $1 AND p.shop_id = $2 AND p.disabled_at IS NULL AND 'chat.serve' = ANY (r.permissions)
"""
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern=NO_NUL)]
_Languages = Annotated[tuple[Locale, ...], msgspec.Meta(max_length=2)]


class GroupArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group as the lead writes it."""

    name: _Name
    topic: Topic = "general"
    languages: _Languages = ()
    position: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    published: bool = False


class AgentArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an agent takes part. Not in routing, they get only what is clicked or handed to them."""

    nickname: _Name
    capacity: Capacity | None = None
    """None: what the desk says."""
    in_routing: bool = True
    languages: _Languages = ("zh",)
    is_main: bool | None = None
    """The main account, of which there is one at most; None: as it is."""


async def save_rules(
    pool: Pool, who: Principal, rules: DeskRules, *, seen: int, now: datetime
) -> Desk:
    """Let other rules count, decided on the version that was seen.

    Raises Refusal: wrong_role, version_conflict.
    """
    shop_id = shop_led_by(who)
    async with pool.acquire() as connection, connection.transaction():
        desk = await lock_desk(connection, shop_id)
        if desk.version != seen:
            raise Refusal(
                "version_conflict", N_("Somebody else has changed this meanwhile; look again.")
            )
        saved = await desk_store.save_rules(connection, desk, rules)
        await desk_store.log_change(
            connection, saved, "rules", shop_id, rules, by_id=who.person_id, now=now
        )
        await _serve_anew(connection, saved, now)
    return saved


async def save_group(
    pool: Pool, who: Principal, group_id: UUID, args: GroupArgs, *, now: datetime
) -> Group:
    """Make a group, or change it.

    Raises Refusal: wrong_role, not_found, duplicate (the name), too_large (so many groups).
    """
    shop_id = shop_led_by(who)
    group = Group(id=group_id, **msgspec.structs.asdict(args))
    async with pool.acquire() as connection, connection.transaction():
        desk = await lock_desk(connection, shop_id)
        others = await desk_store.list_groups(connection, shop_id)
        if len([each for each in others if each.id != group_id]) >= GROUPS_MAX:
            raise Refusal("too_large", N_("A desk has at most {n} groups."), n=GROUPS_MAX)
        try:
            kept = await desk_store.save_group(connection, desk, group)
        except asyncpg.UniqueViolationError as error:
            raise Refusal("duplicate", N_("There is a group of this name already.")) from error
        if not kept:
            raise Refusal("not_found", N_("There is no such group."))
        await desk_store.log_change(
            connection, desk, "group", group_id, args, by_id=who.person_id, now=now
        )
        await _serve_anew(connection, desk, now)
    return group


async def retire_group(pool: Pool, who: Principal, group_id: UUID, *, now: datetime) -> None:
    """Take a group off the desk; its conversations stay. Raises Refusal: wrong_role, not_found."""
    shop_id = shop_led_by(who)
    async with pool.acquire() as connection, connection.transaction():
        desk = await lock_desk(connection, shop_id)
        if not await desk_store.retire_group(connection, desk, group_id, now=now):
            raise Refusal("not_found", N_("There is no such group."))
        await desk_store.log_change(
            connection, desk, "group", group_id, {"retired": True}, by_id=who.person_id, now=now
        )
        await _serve_anew(connection, desk, now)


async def save_members(
    pool: Pool,
    who: Principal,
    group_id: UUID,
    weights: Mapping[UUID, int | None],
    *,
    now: datetime,
) -> dict[UUID, int]:
    """Who sits in a group, and nobody else; None is the desk's own weight. The weights that count.

    Raises Refusal: wrong_role, not_found (the group, or an agent of this desk), invalid, too_large.
    """
    shop_id = shop_led_by(who)
    if len(weights) > AGENTS_MAX:
        raise Refusal("too_large", N_("A desk has at most {n} agents."), n=AGENTS_MAX)
    if any(weight is not None and not 0 <= weight <= WEIGHT_MAX for weight in weights.values()):
        raise Refusal("invalid", N_("A weight is from 0 to {n}."), n=WEIGHT_MAX)
    async with pool.acquire() as connection, connection.transaction():
        desk = await lock_desk(connection, shop_id)
        groups = await desk_store.list_groups(connection, shop_id)
        if group_id not in {each.id for each in groups}:
            raise Refusal("not_found", N_("There is no such group."))
        main = await desk_store.main_account(connection, shop_id)
        usual = {each: desk.rules.main_weight if each == main else desk.rules.weight
                 for each in weights}  # fmt: skip
        counting = {each: usual[each] if weight is None else weight
                    for each, weight in weights.items()}  # fmt: skip
        if await desk_store.save_members(connection, desk, group_id, counting) != len(counting):
            raise Refusal("not_found", N_("There is no such agent at your desk."))
        after = {str(each): weight for each, weight in counting.items()}
        await desk_store.log_change(
            connection, desk, "members", group_id, after, by_id=who.person_id, now=now
        )
        await _serve_anew(connection, desk, now)
    return counting


async def save_agent(
    pool: Pool, who: Principal, agent_id: UUID, args: AgentArgs, *, now: datetime
) -> None:
    """How somebody who may serve takes part; they get a place at the desk if they have none.

    Raises Refusal: wrong_role, not_found, too_large.
    """
    shop_id = shop_led_by(who)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(_SERVES, agent_id, shop_id)
        if row is None:
            raise Refusal("not_found", N_("There is no such agent at your desk."))
        desk = await lock_desk(connection, shop_id)
        await take_place(connection, shop_id, agent_id, is_main=row["is_owner"], now=now)
        fields = msgspec.structs.asdict(args)
        await desk_store.save_agent(connection, desk, agent_id, **fields)
        await desk_store.log_change(
            connection, desk, "agent", agent_id, args, by_id=who.person_id, now=now
        )
        changed([f"agent:{agent_id}"])
        await _serve_anew(connection, desk, now)


async def _serve_anew(connection: Connection, desk: Desk, now: datetime) -> None:
    """There may be room now, or another way to somebody."""
    changed([f"desk:{desk.shop_id}"])
    await serve(connection, desk, now=now)

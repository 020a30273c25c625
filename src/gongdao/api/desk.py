"""The service desk: who is there, groups and weights, rules, the queue, hand-over, the logs."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.days import day_of, start_of
from gongdao.base.ids import new_id
from gongdao.base.texts import NO_NUL
from gongdao.chat.routing.desk import DeskRules, Group, State, Weight
from gongdao.chat.routing.desk_store import load_desk
from gongdao.chat.routing.hand_over import Handed
from gongdao.chat.routing.storefront import Storefront, storefront
from gongdao.flows.talk import desk_reads, desk_settings
from gongdao.flows.talk.desk_reads import (
    ID_MAX,
    AgentRow,
    ChangeRow,
    GroupRow,
    QueueRow,
    RoutingRow,
    StateRow,
)
from gongdao.flows.talk.desk_settings import AgentArgs, GroupArgs
from gongdao.flows.talk.hand_over import hand_over_talk
from gongdao.flows.talk.presence import OwnPresence, own_presence, set_own_state, set_state_of

_Before = Annotated[int | None, QueryParameter(ge=1, le=ID_MAX)]
_Text = Annotated[str, msgspec.Meta(max_length=1000, pattern=NO_NUL)]


class StateBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How somebody is at the desk from now on."""

    state: State


class RulesBody(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of the desk and their version."""

    version: int
    rules: DeskRules


class RulesArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rules as they are to be, decided on the version that was seen."""

    seen: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 2)]
    rules: DeskRules


class MembersArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everybody who sits in the group, by id; null is the desk's own weight."""

    weights: Annotated[dict[UUID, Weight | None], msgspec.Meta(max_length=300)]


class MembersBody(msgspec.Struct, frozen=True, kw_only=True):
    """The weights that count."""

    weights: dict[UUID, int]


class HandOverArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To a colleague or to a group, and why."""

    to_agent: UUID | None = None
    to_group: UUID | None = None
    reason: _Text


@get("/desk", guards=[may("chat.serve")], summary="How I am at the desk", tags=["desk"])
async def read_own_presence(request: Asked) -> OwnPresence:
    """The caller's own state, load and capacity, and how many buyers wait."""
    return await own_presence(request.app.state.pool, principal_of(request))


@put("/desk/state", guards=[may("chat.serve")], summary="Come online, go offline", tags=["desk"])
async def change_own_state(request: Asked, data: JSONBody[StateBody]) -> OwnPresence:
    """Online gets conversations, suspended keeps those there are, offline leaves them.

    Somebody who is online or suspended keeps a socket open, or has dropped after some seconds.
    """
    pool, who = request.app.state.pool, principal_of(request)
    return await set_own_state(pool, who, data.state, now=utc_now())


@get("/desk/rules", guards=[may("chat.manage")], summary="The rules of the desk", tags=["desk"])
async def read_rules(request: Asked) -> RulesBody:
    """Hours, texts, capacity, weights and windows."""
    shop_id = desk_reads.shop_at(principal_of(request))
    desk = await load_desk(request.app.state.pool, shop_id)
    return RulesBody(version=desk.version, rules=desk.rules)


@put("/desk/rules", guards=[may("chat.manage")], summary="Change the rules", tags=["desk"])
async def change_rules(request: Asked, data: JSONBody[RulesArgs]) -> RulesBody:
    """Let other rules count from now on; what is left out is as by default."""
    pool, who = request.app.state.pool, principal_of(request)
    desk = await desk_settings.save_rules(pool, who, data.rules, seen=data.seen, now=utc_now())
    return RulesBody(version=desk.version, rules=desk.rules)


@get("/desk/groups", guards=[may("chat.use")], summary="Groups and weights", tags=["desk"])
async def read_groups(request: Asked) -> list[GroupRow]:
    """The groups of the caller's shop in their order, each with the weights of its members."""
    return await desk_reads.read_groups(request.app.state.pool, principal_of(request))


@post("/desk/groups", guards=[may("chat.manage")], summary="Make a group", tags=["desk"])
async def make_group(request: Asked, data: JSONBody[GroupArgs]) -> Group:
    """A group without members at first."""
    pool, who = request.app.state.pool, principal_of(request)
    return await desk_settings.save_group(pool, who, new_id(), data, now=utc_now())


@put(
    "/desk/groups/{group_id:uuid}",
    guards=[may("chat.manage")],
    summary="Change a group",
    tags=["desk"],
)
async def change_group(
    request: Asked, group_id: FromPath[UUID], data: JSONBody[GroupArgs]
) -> Group:
    """Name, topic, languages, place, and whether the storefront shows it."""
    pool, who = request.app.state.pool, principal_of(request)
    return await desk_settings.save_group(pool, who, group_id, data, now=utc_now())


@delete(
    "/desk/groups/{group_id:uuid}",
    guards=[may("chat.manage")],
    summary="Take a group off the desk",
    tags=["desk"],
)
async def retire_group(request: Asked, group_id: FromPath[UUID]) -> None:
    """The conversations of the past still name it."""
    pool, who = request.app.state.pool, principal_of(request)
    await desk_settings.retire_group(pool, who, group_id, now=utc_now())


@put(
    "/desk/groups/{group_id:uuid}/members",
    guards=[may("chat.manage")],
    summary="Who sits in a group",
    tags=["desk"],
)
async def change_members(
    request: Asked, group_id: FromPath[UUID], data: JSONBody[MembersArgs]
) -> MembersBody:
    """The whole list; shares of conversations follow the weights."""
    pool, who = request.app.state.pool, principal_of(request)
    weights = await desk_settings.save_members(pool, who, group_id, data.weights, now=utc_now())
    return MembersBody(weights=weights)


@get("/desk/agents", guards=[may("chat.use")], summary="Who may serve", tags=["desk"])
async def read_agents(request: Asked) -> list[AgentRow]:
    """Everybody of the caller's shop who may serve; `served` counts today's conversations."""
    midnight = start_of(day_of(utc_now()))
    pool, who = request.app.state.pool, principal_of(request)
    return await desk_reads.read_agents(pool, who, since=midnight)


@put(
    "/desk/agents/{agent_id:uuid}",
    guards=[may("chat.manage")],
    summary="How an agent takes part",
    tags=["desk"],
    status_code=204,
)
async def change_agent(request: Asked, agent_id: FromPath[UUID], data: JSONBody[AgentArgs]) -> None:
    """Nickname, capacity, languages, and whether routing gives them conversations."""
    pool, who = request.app.state.pool, principal_of(request)
    await desk_settings.save_agent(pool, who, agent_id, data, now=utc_now())


@put(
    "/desk/agents/{agent_id:uuid}/state",
    guards=[may("chat.manage")],
    summary="Change a colleague's state",
    tags=["desk"],
    status_code=204,
)
async def change_state_of_agent(
    request: Asked, agent_id: FromPath[UUID], data: JSONBody[StateBody]
) -> None:
    """As a lead does for somebody who forgot to."""
    pool, who = request.app.state.pool, principal_of(request)
    await set_state_of(pool, who, agent_id, data.state, now=utc_now())


@get(
    "/desk/agents/{agent_id:uuid}/states",
    guards=[may("chat.serve")],
    summary="When an agent was there",
    tags=["desk"],
)
async def read_states(
    request: Asked, agent_id: FromPath[UUID], before: _Before = None
) -> list[StateRow]:
    """The log of states, newest first; `before` is the last id of the page above."""
    pool, who = request.app.state.pool, principal_of(request)
    return await desk_reads.read_states(pool, who, agent_id, before=before)


@get("/desk/changes", guards=[may("chat.manage")], summary="The desk's log", tags=["desk"])
async def read_changes(request: Asked, before: _Before = None) -> list[ChangeRow]:
    """What was changed about the desk, newest first."""
    pool, who = request.app.state.pool, principal_of(request)
    return await desk_reads.read_changes(pool, who, before=before)


@get("/desk/queue", guards=[may("chat.use")], summary="Who waits", tags=["desk"])
async def read_queue(request: Asked) -> list[QueueRow]:
    """The conversations that wait for somebody, in the order in which they are served."""
    return await desk_reads.read_queue(request.app.state.pool, principal_of(request))


@post(
    "/conversations/{conversation_id:uuid}/hand-over",
    guards=[may("chat.use")],
    summary="Hand a conversation over",
    tags=["desk"],
    status_code=200,
)
async def hand_over(
    request: Asked, conversation_id: FromPath[UUID], data: JSONBody[HandOverArgs]
) -> Handed:
    """To a colleague who is online and has room, or to a group; a reason is required."""
    return await hand_over_talk(
        request.app.state.pool,
        principal_of(request),
        conversation_id,
        to_agent=data.to_agent,
        to_group=data.to_group,
        reason=data.reason,
        now=utc_now(),
    )


@get(
    "/conversations/{conversation_id:uuid}/routings",
    guards=[may("chat.use")],
    summary="Why it went where it went",
    tags=["desk"],
)
async def read_routings(request: Asked, conversation_id: FromPath[UUID]) -> list[RoutingRow]:
    """Every pick, wait and hand-over of a conversation, with what it rested on."""
    pool, who = request.app.state.pool, principal_of(request)
    return await desk_reads.read_routings(pool, who, conversation_id)


@get(
    "/shops/{shop_id:uuid}/storefront",
    guards=[may("chat.use")],
    summary="The desk as buyers find it",
    tags=["desk"],
)
async def read_storefront(request: Asked, shop_id: FromPath[UUID]) -> Storefront:
    """Published groups, lit or grey, with the agents in them."""
    return await storefront(request.app.state.pool, shop_id, now=utc_now())


routes: list[Any] = [
    read_own_presence,
    change_own_state,
    read_rules,
    change_rules,
    read_groups,
    make_group,
    change_group,
    retire_group,
    change_members,
    read_agents,
    change_agent,
    change_state_of_agent,
    read_states,
    read_changes,
    read_queue,
    hand_over,
    read_routings,
    read_storefront,
]

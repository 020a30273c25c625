"""Why a conversation went where it went, who was there when, and what was changed about the desk.

Who: the lead, asked why somebody got a conversation, or nobody did. Question: what did the pick
rest on; was the agent online then; who changed the weights? Next: change a weight, or leave it.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.days import day_of, start_of
from gongdao.base.i18n import N_
from gongdao.flows.talk.desk_reads import (
    ChangeRow,
    GroupRow,
    read_agents,
    read_changes,
    read_groups,
    read_routings,
    read_states,
)
from gongdao.flows.talk.see_talk import names_of
from gongdao.web.desk.panel import served_talk
from gongdao.web.shell import page

_LEADS = [kind("shop"), may("chat.manage")]
#: Why a conversation went to somebody, or to nobody yet.
_WHY: dict[str, str] = {
    "asked_for": N_("The buyer asked for this agent"),
    "affinity": N_("Their last conversation here was with this agent"),
    "weights": N_("It was this agent's turn by the weights"),
    "other_group": N_("Nobody of the group was there; another group helped out"),
    "main_account": N_("Nobody in routing was there; the main account took it"),
    "full": N_("All were busy; it waited in the queue"),
    "nobody_there": N_("Nobody was there; it waited for somebody to come online"),
    "agent_left": N_("The agent was gone; somebody else was looked for"),
    "handed_over": N_("It was handed over"),
    "taken": N_("It was taken from the queue"),
}
#: What kept somebody from being picked.
_BARRED: dict[str, str] = {
    "full": N_("as many conversations as they take"),
    "offline": N_("was offline"),
    "suspended": N_("was suspended"),
    "not_in_routing": N_("was not in routing"),
    "not_schooled": N_("is not schooled for the product"),
}
_SCHOOLING: dict[str, str] = {
    "schooled": N_("Only agents schooled for the product were looked at."),
    "nobody_schooled": N_("Nobody is schooled for the product."),
    "none_there": N_("Nobody who is schooled for the product was there."),
    "none_free": N_("Everybody who is schooled for the product was busy."),
}
_CAUSES: dict[str, str] = {
    "self": N_("by themselves"),
    "lead": N_("set by a lead"),
    "silent": N_("the line was lost"),
    "back": N_("the line was back"),
}
_CHANGED: dict[str, str] = {
    "rules": N_("Hours, texts and rules of routing"),
    "group": N_("A group"),
    "members": N_("Who sits in a group, with what weight"),
    "agent": N_("How an agent takes part"),
}


@get("/desk/talks/{conversation_id:uuid}/routing", guards=_LEADS, include_in_schema=False)
async def show_routing(request: Asked, conversation_id: FromPath[UUID]) -> Response[str]:
    """Each pick of a conversation, with everybody who was looked at and how they stood."""
    pool, who = request.app.state.pool, principal_of(request)
    await served_talk(pool, who, conversation_id)
    routings = await read_routings(pool, who, conversation_id)
    people = {one for each in routings for one in (each.from_agent, each.to_agent, each.by_id)}
    return page(
        request,
        "desk/routing.html",
        routings=routings,
        names=await _names(pool, people),
        groups=_names_of_groups(await read_groups(pool, who)),
        why=_WHY,
        barred=_BARRED,
        schooling=_SCHOOLING,
    )


@get("/desk/log", guards=_LEADS, include_in_schema=False)
async def show_log(request: Asked, agent: FromQuery[UUID | None] = None) -> Response[str]:
    """When an agent was there, and what was changed about the desk; newest first."""
    pool, who = request.app.state.pool, principal_of(request)
    agents = await read_agents(pool, who, since=start_of(day_of(utc_now())))
    chosen = next((each for each in agents if each.id == agent), agents[0] if agents else None)
    states = await read_states(pool, who, chosen.id) if chosen else []
    changes = await read_changes(pool, who)
    people = {each.by_id for each in states} | {each.by_id for each in changes}
    names = await _names(pool, people) | {str(each.id): each.name for each in agents}
    groups = _names_of_groups(await read_groups(pool, who))
    return page(
        request,
        "desk/log.html",
        agents=agents,
        chosen=chosen,
        states=states,
        causes=_CAUSES,
        changes=[(each, _about(each, names, groups), _after(each, names)) for each in changes],
        what=_CHANGED,
        names=names,
    )


async def _names(pool: Any, people: Iterable[UUID | None]) -> dict[str, str]:
    found = await names_of(pool, {each for each in people if each})
    return {str(each): name.name for each, name in found.items()}


def _names_of_groups(groups: Iterable[GroupRow]) -> dict[str, str]:
    return {str(each.group.id): each.group.name for each in groups}


def _about(change: ChangeRow, names: dict[str, str], groups: dict[str, str]) -> str:
    """The agent or the group that was changed; a group that is gone by its name of then."""
    about = str(change.about)
    return names.get(about) or groups.get(about) or str(change.after.get("name", ""))


def _after(change: ChangeRow, names: dict[str, str]) -> list[tuple[str, int]]:
    """The weights that counted from then on, by name; nothing of other changes."""
    if change.what != "members":
        return []
    return [(names.get(agent, "—"), weight) for agent, weight in change.after.items()]


log_routes: list[Any] = [show_routing, show_log]

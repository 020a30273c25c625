"""Handing a conversation over: with a reason, to somebody of the same desk who can take it."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Connection
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.chat.routing.desk import Agent, Board, Desk, Overflow
from gongdao.chat.routing.lines import RoutingLine, say_lines
from gongdao.chat.routing.pick import Pick, Request, pick
from gongdao.chat.routing.place import serve
from gongdao.chat.routing.store import (
    Talk,
    give_to,
    keep_credits,
    keep_wish,
    load_board,
    load_talk,
    lock_desk,
    lock_talk,
    log_routing,
    put_back,
)

REASON_MAX = 200


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """Who has the conversation now; None: it waits for somebody of the group."""

    conversation_id: UUID
    agent_id: UUID | None
    group_id: UUID | None


async def hand_over(
    connection: Connection,
    conversation_id: UUID,
    *,
    to_agent: UUID | None = None,
    to_group: UUID | None = None,
    reason: str,
    by_id: UUID,
    now: datetime,
) -> Handed:
    """Hand it to a colleague who is online and has room, or to whoever of a group has.

    Where all of the group are busy it waits for them, as long as its buyer has waited already; the
    reason is told to the shop only. Raises Refusal: reason_required, too_large, not_found,
    not_allowed_in_stage, duplicate, not_eligible.
    """
    said = _checked(reason)
    seen = await load_talk(connection, conversation_id)
    if seen is None or seen.case_id is not None:
        raise Refusal("not_found", N_("There is no such conversation."))
    desk = await lock_desk(connection, seen.shop_id)
    board = await load_board(connection, desk)
    talk = await lock_talk(connection, conversation_id)
    if talk is None or talk.state == "closed":
        raise Refusal("not_allowed_in_stage", N_("This conversation is over. Begin a new one."))
    taken: Pick | None = None
    if to_agent is not None:
        agent = _require_able(board, talk, to_agent)
        handed = Handed(conversation_id=talk.id, agent_id=agent.id, group_id=_seat(agent, talk))
    else:
        taken = _of_group(board, talk, to_group, now)
        who = taken.agent_id if taken else None
        handed = Handed(conversation_id=talk.id, agent_id=who, group_id=to_group)
    if taken:
        await keep_credits(connection, taken)
    await _carry_out(connection, talk, handed, to_group=to_group, now=now)
    await log_routing(
        connection,
        talk,
        "handed_over",
        to_agent=handed.agent_id,
        group_id=handed.group_id,
        by_id=by_id,
        details={"reason": said, "candidates": taken.candidates if taken else ()},
        now=now,
    )
    await _say(connection, desk, board, talk, handed, said, now)
    # Whoever handed it over has room for the next one.
    await serve(connection, desk, now=now)
    return handed


def _seat(agent: Agent, talk: Talk) -> UUID | None:
    """The group for which an agent takes it: the one it is in, where they sit there too."""
    groups = [each.group_id for each in agent.seats]
    return talk.group_id if talk.group_id in groups else next(iter(groups), None)


def _checked(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise Refusal("reason_required", N_("Say why you hand it over."))
    if len(said) > REASON_MAX:
        raise Refusal("too_large", N_("A reason has at most {n} characters."), n=REASON_MAX)
    return said


def _require_able(board: Board, talk: Talk, agent_id: UUID) -> Agent:
    agent = board.agents.get(agent_id)
    if agent is None:
        raise Refusal("not_found", N_("There is no such agent at your desk."))
    if agent.id == talk.agent_id:
        raise Refusal(
            "duplicate", N_("{name} serves this conversation already."), name=agent.nickname
        )
    if agent.state != "online":
        raise Refusal("not_eligible", N_("{name} is not online now."), name=agent.nickname)
    if not agent.has_room:
        raise Refusal(
            "not_eligible", N_("{name} has as many conversations as they can take."),
            name=agent.nickname,
        )  # fmt: skip
    return agent


def _of_group(board: Board, talk: Talk, group_id: UUID | None, now: datetime) -> Pick | None:
    """Whose turn it is in the group, without the one who hands over; None while all are busy."""
    group = board.groups.get(group_id) if group_id else None
    if group is None:
        raise Refusal("not_found", N_("There is no such group, or nobody is in it."))
    others = {
        each.id: each
        for each in board.agents.values()
        if each.id != talk.agent_id and any(seat.group_id == group.id for seat in each.seats)
    }
    if not any(each.takes_turns for each in others.values()):
        raise Refusal("not_eligible", N_("Nobody of {group} is online now."), group=group.name)
    never: Overflow = "never"
    rules = msgspec.structs.replace(board.rules, overflow=never)
    request = Request(
        conversation_id=talk.id,
        topic=talk.topic,
        locale=talk.locale,
        group_id=group.id,
        queued_at=talk.queued_at or now,
    )
    others_only = msgspec.structs.replace(board, rules=rules, agents=others)
    return pick(request, others_only, now=now)


async def _carry_out(
    connection: Connection, talk: Talk, handed: Handed, *, to_group: UUID | None, now: datetime
) -> None:
    if handed.agent_id:
        await give_to(connection, talk, handed.agent_id, group_id=handed.group_id)
    else:
        await put_back(connection, talk, group_id=to_group, now=now)
    if to_group:
        await keep_wish(connection, talk.id, talk.shop_id, group_id=to_group, agent_id=None)


async def _say(
    connection: Connection,
    desk: Desk,
    board: Board,
    talk: Talk,
    handed: Handed,
    reason: str,
    now: datetime,
) -> None:
    before = board.agents.get(talk.agent_id) if talk.agent_id else None
    taker = board.agents.get(handed.agent_id) if handed.agent_id else None
    group = board.groups.get(handed.group_id) if handed.group_id else None
    names = {
        "agent": taker.nickname if taker else "",
        "from": before.nickname if before else "",
        "group": group.name if group else "",
    }
    once = now.isoformat()
    await say_lines(
        connection,
        [
            RoutingLine(
                conversation_id=talk.id, event="handed_over", once=once, fields=dict(names)
            ),
            RoutingLine(
                conversation_id=talk.id,
                event="hand_over_reason",
                once=once,
                fields={**names, "reason": reason},
                for_shop=True,
            ),
        ],
        now=now,
    )
    there = [each for each in (talk.agent_id, handed.agent_id) if each]
    changed([f"state:{talk.id}", f"desk:{desk.shop_id}", *(f"agent:{each}" for each in there)])

"""Placing conversations: each finds its agent or its place in the queue, and the log says why.

Everything here happens under the lock of the shop's desk, within the caller's transaction. The
names of what changed are noted for base/live.py; the caller has them told after the commit.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from gongdao.base.db import Connection
from gongdao.base.live import changed
from gongdao.chat.routing.desk import Board, Desk
from gongdao.chat.routing.hours import opens_at
from gongdao.chat.routing.line_up import serve_queue
from gongdao.chat.routing.lines import RoutingLine, say_lines
from gongdao.chat.routing.pick import Pick, Request, why_waits
from gongdao.chat.routing.store import (
    QUEUE_PAGE,
    Talk,
    first_in_queue,
    keep_picks,
    keep_wish,
    load_board,
    load_talk,
    load_waiting,
    lock_desk,
    log_routing,
    places_in_queue,
    queue_again,
)

#: So many who wait are told that the queue has moved.
TOLD_MAX = 200


async def place(
    connection: Connection,
    conversation_id: UUID,
    *,
    now: datetime,
    group_id: UUID | None = None,
    agent_id: UUID | None = None,
) -> Pick | None:
    """Find somebody for a conversation, or a place in the queue; who it was, or None.

    To be called when a conversation begins, with what the buyer clicked, and whenever a buyer
    writes in one whose agent may have gone: one that is well served stays as it is (None). Those
    who have waited longer are served first. Says `greeting`, then `assigned`, `queued` or `away`.
    """
    talk = await load_talk(connection, conversation_id)
    if talk is None or talk.case_id is not None or talk.state == "closed":
        return None
    desk = await lock_desk(connection, talk.shop_id)
    if group_id or agent_id:
        await keep_wish(connection, talk.id, talk.shop_id, group_id=group_id, agent_id=agent_id)
    if talk.state == "open" and not await _is_left_alone(connection, talk, now):
        return None
    greeting = _greeting(desk, talk)
    picks, board = await _serve(connection, desk, now=now, newcomer=talk.id, before=greeting)
    mine = next((each for each in picks if each.conversation_id == talk.id), None)
    if mine is None:
        await _say_waiting(connection, desk, board, talk.id, before=greeting, now=now)
    return mine


async def drain(connection: Connection, shop_id: UUID, *, now: datetime) -> list[Pick]:
    """Serve everybody who waits and can be served, in their order; who went to whom.

    To be called in the transaction in which somebody frees up, comes online, or gets more room.
    Where that transaction also holds conversations, it has called `lock_desk` before.
    """
    desk = await lock_desk(connection, shop_id)
    return await serve(connection, desk, now=now)


async def serve(connection: Connection, desk: Desk, *, now: datetime) -> list[Pick]:
    """The same for a desk that is held already."""
    return (await _serve(connection, desk, now=now))[0]


async def _is_left_alone(connection: Connection, talk: Talk, now: datetime) -> bool:
    """Whether whoever served it is gone: it waits from now on."""
    if talk.agent_id is None or talk.agent_state != "offline":
        return False
    # It may have found somebody before the desk was ours.
    await queue_again(connection, [talk.id], left_by=talk.agent_id, now=now)
    return True


async def _serve(
    connection: Connection,
    desk: Desk,
    *,
    now: datetime,
    newcomer: UUID | None = None,
    before: Sequence[RoutingLine] = (),
) -> tuple[list[Pick], Board]:
    """Serve the queue; `before` is what the newcomer hears first if they are served."""
    gone: set[UUID] = set()
    while True:
        board = await load_board(connection, desk)
        picks, after, left = await _pick_all(connection, desk, board, gone, now)
        if not picks:
            return picks, after
        picked = {each.conversation_id for each in picks}
        still = await keep_picks(connection, desk.shop_id, picks, now=now)
        if picked == still:
            break
        # A buyer went away in this very moment; whoever is next takes that turn.
        gone |= picked - still
    assigned = [_assigned(each, board, now) for each in picks]
    await say_lines(connection, [*(before if newcomer in picked else ()), *assigned], now=now)
    if left is None:
        left = await first_in_queue(connection, desk.shop_id, limit=TOLD_MAX)
    _tell(desk.shop_id, picks, left)
    return picks, after


async def _pick_all(
    connection: Connection, desk: Desk, board: Board, gone: set[UUID], now: datetime
) -> tuple[list[Pick], Board, list[UUID] | None]:
    """Who gets whom, the desk after it, and who is left; None where that was not read."""
    picks: list[Pick] = []
    last: Request | None = None
    while _anybody_free(board):
        queue, affinities = await load_waiting(connection, desk.shop_id, after=last)
        wanted = [each for each in queue if each.conversation_id not in gone]
        found, board = serve_queue(wanted, board, affinities=affinities, now=now)
        picks += found
        if len(queue) < QUEUE_PAGE:
            served = {each.conversation_id for each in found}
            left = [each.conversation_id for each in wanted if each.conversation_id not in served]
            return picks, board, left if last is None else None
        last = queue[-1]
    return picks, board, None


def _anybody_free(board: Board) -> bool:
    return any(each.state != "offline" and each.has_room for each in board.agents.values())


def _assigned(picked: Pick, board: Board, now: datetime) -> RoutingLine:
    return RoutingLine(
        conversation_id=picked.conversation_id,
        event="assigned",
        once=f"{picked.agent_id}:{now.isoformat()}",
        fields={"agent": board.agents[picked.agent_id].nickname, "why": picked.why},
    )


def _greeting(desk: Desk, talk: Talk) -> list[RoutingLine]:
    """Once a conversation, where the shop has written one."""
    text = desk.rules.greeting.in_(talk.locale)
    if not text:
        return []
    return [
        RoutingLine(conversation_id=talk.id, event="greeting", once="first", fields={"text": text})
    ]


async def _say_waiting(
    connection: Connection,
    desk: Desk,
    board: Board,
    conversation_id: UUID,
    *,
    before: Sequence[RoutingLine],
    now: datetime,
) -> None:
    """Tell the buyer that it takes a while, and the log why; once a wait."""
    why = why_waits(board)
    talk = await load_talk(connection, conversation_id)
    if talk is None or talk.queued_at is None:
        return  # its buyer went away in this very moment
    places = await places_in_queue(connection, [talk.id]) if why == "full" else {}
    ahead = places.get(talk.id, 0)
    line = _queued(desk, talk, ahead) if ahead else _away(desk, talk, now)
    said = (await say_lines(connection, [*before, line], now=now))[-1]
    if said.outcome == "said":
        await log_routing(connection, talk, why, details=_of_waiting(board), now=now)
        changed([f"state:{talk.id}", f"desk:{desk.shop_id}"])


def _queued(desk: Desk, talk: Talk, ahead: int) -> RoutingLine:
    return RoutingLine(
        conversation_id=talk.id,
        event="queued",
        once=str(talk.queued_at),
        fields={"place": ahead, "text": desk.rules.busy.in_(talk.locale)},
    )


def _away(desk: Desk, talk: Talk, now: datetime) -> RoutingLine:
    next_at = opens_at(desk.rules.hours, now)
    return RoutingLine(
        conversation_id=talk.id,
        event="away",
        once=str(talk.queued_at),
        fields={
            "text": desk.rules.away.in_(talk.locale),
            "opens_at": next_at.isoformat() if next_at else "",
        },
    )


def _of_waiting(board: Board) -> dict[str, object]:
    there = [each for each in board.agents.values() if each.state != "offline"]
    return {
        "agents": [
            {"agent_id": each.id, "nickname": each.nickname, "state": each.state,
             "load": each.load, "capacity": each.capacity, "in_routing": each.in_routing}
            for each in there[:TOLD_MAX]
        ]
    }  # fmt: skip


def _tell(shop_id: UUID, picks: Iterable[Pick], left: Iterable[UUID]) -> None:
    """Those who were placed, those who moved up, the desk, and the agents."""
    names = [f"desk:{shop_id}", *(f"state:{each}" for each in left)]
    for picked in picks:
        names += [f"state:{picked.conversation_id}", f"agent:{picked.agent_id}"]
    changed(names)

"""Who gets a conversation: a pure choice over the desk as it is, that says what it rests on.

Questions about a product that one has to be schooled for go to those who were; to others only when
none of them is there (or is free, or never: as the desk lets it overflow), or when nobody was yet.
In this order: the agent whom the buyer clicked; the agent whom they talked with a short while ago;
the groups that the conversation is for, by weight; other groups, where the desk lets it overflow;
the main account, when nobody in routing is there. Nobody ever gets more than their capacity.
"""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.i18n import Locale
from gongdao.chat.routing.desk import Agent, Board, Seat, SeatKey, Topic

#: Why somebody was picked, and why nobody was.
Why = Literal["asked_for", "affinity", "weights", "other_group", "main_account"]
WhyWaits = Literal["full", "nobody_there"]
#: How far schooling went: those who got it were schooled for the product; nobody is; none of those
#: who are is there; all of them are busy.
Schooling = Literal["schooled", "nobody_schooled", "none_there", "none_free"]
#: So many candidates are written down with a pick.
TOLD_MAX = 50


class Affinity(msgspec.Struct, frozen=True):
    """The agent who last served this buyer here, and when that talk had its last word."""

    agent_id: UUID
    at: datetime


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that needs somebody."""

    conversation_id: UUID
    topic: Topic = "general"
    locale: Locale = "zh"
    group_id: UUID | None = None
    """The group that the buyer clicked."""
    agent_id: UUID | None = None
    """The agent whom the buyer clicked."""
    schooled: frozenset[UUID] | None = None
    """Who was schooled for what it is about; None where nobody has to be."""
    queued_at: datetime


class Candidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who was looked at, as they stood before the pick."""

    agent_id: UUID
    nickname: str
    group_id: UUID | None = None
    load: int
    capacity: int
    weight: int
    credit: int
    barred: Literal["", "full", "offline", "suspended", "not_in_routing", "not_schooled"] = ""


class Pick(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets it and why; `credits` are the seats whose credit it changes, as they are after."""

    conversation_id: UUID
    agent_id: UUID
    group_id: UUID | None
    why: Why
    candidates: tuple[Candidate, ...]
    credits: dict[SeatKey, int] = {}
    affinity: Affinity | None = None
    language_missed: bool = False
    """Whether nobody who is there speaks the buyer's language."""
    schooling: Schooling | None = None
    """Where one has to be schooled for what it is about: whether whoever gets it is, or why not."""


def pick(
    request: Request, board: Board, *, affinity: Affinity | None = None, now: datetime
) -> Pick | None:
    """Who of the desk gets the conversation now; None while it has to wait."""
    if request.schooled is None:
        return _pick(request, board, affinity, now)
    able = {each.id: each for each in board.agents.values() if each.id in request.schooled}
    others = [each for each in board.agents.values() if each.id not in able]
    found = _pick(request, msgspec.structs.replace(board, agents=able), affinity, now)
    if found:
        barred = [_not_schooled(each) for each in others]
        told = (*found.candidates, *barred)[:TOLD_MAX]
        return msgspec.structs.replace(found, candidates=told, schooling="schooled")
    why: Schooling = "nobody_schooled"
    if request.schooled:
        there = any(each.takes_turns for each in able.values())
        why = "none_free" if there else "none_there"
        if board.rules.overflow != "full" and (there or board.rules.overflow == "never"):
            return None
    found = _pick(request, board, affinity, now)
    return msgspec.structs.replace(found, schooling=why) if found else None


def _pick(request: Request, board: Board, affinity: Affinity | None, now: datetime) -> Pick | None:
    own = own_groups(request, board)
    wished = board.agents.get(request.agent_id) if request.agent_id else None
    if wished and wished.state != "offline" and wished.has_room:
        return _alone(request, board, wished, "asked_for", own)
    known = board.agents.get(affinity.agent_id) if affinity else None
    if affinity and known and _still_near(known, affinity, board, own, now):
        return _alone(request, board, known, "affinity", own, affinity)
    return _by_turns(request, board, own) or _main_account(request, board, own)


def why_waits(board: Board) -> WhyWaits:
    """Why nobody was picked: all who could be are busy, or nobody is there."""
    return "full" if any(agent.takes_turns for agent in board.agents.values()) else "nobody_there"


def own_groups(request: Request, board: Board) -> frozenset[UUID] | None:
    """The groups that a conversation is for; None when any is as good.

    What the buyer clicked, else those of its topic, else the general ones. A group in which nobody
    has a seat is nobody's, and not on the board.
    """
    if request.group_id is not None and request.group_id in board.groups:
        return frozenset((request.group_id,))
    for topic in (request.topic, "general"):
        found = [each.id for each in board.groups.values() if each.topic == topic]
        if found:
            return frozenset(found)
    return None


def after(board: Board, picked: Pick) -> Board:
    """The desk once a pick has been carried out."""
    agent = board.agents[picked.agent_id]
    busier = msgspec.structs.replace(agent, load=agent.load + 1)
    return Board(
        rules=board.rules,
        groups=board.groups,
        agents=board.agents | {agent.id: busier},
        credits=board.credits | picked.credits,
    )


def _still_near(
    agent: Agent,
    affinity: Affinity,
    board: Board,
    own: frozenset[UUID] | None,
    now: datetime,
) -> bool:
    """Whether the agent of the last talk takes this one too; not across groups."""
    age = now - affinity.at
    if age < timedelta(hours=board.rules.affinity_always_hours):
        there = agent.state != "offline"
    elif age < timedelta(hours=board.rules.affinity_online_hours):
        there = agent.state == "online"
    else:
        return False
    fits = own is None or any(seat.group_id in own for seat in agent.seats)
    return there and fits and agent.in_routing and agent.has_room


def _alone(
    request: Request,
    board: Board,
    agent: Agent,
    why: Why,
    own: frozenset[UUID] | None,
    affinity: Affinity | None = None,
) -> Pick:
    """A pick that goes by no turn, and so changes nobody's credit."""
    seat = next((each for each in agent.seats if own and each.group_id in own), None)
    seat = seat or next(iter(agent.seats), Seat(None, 0))
    return Pick(
        conversation_id=request.conversation_id,
        agent_id=agent.id,
        group_id=seat.group_id,
        why=why,
        candidates=(_candidate(agent, seat, board.credits.get((seat.group_id, agent.id), 0)),),
        affinity=affinity,
        language_missed=request.locale not in agent.languages,
    )


def _by_turns(request: Request, board: Board, own: frozenset[UUID] | None) -> Pick | None:
    """By weight among those of the nearest tier in which anybody is there."""
    there = [
        (agent, seat)
        for agent in board.agents.values()
        if agent.takes_turns
        for seat in agent.seats
        if seat.weight > 0
    ]
    for is_own, in_language in _tiers(board, own):
        tier = [
            (agent, seat)
            for agent, seat in there
            if is_own == (own is None or seat.group_id in own)
            and (not in_language or _speaks(request, board, agent, seat))
        ]
        free = [(agent, seat) for agent, seat in tier if agent.has_room]
        if free:
            why: Why = "weights" if is_own else "other_group"
            return _turn(request, board, own, free, why)
        if tier and board.rules.overflow != "full":
            return None
    return None


def _tiers(board: Board, own: frozenset[UUID] | None) -> Iterable[tuple[bool, bool]]:
    """Own groups in the buyer's language, then others in it, then without the language."""
    if own is None or board.rules.overflow == "never":
        return ((True, True), (True, False))
    if board.rules.overflow == "full":
        return ((True, True), (True, False), (False, True), (False, False))
    return ((True, True), (False, True), (True, False), (False, False))


def _speaks(request: Request, board: Board, agent: Agent, seat: Seat) -> bool:
    group = board.groups.get(seat.group_id) if seat.group_id else None
    fits = group is None or not group.languages or request.locale in group.languages
    return fits and request.locale in agent.languages


def _turn(
    request: Request,
    board: Board,
    own: frozenset[UUID] | None,
    free: list[tuple[Agent, Seat]],
    why: Why,
) -> Pick:
    """Everybody free earns their weight; whoever is owed most is served, and pays for all.

    So the shares follow the weights exactly, and evenly: nobody gets a run of conversations.
    """
    total = sum(seat.weight for _, seat in free)
    earned: dict[SeatKey, int] = {}
    told: list[Candidate] = []
    first, owed_most = (None, free[0][0]), (-math.inf, 0)
    for agent, seat in free:
        key = (seat.group_id, agent.id)
        owed = board.credits.get(key, 0)
        credit = earned[key] = owed + seat.weight
        told.append(_candidate(agent, seat, owed))
        if (credit, -agent.load) > owed_most:
            first, owed_most = (key[0], agent), (credit, -agent.load)
    group_id, agent = first
    earned[group_id, agent.id] -= total
    told += _others(board, own, free)
    return Pick(
        conversation_id=request.conversation_id,
        agent_id=agent.id,
        group_id=group_id,
        why=why,
        candidates=tuple(told[:TOLD_MAX]),
        credits=earned,
        language_missed=request.locale not in agent.languages,
    )


def _others(
    board: Board, own: frozenset[UUID] | None, free: list[tuple[Agent, Seat]]
) -> Iterable[Candidate]:
    """Those of the own groups who were not free, with what bars them."""
    taken = {(id(agent), id(seat)) for agent, seat in free}
    for agent in board.agents.values():
        for seat in agent.seats:
            if (id(agent), id(seat)) not in taken and (own is None or seat.group_id in own):
                credit = board.credits.get((seat.group_id, agent.id), 0)
                yield _candidate(agent, seat, credit)


def _not_schooled(agent: Agent) -> Candidate:
    seat = next(iter(agent.seats), Seat(None, 0))
    return msgspec.structs.replace(_candidate(agent, seat, 0), barred="not_schooled")


def _candidate(agent: Agent, seat: Seat, credit: int) -> Candidate:
    barred = ""
    if agent.state != "online":
        barred = agent.state
    elif not agent.in_routing:
        barred = "not_in_routing"
    elif not agent.has_room:
        barred = "full"
    return Candidate(
        agent_id=agent.id,
        nickname=agent.nickname,
        group_id=seat.group_id,
        load=agent.load,
        capacity=agent.capacity,
        weight=seat.weight,
        credit=credit,
        barred=barred,
    )


def _main_account(request: Request, board: Board, own: frozenset[UUID] | None) -> Pick | None:
    """What nobody in routing is there for goes to the main account, in routing or not."""
    if why_waits(board) == "full":
        return None
    for agent in board.agents.values():
        if agent.is_main and agent.state != "offline" and agent.has_room:
            return _alone(request, board, agent, "main_account", own)
    return None

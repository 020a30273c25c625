"""The pure choice: who gets a conversation, in every case that the rules name."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from gongdao.chat.routing.desk import Agent, Board, DeskRules, Group, Seat
from gongdao.chat.routing.line_up import serve_queue
from gongdao.chat.routing.pick import Affinity, Request, after, pick

from .desks import T0

PRESALE, AFTERSALE, GENERAL = UUID(int=101), UUID(int=102), UUID(int=103)


def board(*agents: Agent, groups: tuple[Group, ...] = (), **rules: Any) -> Board:
    return Board(
        rules=msgspec.convert(rules, DeskRules),
        groups={each.id: each for each in groups if _manned(each, agents)},
        agents={each.id: each for each in agents},
    )


def _manned(group: Group, agents: tuple[Agent, ...]) -> bool:
    return any(seat.group_id == group.id for each in agents for seat in each.seats)


def agent(n: int, *seats: tuple[UUID | None, int], **fields: Any) -> Agent:
    chairs = tuple(Seat(*each) for each in seats) or (Seat(None, 120),)
    return Agent(
        **{"id": UUID(int=n), "nickname": f"{n}", "state": "online", "capacity": 5, "seats": chairs}
        | fields
    )


def request(n: int = 1, **fields: Any) -> Request:
    return Request(**{"conversation_id": UUID(int=1000 + n), "queued_at": T0} | fields)


def who(desk: Board, asked: Request | None = None, **known: Any) -> tuple[int, str] | None:
    affinity = Affinity(UUID(int=known["last"]), T0 - known["ago"]) if known else None
    found = pick(asked or request(), desk, affinity=affinity, now=T0)
    return (found.agent_id.int, found.why) if found else None


GROUPS = (
    Group(id=PRESALE, name="售前", topic="presale"),
    Group(id=AFTERSALE, name="售后", topic="aftersale"),
    Group(id=GENERAL, name="客服", topic="general"),
)


@pytest.mark.fact("S1-13")
def test_shares_are_exact_after_every_round_of_the_weights() -> None:
    desk = board(
        *(agent(n, (GENERAL, w), capacity=9999) for n, w in ((1, 200), (2, 120), (3, 120)))
    )
    served = {1: 0, 2: 0, 3: 0}
    for _ in range(1100):
        found = pick(request(), desk, now=T0)
        assert found
        served[found.agent_id.int] += 1
        desk = after(desk, found)
        for n, weight in ((1, 200), (2, 120), (3, 120)):
            assert abs(served[n] - sum(served.values()) * weight / 440) <= 1
    assert served == {1: 500, 2: 300, 3: 300}


def test_default_weights_are_the_desks_to_change() -> None:
    assert (DeskRules().main_weight, DeskRules().weight) == (200, 120)
    assert msgspec.convert({"weight": 150}, DeskRules).weight == 150


@pytest.mark.fact("S0-48")
def test_the_agent_of_a_short_while_ago_even_suspended() -> None:
    desk = board(agent(1, state="suspended"), agent(2))
    assert who(desk, last=1, ago=timedelta(hours=23)) == (1, "affinity")
    assert who(desk, last=1, ago=timedelta(hours=25)) == (2, "weights")
    desk = board(agent(1, load=1), agent(2))
    assert who(desk, last=1, ago=timedelta(hours=71)) == (1, "affinity")
    assert who(desk, last=1, ago=timedelta(hours=73)) == (2, "weights")


def test_no_affinity_with_whoever_is_gone_full_or_out_of_routing() -> None:
    ago = timedelta(hours=1)
    for fields in ({"state": "offline"}, {"load": 5}, {"in_routing": False}):
        assert who(board(agent(1, **fields), agent(2)), last=1, ago=ago) == (2, "weights")


def test_affinity_does_not_cross_groups() -> None:
    desk = board(agent(1, (PRESALE, 120)), agent(2, (AFTERSALE, 120)), groups=GROUPS)
    ago = timedelta(hours=1)
    assert who(desk, request(topic="aftersale"), last=1, ago=ago) == (2, "weights")
    assert who(desk, request(topic="presale"), last=1, ago=ago) == (1, "affinity")


@pytest.mark.fact("S1-12")
def test_a_click_reaches_even_those_who_are_not_in_routing() -> None:
    out = agent(1, in_routing=False)
    desk = board(out, agent(2))
    assert who(desk) == (2, "weights")
    assert who(desk, request(agent_id=out.id)) == (1, "asked_for")
    suspended = board(agent(1, state="suspended"), agent(2))
    assert who(suspended, request(agent_id=UUID(int=1))) == (1, "asked_for")
    gone = board(agent(1, state="offline"), agent(2))
    assert who(gone, request(agent_id=UUID(int=1))) == (2, "weights")


@pytest.mark.fact("S1-12")
def test_the_main_account_gets_what_nobody_in_routing_is_there_for() -> None:
    main = agent(9, is_main=True, in_routing=False)
    for others in ({"state": "offline"}, {"state": "suspended"}, {"in_routing": False}):
        assert who(board(main, agent(1, **others))) == (9, "main_account")
    # Whoever is there and busy is there: one waits for them.
    assert who(board(main, agent(1, load=5))) is None
    assert who(board(agent(9, is_main=True, state="offline"))) is None


@pytest.mark.fact("S1-11")
def test_groups_by_topic_and_by_click() -> None:
    desk = board(
        agent(1, (PRESALE, 120)),
        agent(2, (AFTERSALE, 120)),
        agent(3, (GENERAL, 120)),
        groups=GROUPS,
    )
    assert who(desk, request(topic="presale")) == (1, "weights")
    assert who(desk, request(topic="aftersale")) == (2, "weights")
    assert who(desk, request(topic="complaint")) == (3, "weights"), "no group of its own: general"
    assert who(desk, request(topic="presale", group_id=AFTERSALE)) == (2, "weights")


def test_overflow_is_the_shops_choice() -> None:
    away = agent(1, (PRESALE, 120), state="offline")
    busy = agent(1, (PRESALE, 120), load=5)
    other = agent(2, (GENERAL, 120))
    asked = request(topic="presale")
    assert who(board(away, other, groups=GROUPS), asked) == (2, "other_group")
    assert who(board(busy, other, groups=GROUPS), asked) is None
    assert who(board(busy, other, groups=GROUPS, overflow="full"), asked) == (2, "other_group")
    assert who(board(away, other, groups=GROUPS, overflow="never"), asked) is None


def test_the_buyers_language_first() -> None:
    desk = board(agent(1), agent(2, languages=("zh", "en")))
    for _ in range(3):
        assert who(desk, request(locale="en")) == (2, "weights")
    found = pick(request(locale="en"), board(agent(1)), now=T0)
    assert found and found.language_missed
    # One waits for the language while somebody who speaks it is there.
    assert who(board(agent(1), agent(2, languages=("en",), load=5)), request(locale="en")) is None


def test_a_pick_says_what_it_rests_on() -> None:
    desk = board(agent(1, load=2), agent(2, load=5), agent(3, state="suspended"))
    found = pick(request(), desk, now=T0)
    assert found
    told = {each.agent_id.int: (each.load, each.weight, each.barred) for each in found.candidates}
    assert told == {1: (2, 120, ""), 2: (5, 120, "full"), 3: (0, 120, "suspended")}


def test_whoever_cannot_be_served_stops_nobody_behind_them() -> None:
    desk = board(
        agent(1, (PRESALE, 120), load=5), agent(2, (AFTERSALE, 120), capacity=2), groups=GROUPS
    )
    topics = ("presale", "aftersale", "presale", "aftersale", "aftersale")
    queue = [request(n, topic=topic) for n, topic in enumerate(topics)]
    picks, _ = serve_queue(queue, desk, affinities={}, now=T0)
    assert [each.conversation_id.int for each in picks] == [1001, 1003]


def test_nobody_with_a_weight_of_nothing() -> None:
    assert who(board(agent(1, (GENERAL, 0)), agent(2, (GENERAL, 1)), groups=GROUPS)) == (
        2,
        "weights",
    )
    assert who(board(agent(1, (GENERAL, 0)), groups=GROUPS)) is None

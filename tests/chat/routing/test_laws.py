"""Laws of the queue and of the pick, whatever the desk looks like."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from gongdao.chat.routing.desk import Agent, Board, DeskRules, Group, Seat
from gongdao.chat.routing.line_up import serve_queue
from gongdao.chat.routing.pick import Affinity, Request, pick, why_waits

from .desks import T0

GROUP_IDS = [UUID(int=n) for n in range(1, 4)]
AGENT_IDS = [UUID(int=n) for n in range(11, 16)]
LOCALES = st.sampled_from(["zh", "en"])
TOPICS = st.sampled_from(["general", "presale", "aftersale", "complaint"])

groups = st.lists(TOPICS, min_size=3, max_size=3).map(
    lambda topics: {
        id_: Group(id=id_, name="g", topic=topic)
        for id_, topic in zip(GROUP_IDS, topics, strict=True)
    }
)
seats = st.dictionaries(st.sampled_from(GROUP_IDS), st.integers(0, 300), max_size=3).map(
    lambda held: tuple(Seat(*each) for each in held.items()) or (Seat(None, 120),)
)


@st.composite
def boards(draw: st.DrawFn) -> Board:
    agents = {
        id_: Agent(
            id=id_,
            nickname=str(id_.int),
            state=draw(st.sampled_from(["online", "suspended", "offline"])),
            capacity=draw(st.integers(0, 4)),
            load=draw(st.integers(0, 4)),
            in_routing=draw(st.booleans()),
            is_main=id_ == AGENT_IDS[0],
            languages=draw(st.sampled_from([("zh",), ("en",), ("zh", "en")])),
            seats=draw(seats),
        )
        for id_ in draw(st.lists(st.sampled_from(AGENT_IDS), unique=True))
    }
    rules = DeskRules(overflow=draw(st.sampled_from(["never", "empty", "full"])))
    return Board(rules=rules, groups=draw(groups), agents=agents)


requests = st.builds(
    Request,
    conversation_id=st.uuids(),
    topic=TOPICS,
    locale=LOCALES,
    group_id=st.none() | st.sampled_from(GROUP_IDS),
    agent_id=st.none() | st.sampled_from(AGENT_IDS),
    queued_at=st.integers(0, 1000).map(lambda s: T0 - timedelta(seconds=s)),
)
queues = st.lists(requests, max_size=15, unique_by=lambda each: each.conversation_id).map(
    lambda found: sorted(found, key=lambda each: (each.queued_at, each.conversation_id))
)
affinities = st.dictionaries(
    st.integers(0, 14),
    st.builds(
        Affinity,
        st.sampled_from(AGENT_IDS),
        st.integers(0, 100).map(lambda h: T0 - timedelta(hours=h)),
    ),
)


@settings(max_examples=400, deadline=None)
@given(board=boards(), queue=queues, known=affinities)
def test_laws(board: Board, queue: list[Request], known: dict[int, Affinity]) -> None:
    last = {each.conversation_id: known[n] for n, each in enumerate(queue) if n in known}
    picks, after = serve_queue(queue, board, affinities=last, now=T0)
    served = {each.conversation_id for each in picks}
    got = Counter(each.agent_id for each in picks)
    for agent_id, count in got.items():
        agent = board.agents[agent_id]
        assert agent.load + count <= agent.capacity, "nobody above their capacity"
        assert agent.state != "offline", "nobody who is gone"
        assert after.agents[agent_id].load == agent.load + count
    for each in picks:
        agent = board.agents[each.agent_id]
        if each.why in ("weights", "other_group"):
            assert agent.takes_turns
        if not agent.in_routing:
            assert each.why in ("asked_for", "main_account")
    # Those who want the same are served in the order in which they came.
    wants = {each.conversation_id: _wants(each, last) for each in queue}
    for n, early in enumerate(queue):
        if early.conversation_id not in served:
            behind = [each.conversation_id for each in queue[n:]]
            alike = [one for one in behind if wants[one] == wants[early.conversation_id]]
            assert not served & set(alike), "nobody overtakes"
    # Nobody waits whom somebody could serve.
    for each in queue:
        if each.conversation_id not in served:
            affinity = last.get(each.conversation_id)
            assert pick(each, after, affinity=affinity, now=T0) is None
            if why_waits(after) == "nobody_there":
                assert not any(one.takes_turns for one in after.agents.values())


def _wants(request: Request, last: dict[UUID, Affinity]) -> object:
    known = last.get(request.conversation_id)
    return (request.topic, request.locale, request.group_id, request.agent_id, known)


@settings(max_examples=60, deadline=None)
@given(weights=st.lists(st.integers(1, 1000), min_size=2, max_size=8))
def test_shares_follow_any_weights(weights: list[int]) -> None:
    group = Group(id=GROUP_IDS[0], name="g", topic="general")
    agents = {
        UUID(int=n): Agent(
            id=UUID(int=n), nickname=str(n), state="online", capacity=10_000,
            seats=(Seat(group.id, weight),),
        )
        for n, weight in enumerate(weights, start=1)
    }  # fmt: skip
    board = Board(rules=DeskRules(), groups={group.id: group}, agents=agents)
    queue = [Request(conversation_id=UUID(int=5000 + n), queued_at=T0) for n in range(1000)]
    picks, _ = serve_queue(queue, board, affinities={}, now=T0)
    got = Counter(each.agent_id.int for each in picks)
    for n, weight in enumerate(weights, start=1):
        assert abs(got[n] - 1000 * weight / sum(weights)) <= len(weights)
        assert abs(got[n] / 1000 - weight / sum(weights)) < 0.02

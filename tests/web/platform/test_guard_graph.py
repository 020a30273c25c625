"""The drawing of linked accounts: all of the near ones, nobody upon another, always the same."""

from hypothesis import given
from hypothesis import strategies as st

from gongdao.flows.guard.links import Edge, Graph, Node
from gongdao.web.platform.guard_graph import BOX_HEIGHT, BOX_WIDTH, DRAWN_MAX, draw, shorten


def graph_of(people: int, joins: list[tuple[int, int]]) -> Graph:
    """So many people, and what they were seen with by number."""
    nodes = [Node(id=f"p{n}", kind="person", shown=f"买家{n}", hop=n and 1) for n in range(people)]
    traits = sorted({trait for _person, trait in joins})
    nodes += [Node(id=f"t{n}", kind="payee", shown=f"6222 **** {n}", hop=0) for n in traits]
    edges = [
        Edge(source=f"p{who % people}", target=f"t{trait}", kind="payee", shown="6222 ****")
        for who, trait in joins
    ]
    return Graph(nodes=tuple(nodes), edges=tuple(edges), cut=False)


_JOINS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=120)


@given(people=st.integers(1, 41), joins=_JOINS)
def test_boxes_never_touch_and_lie_within(people: int, joins: list[tuple[int, int]]) -> None:
    drawn = draw(graph_of(people, joins), "p0")
    assert len(drawn.spots) + drawn.left_out == people + len({trait for _who, trait in joins})
    assert len(drawn.spots) <= DRAWN_MAX
    for index, one in enumerate(drawn.spots):
        assert 0 <= one.x <= drawn.width - BOX_WIDTH
        assert 0 <= one.y <= drawn.height - BOX_HEIGHT
        for other in drawn.spots[index + 1 :]:
            assert abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
    assert {line.edge.source for line in drawn.lines} <= {spot.node.id for spot in drawn.spots}


@given(joins=_JOINS)
def test_the_order_of_what_was_read_changes_nothing(joins: list[tuple[int, int]]) -> None:
    graph = graph_of(8, joins)
    turned = Graph(nodes=graph.nodes[::-1], edges=graph.edges[::-1], cut=False)
    assert set(draw(graph, "p0").spots) == set(draw(turned, "p0").spots)


def test_the_nearest_are_drawn_first_when_there_is_no_room_for_all() -> None:
    joins = [(who, 0) for who in range(41)] + [(who, who) for who in range(1, 41)]
    drawn = draw(graph_of(41, joins), "p0")
    assert len(drawn.spots) == DRAWN_MAX
    assert {f"p{n}" for n in range(41)} <= {spot.node.id for spot in drawn.spots}


def test_a_name_fits_its_box() -> None:
    assert shorten("浙江省杭州市****") == "浙江省杭州市****"
    assert shorten("阿" * 30) == "阿" * 9 + "…"
    assert shorten("") == ""

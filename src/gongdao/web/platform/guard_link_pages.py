"""Who is linked with whom.

Who: an operator who has a finding before them, or starts with what joins most accounts now.
Question: is this one account or ten, and what have the others done? Next: read what was found about
one of them, start again from there, or watch what they share.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.flows.guard.access import require_reader
from gongdao.flows.guard.links import Graph, Node, links_of
from gongdao.flows.guard.list_findings import FindingFilter, Listed, list_findings
from gongdao.risk.rings import CODE as RING
from gongdao.web.platform.forms import asked_for
from gongdao.web.platform.guard_cluster_reads import list_clusters
from gongdao.web.platform.guard_graph import BOX_HEIGHT, BOX_WIDTH, draw
from gongdao.web.platform.guard_pages import READERS, id_or_none, shared
from gongdao.web.platform.guard_reads import ActorCase, cases_of, find_whom
from gongdao.web.platform.guard_words import ACCOUNT_LEVELS, KINDS
from gongdao.web.shell import page

#: So many findings of one account are shown beside the drawing.
_FINDINGS_SHOWN = 5
#: So many accounts have their cases listed.
_ACTORS_SHOWN = 20


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the graph with its cases and with what it shares with others."""

    node: Node
    shares: tuple[Node, ...]
    """What it was seen with, or whom it works for."""
    cases: tuple[ActorCase, ...]
    open_cases: int


class Picked(msgspec.Struct, frozen=True, kw_only=True):
    """The one that is looked at: its findings, or who was seen with it."""

    node: Node
    trait: str
    """Of a trait its digest, as the watch list takes it."""
    findings: tuple[Listed, ...]
    seen_with: tuple[Node, ...]


@get("/platform/guard/links", guards=READERS, include_in_schema=False)
async def show_links(
    request: Asked,
    person: FromQuery[str] = "",
    shop: FromQuery[str] = "",
    node: FromQuery[str] = "",
    whom: FromQuery[str] = "",
) -> Response[str] | Redirect:
    """The accounts around one, or where to start."""
    who, pool = principal_of(request), request.app.state.pool
    require_reader(who)
    person_id, shop_id = id_or_none(person), id_or_none(shop)
    if asked := asked_for(whom):
        found = await find_whom(pool, asked)
        if len(found) == 1:
            start = urlencode({found[0].kind: str(found[0].id)})
            return Redirect(f"/platform/guard/links?{start}", status_code=303)
    if person_id is None and shop_id is None:
        return page(
            request,
            "platform/guard_clusters.html",
            clusters=await list_clusters(pool),
            asked=asked,
            kind_words=KINDS,
            **shared(request),
        )
    graph = await links_of(pool, who, person_id=person_id, shop_id=None if person_id else shop_id)
    start = str(person_id or shop_id)
    nodes = {each.id: each for each in graph.nodes}
    picked = await _picked(request, graph, nodes.get(node[:100], nodes[start]))
    return page(
        request,
        "platform/guard_links.html",
        graph=graph,
        start=nodes[start],
        drawing=draw(graph, start),
        box=(BOX_WIDTH, BOX_HEIGHT),
        actors=await _actors(request, graph),
        picked=picked,
        here=_here(nodes[start]),
        account_words=ACCOUNT_LEVELS,
        kind_words=KINDS,
        **shared(request),
    )


def _here(start: Node) -> str:
    return f"/platform/guard/links?{'shop' if start.kind == 'shop' else 'person'}={start.id}"


async def _picked(request: Asked, graph: Graph, node: Node) -> Picked:
    pool, who = request.app.state.pool, principal_of(request)
    if node.kind in ("person", "shop"):
        one = UUID(node.id)
        wanted = (
            [FindingFilter(shop_id=one, about="shop")]
            if node.kind == "shop"
            else [FindingFilter(code=RING, named=one), FindingFilter(buyer_id=one)]
        )
        found = [await list_findings(pool, who, only, limit=_FINDINGS_SHOWN) for only in wanted]
        findings = tuple(each for some in found for each in some.findings)[:_FINDINGS_SHOWN]
        return Picked(node=node, trait="", findings=findings, seen_with=())
    return Picked(
        node=node,
        trait=node.id.partition(":")[2],
        findings=(),
        seen_with=_joined_with(graph, node),
    )


async def _actors(request: Asked, graph: Graph) -> list[Actor]:
    """The accounts, those with the most cases of the worst first, each with its own cases."""
    accounts = [node for node in graph.nodes if node.kind in ("person", "shop")]
    shown = sorted(accounts, key=lambda node: (node.hop, -node.cases))[:_ACTORS_SHOWN]
    cases = await cases_of(
        request.app.state.pool,
        principal_of(request).person_id,
        [UUID(node.id) for node in shown if node.kind == "person"],
        [UUID(node.id) for node in shown if node.kind == "shop"],
    )
    return [_actor(graph, node, cases) for node in accounts]


def _actor(graph: Graph, node: Node, cases: Sequence[ActorCase]) -> Actor:
    own = tuple(case for case in cases if node.id in (str(case.buyer_id), str(case.shop_id)))
    return Actor(
        node=node,
        shares=_joined_with(graph, node),
        cases=own,
        open_cases=sum(case.ended is None for case in own),
    )


def _joined_with(graph: Graph, node: Node) -> tuple[Node, ...]:
    others = {edge.target for edge in graph.edges if edge.source == node.id}
    others |= {edge.source for edge in graph.edges if edge.target == node.id}
    return tuple(each for each in graph.nodes if each.id in others)


link_routes: list[Any] = [show_links]

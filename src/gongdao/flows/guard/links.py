"""Accounts joined by what they share, as a graph: devices, networks, addresses, payees, phones."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable, Record
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.guard.access import require_reader
from gongdao.flows.settings import current_pack
from gongdao.policy.guard import Level
from gongdao.risk.rings import CODE as RING
from gongdao.risk.trait_store import linked
from gongdao.risk.watch import TraitKind

NODES_MAX, DEPTH_MAX = 300, 4
#: So many nodes may be people; the others are what joins them.
_PEOPLE_MAX = 150
_STAFF_MAX = 20
#: A count of cases stops here.
_CASES_MAX = 100

_OF_SHOP = "SELECT id FROM people WHERE shop_id = $1 ORDER BY created_at LIMIT $2"
_EXISTS = "SELECT EXISTS (SELECT FROM people WHERE id = $1)"
_PEOPLE = """
SELECT p.id, p.name, p.kind, p.shop_id, s.name AS shop, p.disabled_at IS NOT NULL AS disabled,
       (SELECT count(*) FROM (SELECT FROM cases k WHERE k.buyer_id = p.id LIMIT $2) AS c) AS cases
  FROM people p LEFT JOIN shops s ON s.id = p.shop_id WHERE p.id = ANY ($1)
"""
_SHOPS = """
SELECT s.id, s.name,
       (SELECT count(*) FROM (SELECT FROM cases k WHERE k.shop_id = s.id LIMIT $2) AS c) AS cases
  FROM shops s WHERE s.id = ANY ($1)
"""
_RINGS_MAX = 500
# A ring is found in a shop, and its evidence names the buyers: it stands against each of them.
IN_RINGS = f"""
SELECT (named.e ->> 'said')::uuid AS id, f.code, f.weight
  FROM (SELECT * FROM risk_findings WHERE code = '{RING}' AND verdict IS DISTINCT FROM 'wrong'
         ORDER BY found_at DESC, id DESC LIMIT {_RINGS_MAX}) AS f, LATERAL (
       SELECT e FROM jsonb_array_elements(f.evidence) AS e
        WHERE e ->> 'shows' = 'person' OFFSET 0) AS named
"""  # noqa: S608 - made of constants
# What stands against somebody.
_STANDING = f"""
SELECT f.buyer_id AS id, f.code, f.weight FROM risk_findings f
 WHERE f.buyer_id = ANY ($1) AND f.about = 'buyer' AND f.verdict IS DISTINCT FROM 'wrong'
UNION
SELECT f.shop_id, f.code, f.weight FROM risk_findings f
 WHERE f.shop_id = ANY ($2) AND f.about = 'shop' AND f.verdict IS DISTINCT FROM 'wrong'
UNION
SELECT id, code, weight FROM ({IN_RINGS}) AS ring WHERE id = ANY ($1)
"""  # noqa: S608 - made of constants
_WATCHED = """
SELECT coalesce(subject_id::text, kind || ':' || encode(digest, 'hex')) AS id
  FROM risk_watched WHERE off_at IS NULL AND (subject_id = ANY ($1) OR digest = ANY ($2))
"""

NodeKind = Literal["person", "shop", "device", "network", "address", "payee", "phone"]


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, or something that several were seen with."""

    id: str
    """A person's or a shop's id; of a trait its kind, a colon, and its digest."""
    kind: NodeKind
    shown: str
    hop: int
    """How many steps from where it was asked; 0 is where."""
    cases: int = 0
    level: Level = "calm"
    watched: bool = False
    disabled: bool = False


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """A person was seen with a trait, or works for a shop."""

    source: str
    target: str
    kind: Literal["staff", "device", "network", "address", "payee", "phone"]
    shown: str
    """The trait, masked."""


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """What was found around somebody; `cut`: there is more than is shown."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    cut: bool


async def links_of(
    database: Queryable,
    who: Principal,
    *,
    person_id: UUID | None = None,
    shop_id: UUID | None = None,
    depth: int = 2,
) -> Graph:
    """The accounts around a person or around the people of a shop.

    Raises Refusal: wrong_role, invalid (neither or both are named), not_found.
    """
    require_reader(who)
    if (person_id is None) == (shop_id is None):
        raise Refusal("invalid", N_("Name a person or a shop."))
    start = await _start(database, person_id, shop_id)
    rows = await linked(
        database, start, depth=max(1, min(depth, DEPTH_MAX)), people_max=_PEOPLE_MAX + 1
    )
    hops = {row["person_id"]: row["hop"] for row in rows}
    people = list(hops)[:_PEOPLE_MAX]
    kept = [row for row in rows if row["person_id"] in set(people) and row["kind"]]
    known = await database.fetch(_PEOPLE, people, _CASES_MAX)
    shops: list[UUID] = sorted({row["shop_id"] for row in known if row["shop_id"]})
    of_shops = await database.fetch(_SHOPS, shops, _CASES_MAX)
    levels = await _levels(database, people, shops)
    digests = list({row["digest"] for row in kept})
    watched = {row["id"] for row in await database.fetch(_WATCHED, [*people, *shops], digests)}
    nodes = [
        *(_person(row, hops[row["id"]], levels, watched) for row in known),
        *(_shop(row, shop_id, known, hops, levels, watched) for row in of_shops),
    ]
    nodes.sort(key=lambda node: (node.hop, node.kind, node.id))
    traits, edges = _joined(kept, hops, watched, room=NODES_MAX - len(nodes))
    staff = [
        Edge(source=str(row["id"]), target=str(row["shop_id"]), kind="staff", shown="")
        for row in known
        if row["shop_id"]
    ]
    cut = len(hops) > _PEOPLE_MAX or len(nodes) + len(traits) >= NODES_MAX
    return Graph(nodes=(*nodes, *traits), edges=(*staff, *edges), cut=cut)


def trait_id(kind: TraitKind, digest: bytes) -> str:
    """The id of a trait in the graph."""
    return f"{kind}:{digest.hex()}"


async def _start(database: Queryable, person_id: UUID | None, shop_id: UUID | None) -> list[UUID]:
    if person_id is not None:
        if not await database.fetchval(_EXISTS, person_id):
            raise Refusal("not_found", N_("There is nobody and nothing of that id."))
        return [person_id]
    staff = [row["id"] for row in await database.fetch(_OF_SHOP, shop_id, _STAFF_MAX)]
    if not staff:
        raise Refusal("not_found", N_("There is nobody and nothing of that id."))
    return staff


async def _levels(database: Queryable, people: list[UUID], shops: list[UUID]) -> dict[UUID, Level]:
    signs: defaultdict[UUID, list[tuple[str, int]]] = defaultdict(list)
    for row in await database.fetch(_STANDING, people, shops):
        signs[row["id"]].append((row["code"], row["weight"]))
    book = (await current_pack(database)).guard
    return {one: book.level_of(each) for one, each in signs.items()}


def _person(row: Record, hop: int, levels: dict[UUID, Level], watched: set[str]) -> Node:
    return Node(
        id=str(row["id"]),
        kind="person",
        shown=row["name"],
        hop=hop,
        cases=row["cases"],
        level=levels.get(row["id"], "calm"),
        watched=str(row["id"]) in watched,
        disabled=row["disabled"],
    )


def _shop(
    row: Record,
    asked: UUID | None,
    people: Iterable[Record],
    hops: dict[UUID, int],
    levels: dict[UUID, Level],
    watched: set[str],
) -> Node:
    staff = [hops[one["id"]] for one in people if one["shop_id"] == row["id"]]
    return Node(
        id=str(row["id"]),
        kind="shop",
        shown=row["name"],
        hop=0 if row["id"] == asked else min(staff, default=0),
        cases=row["cases"],
        level=levels.get(row["id"], "calm"),
        watched=str(row["id"]) in watched,
    )


def _joined(
    rows: list[Record], hops: dict[UUID, int], watched: set[str], *, room: int
) -> tuple[list[Node], list[Edge]]:
    """What is shared by at least two of those who are shown, or was seen on who was asked for."""
    having = Counter(trait_id(row["kind"], row["digest"]) for row in rows)
    traits: dict[str, Node] = {}
    edges: list[Edge] = []
    for row in rows:
        name, hop = trait_id(row["kind"], row["digest"]), hops[row["person_id"]]
        if having[name] < 2 and hop > 0:
            continue
        if name not in traits:
            if len(traits) >= room:
                continue
            traits[name] = Node(
                id=name, kind=row["kind"], shown=row["shown"], hop=hop, watched=name in watched
            )
        edges.append(
            Edge(source=str(row["person_id"]), target=name, kind=row["kind"], shown=row["shown"])
        )
    return list(traits.values()), edges

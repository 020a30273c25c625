"""Every id in every body of the API's document: what belongs to others is nobody else's to name.

Generated from the document itself, so that a field which is added is tried from then on. Everything
of the first town's shop, its buyer and its people is foreign to who asks here.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

import httpx
from tests.flows.market import Market, place_order
from tests.web.knowledge_access import KNOWLEDGE_BODIES
from tests.web.register_access import ENTRY, write_entry
from tests.web.walk import URL, Walk

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.cases.commands import OpenArgs
from gongdao.flows.act import open_case
from gongdao.flows.settings import current_pack
from gongdao.flows.talk.open_talk import Wish, open_talk

#: Names of what is new: whoever sends it makes it, and of two with one name the second is refused.
_OWN = frozenset({"id", "client_id"})
#: A buyer may turn to any shop that there is.
_OF_ANYBODY = frozenset(
    {
        ("/api/v1/conversations", "shop_id"),
        ("/api/v1/widget/visitors", "shop_id"),
        ("/api/v1/me/privacy/requests", "shop"),
    }
)
#: Answered without what is named: a wish for somebody whom the shop does not have, and a talk that
#: only narrows what is one's own.
_PASSED_OVER = frozenset(
    {
        ("/api/v1/conversations", "agent_id"),
        ("/api/v1/conversations", "group_id"),
        ("/api/v1/desk/check-text", "conversation"),
    }
)
_WHO = ("foreign owner", "foreign buyer")
_NAMING = ("product_ids", "file_ids", "papers", "asking")
_ASKED = {"procedure": "after_sale", "kind": "return_refund", "reason": "quality"}
#: Bodies that are taken but for what they name, where the least that fits the document is not.
ACCEPTED: dict[str, dict[str, Any]] = {
    path: {name: value for name, value in body.items() if name not in _NAMING}
    for path, body in KNOWLEDGE_BODIES.items()
} | {
    "/api/v1/knowledge/gaps": {"seq": 1},
    "/api/v1/knowledge/articles/{article_id}": KNOWLEDGE_BODIES["/api/v1/knowledge/articles"],
    "/api/v1/knowledge/trainings/{training_id}": KNOWLEDGE_BODIES["/api/v1/knowledge/trainings"],
    "/api/v1/register": ENTRY,
    "/api/v1/orders/{order_id}/cases": _ASKED,
    "/api/v1/orders/{order_id}/cases/preview": _ASKED,
    "/api/v1/cases/{case_id}/refusal": {"reason": "not_liable"},
    "/api/v1/cases/{case_id}/refusal/preview": {"reason": "not_liable"},
    "/api/v1/desk/asks": {"gives": "1.00"},
    "/api/v1/desk/bargains": {"asked": "1.00"},
}
_METHODS = ("post", "put", "delete", "patch")


class Document:
    """The API's document, read for what its bodies look like."""

    def __init__(self, raw: dict[str, Any], own: dict[str, str]) -> None:
        self._own = own
        self.paths: dict[str, Any] = raw["paths"]
        self._schemas: dict[str, Any] = raw["components"]["schemas"]

    def open(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def bodies(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, operations in self.paths.items():
            for method in _METHODS:
                content = operations.get(method, {}).get("requestBody", {}).get("content", {})
                if schema := content.get("application/json", {}).get("schema"):
                    yield method, path, schema

    def ids(self, schema: dict[str, Any], seen: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        """Where ids stand: names of fields from the outside in, "" for each of a list."""
        if (name := schema.get("$ref", "")) in seen:
            return
        seen = (*seen, name) if name else seen
        schema = self.open(schema)
        for kind in ("anyOf", "oneOf", "allOf"):
            for one in schema.get(kind, ()):
                yield from self.ids(one, seen)
        if schema.get("format") == "uuid":
            yield ()
        for name, inner in schema.get("properties", {}).items():
            for steps in self.ids(inner, seen):
                yield (name, *steps)
        if "items" in schema:
            for steps in self.ids(schema["items"], seen):
                yield ("", *steps)

    def sample(self, schema: dict[str, Any], steps: tuple[str, ...] | None, foreign: str) -> Any:
        """The least that fits a schema, with a foreign id at one place of it."""
        schema = self.open(schema)
        for kind in ("anyOf", "oneOf", "allOf"):
            if kind in schema:
                fits = [
                    one for one in schema[kind]
                    if steps is None or steps in set(self.ids(one))
                ]  # fmt: skip
                return self.sample(fits[0], steps, foreign)
        if steps == ():
            return foreign
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            wanted = set(schema.get("required", ()))
            inner: dict[str, Any] = {}
            for name, part in schema.get("properties", {}).items():
                is_way = steps is not None and steps[0] == name
                if is_way or name in wanted:
                    rest = steps[1:] if is_way and steps else None
                    inner[name] = self.sample(part, rest, foreign)
                    if name in self._own and not is_way:
                        inner[name] = self._own[name]
            return inner
        if kind == "array":
            if steps:
                return [self.sample(schema["items"], steps[1:], foreign)]
            return [self.sample(schema["items"], None, foreign)] * schema.get("minItems", 0)
        return _plain(schema)


def _plain(schema: dict[str, Any]) -> Any:
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"), schema.get("format"):
        case "string", "uuid":
            return str(new_id())
        case "string", "date":
            return str(utc_now().date())
        case "string", "date-time":
            return utc_now().isoformat()
        case "string", _:
            return "1.00" if "[0-9]" in schema.get("pattern", "") else new_id().hex[-8:]
        case (("integer" | "number"), _):
            return max(schema.get("minimum", 0), schema.get("exclusiveMinimum", 0))
        case "boolean", _:
            return False
        case _:
            return None


async def foreign_town(walk: Walk) -> tuple[dict[str, str], dict[str, str]]:
    """What belongs to others than who asks; and what is their own, to stand in addresses."""
    town, pool = walk.town, walk.town.pool
    shop, buyer = town.people["foreign owner"].shop_id, town.people["foreign buyer"]
    assert shop
    market = Market(
        pool=pool, shop_id=shop, buyer=buyer,
        owner=town.people["foreign owner"], arbiter=town.people["arbiter"],
    )  # fmt: skip
    order, claimed = [await place_order(market, paid_at=utc_now()) for _ in range(2)]
    asked = OpenArgs(procedure="after_sale", kind="return_refund", reason="quality")
    pack = await current_pack(pool)
    opened = await open_case(pool, buyer, claimed.id, asked, pack=pack, now=utc_now())
    talk = new_id()
    await open_talk(pool, buyer.person_id, Wish(shop_id=shop), conversation_id=talk, now=utc_now())
    entry = await write_entry(walk.transport, URL, town.tokens["foreign owner"], "mine")
    own = {"order_id": order.id, "case_id": opened.case.id, "conversation_id": talk,
           "conversation": talk, "entry_id": entry, "shop_id": shop,
           "buyer_id": buyer.person_id,
           "person_id": town.people["foreign agent"].person_id}  # fmt: skip
    goods = new_id()
    await pool.execute(
        "INSERT INTO products (id, shop_id, title, price_fen) VALUES ($1, $2, 'Lamp', 100)",
        goods,
        town.ids["shop_id"],
    )
    foreign: dict[str, Any] = {"product": goods}
    foreign |= {name: town.ids[name] for name in ("open order", "bare order", "open case")}
    foreign |= {
        name: walk.ids[name]
        for name in ("conversation_id", "review_id", "entry_id", "file_id", "shop_id")
    }
    foreign |= {name: town.people[name].person_id for name in ("buyer", "owner", "agent")}
    return {k: str(v) for k, v in foreign.items()}, {k: str(v) for k, v in own.items()}


async def mentions(pool: Pool, ids: list[str]) -> dict[str, set[str]]:
    """Every row of the database that names one of these, by its table."""
    tables = await pool.fetch(
        "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE relkind = 'r' AND n.nspname = 'public'"
    )
    found: dict[str, set[str]] = {}
    for table in (row["relname"] for row in tables):
        rows = await pool.fetch(
            f'SELECT to_jsonb(t)::text AS row FROM "{table}" t WHERE to_jsonb(t)::text ~ $1',
            "|".join(ids),
        )
        found[table] = {row["row"] for row in rows}
    return found


def addressed(path: str, own: dict[str, str]) -> str:
    """The address with what is one's own in it; what one has none of is not there."""
    return re.sub(r"{(\w+)}", lambda name: own.get(name[1], str(new_id())), path)


async def test_no_body_names_what_belongs_to_others(walk: Walk) -> None:
    foreign, own = await foreign_town(walk)
    ids = sorted(set(foreign.values()))
    taken: list[str] = []
    answered: Counter[int] = Counter()
    async with httpx.AsyncClient(transport=walk.transport, base_url=URL) as client:
        document = Document((await client.get("/api/v1/openapi.json")).json(), own)
        before = await mentions(walk.town.pool, ids)
        for method, path, schema in document.bodies():
            fields = sorted(set(document.ids(schema)))
            for steps in fields:
                if steps[-1] in _OWN or (path, *steps) in _OF_ANYBODY:
                    continue
                for (what, named), who in product(foreign.items(), _WHO):
                    body = document.sample(schema, steps, named) | ACCEPTED.get(path, {})
                    if path == "/api/v1/conversations" and steps != ("shop_id",):
                        body |= {"shop_id": own["shop_id"]}
                    headers = {"authorization": f"Bearer {walk.town.tokens[who]}"}
                    answer = await client.request(
                        method, addressed(path, own), json=body, headers=headers
                    )
                    answered[answer.status_code] += 1
                    is_refused = answer.status_code in (403, 404, 409, 422)
                    if not is_refused and (path, *steps) not in _PASSED_OVER:
                        taken.append(f"{answer.status_code} {who}: {method} {path} {steps} {what}")
        after = await mentions(walk.town.pool, ids)
    assert taken == []
    assert after == before, "and nothing of theirs is changed, or named anywhere"
    assert answered.total() > 1000


async def test_no_body_takes_what_its_document_does_not_name(walk: Walk) -> None:
    """Whoever adds a field of a row (`shop_id`, `role_id`, `state`) to a body is told so."""
    async with httpx.AsyncClient(transport=walk.transport, base_url=URL) as client:
        document = Document((await client.get("/api/v1/openapi.json")).json(), {})
    loose = [
        path
        for _, path, schema in document.bodies()
        if document.open(schema).get("type") == "object"
        and document.open(schema).get("additionalProperties") is not False
    ]
    # What other marketplaces say comes as they say it.
    assert loose == ["/api/v1/dialects/{dialect}/meanings"]

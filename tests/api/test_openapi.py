"""The OpenAPI document, and the pages of docs/api beside it."""

from pathlib import Path

from gongdao.api.case_forms import RESOURCES
from gongdao.base.errors import CODES
from gongdao.base.money import YUAN_PATTERN
from gongdao.cases.commands import ARGS

from .conftest import Callers

DOCS = Path(__file__).parents[2] / "docs" / "api"


async def test_the_document_says_what_is_accepted_and_answered(callers: Callers) -> None:
    answer = await callers["nobody"].get("/api/v1/openapi.json")
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names)
    assert {f"do_{action}" for action in RESOURCES} <= set(names)
    assert all(one["responses"]["4XX"]["$ref"].endswith("/Problem") for one in operations)
    schemas = document["components"]["schemas"]
    for action in RESOURCES:
        assert schemas[ARGS[action].__name__]["additionalProperties"] is False
    amount = schemas["ApproveArgs"]["properties"]["amount"]["anyOf"][0]
    assert amount["pattern"] == YUAN_PATTERN
    assert set(document["components"]["securitySchemes"]) == {"bearer", "session", "csrf"}


def test_every_code_and_every_action_is_described() -> None:
    told = (DOCS / "README.md").read_text("utf-8")
    assert not [code for code in CODES if f"`{code}`" not in told]
    told = (DOCS / "cases.md").read_text("utf-8")
    assert not [action for action in RESOURCES if f"`{action}`" not in told]
    assert not [resource for resource in RESOURCES.values() if f"`{resource}`" not in told]


async def test_every_address_is_described(callers: Callers) -> None:
    document = (await callers["nobody"].get("/api/v1/openapi.json")).json()
    told = "".join(path.read_text("utf-8") for path in DOCS.glob("*.md"))
    words = {part for path in document["paths"] for part in path.split("/")[3:] if "{" not in part}
    assert not [word for word in words if word not in told]

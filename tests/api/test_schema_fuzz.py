"""Schemathesis over the whole OpenAPI document, against a served installation, in three roles.

Whatever is sent, no answer is a 5xx, and every answer is one that the document promises.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gongdao.base.db import Pool
from gongdao.flows.verify import verify_cases, verify_rest

from .conftest import Town, build_town

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
)
#: Random requests in each role first, while there is something to act on; then every edge of every
#: schema once. Each with its number of requests per operation.
RUNS = (
    ("owner", "fuzzing", 4),
    ("arbiter", "fuzzing", 4),
    ("buyer", "fuzzing", 4),
    ("buyer", "coverage", 1),
)


@pytest.fixture
async def running(
    serve: Callable[..., AbstractContextManager[Any]], pool: Pool, database_url: str
) -> AsyncIterator[tuple[Town, str]]:
    """A served installation with something in it."""
    town = await build_town(pool)
    server = serve(database_url)
    served = await asyncio.to_thread(server.__enter__)
    yield town, served.url
    await asyncio.to_thread(server.__exit__, None, None, None)


async def test_nothing_that_is_sent_breaks_it(running: tuple[Town, str], tmp_path: Path) -> None:
    town, url = running
    documents = await asyncio.to_thread(written, town, url, tmp_path)
    before = await events_of(town)
    for who, phase, examples in RUNS:
        code, said = await asyncio.to_thread(
            fuzz, documents[phase], url, town.tokens[who], phase, examples
        )
        assert code == 0, said
        found = re.search(r"(\d+) generated", said)
        assert found and int(found[1]) > 250, said
    assert await events_of(town) > before, "some of it was done"
    async with town.pool.acquire() as connection:
        assert [fault async for fault in verify_cases(connection, lambda _: None)] == []
        assert [fault async for fault in verify_rest(town.pool, connection, None)] == []


async def events_of(town: Town) -> int:
    return await town.pool.fetchval("SELECT count(*) FROM case_events") or 0


def written(town: Town, url: str, folder: Path) -> dict[str, Path]:
    """The document as it is served, but that addresses name what is there.

    Random requests go without conditions, or nearly all of them would fail at the version.
    """
    ids = town.ids
    there = {
        "case_id": [ids["open case"], ids["judged case"], ids["closed case"]],
        "order_id": [ids["bare order"], ids["open order"]],
        "shop_id": [ids["shop_id"]],
        "name": ["taobao-classic", "taobao-classic@1"],
        "procedure": ["after_sale", "complaint"],
    }
    document = httpx.get(f"{url}/api/v1/openapi.json", timeout=60).json()
    operations = [one for path in document["paths"].values() for one in path.values()]
    for operation in operations:
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path" and parameter["name"] in there:
                parameter["schema"]["enum"] = [str(each) for each in there[parameter["name"]]]
    coverage = folder / "coverage.json"
    coverage.write_bytes(json.dumps(document).encode())
    for operation in operations:
        parameters = operation.get("parameters", [])
        operation["parameters"] = [each for each in parameters if each["in"] != "header"]
    fuzzing = folder / "fuzzing.json"
    fuzzing.write_bytes(json.dumps(document).encode())
    return {"coverage": coverage, "fuzzing": fuzzing}


def fuzz(document: Path, url: str, token: str, phase: str, examples: int) -> tuple[int, str]:
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(document)]
    command += ["--url", url, "--checks", ",".join(CHECKS)]
    command += ["--phases", phase, "--max-examples", str(examples), "--no-color"]
    command += ["--generation-deterministic"]
    command += ["--header", f"Authorization: Bearer {token}", "--continue-on-failure"]
    command += ["--suppress-health-check", "all", "--no-shrink", "--warnings", "off"]
    # It reads which tokens there are, and would end the very one that it goes by.
    command += ["--exclude-operation-id", "revoke_token"]
    done = subprocess.run(command, cwd=document.parent, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr

"""A case told to another marketplace or payment provider, and their documents read back."""

from typing import Any

import pytest

from gongdao.dialects.load import dialect_names

from .conftest import Callers


@pytest.mark.parametrize("name", dialect_names())
async def test_there_and_back(callers: Callers, name: str) -> None:
    case_id = callers.town.ids["open case"]
    async with callers["owner"] as client:
        told = (await client.get(f"/api/v1/cases/{case_id}/dialects/{name}")).json()
        body = {"documents": [told["theirs"]]}
        answer = await client.post(f"/api/v1/dialects/{name}/meanings", json=body)
    assert answer.status_code == 200, answer.text
    (heard,) = answer.json()
    assert told["theirs"] and heard["why_not"] is None and heard["unknown"] == {}
    if not told["lossy"]:
        assert (heard["ours"]["procedure"], heard["ours"]["stage"]) == (
            told["procedure"],
            told["stage"],
        )
    assert heard["ours"]["ended"] == told["ended"]


async def test_what_nobody_knows_is_told_and_not_guessed(callers: Callers) -> None:
    documents: list[dict[str, Any]] = [
        {"status": "lost", "reason": "fraudulent"},
        {"status": "on_the_moon"},
        {},
    ]
    async with callers["buyer"] as client:
        answer = await client.post(
            "/api/v1/dialects/stripe/meanings", json={"documents": documents}
        )
        lost, moon, nothing = answer.json()
        assert lost["ours"]["ended"] == "decided" and lost["lossy"]
        assert moon["ours"] is None and moon["unknown"] == {"status": "on_the_moon"}
        assert nothing["ours"] is None and nothing["why_not"]
        for wrong in ({}, {"documents": []}, {"documents": ["x"]}, {"documents": [{}] * 1001}):
            assert (
                await client.post("/api/v1/dialects/stripe/meanings", json=wrong)
            ).status_code == 422
        unknown = await client.post("/api/v1/dialects/ebay/meanings", json={"documents": [{}]})
        assert unknown.status_code == 404

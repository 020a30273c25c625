"""What no calendar, counter or text of a database holds is refused with a word, never a fault."""

from typing import Any

import httpx
import pytest
from tests.api.conftest import Callers

NUL = "a\x00b"
FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"


def refused(answer: httpx.Response) -> bool:
    """Whether somebody was told what is wrong."""
    return answer.status_code in (409, 422) and bool(answer.json()["sentences"]["zh"])


@pytest.mark.parametrize("day", [FIRST_DAY, LAST_DAY])
@pytest.mark.parametrize("what", ["rota", "commission", "marks", "report"])
async def test_days_at_the_ends_of_the_calendar_are_refused(
    callers: Callers, what: str, day: str
) -> None:
    async with callers["owner"] as owner:
        assert refused(await owner.get(f"/api/v1/team/{what}", params={"day": day}))


@pytest.mark.parametrize("day", [FIRST_DAY, LAST_DAY])
async def test_no_month_and_no_week_at_the_ends_of_the_calendar_is_closed(
    callers: Callers, day: str
) -> None:
    async with callers["owner"] as owner:
        assert refused(await owner.post("/api/v1/team/commission/closing", json={"month": day}))
        assert refused(await owner.post("/api/v1/team/report", json={"day": day}))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2**31 - 1},
        {"version": 2**80},
        {"version": -1},
        {"reason": NUL},
        {"rules": {"cod_fees": {NUL: 1}}},
    ],
)
async def test_rules_of_the_day_are_kept_whole_or_refused(
    callers: Callers, change: dict[str, Any]
) -> None:
    body: dict[str, Any] = {"version": 0, "rules": {}, "reason": "x", **change}
    async with callers["owner"] as owner:
        assert refused(await owner.put("/api/v1/orders/day-rules", json=body))
        assert (await owner.get("/api/v1/orders/day-rules")).json()["version"] == 0


@pytest.mark.parametrize(
    ("what", "rules"),
    [
        ("shifts", {"templates": [{"name": NUL, "starts": 540, "ends": 1080}]}),
        ("commission", {"groups": {NUL: 100}}),
        ("house", {"rules": [{"code": NUL, "title": NUL, "amount_fen": 1}]}),
    ],
)
async def test_no_text_of_the_rules_of_a_team_holds_a_nul(
    callers: Callers, what: str, rules: dict[str, Any]
) -> None:
    for seen, reason in ((0, "x"), (0, NUL), (2**31 - 2, "x")):
        said = rules if (seen, reason) == (0, "x") else {}
        body = {"rules": said, "seen": seen, "reason": reason}
        async with callers["owner"] as owner:
            assert refused(await owner.put(f"/api/v1/team/rules/{what}", json=body))


@pytest.mark.parametrize("told", ["abc", "1.005", "-1", "1e3", "99999999999999"])
async def test_what_was_told_on_the_telephone_is_an_amount(callers: Callers, told: str) -> None:
    order_id = callers.town.ids["bare order"]
    body = {"result": "confirmed", "told": told}
    async with callers["owner"] as owner:
        assert refused(await owner.post(f"/api/v1/orders/{order_id}/calls", json=body))

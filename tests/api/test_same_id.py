"""What is sent twice under one id is there once; something else under that id is never swallowed.

A form that is filled in again after "back" still carries the id of what it sent before.
"""

from datetime import timedelta
from typing import Any

import pytest
from tests.api.conftest import Callers, settle

from gongdao.base.clock import utc_now
from gongdao.base.days import day_of
from gongdao.base.ids import new_id

TODAY = day_of(utc_now())
SOON = str(TODAY + timedelta(days=9))
LATER = str(TODAY + timedelta(days=12))

#: Where it is sent, what is sent, and what is said the second time.
WRITES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "fund": (
        "/api/v1/team/fund",
        {"way": "in", "amount": "10.00", "purpose": "茶水"},
        {"amount": "99.00"},
    ),
    "leave": (
        "/api/v1/team/leaves",
        {"from_day": SOON, "until_day": SOON, "why": "家里有事"},
        {"until_day": LATER},
    ),
    "shifts": (
        "/api/v1/team/shifts",
        {"person_id": "{agent}", "days": [SOON], "name": "早", "starts": "09:00", "ends": "18:00"},
        {"person_id": "{owner}"},
    ),
    "memo": ("/api/v1/team/memos", {"text": "回电话"}, {"text": "寄发票"}),
    "training": (
        "/api/v1/team/people/{agent}/trainings",
        {"held_on": str(TODAY), "topic": "尺码", "trainer": "王佳"},
        {"topic": "退换货"},
    ),
    "mentoring": (
        "/api/v1/team/mentorings",
        {"mentor_id": "{owner}", "trainee_id": "{agent}", "began_on": str(TODAY)},
        {"mentor_id": "{agent}", "trainee_id": "{owner}"},
    ),
    "mark": (
        "/api/v1/team/marks",
        {"person_id": "{agent}", "rule": "late", "happened_on": str(TODAY), "text": "迟到"},
        {"text": "早退"},
    ),
    "note": ("/api/v1/customers/{buyer}/notes", {"text": "爱穿大一码"}, {"text": "周末别打电话"}),
}


@pytest.mark.parametrize("name", WRITES)
async def test_something_else_under_the_same_id_is_refused_and_the_first_stays(
    callers: Callers, name: str
) -> None:
    path, body, other = WRITES[name]
    sent = {"id": str(new_id()), **filled(callers, body)}
    async with callers["owner"] as owner:
        on = {"rules": {"on": True}, "seen": 0, "reason": "x"}
        assert (await owner.put("/api/v1/team/rules/house", json=on)).status_code == 200
        path = filled(callers, {"path": path})["path"]
        first = await owner.post(path, json=sent)
        again = await owner.post(path, json=sent)
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.content == again.content
        changed = await owner.post(path, json=sent | filled(callers, other))
        assert (changed.status_code, changed.json()["code"]) == (409, "idempotency_conflict")


async def test_nobody_hears_that_a_colleagues_request_is_theirs(callers: Callers) -> None:
    body = {"id": str(new_id()), "from_day": SOON, "until_day": SOON, "why": "看病"}
    async with callers["owner"] as owner, callers["agent"] as agent:
        assert (await owner.post("/api/v1/team/leaves", json=body)).status_code == 201
        assert (await agent.post("/api/v1/team/leaves", json=body)).status_code == 409
        mine = (await agent.get("/api/v1/team/requests")).json()["own_leaves"]
        assert mine == []


async def test_a_swap_stands_once_and_another_under_its_id_is_refused(callers: Callers) -> None:
    town = callers.town
    role = await town.pool.fetchval(
        "SELECT role_id FROM people WHERE id = $1", town.people["agent"].person_id
    )
    await settle(town, "second agent", kind="shop", shop_id=town.ids["shop_id"], role_id=role)
    plan = {"name": "早", "starts": "09:00", "ends": "18:00", "days": [SOON, LATER]}
    plan |= {"id": str(new_id()), "person_id": str(town.people["agent"].person_id)}
    async with callers["owner"] as owner, callers["agent"] as agent:
        one, two = (await owner.post("/api/v1/team/shifts", json=plan)).json()
        to = str(town.people["second agent"].person_id)
        swap = {"id": str(new_id()), "shift_id": one["id"], "to_id": to}
        assert (await agent.post("/api/v1/team/swaps", json=swap)).status_code == 201
        assert (await agent.post("/api/v1/team/swaps", json=swap)).status_code == 201
        other = await agent.post("/api/v1/team/swaps", json=swap | {"shift_id": two["id"]})
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def filled(callers: Callers, body: dict[str, Any]) -> dict[str, Any]:
    """The same with the ids of people in it."""
    ids = {f"{{{name}}}": str(who.person_id) for name, who in callers.town.people.items()}
    out = dict(body)
    for key, value in body.items():
        for name, person in ids.items():
            if isinstance(value, str):
                out[key] = value = value.replace(name, person)
    return out

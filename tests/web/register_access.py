"""The lines of the access table for a shop's complaint register."""

from typing import Any

import httpx

from gongdao.api.register import RESOURCES
from gongdao.base.ids import new_id

REGISTER_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset({"owner", "agent", "foreign owner"}),
        """
        GET /shop/register, GET /shop/register/export.csv, GET /shop/register/new
        POST /shop/register, GET /shop/register/numbers
        GET /api/v1/register, POST /api/v1/register, POST /api/v1/notices/register/read
        """,
    ),
    (
        frozenset({"owner", "agent"}),
        """
        GET /shop/register/{entry_id}, GET /shop/register/{entry_id}/amend
        POST /shop/register/{entry_id}/amend
        GET /shop/register/{entry_id}/paper, POST /shop/register/{entry_id}/make_link
        POST /shop/register/{entry_id}/{action}, GET /api/v1/register/{entry_id}
        GET /api/v1/register/{entry_id}/events, """
        + ", ".join(
            f"POST /api/v1/register/{{entry_id}}/{resource}" for resource in RESOURCES.values()
        ),
    ),
    (
        frozenset({"owner", "foreign owner"}),
        "GET /shop/register/rules, POST /shop/register/rules",
    ),
)
#: A complaint of the register that is signed at once.
ENTRY = {"name": "x", "phone": "1", "reason": "other", "story": "x", "signature": "x"}
_WHY, _TEXT = {"why": "x"}, {"text": "x"}
_BODIES: dict[str, Any] = {
    **{action: {} for action in RESOURCES},
    **dict.fromkeys(("ask_again", "send_back", "note_refusal", "reopen"), _WHY),
    **dict.fromkeys(("learn", "note"), _TEXT),
    "sign": {"signature": "x"},
    "amend": ENTRY,
    "contact": {"said": "x"},
    "analyse": {"facts": "x", "severity": "low", "fault": "none"},
    "propose": {"words": "x", "money": "1"},
    "note_signature": {"name": "x", "file": str(new_id())},
    "instruct": {"department": "finance", "what": "x", "due_on": "2026-05-06"},
    "report_done": {"number": 1},
    "cancel_instruction": {"number": 1, "why": "x"},
    "follow_up": {"satisfied": True},
    "hand_up": {"person": str(new_id()), "why": "x"},
    "close": {"ended": "withdrawn", "why": "x"},
}
REGISTER_BODIES = {
    f"/api/v1/register/{{entry_id}}/{RESOURCES[action]}": body for action, body in _BODIES.items()
}


async def write_entry(transport: httpx.ASGITransport, url: str, token: str, story: str) -> str:
    """A shop's register has a complaint."""
    async with httpx.AsyncClient(
        transport=transport,
        base_url=f"{url}/api/v1",
        headers={"authorization": f"Bearer {token}"},
    ) as client:
        made = await client.post("/register", json=ENTRY | {"story": story})
        assert made.status_code == 201, made.text
        return made.json()["entry"]["id"]

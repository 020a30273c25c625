"""The application with everybody signed in, for tests that walk all of its addresses."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from tests.api.conftest import CLAIM, Town, build_town, picture, settle
from tests.living import alive
from tests.people import PASSWORD
from tests.web.care_access import CARE_BODIES
from tests.web.chat_access import CHAT_BODIES, begin_talk
from tests.web.customers_access import CUSTOMER_BODIES
from tests.web.guard_access import GUARD_BODIES
from tests.web.register_access import ENTRY, REGISTER_BODIES, write_entry
from tests.web.reviews_access import REVIEW_BODIES, keep_review
from tests.web.scripts_access import SCRIPT_BODIES
from tests.web.votes_access import VOTE_BODIES

from gongdao.accounts.gate import CSRF_HEADER, session_cookie_name
from gongdao.accounts.session import csrf_token_of
from gongdao.accounts.sign_in import sign_in
from gongdao.api.case_forms import RESOURCES
from gongdao.base.clock import utc_now
from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.cases.commands import ARGS
from gongdao.main import create_app

URL = "http://gongdao.test"


class Walk:
    """The application with everybody signed in, and the ids that addresses are filled with."""

    def __init__(self, app: Litestar, town: Town, secrets: dict[str, str]) -> None:
        self.app, self.town, self.secrets = app, town, secrets
        self.transport = httpx.ASGITransport(app)
        self.ids: dict[str, Any] = {
            "case_id": town.ids["open case"],
            "order_id": town.ids["open order"],
            "shop_id": town.ids["shop_id"],
            "buyer_id": town.people["buyer"].person_id,
            "channel": f"case:{town.ids['open case']}",
            "action": "remind",
            "name": "taobao-classic@1",
            "procedure": "after_sale",
            "dialect": "stripe",
            "locale": "en",
            "file_path": "app.js",
            "line": 1,
            "seq": 1,
            "token_id": town.ids["token of buyer"],
            "secret": "gda_" + "x" * 43,
        }

    def routes(self) -> list[tuple[str, str]]:
        return sorted(
            (route.path_format, method)
            for route in self.app.routes
            if isinstance(route, HTTPRoute)
            for method in route.methods
            if method not in ("OPTIONS", "HEAD")
        )

    async def ask(
        self, who: str, method: str, path: str, *, token: str | None = None
    ) -> httpx.Response | None:
        """The answer; None for a stream that has begun and does not end.

        `token`: another than that of the session; an empty one is not sent.
        """
        filled = path
        for name in [part.strip("{}") for part in path.split("/") if part.startswith("{")]:
            filled = filled.replace(f"{{{name}}}", str(self.ids.get(name, new_id())))
        secret = self.secrets.get(who, "")
        headers = {"origin": URL}
        if secret:
            headers["cookie"] = f"{session_cookie_name(URL)}={secret}"
            headers[CSRF_HEADER] = csrf_token_of(secret) if token is None else token
            if not headers[CSRF_HEADER]:
                del headers[CSRF_HEADER]
        sent: dict[str, Any] = {}
        if method == "POST" and path.startswith("/api/"):
            sent["json"] = BODIES.get(path.removesuffix("/preview"), {})
        elif method == "POST":
            sent["data"] = {"x": ""}
        async with httpx.AsyncClient(transport=self.transport, base_url=URL) as client:
            asking = client.request(method, filled, headers=headers, **sent)
            try:
                return await asyncio.wait_for(asking, 1 if path.startswith("/live") else 30)
            except TimeoutError:
                return None

    async def picture_of_all(self) -> list[Any]:
        """Everything of the first shop that somebody might have changed."""
        rows = await self.town.pool.fetch(
            "SELECT c.id, c.version, o.version AS order_version, o.refunded_fen FROM cases c"
            " JOIN orders o ON o.id = c.order_id ORDER BY c.id"
        )
        people = await self.town.pool.fetch(
            "SELECT id, role_id, disabled_at, password_hash FROM people ORDER BY id"
        )
        # A foreign owner may write into their own register; the first shop's is what is looked at.
        entries = await self.town.pool.fetch(
            "SELECT id, version FROM register_entries WHERE shop_id = $1 ORDER BY id",
            self.town.ids["shop_id"],
        )
        return [tuple(row) for row in (*rows, *people, *entries)]


#: Bodies that the API accepts, so that what refuses a stranger is who they are.
BODIES: dict[str, Any] = {
    f"/api/v1/cases/{{case_id}}/{RESOURCES[action]}": body
    for action, body in {
        **{name: {} for name in ARGS if name in RESOURCES},
        "offer": {"remedy": "no_action"},
        "counter_offer": {"remedy": "no_action"},
        "propose_settlement": {"remedy": "no_action"},
        "refill_tracking": {"tracking": "1"},
        "report_mismatch": {"problem": "empty"},
        "request_evidence": {"from": "buyer"},
        "submit_evidence": {"kind": "statement"},
        "adjudicate": {"liability": "none", "remedy": "no_action"},
        "send_back": {"note": "x"},
        "appeal": {"grounds": "x"},
        "extend_deadline": {"by": "1h", "note": "x"},
        "pause": {"cause": "court"},
        "note": {"note": "x"},
    }.items()
} | {
    "/api/v1/orders/{order_id}/cases": {"procedure": "complaint", "kind": "damaged"},
    "/api/v1/orders/{order_id}/shipment": {"carrier": "x", "tracking": "1"},
    "/api/v1/tokens": {"name": "x", "permissions": ["case.read"]},
    "/api/v1/dialects/{dialect}/meanings": {"documents": [{"status": "lost"}]},
    "/api/v1/register": ENTRY,
    **REGISTER_BODIES,
    **CARE_BODIES,
    **SCRIPT_BODIES,
    **CHAT_BODIES,
    **REVIEW_BODIES,
    **VOTE_BODIES,
    **CUSTOMER_BODIES,
    **GUARD_BODIES,
}


def reached(answer: httpx.Response | None) -> bool:
    """Whether somebody got to what the address is for, and was not sent away at the door."""
    if answer is None:
        return True
    away = answer.headers.get("location", "").startswith("/sign-in")
    return not away and answer.status_code not in (401, 403, 404)


@pytest.fixture
async def walk(pool: Pool, database_url: str, tmp_path: Path) -> AsyncIterator[Walk]:
    town = await build_town(pool)
    await add_bare_agent(town)
    settings = {
        "GONGDAO_DATABASE_URL": database_url,
        "GONGDAO_FILES_URL": f"file://{tmp_path}",
        "GONGDAO_PUBLIC_URL": URL,
        "GONGDAO_RATE_LIMIT": "off",
    }
    app = create_app(read_config(settings))
    async with alive(app):
        walk = Walk(app, town, await sign_all_in(town))
        await send_file(walk)
        walk.ids["conversation_id"] = await begin_talk(town)
        walk.ids["review_id"] = await keep_review(town)
        walk.ids["entry_id"] = await write_entry(walk.transport, URL, town.tokens["owner"], CLAIM)
        yield walk


async def add_bare_agent(town: Town) -> None:
    """Somebody of the first shop whose role permits nothing."""
    role_id = new_id()
    await town.pool.execute(
        "INSERT INTO roles (id, shop_id, name, permissions, created_at)"
        " VALUES ($1, $2, 'nothing', '{}', now())",
        role_id,
        town.ids["shop_id"],
    )
    await settle(town, "bare agent", kind="shop", shop_id=town.ids["shop_id"], role_id=role_id)


async def sign_all_in(town: Town) -> dict[str, str]:
    secrets: dict[str, str] = {}
    for name, sign_in_name in town.sign_in_names.items():
        signed = await sign_in(town.pool, sign_in_name, PASSWORD, now=utc_now())
        secrets[name] = signed.secret
    return secrets


async def send_file(walk: Walk) -> None:
    """The buyer proves something in the open case."""
    headers = {"authorization": f"Bearer {walk.town.tokens['buyer']}"}
    async with httpx.AsyncClient(
        transport=walk.transport, base_url=f"{URL}/api/v1", headers=headers
    ) as client:
        sent = await client.post("/files", files={"file": ("a.jpg", picture())})
        walk.ids["file_id"] = sent.json()["id"]
        case = walk.town.ids["open case"]
        body = {"kind": "photo_of_item", "files": [sent.json()["id"]]}
        assert (await client.post(f"/cases/{case}/evidence", json=body)).status_code == 200

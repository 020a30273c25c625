"""Every address with every kind of person: who reaches it, and that nobody sees another's case.

A route that stands in no line of the table fails the test: say there who may reach it.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from tests.api.conftest import CLAIM, PASSWORD, Town, build_town, picture, settle
from tests.web.register_access import ENTRY, REGISTER_BODIES, REGISTER_GROUPS, write_entry

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
BUYERS = frozenset({"buyer", "foreign buyer"})
SHOPS = frozenset({"owner", "agent", "foreign owner"})
PLATFORM = frozenset({"arbiter", "supervisor", "operator", "auditor"})
#: They see no case but those of a jury, and the town has none.
JURORS = frozenset({"juror"})
SIGNED_IN = BUYERS | SHOPS | PLATFORM | JURORS | {"bare agent"}
EVERYBODY = SIGNED_IN | {"nobody"}
STRANGERS = frozenset({"nobody", "foreign buyer", "foreign owner", "bare agent", "juror"})
CASE = frozenset({"buyer", "owner", "agent"}) | PLATFORM
#: Who reaches what. An address of the case, order and file of the first shop's buyer is reached by
#: those whom it concerns; one without an id by everybody of its audience, who see their own there.
GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        EVERYBODY,
        """
        GET /api/docs, GET /api/v1/openapi.json, GET /healthz, GET /locale/{locale},
        GET /static/{file_path}
        GET /sign-in, POST /sign-in, POST /sign-out
        """,
    ),
    (
        SIGNED_IN,
        """
        GET /, GET /account, POST /account/password, POST /account/sessions/end-others
        POST /account/tokens, GET /api/v1/me, GET /api/v1/tokens, POST /api/v1/tokens
        GET /api/v1/packs, GET /api/v1/packs/{name}
        GET /api/v1/dialects, GET /api/v1/dialects/{dialect}
        GET /api/v1/packs/{name}/procedures/{procedure}
        GET /notices, POST /notices/read, POST /files
        """,
    ),
    (
        SIGNED_IN - {"bare agent"} - JURORS,
        """
        GET /api/v1/cases, GET /api/v1/orders, POST /api/v1/files
        GET /api/v1/notices, POST /api/v1/notices/read
        """,
    ),
    (
        CASE,
        """
        GET /api/v1/cases/{case_id}, GET /api/v1/cases/{case_id}/events
        GET /api/v1/cases/{case_id}/dialects/{dialect}
        GET /api/v1/cases/{case_id}/money, GET /api/v1/files/{file_id}
        GET /api/v1/orders/{order_id}, GET /files/{file_id}, GET /files/{file_id}/thumb
        GET /live/{channel}
        """
        + ", ".join(
            f"POST /api/v1/cases/{{case_id}}/{resource}{end}"
            for resource in RESOURCES.values()
            for end in ("", "/preview")
        ),
    ),
    (
        CASE - {"arbiter", "operator"},
        """
        GET /api/v1/cases/{case_id}/dossier
        """,
    ),
    (
        frozenset({"buyer"}),
        """
        DELETE /api/v1/tokens/{token_id}, POST /account/tokens/{token_id}/revoke
        GET /cases/{case_id}, GET /cases/{case_id}/modify, POST /cases/{case_id}/modify
        POST /cases/{case_id}/{action}, GET /orders/{order_id}
        GET /orders/{order_id}/apply, POST /orders/{order_id}/apply
        POST /api/v1/orders/{order_id}/confirmation
        """,
    ),
    (BUYERS, "GET /cases, GET /orders"),
    (
        frozenset({"buyer", "owner", "agent"}),
        "POST /api/v1/orders/{order_id}/cases, POST /api/v1/orders/{order_id}/cases/preview",
    ),
    (
        frozenset({"owner", "agent"}),
        """
        GET /shop/cases/{case_id}, POST /shop/cases/{case_id}/{action}
        POST /shop/cases/{case_id}/preview/{action}, GET /shop/orders/{order_id}
        GET /shop/orders/{order_id}/report, POST /shop/orders/{order_id}/report
        POST /shop/orders/{order_id}/dispatch, POST /api/v1/orders/{order_id}/shipment
        POST /api/v1/orders/{order_id}/signature, GET /api/v1/orders/{order_id}/goodwill
        """,
    ),
    (
        frozenset({"owner"}),
        "POST /api/v1/orders/{order_id}/goodwill, POST /shop/orders/{order_id}/goodwill",
    ),
    (SHOPS | {"bare agent"}, "GET /shop"),
    *REGISTER_GROUPS,
    (SIGNED_IN, "POST /notices/register/read"),
    (SHOPS, "GET /shop/inbox, GET /shop/orders, GET /shop/record"),
    (
        frozenset({"owner", "foreign owner"}),
        """
        GET /shop/money, POST /shop/money/top-ups, GET /shop/orders/import
        POST /shop/orders/import, POST /shop/orders/import/check
        GET /shop/staff, POST /shop/staff/people, POST /shop/staff/roles
        """,
    ),
    (
        frozenset({"owner", "operator"}),
        "POST /api/v1/shops/{shop_id}/orders/import, PUT /api/v1/shops/{shop_id}/products",
    ),
    (
        frozenset({"operator"}),
        "GET /api/v1/bills, POST /api/v1/shops/{shop_id}/top-ups, POST /api/v1/tracking/import",
    ),
    (
        CASE,
        "GET /api/v1/orders/{order_id}/bills, GET /api/v1/orders/{order_id}/lines/{line}/variants",
    ),
    (
        frozenset({"buyer"}),
        """
        PUT /api/v1/orders/{order_id}/lines/{line}/variant, PUT /api/v1/orders/{order_id}/payment
        PUT /api/v1/orders/{order_id}/receiver, POST /api/v1/orders/{order_id}/urgings
        POST /orders/{order_id}/cancel, POST /orders/{order_id}/lines/{line}/variant
        POST /orders/{order_id}/receiver, POST /orders/{order_id}/payment
        POST /orders/{order_id}/urge
        """,
    ),
    (
        frozenset({"buyer", "owner", "agent"}),
        "POST /api/v1/orders/{order_id}/cancellation",
    ),
    (
        frozenset({"owner", "agent"}),
        "POST /api/v1/orders/{order_id}/bills, POST /shop/orders/{order_id}/bills",
    ),
    (
        PLATFORM,
        """
        GET /platform, GET /platform/cases, GET /platform/cases/next
        GET /platform/cases/{case_id}, POST /platform/cases/{case_id}/preview
        POST /platform/cases/{case_id}/{action}, GET /platform/policy, GET /platform/policy/{name}
        GET /platform/shops/{shop_id}, GET /platform/what-if, POST /platform/what-if
        """,
    ),
    (
        frozenset({"arbiter"}),
        """
        POST /platform/cases/{case_id}/claim, POST /platform/cases/{case_id}/release
        POST /platform/cases/next/claim, GET /platform/clusters
        POST /platform/clusters/{shop_id}/rule
        """,
    ),
    (JURORS | {"supervisor"}, "GET /platform/jury"),
    (frozenset({"operator", "auditor", "supervisor"}), "GET /platform/watch"),
    (frozenset({"auditor", "supervisor"}), "GET /platform/log"),
    (
        frozenset({"auditor", "operator"}),
        """
        GET /platform/money, GET /platform/money/check, GET /platform/money/shops
        GET /platform/money/totals, GET /platform/trouble
        """,
    ),
    (
        frozenset({"operator"}),
        """
        GET /platform/ties, POST /platform/ties, POST /platform/ties/{tie_id}/drop
        POST /platform/policy/{name}/choose, POST /platform/policy/{name}/switch
        GET /platform/staff, POST /platform/staff/people, POST /platform/staff/roles
        """,
    ),
    # Of people, sessions, payouts, notices, points and sanctions that are not there.
    (
        frozenset(),
        """
        POST /api/v1/bills/{bill_id}/payment, POST /api/v1/bills/{bill_id}/receipt
        DELETE /api/v1/bills/{bill_id}, POST /orders/{order_id}/bills/{bill_id}/pay
        POST /orders/{order_id}/bills/{bill_id}/decline
        POST /shop/orders/{order_id}/bills/{bill_id}/drop
        GET /agreements/{secret}, POST /agreements/{secret}/signature
        POST /agreements/{secret}/refusal
        GET /platform/what-if/{retrial_id}
        GET /platform/clusters/{shop_id}, GET /platform/jury/{case_id}
        POST /platform/jury/{case_id}/vote
        GET /notices/{notice_id}, POST /account/sessions/{session_id}/end
        POST /platform/money/payouts/{payout_id}/retry
        POST /platform/shops/{shop_id}/points/{case_id}/{entry}/restore
        POST /platform/shops/{shop_id}/sanctions/{case_id}/{number}/lift
        POST /platform/staff/people/{person_id}/disable
        POST /platform/staff/people/{person_id}/enable
        POST /platform/staff/people/{person_id}/password
        POST /platform/staff/people/{person_id}/role
        POST /shop/staff/people/{person_id}/disable, POST /shop/staff/people/{person_id}/enable
        POST /shop/staff/people/{person_id}/password, POST /shop/staff/people/{person_id}/role
        """,
    ),
)
TABLE: dict[tuple[str, str], frozenset[str]] = {
    (path, method): who
    for who, routes in GROUPS
    for method, path in re.findall(r"(GET|POST|PUT|DELETE) ([^,\s]+)", routes)
}


class Walk:
    """The application with everybody signed in, and the ids that addresses are filled with."""

    def __init__(self, app: Litestar, town: Town, secrets: dict[str, str]) -> None:
        self.app, self.town, self.secrets = app, town, secrets
        self.transport = httpx.ASGITransport(app)
        self.ids: dict[str, Any] = {
            "case_id": town.ids["open case"],
            "order_id": town.ids["open order"],
            "shop_id": town.ids["shop_id"],
            "channel": f"case:{town.ids['open case']}",
            "action": "remind",
            "name": "taobao-classic@1",
            "procedure": "after_sale",
            "dialect": "stripe",
            "locale": "en",
            "file_path": "app.js",
            "line": 1,
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

    async def ask(self, who: str, method: str, path: str) -> httpx.Response | None:
        """The answer; None for a stream that has begun and does not end."""
        filled = path
        for name in [part.strip("{}") for part in path.split("/") if part.startswith("{")]:
            filled = filled.replace(f"{{{name}}}", str(self.ids.get(name, new_id())))
        secret = self.secrets.get(who, "")
        headers = {"origin": URL}
        if secret:
            headers["cookie"] = f"{session_cookie_name(URL)}={secret}"
            headers[CSRF_HEADER] = csrf_token_of(secret)
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
    "/api/v1/register": ENTRY,
    **REGISTER_BODIES,
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
    begun, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            begun.set()
            await over.wait()

    living = asyncio.create_task(live())
    await begun.wait()
    walk = Walk(app, town, await sign_all_in(town))
    await send_file(walk)
    walk.ids["entry_id"] = await write_entry(walk.transport, URL, town.tokens["owner"], CLAIM)
    yield walk
    over.set()
    await living


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


#: What ends the session with which the walk goes on; tests of signing in try these.
ENDING = {"/sign-out", "/account/sessions/end-others", "/account/password"}
#: A form that is wrong is refused before it is asked whose case it is; nothing is changed by it.
FORM_REFUSED = {400, 413, 422}


async def test_every_route_stands_in_the_table(walk: Walk) -> None:
    assert set(walk.routes()) == set(TABLE)


async def test_strangers_see_and_change_nothing_of_others(walk: Walk) -> None:
    before = await walk.picture_of_all()
    numbers = await walk.town.pool.fetch("SELECT number FROM orders")
    marks = [CLAIM, *(row["number"] for row in numbers)]
    for path, method in walk.routes():
        if path in ENDING:
            continue
        for who in sorted(STRANGERS):
            answer = await walk.ask(who, method, path)
            told = f"{who}: {method} {path} gave {answer and answer.status_code}"
            assert answer is not None, told
            assert answer.status_code < 500, told
            assert not [mark for mark in marks if mark in answer.text], told
            if who not in TABLE[path, method]:
                refused = method != "GET" and answer.status_code in FORM_REFUSED
                assert refused or not reached(answer), told
    assert await walk.picture_of_all() == before


async def test_everybody_reaches_what_is_theirs_and_nothing_else(walk: Walk) -> None:
    wrong: list[str] = []
    for path, method in walk.routes():
        if path in ENDING:
            continue
        for who in sorted(EVERYBODY - STRANGERS):
            answer = await walk.ask(who, method, path)
            status = answer.status_code if answer else 200
            should = who in TABLE[path, method]
            told = f"{who}: {method} {path} gave {status}"
            assert status < 500, told
            # A command may be refused by the decision, which knows more than the table.
            if method == "GET" and reached(answer) != should:
                wrong.append(told)
            if method != "GET" and not should and reached(answer) and status not in FORM_REFUSED:
                wrong.append(told)
    assert not wrong, wrong

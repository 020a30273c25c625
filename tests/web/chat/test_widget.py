"""The widget on a page of somebody else: one script, no cookie, a whole talk; and its identity."""

import gzip
import http.server
import json
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import OctKey
from playwright.async_api import Browser, Page, expect
from tests.conftest import SECRET, Served
from tests.files.samples import image
from tests.web.chat.desk_town import DeskTown, Screen, open_screen
from tests.web.chat.test_buyer_page import TALKS, shoot
from tests.web.half_typed import type_by_halves
from tests.web.readable import require_no_barriers

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.channels.secrets import open_keyring
from gongdao.flows.talk.presence import set_own_state
from gongdao.flows.talk.visitors import customer_name, widget_key
from gongdao.web.assets import STATIC

REMOTE = "亲，您下载一个向日葵远程控制，把屏幕共享给我，我帮您退款"
#: What a page of a shop loads at most, as it travels.
BUDGET_BYTES = 30_000


@pytest.fixture
def keyring(tmp_path: Path) -> Any:
    return open_keyring(tmp_path, SECRET)


@pytest.fixture
async def agent(town: DeskTown, served: Served) -> AsyncIterator[Screen]:
    await set_own_state(town.pool, town.people["小安"], "online", now=utc_now())
    screen = await open_screen(served.url, town.tokens["小安"])
    yield screen
    await screen.close()


@pytest.fixture
def foreign_page(served: Served, town: DeskTown, tmp_path: Path) -> Iterator[str]:
    """A shop's own page on another host, with nothing of ours but the one script."""
    folder = tmp_path / "shop"
    folder.mkdir()
    style = "html{font-size:100px}*{font-size:30px!important}button{background:red!important}"
    own = b64encode(sha256(style.encode()).digest()).decode()
    # What docs/how-to/widget.md asks for, and the page's own style and icon.
    policy = (
        f"default-src 'none'; style-src 'sha256-{own}'; script-src {served.url};"
        f" connect-src {served.url} {served.url.replace('http', 'ws', 1)}; img-src blob: data:"
    )
    (folder / "index.html").write_text(
        "<!doctype html><html lang=zh><meta charset=utf-8><title>鞋店</title>"
        "<link rel=icon href='data:,'>"
        f"<style>{style}</style><h1>鞋店</h1>"
        f'<script src="{served.url}/widget.js" data-shop="{town.shop_id}"'
        ' data-name="安心鞋店"'
        ' data-locale="zh" async></script>',
        "utf-8",
    )

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_request(self, *args: Any) -> None: ...

        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, directory=str(folder), **more)

        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", policy)
            super().end_headers()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # Another host than ours to the browser, and the same machine.
    yield f"http://localhost:{server.server_port}/index.html"
    server.shutdown()
    server.server_close()


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    yield await context.new_page()
    await context.close()


def test_what_a_page_loads_is_small() -> None:
    names = ["widget.js", *(path.name for path in STATIC.glob("chat*") if "page" not in path.name)]
    size = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names)
    assert size < BUDGET_BYTES


@pytest.mark.browser
async def test_a_talk_on_a_foreign_page(
    phone: Page, foreign_page: str, agent: Screen, town: DeskTown, tmp_path: Path, served: Served
) -> None:
    problems: list[str] = []
    phone.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    await phone.goto(foreign_page)
    # 3 rem of ours, whatever the page takes a rem for.
    await expect(phone.locator(".widget-button")).to_have_css("min-height", "48px")
    await expect(phone.locator(".widget-label")).to_have_css("font-size", "16px")
    await phone.get_by_role("button", name="联系客服").click()
    await phone.locator(".widget-panel .chat-group").first.click()
    await expect(phone.locator(".chat-input")).to_be_focused()
    assert await town.pool.fetchval(TALKS, town.shop_id) == 0, "nobody has said anything yet"
    await type_by_halves(phone.locator(".chat-input"))
    assert await town.pool.fetchval(TALKS, town.shop_id) == 0, "half a word begins nothing"
    await phone.fill(".chat-input", "鞋子掉色吗？")
    await phone.press(".chat-input", "Enter")
    await expect(phone.locator(".chat-standing")).to_contain_text("正在为您服务")
    talk = str(await town.only_talk())
    await agent.send("open", conversation=talk)
    await agent.until(lambda s: s.texts(talk) == ["鞋子掉色吗？"])
    picture = tmp_path / "color.jpg"
    picture.write_bytes(image("JPEG"))
    await phone.locator("input[type=file][multiple]").set_input_files(picture)
    await expect(phone.locator(".chat-kind-image img")).to_have_attribute("src", _blob())
    await shoot(phone, "widget")
    await require_no_barriers(phone)

    await phone.get_by_role("button", name="收起").click()
    last = agent.seqs(talk)[-1]
    await agent.answer_to(await agent.say(talk, "不掉色，放心洗。", seen=last))
    await expect(phone.locator(".widget-badge")).to_have_text("1")
    await phone.reload()
    await phone.get_by_role("button", name="联系客服").click()
    await expect(phone.locator(".chat-theirs .chat-text")).to_have_text("不掉色，放心洗。")
    await warned_on_a_foreign_page(phone, agent, talk, served.url)
    assert await phone.context.cookies() == []
    assert await town.only_talk()
    assert problems == []


async def warned_on_a_foreign_page(phone: Page, agent: Screen, talk: str, url: str) -> None:
    """A danger shows under the message with what to do; the kit opens on our own pages."""
    await agent.answer_to(await agent.say(talk, REMOTE, seen=agent.seqs(talk)[-1]))
    strip = phone.locator("[data-author=shop] > .chat-guard-danger")
    await expect(strip).to_have_count(1)
    await expect(strip).to_be_in_viewport()
    await expect(strip.locator("strong")).to_have_text("请先停一停，不要照做")
    await expect(strip.locator(".chat-guard-advice")).to_contain_text("不要共享屏幕")
    help_ = strip.locator("a")
    await expect(help_).to_have_attribute("href", f"{url}/help/scam")
    await expect(help_).to_have_attribute("target", "_blank")
    assert await phone.locator("[role=log][aria-live=polite] .chat-guard").count() == 1
    await shoot(phone, "widget-warned")
    await require_no_barriers(phone)


def _blob() -> Any:
    import re

    return re.compile("^blob:")


async def meet(served: Served, town: DeskTown, identity: str | None = None) -> httpx.Response:
    async with httpx.AsyncClient(base_url=served.url) as client:
        body = {"shop_id": str(town.shop_id)} | ({"identity": identity} if identity else {})
        headers = {"Origin": "https://shop.example", "Sec-Fetch-Site": "cross-site"}
        return await client.post("/api/v1/widget/visitors", json=body, headers=headers)


async def signed(town: DeskTown, keyring: Any, **changed: Any) -> str:
    key = changed.pop("key", None) or await widget_key(town.pool, keyring, town.shop_id)
    claims = {
        "sub": "user-7",
        "name": "李梅",
        "aud": str(town.shop_id),
        "exp": int((utc_now() + timedelta(minutes=10)).timestamp()),
    } | changed
    # With its letters escaped, as many libraries write them: half a character travels like that.
    return jws.serialize_compact(
        {"alg": "HS256"}, json.dumps(claims).encode(), OctKey.import_key(key)
    )


async def test_a_shop_says_who_its_customer_is(
    served: Served, town: DeskTown, keyring: Any
) -> None:
    first, second = [(await meet(served, town, await signed(town, keyring))).json() for _ in "ab"]
    assert first["person_id"] == second["person_id"] and first["is_known"]
    assert first["token"] != second["token"] and first["name"] == "李梅"
    name = await town.pool.fetchval(
        "SELECT sign_in_name FROM people WHERE id = $1", first["person_id"]
    )
    assert name == customer_name(town.shop_id, "user-7")
    other = (await meet(served, town, await signed(town, keyring, sub="user-8"))).json()
    assert other["person_id"] != first["person_id"]
    for _ in range(25):
        assert (await meet(served, town, await signed(town, keyring))).status_code == 201


async def test_what_the_shop_did_not_sign_is_refused(
    served: Served, town: DeskTown, keyring: Any
) -> None:
    late = int((utc_now() - timedelta(minutes=1)).timestamp())
    long = int((utc_now() + timedelta(days=9)).timestamp())
    for identity in (
        "x.y.z",
        await signed(town, keyring, key="5b" * 32),
        await signed(town, keyring, exp=late),
        await signed(town, keyring, exp=long),
        await signed(town, keyring, exp=None),
        await signed(town, keyring, aud=str(new_id())),
        await signed(town, keyring, sub=""),
        await signed(town, keyring, sub=7),
        await signed(town, keyring, sub="\ud800"),
        await signed(town, keyring, name="半\udc00"),
        "eyJhbGciOiJub25lIn0." + (await signed(town, keyring)).split(".")[1] + ".",
    ):
        answer = await meet(served, town, identity)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), identity
    names = [customer_name(town.shop_id, subject) for subject in ("user-7", "")]
    known = "SELECT count(*) FROM people WHERE sign_in_name = ANY ($1)"
    assert await town.pool.fetchval(known, names) == 0


async def test_a_visitor_sees_their_own_talks_only(served: Served, town: DeskTown) -> None:
    mine, theirs = [(await meet(served, town)).json() for _ in "ab"]
    assert mine["person_id"] != theirs["person_id"]
    headers = {"Authorization": f"Bearer {mine['token']}", "Origin": "https://shop.example"}
    async with httpx.AsyncClient(base_url=f"{served.url}/api/v1", headers=headers) as client:
        opened = (await client.post("/conversations", json={"shop_id": str(town.shop_id)})).json()
        talk = opened["conversation"]["id"]
        assert (await client.get("/cases")).status_code == 403
        assert (await client.get("/orders")).json()["orders"] == []
        client.headers["Authorization"] = f"Bearer {theirs['token']}"
        assert (await client.get(f"/conversations/{talk}")).status_code == 404


async def test_other_sites_may_ask_with_a_token_and_never_with_a_cookie(
    served: Served,
) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        origin = {"Origin": "https://shop.example"}
        wanted = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        }
        asked = await client.options("/api/v1/conversations", headers=origin | wanted)
        assert asked.status_code == 204
        assert asked.headers["access-control-allow-origin"] == "*"
        assert "Authorization" in asked.headers["access-control-allow-headers"]
        for path in ("/api/v1/me", "/sign-in", "/widget.js", "/static/chat-widget.js"):
            answer = await client.get(path, headers=origin)
            assert "access-control-allow-credentials" not in answer.headers
            opened = answer.headers.get("access-control-allow-origin") == "*"
            assert opened == (path != "/sign-in"), path
        assert (await client.get("/static/chat-line.js")).headers["cache-control"] == "no-cache"

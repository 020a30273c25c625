"""The frame and the shared parts in a real browser, and what the shell promises without one."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient
from playwright.async_api import BrowserContext, Page, expect
from tests.web.readable import barriers

from gongdao.base.clock import utc_now
from gongdao.policy import words
from gongdao.policy.terms import TERMS
from gongdao.web import markup
from gongdao.web.shell import safe_path

from .sample_app import BEFORE, NAMES, sample_app

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@pytest.fixture
def app() -> Litestar:
    return sample_app()


@pytest.fixture
async def url(app: Litestar) -> AsyncIterator[str]:
    """The sample application behind a real socket."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app, log_level="error", lifespan="on", timeout_graceful_shutdown=1, ws="none"
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        app.state.closing = server.should_exit = True
        await serving


async def visit(context: BrowserContext, url: str, who: str, size: dict[str, int]) -> Page:
    """The sample page as somebody sees it; any complaint of the browser fails the test."""
    await context.add_cookies([{"name": "who", "value": who, "url": url}])
    page = await context.new_page()
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    await page.goto(url)
    return page


@pytest.mark.browser
@pytest.mark.parametrize(
    ("who", "size", "scheme"),
    [
        ("buyer", PHONE, "light"),
        ("buyer", PHONE, "dark"),
        ("buyer", DESK, "light"),
        ("shop", PHONE, "light"),
        ("shop", DESK, "light"),
        ("platform", DESK, "light"),
        ("platform", DESK, "dark"),
    ],
)
async def test_every_part_is_readable_for_everybody(
    context: BrowserContext, url: str, tmp_path: Path, who: str, size: dict[str, int], scheme: Any
) -> None:
    complaints: list[str] = []
    context.on(
        "console", lambda said: complaints.append(said.text) if said.type == "error" else None
    )
    page = await visit(context, url, who, size)
    await page.emulate_media(color_scheme=scheme)
    for folded in await page.locator("details.gd-rules").all():
        await folded.evaluate("each => each.open = true")
    await page.screenshot(path=tmp_path / f"{who}-{size['width']}-{scheme}.png", full_page=True)
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert (await barriers(page), wide, complaints) == ([], 0, [])


@pytest.mark.browser
async def test_a_double_click_acts_once(context: BrowserContext, url: str, app: Litestar) -> None:
    app.state.delay = 0.3
    page = await visit(context, url, "buyer", PHONE)
    await page.fill("#note", "门体凹陷")
    await page.get_by_role("button", name="提交凭证").dblclick()
    await expect(page.locator(".gd-toast")).to_contain_text("凭证已提交")
    assert [post["note"] for post in app.state.posts] == [["门体凹陷"]]
    assert app.state.posts[0]["csrf_token"] == ["token-of-the-session"]
    assert app.state.posts[0]["expected_version"] == ["3"]


@pytest.mark.browser
async def test_a_refusal_keeps_the_text_and_the_idempotency_key(
    context: BrowserContext, url: str, app: Litestar
) -> None:
    app.state.refuse = True
    page = await visit(context, url, "buyer", PHONE)
    await page.fill("#note", "门体凹陷")
    send = page.get_by_role("button", name="提交凭证")
    await send.click()
    await expect(page.get_by_role("alert").last).to_contain_text("操作没有成功。")
    await expect(page.locator("#note")).to_have_value("门体凹陷")
    app.state.refuse = False
    await send.click()
    await expect(page.locator(".gd-toast-done")).to_be_visible()
    first, second = app.state.posts
    assert first == second


@pytest.mark.browser
async def test_a_broken_line_keeps_the_text(context: BrowserContext, url: str) -> None:
    page = await visit(context, url, "buyer", PHONE)
    await page.fill("#note", "门体凹陷")
    await page.route("**/act", lambda route: route.abort())
    await page.get_by_role("button", name="提交凭证").click()
    await expect(page.locator(".gd-toast")).to_contain_text("网络中断了")
    await expect(page.locator("#note")).to_have_value("门体凹陷")


@pytest.mark.browser
async def test_a_live_page_changes_without_taking_the_focus(
    context: BrowserContext, url: str, app: Litestar
) -> None:
    page = await visit(context, url, "shop", DESK)
    await expect(page.locator("#counter")).to_have_text("第 1 次")
    await page.get_by_role("button", name="同意退款").first.click()
    await page.fill("#why", "抱歉给您添麻烦")
    await page.wait_for_timeout(200)
    app.state.counter = 2
    await expect(page.locator("#counter")).to_have_text("第 2 次")
    await expect(page.locator("#why")).to_be_focused()
    await expect(page.locator("#why")).to_have_value("抱歉给您添麻烦")
    await expect(page.locator("#approve .gd-toast")).to_contain_text("页面已更新")


@pytest.mark.browser
async def test_a_preview_follows_what_is_chosen(context: BrowserContext, url: str) -> None:
    page = await visit(context, url, "shop", DESK)
    await page.get_by_role("button", name="同意退款").first.click()
    await page.fill("#why", "123")
    await expect(page.locator("#approve-preview")).to_have_text("将支付 123")
    await expect(page.locator("#why")).to_be_focused()


@pytest.mark.browser
async def test_more_of_a_list_is_added_below(context: BrowserContext, url: str) -> None:
    page = await visit(context, url, "shop", DESK)
    await page.get_by_role("link", name="显示更多").click()
    await expect(page.locator("#rows > li")).to_have_count(10)


@pytest.mark.browser
async def test_a_desk_is_worked_by_keys(context: BrowserContext, url: str) -> None:
    page = await visit(context, url, "shop", DESK)
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_contain_text("同意退款")
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await expect(page.locator("[data-search]")).to_be_focused()
    await page.keyboard.press("Escape")
    for key in "jjk":
        await page.keyboard.press(key)
    await expect(page.locator(".gd-at")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{url}/case/1")


@pytest.mark.browser
async def test_enter_does_not_send_what_an_input_method_composes(
    context: BrowserContext, url: str, app: Litestar
) -> None:
    page = await visit(context, url, "buyer", DESK)
    text = page.locator("#message-form-text")
    await text.fill("nihao")
    await text.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    assert app.state.posts == []
    async with page.expect_navigation():
        await text.press("Enter")
    assert [post["text"] for post in app.state.posts] == [["nihao"]]


@pytest.mark.browser
async def test_uploads_are_checked_before_they_are_sent(
    context: BrowserContext, url: str, app: Litestar
) -> None:
    page = await visit(context, url, "buyer", PHONE)
    chooser = page.locator("#upload-files")
    good = {"name": "门.png", "mimeType": "image/png", "buffer": b"x" * 300_000}
    await chooser.set_input_files([good])
    await chooser.set_input_files([{**good, "name": "b.exe", "mimeType": "application/x-exe"}])
    await expect(page.locator(".gd-toast")).to_contain_text("不支持 b.exe")
    await expect(page.locator("[data-upload-list] li:not(.gd-uploading)")).to_have_count(1)
    await page.get_by_role("button", name="提交凭证").click()
    await expect(page.locator(".gd-toast-done")).to_be_visible()
    (file,) = app.state.posts[0]["files"]
    assert file.filename == "门.png"


@pytest.mark.browser
async def test_pages_work_in_english_and_come_back_from_the_switch(
    context: BrowserContext, url: str
) -> None:
    page = await visit(context, url, "platform", DESK)
    await page.get_by_role("link", name="English").click()
    await expect(page).to_have_url(f"{url}/")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.locator(".gd-turn-title").first).to_have_text("Waiting for: Seller")


def test_error_pages_say_what_happened_in_both_languages(app: Litestar) -> None:
    app.debug = False
    with TestClient(app, raise_server_exceptions=False) as client:
        for path, status, sentence in (
            ("/refused/wrong_role", 403, "无权"),
            ("/refused/not_found", 404, "没有内容"),
            ("/nowhere", 404, "没有内容"),
            ("/refused/version_conflict", 409, "当前状态"),
            ("/refused/invalid", 422, "填写有误"),
            ("/refused/rate_limited", 429, "频繁"),
            ("/crash", 500, "资金和纠纷单都是安全的"),
        ):
            answer = client.get(path)
            assert answer.status_code == status
            assert sentence in answer.text
            assert 'lang="en"' in answer.text
            assert "Traceback" not in answer.text
            assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_strangers_are_sent_to_sign_in_and_back(app: Litestar) -> None:
    with TestClient(app) as client:
        answer = client.get("/refused/unauthenticated?page=2", follow_redirects=False)
    assert answer.headers["location"] == "/sign-in?next=%2Frefused%2Funauthenticated%3Fpage%3D2"


def test_pages_carry_their_headers_and_static_files_are_kept(app: Litestar) -> None:
    with TestClient(app) as client:
        client.cookies.set("who", "buyer")
        shown = client.get("/")
        static = client.get("/static/app.js")
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    assert " style=" not in shown.text
    assert "immutable" in static.headers["cache-control"]


@given(st.text(st.sampled_from("/\\:.@?#ab\t\n\r \u2028"), max_size=12) | st.text(max_size=20))
def test_a_way_back_never_leaves_the_site(address: str) -> None:
    home = "https://shop.example"
    path = safe_path(address)
    assert path.startswith("/")
    assert urlsplit(urljoin(home, path)).netloc == "shop.example"
    assert not path.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    ("fen", "text"), [(268000, "¥2,680.00"), (5, "¥0.05"), (-100, "−¥1.00"), (None, "—")]
)
def test_money_is_shown_in_yuan(fen: int | None, text: str) -> None:
    assert markup.show_yuan(fen) == text


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=1, hours=3, minutes=5), "还剩 1 天 3 小时"),
        (timedelta(hours=3, minutes=5), "还剩 3 小时 5 分"),
        (timedelta(minutes=4, seconds=9), "还剩 4 分 9 秒"),
    ],
)
def test_what_is_left_is_said_in_two_units(left: timedelta, text: str) -> None:
    view = markup.View(locale="zh", now=BEFORE, path="/", csrf_token="", principal=None)
    with markup.seen_by(view):
        assert markup.span_left(left) == text


def test_every_word_of_the_vocabulary_has_a_name() -> None:
    for kind, known in (
        ("stage", words.STAGES),
        ("role", words.ROLES),
        ("evidence", words.EVIDENCE_KINDS),
        ("reason", words.REASONS),
        ("amount", words.AMOUNT_NAMES),
    ):
        assert [word for word in known if word not in TERMS[kind]] == []


def test_every_audience_has_its_navigation(app: Litestar) -> None:
    with TestClient(app) as client:
        for who in NAMES:
            client.cookies.set("who", who)
            assert 'aria-label="主导航"' in client.get("/").text


def test_a_fixed_word_is_said_in_the_language_of_each_reader() -> None:
    words: list[str] = []
    template: Any = None
    for locale in ("zh", "en"):
        view = markup.View(locale=locale, now=utc_now(), path="/", csrf_token="", principal=None)
        with markup.seen_by(view):
            template = template or markup.environment().from_string(
                '{{ "tracking_history" | term("evidence") }}'
            )
            words.append(template.render())
    assert words == ["物流轨迹", "Tracking history"]

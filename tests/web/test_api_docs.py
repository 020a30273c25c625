"""The page to try the API, in Chromium: from our own origin, under the strict content policy."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from playwright.async_api import Page, expect
from tests.web.readable import barriers

_BUILT_SO = {"nested-interactive"}


@pytest.mark.browser
async def test_the_page_shows_every_address_and_breaks_no_policy(
    serve: Callable[..., AbstractContextManager[Any]], database_url: str, page: Page
) -> None:
    # It draws every address there is: a busy machine takes half a minute.
    page.set_default_timeout(90_000)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("request", lambda request: asked.append(request.url))
    with serve(database_url) as served:
        await page.goto(f"{served.url}/api/docs")
        for tag in ("accounts", "actions"):
            await page.locator(f"[data-tag='{tag}']").click()
        approval = page.locator("[data-path='/api/v1/cases/{case_id}/approval']")
        await expect(approval).to_have_count(1, timeout=90_000)
        await page.locator("[data-path='/api/v1/me']").click()
        await page.get_by_role("button", name="Try it out").click()
        await page.get_by_role("button", name="Execute", exact=True).click()
        await expect(page.get_by_text("unauthenticated").first).to_be_visible(timeout=90_000)
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            # A button within a button is how Swagger UI builds its rows.
            found = [each for each in await barriers(page) if each[0] not in _BUILT_SO]
            assert not found, (scheme, found)
    assert not [line for line in said if "Content Security Policy" in line], said
    assert all(url.startswith((served.url, "data:")) for url in asked), asked

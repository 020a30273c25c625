"""What somebody who reads with difficulty meets on a page."""

from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

_SERIOUS = {"serious", "critical"}
#: What still fades in has too little contrast for as long as it does.
_STILL = """Promise.allSettled(
  document.getAnimations()
    .filter(one => one.effect.getComputedTiming().endTime !== Infinity)
    .map(one => one.finished)
)"""
_TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"


async def findings(page: Page) -> list[dict[str, Any]]:
    """All that axe finds, however small, once nothing moves any more."""
    await page.evaluate(f"{_STILL}.then(() => true)")
    return (await Axe().run(page)).response["violations"]


async def barriers(page: Page) -> list[tuple[str, list[str]]]:
    """What axe calls serious, with the elements."""
    return [
        (each["id"], [node["html"][:200] for node in each["nodes"]])
        for each in await findings(page)
        if each["impact"] in _SERIOUS
    ]


async def require_no_barriers(page: Page) -> None:
    """Nothing that axe calls serious."""
    found = await barriers(page)
    assert not found, (page.url, found)


async def require_readable(page: Page) -> None:
    """Nothing that axe calls serious, and nothing wider than the window."""
    assert await page.evaluate(_TOO_WIDE) <= 0, page.url
    await require_no_barriers(page)

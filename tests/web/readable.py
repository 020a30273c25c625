"""What somebody who reads with difficulty meets on a page."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

SERIOUS = {"serious", "critical"}
#: What still fades in has too little contrast for as long as it does.
_STILL = """Promise.allSettled(
  document.getAnimations()
    .filter(one => one.effect.getComputedTiming().endTime !== Infinity)
    .map(one => one.finished)
)"""
_TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"


async def barriers(page: Page) -> list[tuple[str, list[str]]]:
    """What axe calls serious, with the elements, once nothing moves any more."""
    await page.evaluate(f"{_STILL}.then(() => true)")
    found = await Axe().run(page)
    return [
        (each["id"], [node["html"][:200] for node in each["nodes"]])
        for each in found.response["violations"]
        if each["impact"] in SERIOUS
    ]


async def require_readable(page: Page) -> None:
    """Nothing that axe calls serious, and nothing wider than the window."""
    assert await page.evaluate(_TOO_WIDE) <= 0, page.url
    found = await barriers(page)
    assert not found, (page.url, found)

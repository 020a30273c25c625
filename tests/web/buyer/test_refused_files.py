"""Files that are refused while applying: each says why, and none stands in the way."""

from typing import Any

import pytest
from playwright.async_api import BrowserContext, expect

from .conftest import House
from .test_case_page import PHONE, entered

_ON_TOP = """button => {
  const { x, y, width, height } = button.getBoundingClientRect();
  return button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


@pytest.mark.browser
async def test_what_was_refused_does_not_cover_the_way_on(
    house: House, context: BrowserContext
) -> None:
    order = await house.order(title="冰箱")
    page = await entered(context, house, PHONE)
    said = "step=3&received=yes&problem=quality&want=return_refund"
    await page.goto(f"{house.url}/orders/{order.id}/apply?{said}")
    lies: list[Any] = [
        {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": b"<script>"} for n in range(3)
    ]
    await page.locator("#upload-files-photo_of_item").set_input_files(lies)
    await expect(page.locator(".gd-toast-refusal")).to_have_count(3)
    button = page.get_by_role("button", name="提交申请")
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert await button.evaluate(_ON_TOP)

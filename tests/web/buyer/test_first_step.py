"""The first step of applying: what most come with is in view, the rest waits under headings."""

from typing import get_args

import pytest
from playwright.async_api import BrowserContext, expect
from tests.web.readable import require_readable

from gongdao.web.buyer.first_step import question_in
from gongdao.web.buyer.problems import Situation, choices_for, problems_in

from .conftest import PACK, House
from .test_case_page import PHONE, entered


@pytest.mark.parametrize("where", get_args(Situation))
def test_folding_loses_and_doubles_nothing(where: Situation) -> None:
    asked = question_in(where, PACK)
    folded = [problem for fold in asked.folds for problem in fold.problems]
    laid_out = [problem.key for problem in (*asked.usual, *folded, *asked.last)]
    known = [problem.key for problem in problems_in(where) if choices_for(problem, PACK)]
    assert sorted(laid_out) == sorted(known)
    assert asked.usual and len(asked.usual) <= 6
    assert [problem.key for problem in asked.last] == ["other"]
    assert all(fold.problems for fold in asked.folds)


@pytest.mark.browser
async def test_one_decides_on_a_phone_without_a_long_way(
    house: House, context: BrowserContext
) -> None:
    order = await house.order(title="冰箱")
    page = await entered(context, house, PHONE)
    await page.goto(f"{house.url}/orders/{order.id}/apply")
    way = "document.documentElement.scrollHeight / innerHeight"
    assert await page.evaluate(way) < 1.75
    await require_readable(page)
    await expect(page.locator("#received-quality")).to_be_visible()
    await expect(page.locator("#received-prohibited_goods")).to_be_hidden()
    # With the keys alone: a heading opens, and what stands below it is next.
    await page.locator("[data-where=received] summary").last.focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.locator("#received-prohibited_goods").check()
    await require_readable(page)
    await page.locator(".gb-next button").click()
    await page.wait_for_url("**step=2**")
    await page.go_back()
    await expect(page.locator("#received-prohibited_goods")).to_be_visible()
    await expect(page.locator("#received-prohibited_goods")).to_be_checked()

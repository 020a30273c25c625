"""Knowledge that does not fit is refused where it is typed: nothing typed is lost or kept."""

from uuid import UUID, uuid4

import pytest
from playwright.async_api import Page, expect
from tests.flows.knowledge.goods import add_goods
from tests.web.chat.desk_town import DeskTown
from tests.web.desk.window_town import enter

from gongdao.base.clock import utc_now
from gongdao.flows.knowledge.gaps import dismiss_question, note_search


@pytest.fixture
async def goods(town: DeskTown) -> dict[str, UUID]:
    return await add_goods(town)


@pytest.mark.fact("S3-08")
async def test_a_paper_whose_figures_are_wrong_stays_in_its_form(
    town: DeskTown, goods: dict[str, UUID], url: str, page: Page
) -> None:
    await enter(town, url, page, "主管", "/shop/knowledge/papers/new?kind=inspection")
    await page.fill("#paper-title", "抽检报告")
    await page.fill("#paper-supplier", "某厂")
    await page.fill("#paper-batch", "B1")
    await page.fill("#paper-quantity", "100")
    await page.fill("#paper-sampled", "很多")
    await page.fill("#paper-failed", "0")
    await page.check(f"input[name=products][value='{goods['JZ-1']}']")
    await page.click("#paper-form button[type=submit]")
    await expect(page.locator("#toasts")).to_contain_text("“很多”不是整数")
    await page.fill("#paper-sampled", "200")
    await page.click("#paper-form button[type=submit]")
    await expect(page.locator("#toasts .gd-toast")).to_have_count(2)
    await expect(page.locator("#paper-title")).to_have_value("抽检报告")
    assert await town.pool.fetchval("SELECT count(*) FROM knowledge_papers") == 0


@pytest.mark.fact("S0-61")
async def test_a_quiz_without_a_right_choice_stays_in_its_form(
    town: DeskTown, goods: dict[str, UUID], url: str, page: Page
) -> None:
    await enter(town, url, page, "主管", "/shop/knowledge/trainings/new")
    await page.fill("#training-title", "新品培训")
    await page.fill("#training-text", "先读说明。")
    await page.fill("#training-quiz", "适合谁？\n- 孕期\n- 儿童")
    await page.click("#training-form button[type=submit]")
    await expect(page.locator("#toasts .gd-toast")).to_have_count(1)
    await expect(page.locator("#training-text")).to_have_value("先读说明。")
    assert await town.pool.fetchval("SELECT count(*) FROM knowledge_trainings") == 0
    await page.fill("#training-quiz", "适合谁？\n- 孕期\n+ 成年人")
    await page.click("#training-form button[type=submit]")
    await page.wait_for_url("**/shop/knowledge/trainings/*-*")
    await expect(page.locator("#text")).to_contain_text("先读说明")


async def test_an_answer_to_a_question_that_is_closed_is_not_kept(
    town: DeskTown, goods: dict[str, UUID], url: str, page: Page
) -> None:
    lead = town.people["主管"]
    noted = await note_search(town.pool, town.people["小安"], "保修多少年", now=utc_now())
    await enter(town, url, page, "主管", f"/shop/knowledge/articles/new?gap={noted.gap.id}")
    await page.fill("#article-text", "整机一年。")
    # Meanwhile somebody else sets the question aside.
    await dismiss_question(town.pool, lead, noted.gap.id, now=utc_now())
    await page.click("#article-form button[type=submit]")
    await expect(page.locator("#toasts")).to_contain_text("这个问题已经关闭")
    await expect(page.locator("#article-text")).to_have_value("整机一年。")
    for wrong in ("x", str(uuid4())):
        await page.evaluate(f"document.querySelector('[name=gap]').value = '{wrong}'")
        async with page.expect_response("**/shop/knowledge/articles") as answered:
            await page.click("#article-form button[type=submit]")
        assert (await answered.value).status in (404, 422)
    assert await town.pool.fetchval("SELECT count(*) FROM knowledge_articles") == 0

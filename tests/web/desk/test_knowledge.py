"""A lead writes, an agent finds while typing; a gap closed; a quiz passed, and routing minds it."""

from uuid import UUID

import pytest
from playwright.async_api import Page, expect
from tests.flows.knowledge.goods import add_goods
from tests.web.chat.desk_town import DeskTown
from tests.web.desk.window_town import asks, come_online, enter
from tests.web.readable import findings

QUIZ = "矫正款适合谁？\n- 孕期\n+ 体态不佳的成年人\n= 孕期不要穿\n\n怎么洗？\n+ 手洗\n- 机洗"


@pytest.fixture
async def goods(town: DeskTown) -> dict[str, UUID]:
    return await add_goods(town)


@pytest.mark.fact("S0-40")
async def test_a_lead_writes_and_an_agent_answers_with_it(
    town: DeskTown, goods: dict[str, UUID], url: str, page: Page
) -> None:
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "矫正文胸孕妇能穿吗", product_id=goods["JZ-1"])
    await enter(town, url, page, "主管", "/shop/knowledge/articles/new?kind=answer")
    await page.fill("#article-title", "矫正文胸孕期能穿吗？")
    await page.fill("#article-text", "孕期不建议穿矫正款，普通款更舒适。")
    await page.check(f"input[name=products][value='{goods['JZ-1']}']")
    await page.click("#article-form button[type=submit]")
    await expect(page.locator("#article")).to_contain_text("普通款更舒适")
    await expect(page.locator("#versions li")).to_have_count(1)
    await page.context.clear_cookies()
    await enter(town, url, page, "小安", f"/desk?c={talk}")
    await expect(page.locator("#desk-send")).to_be_enabled()
    await page.locator("#desk-text").press_sequentially("？孕")
    entry = page.locator("#desk-answers .desk-entry").first
    await expect(entry).to_contain_text("★ 矫正文胸孕期能穿吗")
    await page.keyboard.press("Enter")
    await expect(page.locator("#desk-text")).to_have_value("孕期不建议穿矫正款，普通款更舒适。")
    said = "SELECT count(*) FROM chat_messages WHERE author = 'shop' AND kind = 'text'"
    assert await town.pool.fetchval(said) == 0, "it is put into the box, never sent"
    await page.keyboard.press("Enter")
    await expect(page.locator(".chat-mine")).to_contain_text("普通款更舒适")
    await page.click("#desk-knowledge button")
    await expect(page.locator("#desk-knowledge")).to_contain_text("孕期不建议穿矫正款")


@pytest.mark.fact("S1-14")
async def test_nobody_knows_until_somebody_finds_out(
    town: DeskTown, goods: dict[str, UUID], url: str, page: Page
) -> None:
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "冰箱门可以左右互换吗")
    await enter(town, url, page, "小安", f"/desk?c={talk}")
    line = page.locator(".chat-theirs").first
    await line.hover()
    await line.get_by_role("button", name="没人知道").click()
    await expect(page.locator("#toasts")).to_contain_text("已记下")
    await page.context.clear_cookies()
    await enter(town, url, page, "主管", "/shop/knowledge/gaps")
    await page.get_by_role("link", name="冰箱门可以左右互换吗").click()
    await page.get_by_role("link", name="写答案").click()
    await page.fill("#article-text", "可以，联系我们预约师傅上门换门向，免费。")
    await page.click("#article-form button[type=submit]")
    await expect(page.locator("#answer")).to_contain_text("预约师傅上门")
    await page.get_by_role("button", name="在会话里回复答案").click()
    await expect(page.locator("#askings")).to_contain_text("已告知买家")
    told = "SELECT body ->> 'text' FROM chat_messages WHERE author = 'shop' AND kind = 'text'"
    assert "预约师傅" in await town.pool.fetchval(told)


@pytest.mark.fact("S0-61")
async def test_a_quiz_is_passed_and_the_next_talk_is_routed(
    town: DeskTown, goods: dict[str, UUID], url: str, page: Page
) -> None:
    await come_online(town, "小安", "小宝")
    await enter(town, url, page, "主管", "/shop/knowledge/trainings/new")
    await page.fill("#training-title", "矫正文胸上新培训")
    await page.fill("#training-text", "孕期不要穿；只能手洗。")
    await page.fill("#training-quiz", QUIZ)
    await page.check(f"input[name=products][value='{goods['JZ-1']}']")
    await page.click("#training-form button[type=submit]")
    await expect(page.locator("#quiz")).to_contain_text("矫正款适合谁")
    await page.context.clear_cookies()
    await enter(town, url, page, "小宝", "/shop/knowledge/trainings")
    await page.get_by_role("link", name="去学习").click()
    assert "孕期不要穿\n" not in await page.content() and "know-right" not in await page.content()
    await _answer(page, "孕期", "手洗")
    await expect(page.locator("#result")).to_contain_text("50 分")
    assert "know-right" not in await page.content(), "what is right is not told before passing"
    await _answer(page, "体态不佳的成年人", "手洗")
    await expect(page.locator("#result")).to_contain_text("已通过")
    await expect(page.locator(".know-right")).to_have_count(2)
    for n in range(3):
        talk = await asks(town, f"乙{n}", "孕期能穿吗", product_id=goods["JZ-1"])
        agent = "SELECT agent_id FROM chat_conversations WHERE id = $1"
        assert await town.pool.fetchval(agent, talk) == town.people["小宝"].person_id


async def _answer(page: Page, *choices: str) -> None:
    for choice in choices:
        await page.get_by_label(choice, exact=True).check()
    await page.get_by_role("button", name="交卷").click()


async def test_the_pages_are_usable_by_all(
    town: DeskTown, goods: dict[str, UUID], url: str, page: Page
) -> None:
    await enter(town, url, page, "主管", "/shop/knowledge")
    for path in (
        "/shop/knowledge", "/shop/knowledge/articles/new?kind=sizes", "/shop/knowledge/gaps",
        "/shop/knowledge/trainings", "/shop/knowledge/trainings/new", "/shop/knowledge/papers",
        "/shop/knowledge/papers/new?kind=inspection",
    ):  # fmt: skip
        for width in (390, 1440):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.goto(f"{url}{path}")
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (path, width, wide)
        found = await findings(page)
        assert not found, (path, found)

"""Promises and judged conversations on their pages: a lead judges, an agent sees and objects."""

from uuid import UUID

import httpx
from playwright.async_api import Browser, expect
from tests.web.chat.desk_town import DeskTown
from tests.web.chat.test_buyer_page import shoot
from tests.web.desk.window_town import asks, enter, order_of, says
from tests.web.readable import require_no_barriers

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.chat.store import close_conversation


async def judged_talk(town: DeskTown) -> UUID:
    """A conversation that is over: answered late, with a promise and an order."""
    order = await order_of(town, "李梅")
    talk = await asks(town, "李梅", "冰箱门有一道划痕", ago=20, order_id=order.id)
    await says(town, "小安", talk, "非常抱歉，给您补偿50元，2小时内给您回复处理结果", ago=10)
    await close_conversation(town.pool, talk, by="agent", now=utc_now())
    await town.pool.execute(
        "UPDATE chat_conversations SET grade = 1, graded_at = $1 WHERE id = $2", utc_now(), talk
    )
    return talk


async def test_a_lead_judges_and_the_agent_objects(
    town: DeskTown, url: str, browser: Browser
) -> None:
    talk = await judged_talk(town)
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    lead = await context.new_page()
    await enter(town, url, lead, "主管", "/desk/promises?view=open")
    await expect(lead.locator("tbody tr")).to_have_count(2)
    await expect(lead.locator("tbody")).to_contain_text("¥50.00")
    await require_no_barriers(lead)
    await shoot(lead, "desk-promises")
    await lead.goto(f"{url}/desk/quality")
    await expect(lead.locator("#found tbody tr")).to_contain_text("满意度 2 分及以下")
    await require_no_barriers(lead)
    await shoot(lead, "desk-quality")
    await lead.locator("#found tbody a").click()
    for code in ("greeting", "understanding", "correctness", "manners", "solution", "closing"):
        await lead.fill(f"[name=points-{code}]", "5" if code == "closing" else "10")
    await lead.fill("[name=remark-closing]", "没有结束语")
    await lead.fill("[name=seq-closing]", "2")
    await require_no_barriers(lead)
    await shoot(lead, "desk-check")
    await lead.locator("#judge button[type=submit]").click()
    await expect(lead.locator("h2", has_text="得分：96 / 100")).to_be_visible()
    await context.close()

    phone = await browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    agent = await phone.new_page()
    await enter(town, url, agent, "小安", "/desk/quality")
    await agent.locator("section[aria-labelledby=own] tbody a").click()
    await expect(agent.locator(".dq-marks")).to_contain_text("没有结束语")
    await expect(agent.locator("#judge")).to_have_count(0)
    await agent.fill("#objection-text", "已发送自动结束语")
    await require_no_barriers(agent)
    await shoot(agent, "desk-check-agent")
    await agent.locator("#object button[type=submit]").click()
    await expect(agent.locator("section[aria-labelledby=objection]")).to_contain_text("自动结束语")
    await phone.close()
    assert await town.pool.fetchval("SELECT count(*) FROM chat_checks") == 1
    assert talk == await town.pool.fetchval("SELECT conversation_id FROM chat_objections")


async def test_the_same_through_the_api(town: DeskTown, url: str) -> None:
    talk = await judged_talk(town)

    def client(name: str) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {town.tokens[name]}"}
        return httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers)

    async with client("主管") as lead, client("小安") as agent, client("李梅") as buyer:
        promises = (await agent.get("/desk/promises?view=open")).raise_for_status().json()
        assert {each["what"] for each in promises} == {"compensation", "answer"}
        found = (await lead.get("/desk/quality")).raise_for_status().json()
        assert found[0]["id"] == str(talk) and "low_grade" in found[0]["reasons"]
        body = (await lead.get("/desk/quality/form")).raise_for_status().json()
        marks = [{"item": item["code"], "points": item["points"]} for item in body["form"]["items"]]
        check = {"id": str(new_id()), "judgement": {"marks": marks, "fatal": ["insult"]}}
        for _ in range(2):
            answer = await lead.post(f"/conversations/{talk}/checks", json=check)
            assert (answer.status_code, answer.json()["score"]) == (201, 0)
        form = body["form"] | {"items": [{"code": "tone", "title": "语气", "points": 5}]}
        change = {"seen": body["version"], "form": form, "reason": "简化"}
        assert (await lead.put("/desk/quality/form", json=change)).status_code == 200
        said = {"text": "没有辱骂"}
        answer = await agent.post(f"/conversations/{talk}/checks/objection", json=said)
        assert answer.status_code == 201
        seen = (await agent.get(f"/conversations/{talk}/checks")).raise_for_status().json()
        assert seen["objection"]["text"] == "没有辱骂"
        marks = (await agent.get("/desk/quality/figures")).raise_for_status().json()
        assert [each["mean"] for each in marks] == [0]
        checks = f"/conversations/{talk}/checks"
        for path in ("/desk/promises", "/desk/quality", "/desk/quality/figures", checks):
            assert (await buyer.get(path)).status_code == 403, path
        assert (await agent.get("/desk/quality")).status_code == 403

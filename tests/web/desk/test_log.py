"""A lead reads why a conversation went to somebody, who was there when, and who changed what."""

from datetime import timedelta

from playwright.async_api import expect
from tests.web.chat.desk_town import DeskTown
from tests.web.desk.test_settings import signed_in
from tests.web.desk.window_town import Window, asks, choose, come_online

from gongdao.base.clock import utc_now
from gongdao.flows.talk.presence import set_own_state


async def test_a_pick_is_explained_to_a_lead(town: DeskTown, url: str) -> None:
    await come_online(town, "小安", "小宝")
    await set_own_state(town.pool, town.people["小宝"], "suspended", now=utc_now())
    anna, bob = (town.people[name].person_id for name in ("小安", "小宝"))
    async with signed_in(town, url, "主管") as lead:
        await lead.post(
            "/desk/settings/groups", name="售后", topic="aftersale", published="yes",
            speaks_zh="yes", member=[str(anna), str(bob)], **{f"weight-{anna}": "200"},
        )  # fmt: skip
        talk = await asks(town, "李梅", "坏了", topic="aftersale")
        told = (await lead.client.get(f"/desk/talks/{talk}/routing")).text
        assert "按权重轮到这位客服" in told and "→ 小安" in told and "售后" in told
        assert ">200<" in told and ">120<" in told and "当时挂起" in told
        await set_own_state(town.pool, town.people["小安"], "offline", now=utc_now())
        told = (await lead.client.get(f"/desk/talks/{talk}/routing")).text
        assert "原客服已离开，重新分配" in told
    async with signed_in(town, url, "小宝") as agent:
        assert (await agent.client.get(f"/desk/talks/{talk}/routing")).status_code == 403


async def test_who_was_there_and_what_was_changed_is_told(town: DeskTown, url: str) -> None:
    now = utc_now()
    anna = town.people["小安"]
    await set_own_state(town.pool, anna, "online", now=now - timedelta(minutes=9))
    await set_own_state(town.pool, anna, "suspended", now=now - timedelta(minutes=4))
    async with signed_in(town, url, "主管") as lead:
        member = {"member": [str(anna.person_id)], f"weight-{anna.person_id}": "180"}
        await lead.post(
            "/desk/settings/groups", name="售前", topic="presale", speaks_zh="yes", **member
        )
        told = (await lead.client.get(f"/desk/log?agent={anna.person_id}")).text
        states = told.split('id="desk-states"')[1].split('id="desk-changes"')[0]
        assert states.index("挂起</span>") < states.index("在线</span>"), "newest first"
        assert states.count("本人操作") == 2
        changes = told.split('id="desk-changes"')[1]
        assert "组内成员和权重" in changes and "售前" in changes and "主管" in changes
        assert 'class="gd-num">180<' in changes
    async with signed_in(town, url, "小安") as agent:
        assert (await agent.client.get("/desk/log")).status_code == 403


async def test_the_explanation_opens_beside_the_chat(town: DeskTown, window: Window) -> None:
    await come_online(town, "主管")
    talk = await asks(town, "李梅", "在吗")
    page = await window("主管")
    await choose(page, talk)
    await page.locator("#desk-routing button").click()
    await expect(page.locator("#desk-sheet")).to_contain_text("主管")
    await expect(page.locator("#desk-sheet .desk-routings li")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.locator("#desk-sheet")).to_be_hidden()

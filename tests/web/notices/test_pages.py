"""The bell, the list and the API of notices, over HTTP and in Chromium."""

import re
from typing import Any

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect
from tests.web.readable import require_readable
from tests.web.shop.conftest import PASSWORD, Desk, signed_in

from gongdao.base.bus import CHANNEL
from gongdao.base.clock import utc_now
from gongdao.base.live import gather_changes
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case
from gongdao.jobs.follow import follow
from gongdao.jobs.followers import FOLLOWERS

PAGE = {"accept": "text/html"}
#: What happened before somebody joined counts as read; these cases are filed a little after that.
SINCE = -0.01


async def tell(desk: Desk) -> None:
    (follower,) = FOLLOWERS
    left = (
        "SELECT EXISTS (SELECT FROM case_events e LEFT JOIN followers f ON f.name = $1"
        " WHERE f.name IS NULL OR (e.xid, e.position) > (f.xid, f.position))"
    )
    with gather_changes() as names:
        while await desk.pool.fetchval(left, follower.name):
            await follow(desk.pool, follower, utc_now())
    # As the worker tells them, which is another process than the one that serves.
    await desk.pool.execute("SELECT pg_notify($1, $2)", CHANNEL, " ".join(["@worker", *names]))


def bell(text: str) -> str:
    found = re.search(r'class="gd-bell-count" aria-hidden="true">([^<]*)<', text)
    return found[1] if found else ""


async def test_the_bell_counts_on_full_pages_and_a_notice_leads_to_its_case(desk: Desk) -> None:
    case = await desk.filed(hours=SINCE)
    await tell(desk)
    async with signed_in(desk, "owner") as owner, signed_in(desk, "buyer") as buyer:
        for path in ("/shop/inbox", "/notices"):
            assert bell((await owner.client.get(path, headers=PAGE)).text) == "1"
        part = await owner.client.get("/notices", headers=PAGE | {"HX-Request": "true"})
        assert bell(part.text) == ""
        listed = await owner.get("/notices")
        assert "林小雨" in listed and "发起申请：退货退款" in listed and "待您处理" in listed
        (notice,) = re.findall(r'href="(/notices/\d+)"', listed)
        answer = await owner.client.get(notice)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/shop/cases/{case.id}")
        assert bell((await owner.client.get("/notices", headers=PAGE)).text) == ""
        # The other side has nothing, and cannot follow it.
        assert "暂无通知" in await buyer.get("/notices")
        await buyer.get(notice, status=404)
        await buyer.get(f"/notices/{2**70}", status=404)


async def test_opening_a_case_reads_what_was_told_of_it(desk: Desk) -> None:
    case, other = await desk.filed(hours=SINCE), await desk.filed(hours=SINCE)
    await tell(desk)
    async with signed_in(desk, "owner") as owner, signed_in(desk, "agent") as agent:
        assert bell((await owner.client.get("/shop/inbox", headers=PAGE)).text) == "2"
        opened = await owner.client.get(f"/shop/cases/{case.id}", headers=PAGE)
        assert bell(opened.text) == "1"
        await owner.get(f"/shop/cases/{other.id}")
        assert bell((await owner.client.get("/shop/inbox", headers=PAGE)).text) == ""
        # Each reads for themselves.
        assert bell((await agent.client.get("/shop/inbox", headers=PAGE)).text) == "2"


async def test_all_are_marked_as_read_up_to_what_was_seen(desk: Desk) -> None:
    await desk.filed(hours=SINCE)
    await tell(desk)
    async with signed_in(desk, "agent") as agent:
        through = re.search(r'name="through" value="(\d+)"', await agent.get("/notices"))
        assert through
        await desk.filed(hours=SINCE)
        await tell(desk)
        sent = await agent.post("/notices/read", page="/notices", through=through[1])
        assert sent.status_code == 303
        assert bell((await agent.client.get("/notices", headers=PAGE)).text) == "1"
        for wrong in ("", "x", "-1", "²", str(2**63)):
            refused = await agent.post("/notices/read", page="/notices", through=wrong)
            assert refused.status_code == 422, wrong


async def test_the_api_gives_each_side_its_own(desk: Desk) -> None:
    case = await desk.filed(hours=SINCE)
    await tell(desk)

    async def ask(client: httpx.AsyncClient, path: str = "", **more: Any) -> Any:
        answer = await client.get(f"/api/v1/notices{path}", **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async with signed_in(desk, "owner") as owner, signed_in(desk, "rival") as rival:
        told = await ask(owner.client, headers={"accept-language": "en"})
        assert (told["unread"], told["after"]) == (1, None)
        (notice,) = told["notices"]
        assert notice["case_id"] == str(case.id)
        assert (notice["type"], notice["by"], notice["unread"]) == ("case_opened", "buyer", True)
        assert notice["sentence"].startswith("Filed: ")
        nothing = {"notices": [], "after": None, "unread": 0, "register": []}
        assert await ask(rival.client) == nothing
        assert await ask(owner.client, f"?after={notice['id']}") | {"unread": 0} == nothing
        body = {"through": notice["id"]}
        for visitor, left in ((rival, 0), (owner, 0)):
            token = re.search(
                r'name="csrf_token" value="([^"]+)"', await visitor.get("/shop/inbox")
            )
            assert token
            headers = {"x-csrf-token": token[1]}
            answer = await visitor.client.post("/api/v1/notices/read", json=body, headers=headers)
            assert answer.json() == {"unread": left}
            for wrong in ({}, {"through": 0}, {"through": 2**63}, {"through": 1, "x": 1}):
                answer = await visitor.client.post(
                    "/api/v1/notices/read", json=wrong, headers=headers
                )
                assert answer.status_code == 422, wrong
        assert not (await ask(owner.client))["notices"][0]["unread"]


@pytest.mark.browser
async def test_news_come_to_an_open_page(desk: Desk, context: BrowserContext, page: Page) -> None:
    case = await desk.filed(hours=SINCE)
    await tell(desk)
    await page.goto(f"{desk.url}/sign-in")
    await page.fill("[name=name]", "owner")
    await page.fill("[name=password]", PASSWORD)
    await page.click("main button[type=submit]")
    await page.wait_for_url("**/shop/today")
    async with page.expect_response(lambda answer: "/live/notices" in answer.url):
        await page.click("#bell")
    await expect(page.locator("#notices > li")).to_have_count(1)
    note = c.NoteArgs(note="师傅说门体凹陷，请尽快处理。")
    await act_on_case(desk.pool, desk.people["buyer"], case.id, "note", note, now=utc_now())
    await tell(desk)
    await expect(page.locator("#notices > li")).to_have_count(2)
    await expect(page.locator("#notices > li").first).to_contain_text("师傅说门体凹陷")
    for size in ((390, 844), (1440, 900)):
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await require_readable(page)
    await page.click("text=全部标为已读")
    await expect(page.locator(".gd-bell-count")).to_have_count(0)
    await expect(page.locator(".gn-unread")).to_have_count(0)

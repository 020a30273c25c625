"""The complaint register through its pages: forms, lists, the customer's link, tenants."""

import asyncio
import csv
import io
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.api.conftest import picture

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.flows.keep_register import act_on_entry, open_entry
from gongdao.flows.register_contact import SHOWN_FOR, is_shown_to
from gongdao.flows.register_list import count_conduct, count_months
from gongdao.flows.register_notices import list_told, tell_of_late
from gongdao.flows.verify_register import verify_register
from gongdao.register import commands as c
from gongdao.register.entry import Entry
from gongdao.register.store import load_entry, load_events
from gongdao.web.spreadsheet import harmless

from .conftest import Desk, Visitor, signed_in

FORM = {
    "name": "何建平", "phone": "138 5550 1101", "reason": "quality", "channel": "phone",
    "story": "冰箱门关不严，冷冻室结霜", "wanted": "尽快修好", "signature": "小何",
}  # fmt: skip


async def register(desk: Desk, by: str = "agent", **changes: Any) -> Entry:
    fields = {"name": "何建平", "phone": "1", "reason": "quality", "story": "门不严"}
    args = c.EntryArgs(**{**fields, "signature": "x", **changes})
    return (await open_entry(desk.pool, desk.people[by], args, now=utc_now())).entry


async def act(desk: Desk, entry: Entry, by: str, action: str, args: Any = None, **more: Any):
    who = desk.people[by]
    args = args or c.NothingArgs()
    return await act_on_entry(desk.pool, who, entry.id, action, args, now=utc_now(), **more)


async def offered(desk: Desk, money: str = "30") -> Entry:
    entry = await register(desk)
    await act(desk, entry, "agent", "contact", c.ContactArgs(said="已了解", product="双门冰箱"))
    found = c.AnalyseArgs(facts="封条翘起", severity="low", fault="main")
    await act(desk, entry, "agent", "analyse", found)
    await act(desk, entry, "agent", "propose", c.ProposeArgs(words="换封条", money=money))
    return await state(desk, entry.id)


async def state(desk: Desk, entry_id: UUID) -> Entry:
    stored = await load_entry(desk.pool, entry_id)
    assert stored
    return stored.entry


async def test_written_down_once_and_found_by_what_people_remember(desk: Desk):
    async with signed_in(desk, "agent") as agent:
        key = str(new_id())
        for _ in range(2):
            answer = await agent.post(
                "/shop/register", page="/shop/register/new", **FORM | {"idempotency_key": key}
            )
            assert answer.status_code == 303
        assert await desk.pool.fetchval("SELECT count(*) FROM register_entries") == 1
        page = await agent.get(answer.headers["location"])
        assert "下一步：联系客户" in page
        for said in ("结霜", "1101", "13855501101", "何建平", "200001"):
            assert "何建平" in await agent.get(f"/shop/register?q={said}"), said
        assert "没有符合条件的投诉" in await agent.get("/shop/register?q=洗衣机")


async def test_a_form_that_is_not_whole_changes_nothing(desk: Desk):
    async with signed_in(desk, "agent") as agent:
        for wrong in ({"phone": ""}, {"story": " "}, {"reason": "x"}, {"order_number": "E1"}):
            answer = await agent.post("/shop/register", page="/shop/register/new", **FORM | wrong)
            assert answer.status_code == 422, wrong
    assert await desk.pool.fetchval("SELECT count(*) FROM register_entries") == 0


@pytest.mark.fact("S3-31")
async def test_above_the_limit_a_lead_decides_and_is_told(desk: Desk):
    entry = await offered(desk, "200")
    assert entry.stage == "approval"
    told = await list_told(desk.pool, desk.people["lead"])
    assert [line.entry_id for line in told] == [entry.id]
    async with signed_in(desk, "agent") as agent:
        assert "可审批的同事" in await agent.get(f"/shop/register/{entry.id}")
        refused = await agent.post(
            f"/shop/register/{entry.id}/approve", page=f"/shop/register/{entry.id}"
        )
        assert refused.status_code == 403
    async with signed_in(desk, "lead") as lead:
        assert "提出处理方案" in await lead.get("/notices")
        url = f"/shop/register/{entry.id}"
        assert (await lead.post(f"{url}/approve", page=url)).status_code == 303
        assert "提出处理方案，预计费用" not in await lead.get("/notices")
    assert (await state(desk, entry.id)).stage == "agreement"


async def test_two_who_act_at_once_do_not_both(desk: Desk):
    entry = await offered(desk, "200")
    tries = [act(desk, entry, "lead", "approve") for _ in range(4)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 1


class TestLink:
    async def made(self, desk: Desk) -> tuple[Entry, str]:
        entry = await offered(desk)
        kept = await act(desk, entry, "agent", "make_link", c.LinkArgs())
        return kept.entry, kept.secret

    async def test_shown_once_and_kept_as_a_hash(self, desk: Desk):
        entry = await offered(desk)
        async with signed_in(desk, "agent") as agent:
            url = f"/shop/register/{entry.id}"
            answer = await agent.post(f"{url}/make_link", page=url, locale="zh")
        link = re.search(r"/agreements/(gda_[\w-]+)", answer.text)
        assert link
        row = await desk.pool.fetchrow("SELECT state::text, words FROM register_entries")
        log = await desk.pool.fetch("SELECT body::text FROM register_events")
        assert link[1] not in row["state"] + "".join(each["body"] for each in log)

    async def test_a_stranger_signs_once(self, desk: Desk):
        entry, secret = await self.made(desk)
        async with httpx.AsyncClient(base_url=desk.url, headers={"origin": desk.url}) as visitor:
            page = (await visitor.get(f"/agreements/{secret}")).text
            assert "换封条" in page
            assert "¥30.00" in page
            sha256 = re.search(r'name="sha256" value="(\w+)"', page)
            assert sha256
            fields = {"name": "何建平", "consent": "true", "sha256": sha256[1], "locale": "zh"}
            for missing in ("consent", "name"):
                less = {name: value for name, value in fields.items() if name != missing}
                answer = await visitor.post(f"/agreements/{secret}/signature", data=less)
                assert answer.status_code == 422
            done = await visitor.post(f"/agreements/{secret}/signature", data=fields)
            assert done.status_code == 200
            assert "感谢您" in done.text
            again = await visitor.post(f"/agreements/{secret}/signature", data=fields)
            assert (again.status_code, again.headers["location"]) == (303, f"/agreements/{secret}")
            used = await visitor.get(f"/agreements/{secret}")
            assert used.status_code == 200
            assert "已签署" in used.text
            assert "换封条" not in used.text, "who finds a used link learns nothing of the matter"
        signed = await state(desk, entry.id)
        assert signed.stage == "dispatch"
        assert signed.agreement
        assert signed.agreement.signature.sha256 == sha256[1]
        told = await list_told(desk.pool, desk.people["agent"])
        assert told[0].customer == "何建平"
        async with signed_in(desk, "agent") as agent:
            page = (await agent.client.get("/api/v1/notices")).json()
            assert page["unread"] == 1
            assert [each["entry_id"] for each in page["register"]] == [str(entry.id)]
            token = await csrf_token(agent)
            read = await agent.client.post(
                "/api/v1/notices/register/read", headers={"x-csrf-token": token}
            )
            assert read.json() == {"unread": 0}
            assert (await agent.client.get("/api/v1/notices")).json()["register"] == []

    async def test_a_stranger_says_no(self, desk: Desk):
        entry, secret = await self.made(desk)
        async with httpx.AsyncClient(base_url=desk.url, headers={"origin": desk.url}) as visitor:
            done = await visitor.post(f"/agreements/{secret}/refusal", data={"why": "太少"})
            assert done.status_code == 200
            assert "您已答复" in (await visitor.get(f"/agreements/{secret}")).text
        assert (await state(desk, entry.id)).stage == "analysis"

    async def test_a_link_that_was_replaced_is_no_link(self, desk: Desk):
        entry, old = await self.made(desk)
        kept = await act(desk, entry, "agent", "make_link", c.LinkArgs())
        async with httpx.AsyncClient(base_url=desk.url, headers={"origin": desk.url}) as visitor:
            await visitor.post(f"/agreements/{kept.secret}/refusal", data={"why": "太少"})
            assert (await visitor.get(f"/agreements/{old}")).status_code == 404
            assert (await visitor.get(f"/agreements/{kept.secret}")).status_code == 200

    async def test_over_and_wrong(self, desk: Desk):
        entry = await offered(desk)
        who, past = desk.people["agent"], utc_now() - timedelta(days=8)
        assert past < entry.changed_at
        kept = await act_on_entry(desk.pool, who, entry.id, "make_link", c.LinkArgs(), now=past)
        async with httpx.AsyncClient(base_url=desk.url) as visitor:
            assert (await visitor.get(f"/agreements/{kept.secret}")).status_code == 409
            assert (await visitor.get(f"/agreements/gda_{'x' * 43}")).status_code == 404
            tries = [await visitor.get(f"/agreements/gda_{n:043d}") for n in range(70)]
            assert 429 in {answer.status_code for answer in tries}


async def test_a_file_of_the_register_carries_no_whole_number_and_no_address(desk: Desk):
    entry = await register(desk, phone="13855501101", email="limei@example.com")
    customer = entry.intake.customer
    async with signed_in(desk, "owner") as owner:
        content = await owner.get("/shop/register/export.csv?view=all")
        assert customer.name in content and customer.phone not in content
        assert customer.email not in content


async def test_where_a_customer_is_reached_is_shown_to_who_looks_and_the_look_is_kept(desk: Desk):
    args = {"phone": "13855501101", "email": "limei@example.com", "address": "杭州市文一西路969号"}
    entry = await register(desk, signature="", **args)
    url, api = f"/shop/register/{entry.id}", f"/api/v1/register/{entry.id}"
    async with signed_in(desk, "owner") as owner, signed_in(desk, "agent") as agent:
        for path in (url, api):
            said = await owner.get(path)
            assert "138****1101" in said and not any(each in said for each in args.values())
        # The form to correct has all of it: first the look.
        assert (await owner.client.get(f"{url}/amend")).headers["location"] == url
        looked = await owner.post(f"{url}/show_contact", page=url, then="amend")
        assert looked.headers["location"] == f"{url}/amend"
        for path in (url, api, f"{url}/amend"):
            said = await owner.get(path)
            assert all(each in said for each in args.values()), path
        said = await agent.get(url)
        assert "查看了客户的电话、邮箱和地址。" in said and args["phone"] not in said
    looks = [e for e in await load_events(desk.pool, entry.id) if e.type == "contact_shown"]
    assert [each.person_id for each in looks] == [desk.people["owner"].person_id]
    later = looks[0].at + SHOWN_FOR
    assert not is_shown_to(looks, desk.people["owner"].person_id, now=later)
    await act(desk, entry, "agent", "sign", c.EntrySignArgs(signature="小何"))


async def test_another_shop_sees_nothing(desk: Desk):
    entry = await offered(desk)
    async with signed_in(desk, "rival") as rival:
        url = f"/shop/register/{entry.id}"
        for path in (url, f"{url}/paper", f"{url}/amend"):
            await rival.get(path, status=404)
        assert "何建平" not in await rival.get("/shop/register?view=all")
        assert "何建平" not in await rival.get("/shop/register/export.csv?view=all")
        answer = await rival.post(f"{url}/note", page="/shop/register/new", text="x")
        assert answer.status_code == 404
    async with signed_in(desk, "buyer") as buyer:
        await buyer.get("/shop/register", status=403)


async def test_the_photo_of_the_paper_is_seen_by_the_shop_only(desk: Desk):
    entry = await offered(desk)
    url = f"/shop/register/{entry.id}"
    async with signed_in(desk, "agent") as agent:
        bare = await agent.post(f"{url}/note_signature", page=url, name="何建平")
        assert bare.status_code == 422
        files = {"note_signature-files": ("纸.jpg", picture(), "image/jpeg")}
        sent = await agent.post(f"{url}/note_signature", page=url, files=files, name="何建平")
        assert sent.status_code == 303, sent.text
    signed = await state(desk, entry.id)
    assert signed.agreement
    file = f"/files/{signed.agreement.file_id}"
    async with signed_in(desk, "lead") as lead:
        assert (await lead.client.get(file)).status_code == 200
    async with signed_in(desk, "rival") as rival:
        assert (await rival.client.get(file)).status_code == 404


async def test_a_spreadsheet_finds_no_formula(desk: Desk):
    await register(desk, name="=HYPERLINK(1)", story="+1", wanted=" @x")
    async with signed_in(desk, "owner") as owner:
        text = await owner.get("/shop/register/export.csv")
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert rows[0][0] == "编号"
    cells = rows[1]
    assert "'=HYPERLINK(1)" in cells
    assert "'+1" in cells
    for bad in ("=1", "+1", "-1", "@a", "\t=1", " =1", "＝1", "\r\n=1"):
        assert harmless(bad).startswith("'"), bad
    assert harmless("10-20") == "10-20"


async def test_the_owner_sets_limits_and_says_why(desk: Desk, owner: Visitor):
    fields = {"agent_limit": "0", "lead_limit": "1,000", "day_ends": "20", "link_days": "3",
              "seen": "0"}  # fmt: skip
    url = "/shop/register/rules"
    assert (await owner.post(url, page=url, **fields)).status_code == 422
    assert (await owner.post(url, page=url, reason="双十一", **fields)).status_code == 303
    assert "双十一" in await owner.get(url)
    assert (await owner.post(url, page=url, reason="again", **fields)).status_code == 409
    entry = await offered(desk, "1")
    assert entry.stage == "approval"
    async with signed_in(desk, "lead") as lead:
        await lead.get(url, status=403)


async def test_what_is_late_is_told_once(desk: Desk):
    entry = await offered(desk)
    kept = await act(desk, entry, "agent", "make_link", c.LinkArgs())
    await sign(desk, kept.secret)
    await act(desk, entry, "agent", "instruct_as_agreed")
    waiting = await register(desk, name="没人理")
    later = utc_now() + timedelta(days=5)
    for _ in range(2):
        await tell_of_late(desk.pool, later)
    told = await list_told(desk.pool, desk.people["lead"])
    assert {(line.entry_id, line.about) for line in told if line.about != "event"} == {
        (entry.id, "overdue"), (waiting.id, "unanswered"),
    }  # fmt: skip
    assert len([line for line in told if line.about == "overdue"]) == 1


async def sign(desk: Desk, secret: str) -> None:
    async with httpx.AsyncClient(base_url=desk.url, headers={"origin": desk.url}) as visitor:
        page = (await visitor.get(f"/agreements/{secret}")).text
        sha256 = re.search(r'name="sha256" value="(\w+)"', page)
        assert sha256
        fields = {"name": "何建平", "consent": "true", "sha256": sha256[1], "locale": "zh"}
        await visitor.post(f"/agreements/{secret}/signature", data=fields)


async def test_verify_finds_what_was_altered(desk: Desk):
    entry = await offered(desk)
    kept = await act(desk, entry, "agent", "make_link", c.LinkArgs())
    await sign(desk, kept.secret)
    async with desk.pool.acquire() as connection:
        assert [fault async for fault in verify_register(connection)] == []
        await connection.execute("ALTER TABLE register_events DISABLE TRIGGER USER")
        await connection.execute(
            "UPDATE register_events SET body = jsonb_set(body, '{text}', '\"别的\"'::jsonb)"
            " WHERE type = 'customer_agreed'"
        )
        found = [fault async for fault in verify_register(connection)]
    assert [fault.what for fault in found] == ["chain"]


@pytest.mark.fact("S0-62")
async def test_the_numbers_count_conduct_only_when_asked(desk: Desk, owner: Visitor):
    about = desk.people["agent"].person_id
    await register(desk, by="lead", reason="staff_conduct", about=about)
    assert "服务态度投诉（按自然月）" not in await owner.get("/shop/register/numbers")
    fields = {"agent_limit": "50", "lead_limit": "500", "day_ends": "22", "link_days": "7",
              "seen": "0", "count_conduct": "true", "reason": "试行统计"}  # fmt: skip
    await owner.post("/shop/register/rules", page="/shop/register/rules", **fields)
    page = await owner.get("/shop/register/numbers")
    assert "服务态度投诉（按自然月）" in page
    assert "小何" in page


async def test_figures_are_drawn_from_what_the_entries_say(desk: Desk):
    shop_id = desk.people["lead"].shop_id
    about = desk.people["agent"].person_id
    assert shop_id
    entry = await offered(desk)
    await act(desk, entry, "agent", "make_link", c.LinkArgs())
    await register(desk)
    rude = await register(desk, by="lead", reason="staff_conduct", about=about)
    untrue = await register(desk, by="lead", reason="staff_conduct", about=about)
    await act(desk, untrue, "lead", "contact", c.ContactArgs(said="已了解"))
    found = c.AnalyseArgs(facts="并无此事", severity="low", fault="none", unfounded=True)
    await act(desk, untrue, "lead", "analyse", found)
    now = utc_now()
    months = await count_months(desk.pool, shop_id, now=now)
    said = {one.reason: (one.entries, one.clocked, one.in_time) for one in months}
    assert said == {"quality": (2, 1, 1), "staff_conduct": (2, 0, 0)}
    assert [one.entries for one in await count_conduct(desk.pool, shop_id, now=now)] == [1]
    # Nobody was answered in time but the first, once the time of the others has run out.
    assert rude.answer_due_at
    later = rude.answer_due_at + timedelta(seconds=1)
    months = await count_months(desk.pool, shop_id, now=later)
    said = {one.reason: (one.entries, one.clocked, one.in_time) for one in months}
    assert said == {"quality": (2, 2, 1), "staff_conduct": (2, 2, 0)}


async def test_pages_go_on_where_the_last_one_ended(desk: Desk, owner: Visitor):
    for n in range(43):
        await register(desk, name=f"客户{n:02d}")
    first = await owner.get("/shop/register")
    following = re.search(r'href="(/shop/register\?after=[^"]+)" rel="next"', first)
    assert following
    second = await owner.get(following[1].replace("&amp;", "&"))
    assert second.count("data-row") == 3
    assert "客户00" in second
    await owner.get("/shop/register?after=nonsense", status=422)
    await owner.get("/shop/register?month=2026-13", status=422)


async def csrf_token(visitor: Visitor) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', await visitor.get("/account"))
    assert found
    return found[1]

"""The desk as a lead sets it up in the page, and the questions that agents ask them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import msgspec
import pytest
from tests.people import PASSWORD
from tests.web.chat.desk_town import DeskTown
from tests.web.desk.window_town import asks, come_online

from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.chat.routing.desk import DeskRules
from gongdao.chat.routing.desk_store import load_desk
from gongdao.chat.routing.hours import Hours
from gongdao.flows.talk.desk_rules import own_bargain_rules, own_words
from gongdao.flows.talk.goods import find_goods
from gongdao.flows.talk.quality import form_of
from gongdao.shops.product_store import tell_products
from gongdao.shops.shop import Product
from gongdao.web.desk.settings_forms import hours_by_day, read_hours, read_rules, read_spans


class Visitor(msgspec.Struct):
    """Somebody who sends forms."""

    client: httpx.AsyncClient
    token: str = ""

    async def post(self, path: str, **fields: object) -> httpx.Response:
        form = {"csrf_token": self.token, "idempotency_key": str(new_id()), **fields}
        return await self.client.post(path, data=form)


@asynccontextmanager
async def signed_in(town: DeskTown, url: str, name: str) -> AsyncIterator[Visitor]:
    async with httpx.AsyncClient(base_url=url, headers={"origin": url}) as client:
        signs = {"name": town.sign_in_names[name], "password": PASSWORD}
        assert (await client.post("/sign-in", data=signs)).status_code == 303
        page = (await client.get("/desk")).text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        yield Visitor(client, token)


async def test_groups_agents_and_rules_are_set_up(town: DeskTown, url: str) -> None:
    await come_online(town, "小安", "小宝")
    anna, bob = (town.people[name].person_id for name in ("小安", "小宝"))
    async with signed_in(town, url, "主管") as lead:
        made = await lead.post(
            "/desk/settings/groups", name="售后", topic="aftersale", published="yes",
            speaks_zh="yes", member=[str(anna), str(bob)], **{f"weight-{anna}": "200"},
        )  # fmt: skip
        assert made.status_code == 303, made.text
        weights = await town.pool.fetch("SELECT agent_id, weight FROM chat_members")
        assert {row["agent_id"]: row["weight"] for row in weights} == {anna: 200, bob: 120}
        agent = f"/desk/settings/agents/{anna}"
        assert (await lead.post(agent, nickname="安安", capacity="3", speaks_zh="yes")).is_redirect
        row = await town.pool.fetchrow(
            "SELECT nickname, capacity, in_routing FROM chat_agents WHERE person_id = $1", anna
        )
        assert row and tuple(row) == ("安安", 3, False)
        desk = await load_desk(town.pool, town.shop_id)
        days = {f"day{n}": "9：00－12：00，13:30-22:00" for n in range(1, 6)}
        fields = {**days, "day6": "10:00-16:00", "day7": "", "greeting_zh": "您好", "capacity": "7",
                  "answer0_words": "发票，开票", "answer0_zh": "签收后可开", "answer0_en": "",
                  "expected_version": str(desk.version)}  # fmt: skip
        assert (await lead.post("/desk/settings/rules", **fields)).status_code == 303
        again = await lead.post("/desk/settings/rules", **fields)
        assert again.status_code == 409, "what somebody else changed meanwhile is not undone"
        page = (await lead.client.get("/desk/settings")).text
        assert "09:00-12:00, 13:30-22:00" in page and "发票" in page and "安安" in page
    rules = (await load_desk(town.pool, town.shop_id)).rules
    assert (rules.capacity, rules.greeting.zh) == (7, "您好")
    assert rules.answers[0].words == ("发票", "开票")
    async with signed_in(town, url, "小安") as agent_:
        assert (await agent_.client.get("/desk/settings")).status_code == 403


async def test_a_lead_grants_what_an_agent_asks_for(town: DeskTown, url: str) -> None:
    await come_online(town, "小安")
    talk = await asks(town, "李梅", "能便宜五十吗")
    async with signed_in(town, url, "小安") as agent, signed_in(town, url, "主管") as lead:
        sent = {
            "what": "price",
            "gives": "50",
            "why": "老客户，买两台",
            "idempotency_key": str(new_id()),
        }
        for _ in range(2):
            assert (await agent.post(f"/desk/talks/{talk}/ask", **sent)).status_code == 303
        ask_id: UUID = await town.pool.fetchval("SELECT id FROM script_asks")
        assert "老客户，买两台" in (await lead.client.get("/desk/asks")).text
        assert "1 项待主管批复" in (await lead.client.get("/desk/list")).text
        answer = f"/desk/asks/{ask_id}/answer"
        assert (await agent.post(answer, answer="granted")).status_code == 403
        given = await lead.post(answer, answer="granted", amount="30", note="最多三十")
        assert given.status_code == 303, given.text
        panel = (await agent.client.get(f"/desk/talks/{talk}")).text
        assert "已批准 ¥30.00" in panel and "最多三十" in panel


async def test_the_first_of_the_queue_is_taken(town: DeskTown, url: str) -> None:
    first = await asks(town, "李梅", "有人吗", ago=3)
    await asks(town, "王强", "在吗", ago=1)
    async with signed_in(town, url, "小安") as agent:
        refused = await agent.post("/desk/take")
        assert refused.status_code == 409, "whoever is offline takes nobody"
        await agent.post("/desk/presence", state="suspended")
        taken = await agent.post("/desk/take")
        assert taken.headers["location"].endswith(str(first))
    row = await town.pool.fetchrow(
        "SELECT state, agent_id FROM chat_conversations WHERE id = $1", first
    )
    assert row and tuple(row) == ("open", town.people["小安"].person_id)


def test_hours_are_read_as_they_are_written() -> None:
    always = {f"day{n}": "00:00-24:00" for n in range(1, 8)}
    assert msgspec.convert(read_hours(always, Hours()), Hours).week == ()
    days = always | {"day7": "", "own_days": "2026-11-11 8:00-23:30\n2026-11-12"}
    hours = msgspec.convert(read_hours(days, Hours()), Hours)
    assert hours_by_day(hours)[0] == "00:00-24:00" and hours_by_day(hours)[6] == ""
    assert [len(each.periods) for each in hours.own_days] == [1, 0]
    assert read_spans("9：00－12：00，13:30-22:00") == ["09:00-12:00", "13:30-22:00"]
    for wrong in ("nine to five", "9-17"):
        with pytest.raises(Refusal):
            read_spans(wrong)
    with pytest.raises(Refusal):
        read_rules(always | {"capacity": "many"}, DeskRules())


async def test_a_lead_lays_down_bargains_costs_words_and_the_form(town: DeskTown, url: str) -> None:
    product = Product(
        id=new_id(), shop_id=town.shop_id, title="亚麻连衣裙", price_fen=5_000, sku="K1"
    )
    await tell_products(town.pool, town.shop_id, [product])
    async with signed_in(town, url, "主管") as lead:
        page = (await lead.client.get("/desk/rules", params={"q": "连衣裙"})).text
        assert "亚麻连衣裙" in page and "质检评分表" in page
        costs = {"product0": str(product.id), "cost0": "25", "freight0": "8.00", "floor0": ""}
        assert (await lead.post("/desk/rules/costs", **costs)).status_code == 303
        (row,) = await find_goods(town.pool, town.shop_id)
        assert (row.cost_fen, row.freight_fen, row.floor_fen) == (2_500, 800, None)
        for wrong in ({"cost0": "便宜"}, {"cost0": ""}, {"cost0": "\x00"}, {"product0": "x"}):
            refused = await lead.post("/desk/rules/costs", **costs | wrong)
            assert 400 <= refused.status_code < 500, wrong
        words = {"word0": "全网最低", "reason0": "广告法", "level0": "block", "word1": ""}
        assert (await lead.post("/desk/rules/words", **words)).status_code == 303
        (word,) = await own_words(town.pool, town.people["主管"])
        assert (word.word, word.level) == ("全网最低", "block")
        assert (await lead.post("/desk/rules/words", **words | {"reason0": ""})).is_client_error
        form = {
            "expected_version": "0", "per_week": "2",
            "item0_code": "greeting", "item0_was": "开场用语", "item0_title": "开场用语",
            "item0_points": "10", "item0_weight": "1",
            "item1_code": "", "item1_was": "", "item1_title": "推荐搭配",
            "item1_points": "5", "item1_weight": "2",
            "fatal0_code": "", "fatal0_was": "", "fatal0_title": "辱骂",
        }  # fmt: skip
        assert (await lead.post("/desk/rules/form", **form)).status_code == 303
        kept = (await form_of(town.pool, town.people["主管"])).value
        assert [(each.code, each.title, each.points) for each in kept.items] == [
            ("greeting", "", 10),
            ("own_aa", "推荐搭配", 5),
        ]
        assert (await lead.post("/desk/rules/form", **form)).status_code == 409, "seen too early"
        none = form | {"expected_version": "1", "item0_title": "", "item1_title": ""}
        assert (await lead.post("/desk/rules/form", **none)).is_client_error, "an empty form"
        rules = {
            "expected_version": "0", "role0": "agent", "limit0": "6", "freight": "9.5",
            "least": "1", "least_percent": "10", "title0": "满百减十", "from0": "100",
            "off0": "10", "gift0": "",
        }  # fmt: skip
        assert (await lead.post("/desk/rules/bargain", **rules)).status_code == 403
    async with signed_in(town, url, "老板") as owner:
        assert (await owner.post("/desk/rules/bargain", **rules)).status_code == 303
        bad = await owner.post("/desk/rules/bargain", **rules | {"least_percent": "100"})
        assert bad.is_client_error
    counted = (await own_bargain_rules(town.pool, town.people["小安"])).value
    assert (counted.limits, counted.freight_fen, counted.least_percent) == ({"agent": 600}, 950, 10)
    assert counted.campaigns[0].off_fen == 1_000


async def test_a_character_that_no_text_has_is_refused(town: DeskTown, url: str) -> None:
    talk = await asks(town, "李梅", "在吗")
    async with signed_in(town, url, "主管") as lead:
        for path, fields in (
            (f"/desk/talks/{talk}/ask", {"what": "price", "gives": "5", "why": "a\x00b"}),
            (f"/desk/talks/{talk}/hand-over", {"to": f"agent:{new_id()}", "reason": "a\x00b"}),
            ("/desk/settings/groups", {"name": "售后\x00", "topic": "aftersale"}),
            ("/desk/rules/words", {"word0": "全网\x00", "reason0": "广告法"}),
        ):
            refused = await lead.post(path, **fields)
            assert refused.status_code == 422, path
            assert "无效字符" in refused.text

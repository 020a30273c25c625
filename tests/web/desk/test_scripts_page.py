"""The library on its pages: browse, write in its place, versions, a file out and in again."""

import csv
import io
from typing import Any

import pytest
from tests.web.shop.conftest import Desk, Visitor, desk, signed_in

__all__ = ["desk"]
FORM: dict[str, Any] = {
    "step": "greet",
    "move": "",
    "title": "进店问候",
    "text": "您好，欢迎光临沁园！",
    "whose": "mine",
}


@pytest.fixture
async def agent(desk: Desk):
    async with signed_in(desk, "agent") as visitor:
        yield visitor


async def test_browse_and_search(agent: Visitor) -> None:
    text = await agent.get("/desk/scripts")
    assert "打招呼" in text and "公共库" in text and "1 打招呼" in text
    narrowed = await agent.get("/desk/scripts?q=qtwly")
    assert "七天无理由" in narrowed and "到货通知" not in narrowed
    assert "没有找到话术" in await agent.get("/desk/scripts?q=zzzzzz")
    assert "{buyer}" in await agent.get("/desk/scripts/greet.back")
    await agent.get("/desk/scripts/no.such", status=404)


async def test_say_it_ones_own_way_and_put_it_away(agent: Visitor) -> None:
    new = "/desk/scripts/new?replaces=greet.hello"
    assert "将替换" in await agent.get(new)
    made = await agent.post("/desk/scripts", page=new, **FORM, replaces="greet.hello")
    place = made.headers["location"]
    assert "欢迎光临沁园" in await agent.get("/desk/scripts/greet.hello")
    changed = FORM | {"text": "您好呀，欢迎光临沁园！", "seen": "1"}
    assert (await agent.post(f"{place}/wording", page=place, **changed)).status_code == 303
    page = await agent.get(place)
    assert "历史版本" in page and "您好，欢迎光临沁园！" in page
    stale = await agent.post(f"{place}/wording", page=place, **changed)
    assert stale.status_code == 409
    await agent.post(f"{place}/archive", page=place, seen="2")
    assert "欢迎光临沁园" not in await agent.get("/desk/scripts?q=沁园")


async def test_an_agent_does_not_write_for_the_shop(agent: Visitor, desk: Desk) -> None:
    answer = await agent.post("/desk/scripts", page="/desk/scripts/new", **FORM | {"whose": "shop"})
    assert answer.status_code == 403
    async with signed_in(desk, "lead") as lead:
        made = await lead.post(
            "/desk/scripts", page="/desk/scripts/new", **FORM | {"whose": "shop"}
        )
        assert made.status_code == 303
    assert "进店问候" in await agent.get("/desk/scripts?whose=shop")
    assert "换成自己的说法" in await agent.get(made.headers["location"])


async def test_what_may_not_go_out_is_not_kept(agent: Visitor) -> None:
    rude = FORM | {"text": "您签收即视为无异议"}
    answer = await agent.post("/desk/scripts", page="/desk/scripts/new", **rude)
    assert answer.status_code == 409 and "法律上无效" in answer.text


async def test_out_and_in_again(agent: Visitor) -> None:
    raw = (await agent.client.get("/desk/scripts/export.csv")).content
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(rows) >= 120 and {row["whose"] for row in rows} == {"library"}
    rows[0] |= {"whose": "mine", "text": "您好，沁园的{agent}为您服务！"}
    rows.append(rows[1] | {"ref": "", "whose": "mine", "title": "新的一条", "text": "谢谢您！"})
    sent = await send(agent, rows)
    assert sent.headers["location"].endswith("taken=2-0-0")
    assert "新增 2 条" in await agent.get(sent.headers["location"])
    raw = (await agent.client.get("/desk/scripts/export.csv")).content
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    mine = [row for row in rows if row["whose"] == "mine"]
    mine[0]["text"] += "～"
    assert (await send(agent, mine)).headers["location"].endswith("taken=0-1-1")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"step": "dance"}, "第 3 行有误"),
        ({"text": "{name}您好"}, "第 3 行有误"),
        ({"whose": "shop"}, "只有主管"),
        ({"ref": "0199d8e0-0000-7000-8000-000000000000"}, "没有这条话术"),
    ],
)
async def test_a_file_with_a_fault_changes_nothing(
    agent: Visitor, change: dict[str, str], said: str
) -> None:
    row = {"ref": "", "whose": "mine", "step": "greet", "move": "", "locale": "zh",
           "title": "一", "text": "您好"}  # fmt: skip
    answer = await send(agent, [row, row | change])
    assert answer.status_code in (403, 404, 422) and said in answer.text
    assert "没有找到话术" in await agent.get("/desk/scripts?whose=mine")


async def send(agent: Visitor, rows: list[dict[str, str]]) -> Any:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    files = {"file": ("scripts.csv", out.getvalue().encode("gb18030"), "text/csv")}
    return await agent.post("/desk/scripts/import", page="/desk/scripts", files=files)

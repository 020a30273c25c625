"""Search and excerpts over the API, as each side."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.chat.test_excerpt import NOW, Scene, scene, tell
from tests.living import alive
from tests.web.chat.desk_town import settle

from gongdao.accounts.staff import create_first_roles
from gongdao.base.config import read_config
from gongdao.base.ids import new_id
from gongdao.chat.store import Opening, open_conversation
from gongdao.flows.talk.desk_settings import AgentArgs, save_agent
from gongdao.flows.talk.recall import recall
from gongdao.main import create_app

__all__ = ["scene"]
URL = "http://gongdao.test"


class Asks:
    """The whole application, asked by the people of a scene."""

    def __init__(self, scene: Scene, transport: httpx.ASGITransport) -> None:
        self.scene = scene
        self.client = httpx.AsyncClient(transport=transport, base_url=f"{URL}/api/v1")

    async def __call__(self, name: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.scene.town.tokens[name]}"}
        return await self.client.request(method, path, headers=headers, **more)

    async def search(self, name: str, q: str, **params: Any) -> dict[str, Any]:
        asked = {"q": q} | params
        answer = await self(name, "GET", "/conversations/search", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def texts(self, name: str, q: str, **params: Any) -> list[str]:
        return [one["text"] for one in (await self.search(name, q, **params))["found"]]


@pytest.fixture
async def asks(scene: Scene, database_url: str, tmp_path: Path) -> AsyncIterator[Asks]:
    settings = {
        "GONGDAO_DATABASE_URL": database_url,
        "GONGDAO_FILES_URL": f"file://{tmp_path}",
        "GONGDAO_PUBLIC_URL": URL,
        "GONGDAO_RATE_LIMIT": "off",
    }
    app = create_app(read_config(settings))
    async with alive(app):
        asks = Asks(scene, httpx.ASGITransport(app))
        yield asks
        await asks.client.aclose()


async def test_a_hit_is_found_marked_and_narrowed(scene: Scene, asks: Asks) -> None:
    (one,) = (await asks.search("小安", "燈壞"))["found"]
    assert (one["text"], one["seq"], one["marks"]) == ("收到的灯坏了", 2, [[3, 5]])
    assert one["conversation_id"] == str(scene.talk.id) and one["buyer"] == "李梅"
    narrow = {
        "kind": "text",
        "agent_id": str(scene.town.people["小安"].person_id),
        "since": "2026-03-01T00:00:00Z",
        "until": "2036-03-01T00:00:00+08:00",
    }
    found = await asks.search("老板", "退款", **narrow)
    assert [one["seq"] for one in found["found"]] == [6]
    for changed in ({"kind": "image"}, {"until": "2026-03-02T00:00:00Z"}, {"agent_id": uuid4()}):
        assert await asks.texts("老板", "退款", **narrow | changed) == []


async def test_each_side_finds_only_its_own(scene: Scene, asks: Asks) -> None:
    roles = await create_first_roles(scene.pool, shop_id=(other := new_id()), now=NOW)
    await settle(scene.town, "别家", kind="shop", shop_id=other, role_id=roles["owner"])
    for name, expected in (("李梅", 1), ("小安", 1), ("王强", 0), ("仲裁员", 0), ("别家", 0)):
        assert len(await asks.texts(name, "退款")) == expected, name
    foreign = {"buyer_id": str(scene.town.people["李梅"].person_id)}
    for name in ("王强", "仲裁员", "别家"):
        assert await asks.texts(name, "退款", **foreign) == []
    # A note is the shop's own, whoever of it looks; nobody else ever meets it.
    for name, expected in (("小安", 1), ("老板", 1), ("李梅", 0), ("王强", 0), ("仲裁员", 0)):
        assert len(await asks.texts(name, "上次也这样")) == expected, name
        assert len(await asks.texts(name, "上次也这样", kind="note")) == expected, name


async def test_what_was_taken_back_is_found_by_who_answers_for_it(scene: Scene, asks: Asks) -> None:
    await recall(scene.pool, scene.town.people["小安"], scene.talk.id, 4, now=NOW)
    for name in ("李梅", "小安", "仲裁员"):
        assert await asks.texts(name, "概不负责") == [], name
    for name in ("主管", "老板"):
        (one,) = (await asks.search(name, "概不负责"))["found"]
        assert one["recalled"] and one["text"] == "签收后概不负责"


async def test_agents_are_found_by_their_nicknames(scene: Scene, asks: Asks) -> None:
    town = scene.town
    args = AgentArgs(nickname="暖阳")
    await save_agent(scene.pool, town.people["主管"], town.people["小安"].person_id, args, now=NOW)
    said = ["可以退款 <b>100</b> 元", "签收后概不负责", "这个买家上次也这样"]
    for typed in ("暖阳", "暖陽", "nuanyang", "ny"):
        assert await asks.texts("小宝", typed) == said, typed
    assert await asks.texts("小宝", "暖阳 退款") == said[:1]
    # The shop's people read each other's names, a buyer the nickname; and finds nobody by it.
    (of_shop,) = (await asks.search("小宝", "可以退款"))["found"]
    (of_buyer,) = (await asks.search("李梅", "可以退款"))["found"]
    assert (of_shop["name"], of_buyer["name"]) == ("小安", "暖阳")
    assert await asks.texts("李梅", "暖阳") == []


async def test_pages(scene: Scene, asks: Asks) -> None:
    for n in range(5):
        await tell(scene.town, scene.talk, "李梅", "text", text=f"催发货 {n}")
    shown: list[str] = []
    after: dict[str, Any] = {}
    for size in (2, 2, 1):
        page = await asks.search("李梅", "催发货", limit=2, **after)
        assert len(page["found"]) == size
        shown += [one["text"] for one in page["found"]]
        after = {"after": page["next"]}
    assert shown == [f"催发货 {n}" for n in (4, 3, 2, 1, 0)] and after == {"after": None}
    # Another's page marker leads nobody into another's messages.
    mine = (await asks.search("李梅", "催发货", limit=2))["next"]
    assert await asks.texts("王强", "催发货", after=mine) == []


async def test_whatever_is_asked_is_answered_or_refused(asks: Asks) -> None:
    for params in (
        {},
        {"q": "x" * 4001},
        {"q": "x", "limit": 0},
        {"q": "x", "limit": 51},
        {"q": "x", "kind": "secret"},
        {"q": "x", "agent_id": "me"},
        {"q": "x", "since": "yesterday"},
        {"q": "x", "since": "2026-03-01T00:00:00"},
        {"q": "x", "until": "2026-03-01T00:00:00"},
        {"q": "x", "after": "'; --"},
        {"q": "x", "after": "AAAA"},
    ):
        answer = await asks("小安", "GET", "/conversations/search", params=params)
        assert answer.status_code in (400, 422), (params, answer.text)
    for q in ("\0", "退" * 4000, "' OR 1=1 --", "<->|&!", "😀" * 1000, "\\"):
        assert await asks.texts("小安", q) == []


async def test_seal_and_read(scene: Scene, asks: Asks) -> None:
    address = f"/conversations/{scene.talk.id}/excerpts"
    choice = {"messages": [2, 4], "case_id": str(scene.case_id)}
    sealed = await asks("李梅", "POST", address, json=choice)
    assert sealed.status_code == 201, sealed.text
    again = await asks("李梅", "POST", address, json=choice)
    assert again.json() == sealed.json() and sealed.json()["evidence"] == 1
    listed = (await asks("李梅", "GET", address)).json()["excerpts"]
    assert [one["id"] for one in listed] == [sealed.json()["id"]]
    document = await asks("小安", "GET", f"/files/{sealed.json()['file_id']}")
    assert document.status_code == 200 and document.json()["format"] == "gongdao-excerpt/1"
    assert document.headers["content-disposition"].startswith("attachment")
    for path in (address, f"/files/{sealed.json()['file_id']}"):
        assert (await asks("王强", "GET", path)).status_code == 404


async def test_choices_that_are_refused(scene: Scene, asks: Asks) -> None:
    address = f"/conversations/{scene.talk.id}/excerpts"
    for choice, status in (
        ({"messages": []}, 422),
        ({"messages": [0]}, 422),
        ({"messages": [2], "more": 1}, 422),
        ({"messages": [99]}, 422),
        ({"messages": [3]}, 403),
        ({"messages": [2], "case_id": str(uuid4())}, 404),
    ):
        answer = await asks("李梅", "POST", address, json=choice)
        assert answer.status_code == status, (choice, answer.text)
    assert (await asks("王强", "POST", address, json={"messages": [2]})).status_code == 404


async def test_cases_that_are_offered(scene: Scene, asks: Asks) -> None:
    address = f"/conversations/{scene.talk.id}/cases"
    for name in ("李梅", "小安"):
        told = (await asks(name, "GET", address)).json()["cases"]
        assert [one["id"] for one in told] == [str(scene.case_id)], name
        assert told[0]["kind"] == "not_as_described" and told[0]["number"] > 0
    for name in ("王强", "仲裁员"):
        assert (await asks(name, "GET", address)).status_code == 404, name
    # The same buyer with another shop.
    buyer_id = scene.town.people["李梅"].person_id
    opening = Opening(id=new_id(), shop_id=new_id(), buyer_id=buyer_id)
    elsewhere, _ = await open_conversation(scene.pool, opening, now=NOW)
    told = await asks("李梅", "GET", f"/conversations/{elsewhere.id}/cases")
    assert told.json()["cases"] == []

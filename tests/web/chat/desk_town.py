"""A shop with its people, two buyers and an arbiter, each with a token; and screens that talk."""

import asyncio
import contextlib
import json
from typing import Any
from uuid import UUID, uuid4

import msgspec
import websockets
from tests.flows.market import Market, open_market
from tests.people import settle_person

from gongdao.accounts.principal import Principal
from gongdao.accounts.staff import create_first_roles
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool

#: How long a test waits for what has to come.
PATIENCE = 30.0


class DeskTown(msgspec.Struct, kw_only=True):
    """Who is there, by name, and their tokens."""

    pool: Pool
    market: Market
    people: dict[str, Principal]
    sign_in_names: dict[str, str]
    tokens: dict[str, str]

    @property
    def shop_id(self) -> UUID:
        return self.market.shop_id

    async def only_talk(self, column: str = "id") -> Any:
        """Something of the one conversation of the shop."""
        rows = await self.pool.fetch(
            f"SELECT {column} AS found FROM chat_conversations WHERE shop_id = $1", self.shop_id
        )
        assert len(rows) == 1, rows
        return rows[0]["found"]


async def build_desk_town(pool: Pool) -> DeskTown:
    """A shop with an owner, a lead and two agents; two buyers; an arbiter."""
    market = await open_market(pool)
    town = DeskTown(pool=pool, market=market, people={}, sign_in_names={}, tokens={})
    arbiter = await role_of_arbiters(pool)
    roles = await create_first_roles(pool, shop_id=market.shop_id, now=utc_now())
    await settle(town, "李梅")
    await settle(town, "王强")
    for name, role in (("老板", "owner"), ("主管", "lead"), ("小安", "agent"), ("小宝", "agent")):
        await settle(town, name, kind="shop", shop_id=market.shop_id, role_id=roles[role])
    await settle(town, "仲裁员", kind="platform", role_id=arbiter)
    return town


async def role_of_arbiters(pool: Pool) -> UUID:
    """The platform has its roles once, however many towns share the database."""
    found = await pool.fetchval("SELECT id FROM roles WHERE duty = 'arbiter' LIMIT 1")
    return found or (await create_first_roles(pool, shop_id=None, now=utc_now()))["arbiter"]


async def settle(town: DeskTown, name: str, **who: Any) -> Principal:
    """One more person of the town."""
    settled = await settle_person(town.pool, name, **who)
    town.people[name] = settled.principal
    town.sign_in_names[name] = settled.sign_in_name
    town.tokens[name] = settled.token
    return settled.principal


class Screen:
    """A screen of somebody: what it was sent, kept as a screen would keep it."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.frames: list[dict[str, Any]] = []
        self.lines: dict[str, list[dict[str, Any]]] = {}
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in self.socket:
                frame = json.loads(text)
                self.frames.append(frame)
                if frame["op"] == "messages":
                    self.lines.setdefault(frame["conversation"], []).extend(frame["messages"])
                self._news.set()
        self._news.set()

    async def send(self, op: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"op": op} | fields, default=str))

    async def say(self, conversation: Any, text: str, **more: Any) -> str:
        client_id = str(more.pop("client_id", uuid4()))
        fields = {"conversation": conversation, "client_id": client_id, "body": {"text": text}}
        await self.send("say", **fields | more)
        return client_id

    async def until(self, found: Any, *, patience: float = PATIENCE) -> Any:
        """What `found` gives once it gives something. Fails when it does not come."""
        async with asyncio.timeout(patience):
            while not (value := found(self)):
                self._news.clear()
                await self._news.wait()
        return value

    async def answer_to(self, client_id: str) -> dict[str, Any]:
        """The frame that answers what was sent under this client_id."""
        return await self.until(
            lambda s: next((f for f in s.frames if f.get("client_id") == client_id), None)
        )

    def texts(self, conversation: Any) -> list[str]:
        """What it shows."""
        lines = self.lines.get(str(conversation), [])
        return [line["body"]["text"] for line in lines if line["kind"] in ("text", "note")]

    def seqs(self, conversation: Any) -> list[int]:
        """The numbers of what it was sent, in the order in which they came."""
        return [line["seq"] for line in self.lines.get(str(conversation), [])]

    async def close(self) -> None:
        await self.socket.close()
        await asyncio.gather(self._reading, return_exceptions=True)


async def open_screen(url: str, token: str) -> Screen:
    """A screen that is connected."""
    address = url.replace("http://", "ws://") + "/chat/socket"
    headers = {"Authorization": f"Bearer {token}"}
    return Screen(await websockets.connect(address, additional_headers=headers))

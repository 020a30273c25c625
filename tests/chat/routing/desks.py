"""A desk for the tests: agents, groups and buyers, and what can be seen of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.chat.body import Text, read_body
from gongdao.chat.message import Saying
from gongdao.chat.routing.desk import DeskRules, Group, State
from gongdao.chat.routing.desk_store import (
    save_agent,
    save_group,
    save_members,
    save_rules,
    set_state,
)
from gongdao.chat.routing.pick import Pick
from gongdao.chat.routing.place import drain, place
from gongdao.chat.routing.presence import change_state, join_desk
from gongdao.chat.routing.store import lock_desk
from gongdao.chat.store import Opening, close_conversation, open_conversation, say

T0 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class TestDesk:
    """One shop's desk; time passes only when it is told."""

    __test__ = False

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.shop_id = new_id()
        self.now = T0
        self.agents: dict[str, UUID] = {}
        self.groups: dict[str, UUID] = {}

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    async def rules(self, **fields: Any) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            desk = await lock_desk(connection, self.shop_id)
            await save_rules(connection, desk, msgspec.convert(fields, DeskRules))

    async def agent(self, name: str, *, state: State = "online", **fields: Any) -> UUID:
        agent_id = self.agents.setdefault(name, new_id())
        async with self.pool.acquire() as connection, connection.transaction():
            is_main = bool(fields.get("is_main"))
            await join_desk(
                connection, self.shop_id, agent_id, nickname=name, is_main=is_main, now=self.now
            )
            desk = await lock_desk(connection, self.shop_id)
            as_usual = {"capacity": None, "in_routing": True, "languages": ["zh"], "is_main": False}
            assert await save_agent(
                connection, desk, agent_id, **{"nickname": name} | as_usual | fields
            )
            await set_state(connection, desk, agent_id, state, now=self.now)
        return agent_id

    async def group(self, name: str, weights: dict[str, int], **fields: Any) -> UUID:
        group_id = self.groups.setdefault(name, new_id())
        group = Group(id=group_id, name=name, **{"topic": "general"} | fields)
        async with self.pool.acquire() as connection, connection.transaction():
            desk = await lock_desk(connection, self.shop_id)
            assert await save_group(connection, desk, group)
            by_id = {self.agents[each]: weight for each, weight in weights.items()}
            assert await save_members(connection, desk, group_id, by_id) == len(weights)
        return group_id

    async def open(self, *, buyer_id: UUID | None = None, **fields: Any) -> UUID:
        """A conversation that nobody has looked at."""
        opening = Opening(
            id=new_id(), shop_id=self.shop_id, buyer_id=buyer_id or new_id(), **fields
        )
        async with self.pool.acquire() as connection:
            conversation, _ = await open_conversation(connection, opening, now=self.now)
        return conversation.id

    async def place(self, conversation_id: UUID, **wish: UUID) -> Pick | None:
        async with self.pool.acquire() as connection, connection.transaction():
            return await place(connection, conversation_id, now=self.now, **wish)

    async def arrive(self, *, buyer_id: UUID | None = None, **fields: Any) -> UUID:
        """A buyer comes and says something."""
        wish = {k: fields.pop(k) for k in ("group_id", "agent_id") if k in fields}
        conversation_id = await self.open(buyer_id=buyer_id, **fields)
        await self.ask(conversation_id)
        await self.place(conversation_id, **wish)
        return conversation_id

    async def ask(self, conversation_id: UUID) -> None:
        await self._say(conversation_id, "buyer", new_id())

    async def answer(self, conversation_id: UUID, name: str) -> None:
        await self._say(conversation_id, "shop", self.agents[name])

    async def _say(self, conversation_id: UUID, author: Any, person_id: UUID) -> None:
        saying = Saying(
            conversation_id=conversation_id,
            client_id=new_id(),
            author=author,
            author_id=person_id,
            kind="text",
            body=Text(text="在吗"),
            at=self.now,
        )
        assert (await say(self.pool, saying)).outcome == "said"

    async def close(self, conversation_id: UUID) -> list[Pick]:
        async with self.pool.acquire() as connection, connection.transaction():
            await lock_desk(connection, self.shop_id)
            await close_conversation(connection, conversation_id, by="agent", now=self.now)
            return await drain(connection, self.shop_id, now=self.now)

    async def state(self, name: str, state: State) -> list[Pick] | None:
        async with self.pool.acquire() as connection, connection.transaction():
            return await change_state(
                connection,
                self.shop_id,
                self.agents[name],
                state,
                cause="self",
                by_id=self.agents[name],
                now=self.now,
            )

    async def serving(self, conversation_id: UUID) -> str | None:
        """The nickname of whoever serves it."""
        return await self.pool.fetchval(
            "SELECT a.nickname FROM chat_conversations c"
            " LEFT JOIN chat_agents a ON a.person_id = c.agent_id WHERE c.id = $1",
            conversation_id,
        )

    async def loads(self) -> Counter[str]:
        rows = await self.pool.fetch(
            "SELECT a.nickname, count(*) AS n FROM chat_conversations c"
            " JOIN chat_agents a ON a.person_id = c.agent_id"
            " WHERE c.shop_id = $1 AND c.state = 'open' GROUP BY 1",
            self.shop_id,
        )
        return Counter({row["nickname"]: row["n"] for row in rows})

    async def waiting(self) -> list[UUID]:
        rows = await self.pool.fetch(
            "SELECT id FROM chat_conversations WHERE shop_id = $1 AND state = 'waiting'"
            " ORDER BY queued_at, id",
            self.shop_id,
        )
        return [row["id"] for row in rows]

    async def lines(self, conversation_id: UUID) -> list[tuple[str, dict[str, Any]]]:
        """The events of the product's own lines, with their fields."""
        rows = await self.pool.fetch(
            "SELECT body FROM chat_messages WHERE conversation_id = $1 AND kind = 'system'"
            " ORDER BY seq",
            conversation_id,
        )
        bodies: Sequence[Any] = [read_body("system", row["body"]) for row in rows]
        return [(body.event, body.fields) for body in bodies]

    async def log(self, conversation_id: UUID) -> list[tuple[str, dict[str, Any]]]:
        """Why it went where it went."""
        rows = await self.pool.fetch(
            "SELECT why, details FROM chat_routings WHERE conversation_id = $1 ORDER BY id",
            conversation_id,
        )
        return [(row["why"], msgspec.json.decode(row["details"])) for row in rows]

"""A shop's desk with conversations in it, for the tests of the agent's window."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
from playwright.async_api import Page, expect
from tests.people import sign_in_on_page
from tests.web.chat.desk_town import DeskTown, settle

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.chat.conversation import Topic
from gongdao.flows.order_money import post_order_money
from gongdao.flows.talk.open_talk import Wish, open_talk
from gongdao.flows.talk.presence import keep_alive, set_own_state
from gongdao.flows.talk.say import ToSay, say_in_talk
from gongdao.shops.order import Line, Order
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.store import insert_orders

#: Opens the window of an agent.
Window = Callable[[str], Awaitable[Page]]


async def come_online(town: DeskTown, *names: str) -> None:
    """These agents are at the desk."""
    for name in names:
        who = town.people[name]
        await set_own_state(town.pool, who, "online", now=utc_now())
        await keep_alive(town.pool, [who.person_id], now=utc_now())


async def order_of(
    town: DeskTown,
    buyer: str,
    *,
    title: str = "容声双门冰箱 218 升",
    price_fen: int = 268_000,
    arrived: bool = True,
    paid: bool = True,
) -> Order:
    """An order of five days ago, paid and held by the platform; it arrived, or waits to leave.

    One that nobody paid for was closed the next day.
    """
    at = utc_now() - timedelta(days=5)
    order = Order(
        id=new_id(),
        number=f"E{new_id().int % 10**12:012d}",
        shop_id=town.shop_id,
        buyer_id=town.people[buyer].person_id,
        placed_at=at,
        paid_at=at + timedelta(minutes=4),
        lines=(Line(line=1, title=title, price_fen=price_fen),),
    )
    if not paid:
        order = msgspec.structs.replace(
            order, paid_at=None, closed_at=at + timedelta(days=1), closed_by="timeout"
        )
    elif arrived:
        order = msgspec.structs.replace(
            order,
            shipped_at=at + timedelta(hours=20),
            carrier="顺丰速运",
            tracking=f"SF{new_id().int % 10**12}",
            signed_at=at + timedelta(days=2),
            signed_by="self",
        )
    purchase = Purchase(order=order, remarks=Remarks(buyer_name=buyer))
    async with town.pool.acquire() as connection, connection.transaction():
        await insert_orders(connection, [purchase], by=None, now=at)
        await post_order_money(connection, [(None, order)], now=at)
    return order


async def asks(
    town: DeskTown, buyer: str, text: str, *, ago: float = 0, topic: Topic = "general", **wish: Any
) -> UUID:
    """A buyer writes to the shop, so many minutes ago; the conversation."""
    if buyer not in town.people:
        await settle(town, buyer)
    who, at = town.people[buyer], utc_now() - timedelta(minutes=ago)
    wanted = Wish(shop_id=town.shop_id, topic=topic, **wish)
    talk, _ = await open_talk(town.pool, who.person_id, wanted, conversation_id=new_id(), now=at)
    await says(town, buyer, talk.id, text, ago=ago)
    return talk.id


async def says(town: DeskTown, name: str, talk: UUID, text: str, *, ago: float = 0) -> None:
    """Somebody says something in a conversation, so many minutes ago."""
    at = utc_now() - timedelta(minutes=ago)
    sent = ToSay(conversation_id=talk, client_id=uuid4(), body={"text": text})
    await say_in_talk(town.pool, town.people[name], sent, now=at)


async def writes(town: DeskTown, url: str, name: str, text: str, talk: UUID | None = None) -> UUID:
    """The same through the running server, whose open windows hear of it; the conversation."""
    headers = {"Authorization": f"Bearer {town.tokens[name]}"}
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers=headers) as client:
        if talk is None:
            begun = await client.post("/conversations", json={"shop_id": str(town.shop_id)})
            talk = UUID(begun.raise_for_status().json()["conversation"]["id"])
        said = {"client_id": str(uuid4()), "body": {"text": text}}
        (await client.post(f"/conversations/{talk}/messages", json=said)).raise_for_status()
    return talk


async def enter(town: DeskTown, url: str, page: Page, name: str, path: str = "/desk") -> None:
    """Sign in and open a page of the desk."""
    await sign_in_on_page(page, url, town.sign_in_names[name], path)


async def choose(page: Page, talk: UUID) -> None:
    """Open a conversation in the window; one may answer in it."""
    await page.locator(f"#talk-{talk} a").click()
    await expect(page.locator("#desk-say")).to_be_visible()
    await expect(page.locator("#desk-send")).to_be_enabled()

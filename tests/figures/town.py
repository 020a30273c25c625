"""A small town whose figures can be counted by hand."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.chat.body import Text
from gongdao.chat.conversation import Topic
from gongdao.chat.message import Author, Saying
from gongdao.chat.store import Opening, close_conversation, open_conversation, say
from gongdao.shops.order import Line, Order
from gongdao.shops.purchase import Purchase, Remarks
from gongdao.shops.shop import Shop
from gongdao.shops.store import insert_orders, insert_shops

#: A Monday, 0:00 in Shanghai, and the Monday after it.
MONDAY = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
SUNDAY = MONDAY + timedelta(days=7)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Town:
    """One shop, whose orders, talks and cases happen when a test says."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.shop_id = pool, new_id()
        self.anna, self.bob = uuid4(), uuid4()

    async def open(self) -> "Town":
        shop = Shop(id=self.shop_id, name=f"Shop {self.shop_id}", opened_at=MONDAY)
        async with self.pool.acquire() as connection:
            await insert_shops(connection, [shop])
        return self

    async def order(
        self,
        paid_at: datetime | None,
        *,
        buyer: UUID | None = None,
        lines: tuple[tuple[str, int], ...] = (("lamp", 10_000),),
        refunded_fen: int = 0,
    ) -> Order:
        """An order of one piece of each of these goods, paid or not, and what went back."""
        order = Order(
            id=new_id(),
            number=f"E{new_id().hex}",
            shop_id=self.shop_id,
            buyer_id=buyer or new_id(),
            placed_at=paid_at or MONDAY,
            paid_at=paid_at,
            lines=tuple(
                Line(line=n, title=sku.title(), sku=sku, price_fen=fen)
                for n, (sku, fen) in enumerate(lines, 1)
            ),
        )
        async with self.pool.acquire() as connection, connection.transaction():
            purchase = Purchase(order=order, remarks=Remarks())
            await insert_orders(connection, [purchase], by=None, now=paid_at or MONDAY)
        await self.pool.execute(
            "UPDATE orders SET refunded_fen = $2 WHERE id = $1", order.id, refunded_fen
        )
        return order

    async def case(
        self,
        order: Order,
        opened_at: datetime,
        closed_at: datetime | None = None,
        *,
        procedure: str = "after_sale",
        platform: bool = False,
        **more: object,
    ) -> UUID:
        """A case as its events would have folded to it."""
        case_id = new_id()
        state: dict[str, object] = {
            "version": 1,
            "procedure": procedure,
            "kind": "refund_only",
            "stage": "closed" if closed_at else "seller_review",
            "waiting_on": "nobody" if closed_at else "seller",
            "opened_by": "buyer",
        }
        state |= {"stepped_in_at": "buyer_decision"} if platform else {}
        state |= {"ended": "settled"} if closed_at else {}
        await self.pool.execute(
            "INSERT INTO cases (id, order_id, shop_id, buyer_id, opened_at, closed_at, head, state)"
            " VALUES ($1, $2, $3, $4, $5, $6, '', $7)",
            case_id,
            order.id,
            self.shop_id,
            order.buyer_id,
            opened_at,
            closed_at,
            msgspec.json.encode(state | more),
        )
        return case_id

    async def acted(self, case_id: UUID, person_id: UUID, version: int) -> None:
        """Somebody of the shop did something in a case."""
        await self.pool.execute(
            "INSERT INTO case_events (case_id, version, type, at, by, person_id, pack, body, hash)"
            " VALUES ($1, $2, 'noted', $3, 'seller', $4, '', '{}', '')",
            case_id,
            version,
            MONDAY,
            person_id,
        )

    async def talk(
        self,
        at: datetime,
        *,
        buyer: UUID | None = None,
        by: UUID | None = None,
        topic: Topic = "presale",
        order_id: UUID | None = None,
    ) -> UUID:
        """A buyer asks; a person of the shop answers ten seconds later, or nobody ever."""
        buyer = buyer or new_id()
        opening = Opening(
            id=new_id(), shop_id=self.shop_id, buyer_id=buyer, topic=topic, order_id=order_id
        )
        talk = (await open_conversation(self.pool, opening, now=at))[0].id
        await self._say(talk, "buyer", buyer, at)
        if by:
            await self._say(talk, "shop", by, at + timedelta(seconds=10))
        await close_conversation(self.pool, talk, by="agent", now=at + timedelta(minutes=1))
        return buyer

    async def _say(self, talk: UUID, author: Author, by: UUID, at: datetime) -> None:
        client_id = uuid4()
        saying = Saying(
            conversation_id=talk,
            client_id=client_id,
            author=author,
            author_id=by,
            kind="text",
            body=Text(text="字"),
            at=at,
        )
        assert (await say(self.pool, saying)).outcome == "said"

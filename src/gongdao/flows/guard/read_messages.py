"""The round over everything that was said: what nobody had the time to see is found later.

It reads by the time of what was said, up to a moment ago: what a request wrote down later than its
clock said is there by then. What is found, and how far was read, are one transaction.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from gongdao.base.db import Connection, Pool, Record
from gongdao.flows.guard.book import own_hosts
from gongdao.flows.guard.noticed import noticed
from gongdao.flows.guard.say_signs import EARLIER_MAX, ORDERS_MAX, tell_found
from gongdao.flows.settings import current_pack
from gongdao.policy.pack import Pack
from gongdao.risk.finding import Finding, Place
from gongdao.risk.message import Line, MessageFacts, message_signs
from gongdao.risk.read_store import ReadUpto, go_on, take_round
from gongdao.risk.store import keep

ROUND = "messages"
#: Longer than a request may wait between asking the clock and its commit: for a connection, for
#: others who talk at the same time, and for its statement.
LAG = timedelta(seconds=60)
#: A round that was never read begins here; and so much of the past is read at once.
BEGINS_BEFORE, WINDOW = timedelta(days=30), timedelta(hours=6)
BATCH = 200
#: After so many lines others of the worker have their turn.
_BREATH = 20
_LAST = UUID(int=2**128 - 1)

# $1 and $2 where it goes on, $3 how far, $4 at most. Notes have a text too, and are told to nobody.
_SAID = """
SELECT m.conversation_id, m.seq, m.id, m.author, m.at, m.shop_id, m.buyer_id, c.order_id,
       c.case_id, regexp_replace(s.return_address ->> 'phone', '[^0-9]', '', 'g') AS own_contact,
       CASE WHEN m.kind = 'text' THEN m.body ->> 'text' END AS text
  FROM (SELECT * FROM chat_messages
         WHERE at >= $1 AND at <= $3 AND (at, id) > ($1, $2)
         ORDER BY at, id LIMIT $4) AS m
  JOIN chat_conversations c ON c.id = m.conversation_id
  LEFT JOIN shops s ON s.id = m.shop_id
 ORDER BY m.at, m.id
"""
_EARLIER = """
SELECT m.conversation_id, m.seq, m.author AS side, m.body ->> 'text' AS text, m.at
  FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS asked (talk, low, high)
 CROSS JOIN LATERAL (SELECT * FROM chat_messages
         WHERE conversation_id = asked.talk AND seq >= asked.low AND seq < asked.high
           AND kind = 'text' AND author IN ('buyer', 'shop')) AS m
 ORDER BY m.conversation_id, m.seq
"""
_ORDERS = """
SELECT asked.buyer_id, asked.shop_id, o.order_fen
  FROM unnest($1::uuid[], $2::uuid[]) AS asked (buyer_id, shop_id)
 CROSS JOIN LATERAL (SELECT array_agg(total_fen) AS order_fen FROM (
        SELECT total_fen FROM orders
         WHERE buyer_id = asked.buyer_id AND shop_id = asked.shop_id
         ORDER BY placed_at DESC, id DESC LIMIT $3) AS newest) AS o
"""


async def read_messages(pool: Pool, *, now: datetime) -> int:
    """Look at a batch of what was said; returns how many lines that was, 0 once all is read."""
    async with pool.acquire() as connection, connection.transaction():
        upto = await take_round(connection, ROUND, begin=now - BEGINS_BEFORE)
        if upto is None or (upto.at, upto.id) >= (now - LAG, _LAST):
            return 0
        rows, upto = await _next(connection, upto, until=now - LAG)
        pack = await current_pack(connection)
        news = await keep(connection, await _found(connection, rows, pack, now=now))
        await go_on(connection, ROUND, upto)
    tell_found(news, pack.guard)
    return len(rows)


async def _next(
    connection: Connection, upto: ReadUpto, *, until: datetime
) -> tuple[list[Record], ReadUpto]:
    """The next lines, and how far that is; quiet times are passed over in one step each."""
    while True:
        end = min(until, upto.at + WINDOW)
        rows = await connection.fetch(_SAID, upto.at, upto.id, end, BATCH)
        if len(rows) == BATCH:
            return rows, ReadUpto(at=rows[-1]["at"], id=rows[-1]["id"])
        upto = ReadUpto(at=end, id=_LAST)
        if rows or end == until:
            return rows, upto


async def _found(
    connection: Connection, rows: Sequence[Record], pack: Pack, *, now: datetime
) -> list[Finding]:
    said = [row for row in rows if row["text"] is not None and row["author"] in ("buyer", "shop")]
    if not said:
        return []
    earlier = await _earlier(connection, said)
    orders = await _orders(connection, said)
    found: list[Finding] = []
    for n, row in enumerate(said, 1):
        before = [line for seq, line in earlier[row["conversation_id"]] if seq < row["seq"]]
        facts = MessageFacts(
            side=row["author"],
            text=row["text"],
            at=row["at"],
            earlier=before[-EARLIER_MAX:],
            order_fen=orders.get((row["buyer_id"], row["shop_id"]), ()),
            own_hosts=own_hosts(),
            own_contacts=(row["own_contact"],) if row["own_contact"] else (),
        )
        for sign in message_signs(facts, pack.guard):
            place = Place(
                subject="message",
                subject_id=row["id"],
                shop_id=row["shop_id"],
                buyer_id=row["buyer_id"],
                conversation_id=row["conversation_id"],
                seq=row["seq"],
                order_id=row["order_id"],
                case_id=row["case_id"],
                about=row["author"],
            )
            found.append(noticed(sign, place, pack, at=row["at"], now=now))
        if n % _BREATH == 0:
            await asyncio.sleep(0)
    return found


async def _earlier(
    connection: Connection, said: Sequence[Record]
) -> dict[UUID, list[tuple[int, Line]]]:
    """The lines of these talks from a while before the first of them, with their numbers."""
    spans: dict[UUID, tuple[int, int]] = {}
    for row in said:
        low, high = spans.get(row["conversation_id"], (row["seq"], 0))
        spans[row["conversation_id"]] = (min(low, row["seq"]), max(high, row["seq"]))
    lines: dict[UUID, list[tuple[int, Line]]] = defaultdict(list)
    rows = await connection.fetch(
        _EARLIER,
        list(spans),
        [low - EARLIER_MAX for low, _ in spans.values()],
        [high for _, high in spans.values()],
    )
    for row in rows:
        line = Line(side=row["side"], text=row["text"], at=row["at"])
        lines[row["conversation_id"]].append((row["seq"], line))
    return lines


async def _orders(
    connection: Connection, said: Sequence[Record]
) -> dict[tuple[UUID, UUID], tuple[int, ...]]:
    pairs = {(row["buyer_id"], row["shop_id"]) for row in said}
    rows = await connection.fetch(_ORDERS, *map(list, zip(*pairs, strict=True)), ORDERS_MAX)
    return {(row["buyer_id"], row["shop_id"]): tuple(row["order_fen"] or ()) for row in rows}

"""Search in a million messages: each kind of question many times, beside the limit of 100 ms."""

import asyncio
import random
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from bench.chat_history import Made, fill
from bench.running import database, installed, percentile, say
from gongdao.accounts.principal import Principal, permissions_of
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.chat.search.store import Filters
from gongdao.flows.talk.search import search_chats

MESSAGES = 1_000_000
ROUNDS = 60
LIMIT_MS = 100.0

#: Each kind of question, in some of its forms; `#` is replaced by a digit.
QUESTIONS: dict[str, list[str]] = {
    "frequent": ["退款", "退货", "订单", "可以", "您好", "仅退款"],
    "two characters": ["发票", "漏水", "余杭", "差价", "正品", "雁塔"],
    "one character": ["退", "的", "亲", "漏", "壳", "鑫"],
    "long run": ["非常抱歉给您带来不好的体验", "快递显示已签收，但是我没有收到", "假一赔十吗"],
    "traditional": ["退貨運費由我們承擔", "訂單", "收貨地址"],
    "number": ["2026#", "2026##", "####", "YT#", "SF##"],
    "letters": ["refund", "track", "broken", "wh"],
    "pinyin": ["shoujike", "sjk", "huaguang", "baowenbei", "bwb"],
    "several": ["退货 手机壳", "顺丰 乌鲁木齐", "白鹭 净水器 正品", "保温杯 漏水 退", "发票 张 伟"],
    "nowhere": ["双十一预售", "zzyzx", "货退款退", "满意的人不退款", "饕餮"],
    "everywhere but not together": [
        "你 好 的 我 退",
        "亲 refund",
        "订单 已经 收到 退货",
        "您好 在吗",
    ],
    "hostile": ["退" * 4000, "退 " * 2000, "%_*'\"\\ 退", "a b c d e f g h i j k l m", "😀👍 退"],
}


async def main() -> None:
    """Make the history, then ask."""
    with database() as url:
        async with installed(url, size=4) as pool:
            started = time.perf_counter()
            made = await _fill(pool)
            size: int = await pool.fetchval("SELECT pg_relation_size('chat_messages_words')")
            say(
                "chat_search_made",
                time.perf_counter() - started,
                "s",
                messages=MESSAGES,
                index_mb=size // 2**20,
            )
            for name, questions in QUESTIONS.items():
                await _measure(pool, name, questions, _lead(made))
            await _measure_others(pool, made)


async def _fill(pool: Pool) -> Made:
    """The index is made after the rows, as a restored backup does."""
    async with pool.acquire() as connection:
        await connection.execute("SET statement_timeout = 0")
        index = await connection.fetchval("SELECT pg_get_indexdef('chat_messages_words'::regclass)")
        await connection.execute("DROP INDEX chat_messages_words")
        made = await fill(connection, MESSAGES, now=utc_now())
        await connection.execute("SET maintenance_work_mem = '256MB'")
        await connection.execute(index)
        await connection.execute("VACUUM ANALYZE chat_messages")
        await connection.execute("RESET ALL")
    await pool.expire_connections()
    return made


async def _measure_others(pool: Pool, made: Made) -> None:
    """Those who see less, and those who narrow it down."""
    frequent = QUESTIONS["frequent"]
    buyer = _principal("buyer", "buyer", person_id=made.buyers[0])
    await _measure(pool, "own, as a buyer", frequent, buyer)
    await _measure(pool, "cases, as an arbiter", frequent, _principal("platform", "arbiter"))
    small = _principal("shop", "owner", shop_id=made.shops[-1])
    await _measure(pool, "a small shop among large ones", frequent, small)
    lead = _lead(made)
    for name, filters in {
        "by agent": Filters(author_id=made.agents[3]),
        "by group": Filters(group_id=made.groups[3]),
        "by buyer": Filters(buyer_id=made.buyers[5]),
        "cards only": Filters(kind="product"),
        "a year ago": Filters(until=utc_now() - timedelta(days=365)),
        "by an agent who never spoke": Filters(author_id=UUID(int=1)),
    }.items():
        await _measure(pool, name, frequent, lead, filters)


async def _measure(
    pool: Pool, name: str, questions: list[str], who: Principal, filters: Filters | None = None
) -> None:
    rng, took, found = random.Random(7), list[float](), 0
    for n in range(ROUNDS + len(questions)):
        question = "".join(
            str(rng.randrange(10)) if one == "#" else one for one in questions[n % len(questions)]
        )
        start = time.perf_counter()
        page = await search_chats(pool, who, question, filters=filters, now=utc_now())
        if n >= len(questions):  # the first of each brings its pages into memory
            took.append((time.perf_counter() - start) * 1000)
        found += len(page.found)
    say(
        "chat_search",
        percentile(took, 0.95),
        "ms, 95 of 100",
        asked=name,
        p50=round(percentile(took, 0.5), 2),
        p99=round(percentile(took, 0.99), 2),
        limit=LIMIT_MS,
        found=round(found / (ROUNDS + len(questions)), 1),
    )


def _lead(made: Made) -> Principal:
    return _principal("shop", "owner", shop_id=made.shops[0])


def _principal(kind: Any, role: str, **more: Any) -> Principal:
    fields = {"person_id": UUID(int=0), "kind": kind, "role": role, "name": role}
    return Principal(**fields | {"permissions": permissions_of(kind)} | more)


if __name__ == "__main__":
    asyncio.run(main())

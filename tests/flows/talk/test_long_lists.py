"""A page of conversations costs as much with twenty thousand of them as with twenty."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.base.db import Pool
from gongdao.chat.message import ROOT
from gongdao.flows.talk.list_talks import View, list_talks

TALKS, LINES, PAGE = 3_000, 1, 20
#: What a page may read: its conversations, their newest messages, whoever they are with.
READ_MAX = 12 * (PAGE + 1)

_FILL = """
INSERT INTO chat_conversations (id, shop_id, buyer_id, state, agent_id, opened_at, closed_at,
       closed_by, last_at, last_seq, head, answered_by, answered_seq)
SELECT gen_random_uuid(), $1, $2, 'closed', $3, at, at, 'agent', at, $4, $5, $3, $4
  FROM generate_series(1, $6::integer) AS n, LATERAL (SELECT $7::timestamptz - n * '20 s'::interval)
       AS t (at)
"""
_FILL_LINES = """
INSERT INTO chat_messages (conversation_id, seq, id, client_id, shop_id, buyer_id, author, kind,
       body, at, digest, hash)
SELECT c.id, n, gen_random_uuid(), gen_random_uuid(), c.shop_id, c.buyer_id, 'buyer', 'text',
       '{"text": "在吗"}', c.last_at, c.head, c.head
  FROM chat_conversations c, generate_series(1, c.last_seq) AS n WHERE c.buyer_id = $1
"""


class Explained:
    """The database, with how many rows each statement read in its tables and indexes."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.read: list[int] = []

    async def fetch(self, statement: str, *args: Any) -> Any:
        async with self._pool.acquire() as connection, connection.transaction():
            # A statement asked for often is planned for anybody's arguments.
            await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            plan = await connection.fetchval(
                f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", *args
            )
        self.read.append(rows_read(msgspec.json.decode(plan)[0]["Plan"]))
        return await self._pool.fetch(statement, *args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)


def rows_read(node: dict[str, Any]) -> int:
    """Rows that the scans of a plan looked at, kept or not."""
    below = sum(rows_read(each) for each in node.get("Plans", ()))
    if "Scan" not in node["Node Type"]:
        return below
    looked_at = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return below + round(looked_at * node["Actual Loops"])


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    town = await build_desk_town(pool)
    buyer, agent = town.people["李梅"].person_id, town.people["小安"].person_id
    await pool.execute(_FILL, town.shop_id, buyer, agent, LINES, ROOT, TALKS, utc_now())
    await pool.execute(_FILL_LINES, buyer)
    await pool.execute("ANALYZE chat_conversations, chat_messages")
    return town


async def test_a_page_reads_what_it_shows(town: DeskTown) -> None:
    long: tuple[View, ...] = ("all", "closed")
    for name in ("李梅", "小安", "仲裁员"):
        for view in (*long, "open", "waiting", "unanswered"):
            if (name, view) == ("仲裁员", "unanswered"):
                continue
            reads, shown = await three_pages(town, name, view)
            assert max(reads) <= READ_MAX, (name, view, reads)
            assert shown == (3 * PAGE if view in long and name != "仲裁员" else 0), (name, view)


async def test_what_the_planner_does_not_know_costs_nothing(town: DeskTown) -> None:
    """A buyer who wrote a lot since the last statistics: rows are sorted, and looked up no more."""
    await town.pool.execute("DROP INDEX chat_of_buyer")
    reads, shown = await three_pages(town, "李梅", "all")
    # Twice: by an index of the shop's or as they lie, in the table and in the index.
    assert shown == 3 * PAGE and max(reads) <= 2 * TALKS + READ_MAX, reads


async def three_pages(town: DeskTown, name: str, view: View) -> tuple[list[int], int]:
    """What reading three pages read, and how many conversations they showed."""
    database, asked = Explained(town.pool), utc_now() + timedelta(minutes=1)
    after, shown = None, 0
    for _ in range(3):
        page = await list_talks(
            database, town.people[name], view=view, after=after, limit=PAGE, now=asked
        )
        shown += len(page.briefs)
        after = read_cursor(page.after) if page.after else None
    return database.read, shown

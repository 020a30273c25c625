"""Several lists in one statement: each keeps its own values, types and order."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from gongdao.base.at_once import Question, ask_at_once
from gongdao.base.db import Pool


class Numbered(msgspec.Struct, frozen=True, kw_only=True):
    n: int
    at: datetime


class Named(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str


async def test_each_question_keeps_its_values_and_its_order(pool: Pool) -> None:
    at, someone = datetime(2026, 3, 1, 16, 0, 0, 5, tzinfo=UTC), UUID(int=7)
    counted = (
        "SELECT n, $2::timestamptz AS at FROM generate_series(1, $1::int) AS n ORDER BY n DESC"
    )
    named = "SELECT $1::uuid AS id, $2::text AS name"
    nothing = "SELECT $1::uuid AS id, '' AS name WHERE $1::uuid IS NULL"
    first, second, third = await ask_at_once(
        pool,
        [
            Question(counted, (3, at), Numbered),
            Question(nothing, (someone,), Named),
            Question(named, (someone, '李梅 \\ "'), Named),
        ],
    )
    assert first == [Numbered(n=n, at=at) for n in (3, 2, 1)]
    assert second == []
    assert third == [Named(id=someone, name='李梅 \\ "')]


async def test_no_question_asks_nothing(pool: Pool) -> None:
    assert await ask_at_once(pool, []) == []

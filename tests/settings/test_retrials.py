"""Comparisons that wait: each person has a few at a time."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.settings.retrials import WAITING_MAX, ask_retrial, note_found, take_retrial

NOW = datetime(2026, 5, 1, tzinfo=UTC)


async def test_nobody_fills_the_queue_alone(pool: Pool) -> None:
    me, other = new_id(), new_id()

    async def ask(by: UUID) -> None:
        await ask_retrial(pool, new_id(), pack="tmall-2026@1", since=NOW, by_id=by, now=NOW)

    for _ in range(WAITING_MAX):
        await ask(me)
    with pytest.raises(Refusal) as refused:
        await ask(me)
    assert refused.value.code == "rate_limited"
    await ask(other)
    taken = await take_retrial(pool, now=NOW)
    assert taken and taken.by_id == me
    with pytest.raises(Refusal):
        await ask(me)
    await note_found(pool, taken.id, b"{}", cases=0, now=NOW)
    await ask(me)

"""An id that a sender made and that is taken is a refusal; any other twin is a fault of ours."""

from uuid import UUID

import asyncpg
import pytest

from gongdao.base.db import Pool, refused_id

_TWICE = UUID(int=7)


async def test_an_id_that_is_taken_is_refused(pool: Pool) -> None:
    group = "INSERT INTO customer_groups VALUES ($1, $2, $3, $1, now())"
    await pool.execute(group, _TWICE, UUID(int=1), "A")
    with pytest.raises(asyncpg.UniqueViolationError) as same_id:
        await pool.execute(group, _TWICE, UUID(int=1), "B")
    with pytest.raises(asyncpg.UniqueViolationError) as same_name:
        await pool.execute(group, UUID(int=8), UUID(int=1), "a")
    refusal = refused_id(same_id.value)
    assert refusal and refusal.code == "idempotency_conflict"
    assert refused_id(same_name.value) is None
    assert refused_id(ValueError()) is None

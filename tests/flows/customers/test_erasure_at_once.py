"""An erasure, and what is written about the same customer at the same moment."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest
from tests.flows.market import START, Market, open_market, place_order

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.channels.secrets import Keyring
from gongdao.customers.customer import Request
from gongdao.customers.store import erase_kept, join_group, keep_sounds, lock_customers
from gongdao.flows.customers.keep import (
    keep_preference,
    put_in_group,
    take_out_of_group,
    write_note,
)
from gongdao.flows.customers.list_customers import keep_names_findable
from gongdao.flows.customers.rights import ask_shop, erase_on_request

_NOW = START + timedelta(days=1)
_KEPT = """
SELECT (SELECT count(*) FROM customer_notes WHERE text <> '')
       + (SELECT count(*) FROM customer_members) + (SELECT count(*) FROM customer_preferences)
"""
_WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted"
_NAMED = "SELECT name, sounds FROM customers"


@pytest.fixture
async def market(pool: Pool) -> Market:
    market = await open_market(pool)
    await place_order(market)
    return market


async def note(market: Market) -> None:
    buyer = market.buyer.person_id
    await write_note(market.pool, market.owner, buyer, "爱还价", note_id=new_id(), now=_NOW)


async def prefer(market: Market) -> None:
    await keep_preference(
        market.pool, market.owner, market.buyer.person_id, "尺码", "75B", now=_NOW
    )


async def group(market: Market) -> None:
    await put_in_group(market.pool, market.owner, [market.buyer.person_id], "regular", now=_NOW)


async def ungroup(market: Market) -> None:
    await take_out_of_group(market.pool, market.owner, [market.buyer.person_id], "regular")


async def ask_erasure(market: Market) -> Request:
    return await ask_shop(
        market.pool, market.buyer, market.shop_id, "erasure", "请", request_id=new_id(), now=_NOW
    )


async def until_waiting(pool: Pool) -> None:
    """Until somebody waits for a lock that another holds."""
    async with asyncio.timeout(20):
        while not await pool.fetchval(_WAITS):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("write", [note, prefer, group, ungroup])
async def test_what_is_written_while_an_erasure_goes_on_is_refused(
    market: Market, write: Callable[[Market], Coroutine[Any, Any, None]]
) -> None:
    async with market.pool.acquire() as connection, connection.transaction():
        await erase_kept(connection, market.shop_id, market.buyer.person_id, now=_NOW)
        writing = asyncio.create_task(write(market))
        await until_waiting(market.pool)
    with pytest.raises(Refusal, match="not_allowed_in_stage"):
        await writing
    assert await market.pool.fetchval(_KEPT) == 0
    await place_order(market, paid_at=_NOW + timedelta(days=30))
    await write(market)


async def test_an_erasure_waits_for_what_is_being_written(market: Market) -> None:
    request = await ask_erasure(market)
    buyer, owner = market.buyer.person_id, market.owner
    async with market.pool.acquire() as connection, connection.transaction():
        await lock_customers(connection, market.shop_id, [buyer])
        erasing = asyncio.create_task(
            erase_on_request(market.pool, Keyring(b"k" * 32), owner, request.id, now=_NOW)
        )
        await until_waiting(market.pool)
        await join_group(
            connection, market.shop_id, [buyer], "regular", by_id=owner.person_id, now=_NOW
        )
    assert (await erasing)["groups"] == 1
    assert await market.pool.fetchval(_KEPT) == 0


async def test_the_sound_of_a_name_is_not_written_again_once_it_is_erased(market: Market) -> None:
    pool, buyer = market.pool, market.buyer.person_id
    name = await pool.fetchval("SELECT name FROM customers")
    looked_up = [(market.shop_id, buyer, name, " sound s")]
    async with pool.acquire() as connection, connection.transaction():
        await erase_kept(connection, market.shop_id, buyer, now=_NOW)
        keeping = asyncio.create_task(keep_sounds(pool, looked_up))
        await until_waiting(pool)
    await keeping
    assert tuple(await pool.fetchrow(_NAMED) or ()) == ("", "")
    # A customer again, under another name: the sound of the old one is not theirs.
    await pool.execute("UPDATE people SET name = '王芳' WHERE id = $1", buyer)
    await place_order(market, paid_at=_NOW + timedelta(days=30))
    await keep_sounds(pool, looked_up)
    assert tuple(await pool.fetchrow(_NAMED) or ()) == ("王芳", None)
    await keep_names_findable(pool, now=_NOW)
    assert tuple(await pool.fetchrow(_NAMED) or ()) == ("王芳", " wangfang wf")

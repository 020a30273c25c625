"""Who confirms receipt is asked once more where something speaks of a scam."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from tests.flows.guard.watchful import NOW, begin, found_in, kept, operator
from tests.flows.market import Market, open_market, place_order

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import say_refusal
from gongdao.base.ids import new_id
from gongdao.flows.guard.confirm import confirm_knowingly
from gongdao.flows.guard.mark import MarkArgs, mark_finding
from gongdao.shops.reads import list_log
from gongdao.shops.store import Scope


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


async def confirm(market: Market, order_id: UUID, *, aware: bool = False) -> bool:
    async with market.pool.acquire() as connection:
        order = await confirm_knowingly(
            connection, market.buyer, order_id, aware=aware, now=NOW + timedelta(days=9)
        )
    return order.confirmed_at is not None


async def log(pool: Pool) -> list[dict[str, object]]:
    rows = await pool.fetch("SELECT detail FROM order_log WHERE what = 'confirmed'")
    return [msgspec.json.decode(row["detail"]) for row in rows]


@pytest.mark.fact("S0-32", "S0-36")
async def test_it_is_asked_once_more_and_kept_that_they_knew(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    order = await place_order(market)
    await kept(pool, found_in(talk))
    with pytest.raises(Refusal) as refused:
        await confirm(market, order.id)
    assert refused.value.code == "not_aware" and refused.value.rules == ("S0-36",)
    assert "AnyDesk" in say_refusal("zh", refused.value) and "货款" in say_refusal(
        "zh", refused.value
    )
    assert "AnyDesk" in say_refusal("en", refused.value)
    assert await pool.fetchval("SELECT count(*) FROM ledger_transfers WHERE kind = 'capture'") == 0
    for _ in range(2):
        assert await confirm(market, order.id, aware=True)
    assert await log(pool) == [{"aware_of": "remote-control"}]
    async with pool.acquire() as connection:
        (*_, mine) = await list_log(connection, order.id, scope=Scope(buyer_id=order.buyer_id))
        (*_, shops) = await list_log(connection, order.id, scope=Scope(shop_id=order.shop_id))
    assert mine.detail and shops.what == "confirmed" and not shops.detail
    assert await confirm(market, order.id)


async def test_without_a_sign_nobody_is_asked(market: Market) -> None:
    order = await place_order(market)
    assert await confirm(market, order.id)
    assert await log(market.pool) == [{}]


async def test_what_is_marked_wrong_asks_nobody(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    order = await place_order(market)
    one = await kept(pool, found_in(talk))
    boss = await operator(pool)
    args = MarkArgs(id=new_id(), finding_id=one.id, verdict="wrong", why="a game")
    await mark_finding(pool, boss, args, now=NOW)
    assert await confirm(market, order.id)


async def test_words_of_others_fill_no_field(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    order = await place_order(market)
    odd = found_in(talk)
    evidence = msgspec.structs.replace(odd.evidence[0], said="{signs} {0} AnyDesk")
    await kept(pool, msgspec.structs.replace(odd, evidence=(evidence,)))
    with pytest.raises(Refusal) as refused:
        await confirm(market, order.id)
    for locale in ("zh", "en"):
        assert "{signs} {0} AnyDesk" in say_refusal(locale, refused.value)

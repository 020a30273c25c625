"""Complaints in a shop's register and the privacy of the customer whose order they name."""

import io
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.flows.customers.test_privacy import KEYRING, ask
from tests.flows.market import START, Market, open_market, place_order

from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.customers.rights_store import log_of_pair
from gongdao.flows.customers.copy import copy_for_shop
from gongdao.flows.customers.rights import erase_on_request, see_privacy
from gongdao.flows.keep_register import act_on_entry, open_entry
from gongdao.register import commands as c
from gongdao.register.entry import Entry

_NOW = START + timedelta(days=1)
_LATER = (_NOW + timedelta(days=400), UUID(int=0))
PHONE, STORY = "13855501101", "冰箱门关不严"


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


async def complaint(market: Market, order_number: str) -> Entry:
    args = c.EntryArgs(
        name="李梅", phone=PHONE, reason="quality", story=STORY, order_number=order_number,
        signature="小美",
    )  # fmt: skip
    return (await open_entry(market.pool, market.owner, args, now=_NOW)).entry


async def look(market: Market, entry: Entry, key: str) -> int:
    kept = await act_on_entry(
        market.pool, market.owner, entry.id, "show_contact", c.NothingArgs(), now=_NOW, key=key
    )
    return kept.number


async def test_a_look_in_the_register_stands_with_the_other_looks(market: Market) -> None:
    order = await place_order(market)
    pool, buyer = market.pool, market.buyer.person_id
    entry = await complaint(market, order.number)
    number = await look(market, entry, "once")
    await look(market, entry, "once")
    (seen,) = await log_of_pair(pool, market.shop_id, buyer)
    assert (seen.what, seen.why, seen.order_id, seen.by_id, seen.at) == (
        "complaint_shown", str(number), order.id, market.owner.person_id, _NOW,
    )  # fmt: skip
    assert (await see_privacy(pool, market.buyer, before=_LATER)).log == [seen]
    await look(market, entry, "twice")
    await look(market, await complaint(market, ""), "of nobody")
    assert len(await log_of_pair(pool, market.shop_id, buyer)) == 2


async def test_the_copy_holds_complaints_about_ones_orders_also_after_an_erasure(
    market: Market,
) -> None:
    order = await place_order(market)
    await complaint(market, "")
    entry = await complaint(market, order.number)
    (held,) = await complaints_held(market)
    assert (held["intake"]["customer"]["phone"], held["intake"]["story"]) == (PHONE, STORY)
    request = await ask(market, "erasure")
    await erase_on_request(market.pool, KEYRING, market.owner, request.id, now=_NOW)
    assert await complaints_held(market) == [held], "kept by law, as the page says"
    assert await look(market, entry, "after") == held["number"]


async def complaints_held(market: Market) -> list[dict[str, Any]]:
    content = await copy_for_shop(
        market.pool, market.owner, market.buyer.person_id,
        look_id=new_id(), locale="zh", now=_NOW,
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "投诉" in archive.read("README.txt").decode()
        return msgspec.json.decode(archive.read("data.json"))["complaints"]

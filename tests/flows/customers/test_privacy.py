"""Masked numbers, looks that are kept, copies, and erasure as far as the law lets a record go."""

import io
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace
from tests.flows.market import START, Market, open_market, place_order

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.channels.secrets import Keyring
from gongdao.customers.customer import Asked, Request
from gongdao.customers.rights_store import log_of_pair
from gongdao.flows.customers.copy import copy_for_buyer, copy_for_shop
from gongdao.flows.customers.keep import keep_preference, put_in_group, write_note
from gongdao.flows.customers.list_customers import Wanted, list_customers
from gongdao.flows.customers.reveal import receiver_for, reveal_receiver
from gongdao.flows.customers.rights import (
    ask_shop,
    erase_on_request,
    hand_over_copy,
    refuse_request,
    see_log,
    see_privacy,
    see_requests,
    withdraw_request,
)
from gongdao.flows.customers.see_customer import see_customer
from gongdao.shops.shop import Address
from gongdao.shops.store import Scope, change_receiver, load_purchase

KEYRING = Keyring(b"k" * 32)
_NOW = START + timedelta(days=1)
_LATER = (_NOW + timedelta(days=400), UUID(int=0))
_RECEIVER = Address(name="李梅", phone="13812341234", address="浙江省杭州市西湖区文三路 100 号")


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


async def sent_to(market: Market) -> UUID:
    """An order of the buyer with an address."""
    order = await place_order(market)
    async with market.pool.acquire() as connection:
        await change_receiver(connection, order.id, _RECEIVER)
    return order.id


async def ask(market: Market, what: Asked) -> Request:
    return await ask_shop(
        market.pool, market.buyer, market.shop_id, what, "请", request_id=new_id(), now=_NOW
    )


async def test_a_look_needs_a_reason_and_leaves_a_trace(market: Market) -> None:
    order_id = await sent_to(market)
    buyer, owner, pool = market.buyer.person_id, market.owner, market.pool
    seen = await see_customer(pool, owner, buyer, now=_NOW)
    assert [each.shown for each in seen.receivers] == [
        Address(name="李**", phone="138****1234", address="浙江省杭州市西湖区****")
    ]

    async def look(why: str, *, order: UUID = order_id, of: UUID = buyer, **who: Any) -> Address:
        asks = replace(owner, **who)
        return await reveal_receiver(pool, asks, of, order, why=why, look_id=new_id(), now=_NOW)

    for why in ("", " ", "x", "x" * 501, "x\x00x"):
        with pytest.raises(Refusal, match="reason_required"):
            await look(why)
    with pytest.raises(Refusal, match="wrong_role"):
        await look("电话确认", permissions=frozenset({"customers.read"}))
    for wrong in ({"order": new_id()}, {"of": new_id()}):
        with pytest.raises(Refusal, match="not_found"):
            await look("电话确认", **wrong)
    other = await open_market(pool)
    with pytest.raises(Refusal, match="not_found"):
        await look("电话确认", shop_id=other.shop_id)
    assert await log_of_pair(pool, market.shop_id, buyer) == [], "nothing was seen"
    assert await look("电话确认送货") == _RECEIVER
    own = await see_privacy(pool, market.buyer, before=_LATER)
    assert [(each.what, each.why, each.by_id) for each in own.log] == [
        ("revealed", "电话确认送货", owner.person_id)
    ]
    assert len((await see_log(pool, owner, before=_LATER)).entries) == 1
    assert (await see_log(pool, other.owner, before=_LATER)).entries == []
    with pytest.raises(Exception, match="append-only"):
        await pool.execute("DELETE FROM customer_log")


async def test_whoever_still_has_to_send_it_sees_where(market: Market) -> None:
    order_id = await sent_to(market)
    async with market.pool.acquire() as connection:
        purchase = await load_purchase(connection, order_id, scope=Scope(platform=True))
    assert purchase
    to_send = replace(purchase, order=replace(purchase.order, shipped_at=None, signed_at=None))
    reader = replace(market.owner, permissions=frozenset({"order.read"}))
    assert receiver_for(market.owner, to_send) == _RECEIVER
    assert receiver_for(market.owner, purchase).phone == "138****1234"
    assert receiver_for(reader, to_send).phone == "138****1234"
    assert receiver_for(market.buyer, purchase) == _RECEIVER
    assert receiver_for(market.arbiter, purchase) == _RECEIVER


async def test_erasure_takes_what_is_kept_and_leaves_what_the_law_keeps(market: Market) -> None:
    order_id = await sent_to(market)
    pool, owner, buyer = market.pool, market.owner, market.buyer.person_id
    await write_note(pool, owner, buyer, "爱还价", note_id=new_id(), now=_NOW)
    await keep_preference(pool, owner, buyer, "尺码", "75B", now=_NOW)
    await put_in_group(pool, owner, [buyer], "regular", now=_NOW)
    request = await ask(market, "erasure")
    assert await ask_again(market, request) == request
    with pytest.raises(Refusal, match="duplicate"):
        await ask(market, "erasure")
    counts = await erase_on_request(pool, KEYRING, owner, request.id, now=_NOW)
    assert counts == {"notes": 1, "groups": 1, "preferences": 1, "wishes": 0}
    with pytest.raises(Refusal, match="not_allowed_in_stage"):
        await erase_on_request(pool, KEYRING, owner, request.id, now=_NOW)
    seen = await see_customer(pool, owner, buyer, now=_NOW)
    assert (seen.groups, seen.preferences, seen.history.notes) == ([], [], [])
    assert [order.id for order in seen.history.orders] == [order_id]
    assert seen.customer.erased_at == _NOW
    named = "SELECT name, sounds FROM customers WHERE buyer_id = $1"
    assert tuple(await pool.fetchrow(named, buyer) or ()) == ("", "")
    kept = await load_purchase(pool, order_id, scope=Scope(shop_id=market.shop_id))
    assert kept and kept.remarks.receiver == _RECEIVER
    texts = await pool.fetch("SELECT text, erased_at FROM customer_notes")
    assert [tuple(row) for row in texts] == [("", _NOW)]
    assert (await list_customers(pool, owner, Wanted(), now=_NOW)).briefs == []
    log = await log_of_pair(pool, market.shop_id, buyer)
    assert {each.what for each in log} == {"erased", "asked_erasure"}
    assert next(each for each in log if each.what == "erased").counts == counts
    await place_order(market, paid_at=_NOW + timedelta(days=30))
    (again,) = (await list_customers(pool, owner, Wanted(), now=_NOW)).briefs
    called = await pool.fetchval("SELECT name FROM people WHERE id = $1", buyer)
    assert called and (again.name, again.groups) == (called, ())
    assert tuple(await pool.fetchrow(named, buyer) or ()) == (called, None)
    await pool.execute("UPDATE people SET name = 'x' WHERE id = $1", buyer)
    await place_order(market, paid_at=_NOW + timedelta(days=40))
    (same,) = (await list_customers(pool, owner, Wanted(), now=_NOW)).briefs
    assert same.name == called, "only an erasure lets go of the name that the shop knows"


async def ask_again(market: Market, request: Request) -> Request:
    return await ask_shop(
        market.pool,
        market.buyer,
        market.shop_id,
        request.what,
        request.words,
        request_id=request.id,
        now=_NOW + timedelta(minutes=1),
    )


async def test_a_request_has_a_clock_and_a_refusal_its_ground(market: Market) -> None:
    await sent_to(market)
    pool, owner = market.pool, market.owner
    request = await ask(market, "erasure")
    # 15 working days after Tuesday 3 March 2026: Tuesday 24 March.
    assert request.due_at == _NOW + timedelta(days=21)
    assert [each.id for each in (await see_requests(pool, owner)).open] == [request.id]
    for ground in ("", " ", "x" * 501):
        with pytest.raises(Refusal, match="reason_required"):
            await refuse_request(pool, owner, request.id, ground, now=_NOW)
    await refuse_request(pool, owner, request.id, "纠纷未结", now=_NOW)
    own = await see_privacy(pool, market.buyer, before=_LATER)
    assert [(each.answer, each.ground) for each in own.requests] == [("refused", "纠纷未结")]
    with pytest.raises(Refusal, match="not_allowed_in_stage"):
        await withdraw_request(pool, market.buyer, request.id, now=_NOW)
    second = await ask(market, "erasure")
    await withdraw_request(pool, market.buyer, second.id, now=_NOW)
    with pytest.raises(Refusal, match="not_allowed_in_stage"):
        await erase_on_request(pool, KEYRING, owner, second.id, now=_NOW)


async def test_a_copy_holds_everything_and_its_making_is_kept(market: Market) -> None:
    await sent_to(market)
    pool, owner, buyer = market.pool, market.owner, market.buyer.person_id
    await write_note(pool, owner, buyer, "爱还价", note_id=new_id(), now=_NOW)
    await put_in_group(pool, owner, [buyer], "regular", now=_NOW)
    held = read(await copy_for_shop(pool, owner, buyer, look_id=new_id(), locale="zh", now=_NOW))
    assert held["orders"][0]["receiver"]["phone"] == _RECEIVER.phone
    assert [note["text"] for note in held["notes"]] == ["爱还价"]
    assert held["groups"] == ["老客"]
    assert [look["what"] for look in held["who_looked"]] == ["exported"]
    request = await ask(market, "copy")
    with pytest.raises(Refusal, match="not_allowed_in_stage"):
        await copy_for_buyer(pool, market.buyer, request.id, locale="en", now=_NOW)
    with pytest.raises(Refusal, match="not_found"):
        await erase_on_request(pool, KEYRING, owner, request.id, now=_NOW)
    await hand_over_copy(pool, owner, request.id, now=_NOW)
    mine = await copy_for_buyer(pool, market.buyer, request.id, locale="en", now=_NOW)
    assert read(mine)["name"] == "buyer"
    stranger = replace(market.buyer, person_id=new_id())
    with pytest.raises(Refusal, match="not_found"):
        await copy_for_buyer(pool, stranger, request.id, locale="en", now=_NOW)


async def test_nobody_answers_for_another_shop_or_asks_for_another_person(market: Market) -> None:
    await sent_to(market)
    pool, buyer = market.pool, market.buyer.person_id
    request = await ask(market, "erasure")
    other = await open_market(pool)
    for deed in (
        lambda: erase_on_request(pool, KEYRING, other.owner, request.id, now=_NOW),
        lambda: refuse_request(pool, other.owner, request.id, "x", now=_NOW),
        lambda: hand_over_copy(pool, other.owner, request.id, now=_NOW),
        lambda: withdraw_request(pool, other.buyer, request.id, now=_NOW),
        lambda: copy_for_shop(pool, other.owner, buyer, look_id=new_id(), locale="zh", now=_NOW),
    ):
        with pytest.raises(Refusal, match="not_found"):
            await deed()
    assert (await see_requests(pool, other.owner)).open == []
    with pytest.raises(Refusal, match="not_found"):
        await ask_shop(pool, other.buyer, market.shop_id, "copy", "", request_id=new_id(), now=_NOW)
    with pytest.raises(Refusal, match="duplicate"):
        # The id of somebody else's request makes none of one's own.
        await place_order(replace(market, buyer=other.buyer))
        await ask_shop(
            pool, other.buyer, market.shop_id, "erasure", "", request_id=request.id, now=_NOW
        )


def read(content: bytes) -> dict[str, Any]:
    """What is in a copy."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert set(archive.namelist()) == {"data.json", "README.txt"}
        return msgspec.json.decode(archive.read("data.json"))

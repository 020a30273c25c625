"""What a buyer may write as the receiver of a parcel: something that a carrier can use."""

import pytest
from tests.flows.orders.day_town import HOME, order_of, wish
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.flows.change_address import change_address
from gongdao.flows.orders.check_receiver import ask_receiver, correct_receiver, see_check
from gongdao.shops.shop import Address


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


@pytest.mark.fact("S0-16")
async def test_a_number_that_nobody_can_call_is_refused_and_nothing_is_changed(town: DeskTown):
    order = await order_of(town, paid=True)
    asked = await ask_receiver(town.pool, wish(town, order))
    buyer = town.people["李梅"]
    for phone in ("abc", "没有", "1234", "--------"):
        wrong = Address(name="李梅", phone=phone, address="浙江省杭州市文三路 9 号")
        with pytest.raises(Refusal) as refused:
            await correct_receiver(town.pool, buyer, asked.id, wrong, now=utc_now())
        assert refused.value.code == "invalid"
    seen = await see_check(town.pool, buyer, asked.id)
    assert seen.may_answer and seen.receiver == HOME


async def test_what_a_telephone_copies_along_is_left_out(town: DeskTown):
    order = await order_of(town, paid=True)
    copied = Address(
        name="李梅\u200b",
        phone="\u202d138 0000 2222\u202c",
        address="杭州市文三路\u200e 9 号 👨‍👩‍👧",
    )
    await change_address(town.pool, wish(town, order, "李梅"), copied)
    row = await town.pool.fetchrow(
        "SELECT receiver_name, receiver_phone, receiver_address FROM orders WHERE id = $1", order.id
    )
    assert row and tuple(row) == ("李梅", "138 0000 2222", "杭州市文三路 9 号 👨👩👧")
    for phone in ("+86 (571) 8888-1234", "0571-88881234 转 12", "１３８００００３３３３"):
        other = Address(name="李梅", phone=phone, address="杭州市")
        await change_address(town.pool, wish(town, order, "李梅"), other)
    with pytest.raises(Refusal):
        await change_address(
            town.pool, wish(town, order, "李梅"),
            Address(name="李\x07梅", phone="13800001111", address="杭州市"),
        )  # fmt: skip

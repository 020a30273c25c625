"""A buyer hears of a parcel once, one way, whatever dies; and what a receiver check keeps."""

import asyncio
from datetime import timedelta

import pytest
from tests.flows.orders.day_town import HOME, order_of, said_to, wish
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.channels.sms import TextMessage
from gongdao.channels.sms_simulator import SmsSimulator
from gongdao.flows.orders.check_receiver import (
    ask_receiver,
    confirm_receiver,
    correct_receiver,
    see_check,
)
from gongdao.flows.orders.contact_buyer import contact_buyer
from gongdao.flows.orders.dispatch_order import dispatch_order
from gongdao.flows.orders.rules import set_rules
from gongdao.flows.orders.tell_dispatch import tell_next_dispatch
from gongdao.flows.read_notices import list_notices
from gongdao.settings.setting import DayRules
from gongdao.shops.dispatch_store import notices_of_orders
from gongdao.shops.shop import Address


@pytest.fixture
async def town(pool: Pool) -> DeskTown:
    return await build_desk_town(pool)


class DyingSms(SmsSimulator):
    """A provider that has sent, while the worker that asked dies before it hears so."""

    async def send(self, message: TextMessage) -> None:
        await super().send(message)
        raise ConnectionError("the worker is gone")


async def sent_away(town: DeskTown, **more: object):
    order = await order_of(town, paid=True, **more)
    await dispatch_order(town.pool, wish(town, order), carrier="圆通速递", tracking="YT77")
    return order


async def way_of(town: DeskTown, order: object) -> tuple[str | None, int]:
    (notice,) = await notices_of_orders(town.pool, [order.id])  # pyright: ignore
    return notice.way, notice.tries


@pytest.mark.fact("S0-44", "S0-50")
async def test_who_talks_with_the_shop_hears_of_it_in_the_chat_once(town: DeskTown):
    earlier = await order_of(town, hours=13)
    await contact_buyer(town.pool, wish(town, earlier), "unpaid")
    order = await sent_away(town)
    await dispatch_order(town.pool, wish(town, order), carrier="圆通速递", tracking="YT77")
    told = await asyncio.gather(
        *(tell_next_dispatch(town.pool, None, now=utc_now()) for _ in range(4))
    )
    assert sum(told) == 1
    assert len([text for text in await said_to(town, "李梅") if "YT77" in text]) == 1
    assert await way_of(town, order) == ("chat", 0)


@pytest.mark.fact("S0-44")
async def test_who_does_not_talk_gets_a_notice(town: DeskTown):
    order = await sent_away(town)
    assert await tell_next_dispatch(town.pool, None, now=utc_now())
    assert await way_of(town, order) == ("letter", 0)
    listed = await list_notices(town.pool, town.people["李梅"])
    assert [line.type for line in listed.lines] == ["order_shipped"]


@pytest.mark.fact("S0-44")
async def test_a_text_message_goes_out_once_though_the_worker_died(town: DeskTown):
    buyer = town.people["李梅"].person_id
    await town.pool.execute("UPDATE people SET password_hash = NULL WHERE id = $1", buyer)
    order = await sent_away(town)
    assert await tell_next_dispatch(town.pool, SmsSimulator(town.pool), now=utc_now())
    # The shop does not pay for text messages.
    assert await way_of(town, order) == ("none", 0)
    rules = DayRules(sms=True)
    await set_rules(town.pool, town.people["老板"], rules, seen=0, reason="短信", now=utc_now())
    order = await sent_away(town)
    with pytest.raises(ConnectionError):
        await tell_next_dispatch(town.pool, DyingSms(town.pool), now=utc_now())
    assert not await tell_next_dispatch(town.pool, SmsSimulator(town.pool), now=utc_now())
    later = utc_now() + timedelta(minutes=3)
    assert await tell_next_dispatch(town.pool, SmsSimulator(town.pool), now=later)
    assert await way_of(town, order) == ("sms", 0)
    count = "SELECT count(*) FROM sms_sim_messages WHERE text LIKE '%' || $1 || '%'"
    assert await town.pool.fetchval(count, order.number) == 1


async def test_a_provider_that_is_busy_is_asked_again_and_one_that_refuses_is_not(town: DeskTown):
    buyer = town.people["李梅"].person_id
    await town.pool.execute("UPDATE people SET password_hash = NULL WHERE id = $1", buyer)
    rules = DayRules(sms=True)
    await set_rules(town.pool, town.people["老板"], rules, seen=0, reason="短信", now=utc_now())
    sms = SmsSimulator(town.pool)
    refused = await sent_away(town, receiver=Address(name="x", phone="13800000404", address="x"))
    assert await tell_next_dispatch(town.pool, sms, now=utc_now())
    assert await way_of(town, refused) == ("none", 0)
    busy = await sent_away(town, receiver=Address(name="x", phone="13800000503", address="x"))
    now = utc_now()
    for tries in range(1, 5):
        now += timedelta(hours=7)
        assert await tell_next_dispatch(town.pool, sms, now=now)
        assert await way_of(town, busy) == (None, tries)
    assert await tell_next_dispatch(town.pool, sms, now=now + timedelta(hours=7))
    assert (await way_of(town, busy))[0] == "none"


@pytest.mark.fact("S0-43", "S0-48", "S0-50")
async def test_a_receiver_is_asked_about_once_and_the_answer_is_kept(town: DeskTown):
    order = await order_of(town, paid=True)
    check = await ask_receiver(town.pool, wish(town, order))
    again = await ask_receiver(town.pool, wish(town, order))
    colleague = await ask_receiver(town.pool, wish(town, order, "小宝"))
    assert check.id == again.id == colleague.id
    assert (await said_to(town, "李梅")).count("receiver") == 1
    buyer, stranger, now = town.people["李梅"], town.people["王强"], utc_now()
    for foreign in (see_check(town.pool, stranger, check.id),
                    confirm_receiver(town.pool, stranger, check.id, now=now)):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            await foreign
        assert refused.value.code == "not_found"
    with pytest.raises(Refusal):
        await confirm_receiver(town.pool, town.people["小安"], check.id, now=now)
    for _ in range(2):
        seen = await confirm_receiver(town.pool, buyer, check.id, now=utc_now())
        assert (seen.check.answer, seen.receiver, seen.check.answered_by) == (
            "confirmed", HOME, buyer.person_id,
        )  # fmt: skip
    new = Address(name="李梅", phone="13800002222", address="杭州市文三路 9 号")
    with pytest.raises(Refusal) as twice:
        await correct_receiver(town.pool, buyer, check.id, new, now=utc_now())
    assert twice.value.code == "duplicate"
    second = await ask_receiver(town.pool, wish(town, order))
    with pytest.raises(Refusal) as half:
        await correct_receiver(town.pool, buyer, second.id, Address(name="李梅"), now=utc_now())
    assert half.value.code == "invalid"
    seen = await correct_receiver(town.pool, buyer, second.id, new, now=utc_now())
    assert (seen.check.was, seen.receiver) == (HOME, new)
    third = await ask_receiver(town.pool, wish(town, order))
    await dispatch_order(town.pool, wish(town, order), carrier="圆通速递", tracking="YT5")
    with pytest.raises(Refusal) as gone:
        await confirm_receiver(town.pool, buyer, third.id, now=utc_now())
    assert gone.value.code == "not_allowed_in_stage"
    with pytest.raises(Refusal):
        await ask_receiver(town.pool, wish(town, order))

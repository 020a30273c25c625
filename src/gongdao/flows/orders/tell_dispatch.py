"""The buyer hears that a parcel has left: in the chat, by mail, by a notice, or by text message.

One way and once for a parcel. What we keep ourselves is written in the transaction that ends the
notice; a text message goes out under the notice's id, which its provider takes once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gongdao.base.db import Connection, Pool
from gongdao.base.i18n import N_, Locale, translate
from gongdao.channels.sms import Sms, SmsRefused, SmsUnavailable, TextMessage
from gongdao.chat.conversation import Conversation
from gongdao.chat.store import load_conversation
from gongdao.flows.notify_orders import tell_other_side
from gongdao.flows.orders.desk import rules_of
from gongdao.flows.orders.write_buyer import newest_talk
from gongdao.flows.talk.say import say_line
from gongdao.shops.dispatch_store import (
    CLAIM,
    DispatchNotice,
    end_notice,
    put_off,
    take_notice,
)
from gongdao.shops.purchase import Purchase
from gongdao.shops.store import Scope, load_purchase

#: How long a text message waits after each failure; after the last one it is given up.
WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
_NUMBERS = "SELECT array_agg(number ORDER BY placed_at, id) FROM orders WHERE id = ANY ($1::uuid[])"
# Who signs in reads notices; the shipper is not the buyer.
_BUYER = "SELECT password_hash IS NOT NULL AS reads, locale FROM people WHERE id = $1"
_SHIPPER = """
SELECT by_id FROM order_log WHERE order_id = $1 AND what = 'shipped' ORDER BY position DESC LIMIT 1
"""


async def tell_next_dispatch(pool: Pool, sms: Sms | None, *, now: datetime) -> bool:
    """Tell the next parcel that is due; False when none is."""
    async with pool.acquire() as connection, connection.transaction():
        notice = await take_notice(connection, now=now)
        if notice is None:
            return False
        purchase = await load_purchase(
            connection, notice.order_id, scope=Scope(shop_id=notice.shop_id)
        )
        assert purchase, "orders are never deleted"
        message = await _tell_here(connection, notice, purchase, sms, now=now)
    if message and sms:
        await _send(pool, sms, notice, message, now=now)
    return True


async def _tell_here(
    connection: Connection,
    notice: DispatchNotice,
    purchase: Purchase,
    sms: Sms | None,
    *,
    now: datetime,
) -> TextMessage | None:
    """Tell it by what is in our own hands; else the text message that is to be sent."""
    order = purchase.order
    buyer = await connection.fetchrow(_BUYER, order.buyer_id)
    locale: Locale = "en" if buyer and buyer["locale"] == "en" else "zh"
    numbers: Sequence[str] = await connection.fetchval(_NUMBERS, notice.order_ids)
    talk = await _talk(connection, notice, purchase, closed_too=False)
    if talk is not None:
        await _say(connection, notice, talk, numbers, now=now)
        way = "mail" if talk.channel == "mail" else "chat"
        await end_notice(connection, notice.id, way, now=now)
        return None
    if buyer and buyer["reads"]:
        await end_notice(connection, notice.id, "letter", now=now)
        shipper = await connection.fetchval(_SHIPPER, order.id)
        await tell_other_side(connection, order, "shipped", shipper or order.shop_id)
        return None
    phone = purchase.remarks.receiver.phone
    if sms and phone and (await rules_of(connection, notice.shop_id)).sms:
        await put_off(connection, notice.id, until=now + CLAIM)
        return TextMessage(key=notice.id, phone=phone, text=_text(notice, numbers, locale))
    talk = await _talk(connection, notice, purchase, closed_too=True)
    if talk is not None:
        await _say(connection, notice, talk, numbers, now=now)
        await end_notice(connection, notice.id, "chat", now=now)
    else:
        await end_notice(connection, notice.id, "none", now=now)
    return None


async def _talk(
    connection: Connection, notice: DispatchNotice, purchase: Purchase, *, closed_too: bool
) -> Conversation | None:
    found = await newest_talk(
        connection, notice.shop_id, purchase.order.buyer_id, closed_too=closed_too
    )
    return await load_conversation(connection, found) if found else None


async def _say(
    connection: Connection,
    notice: DispatchNotice,
    talk: Conversation,
    numbers: Sequence[str],
    *,
    now: datetime,
) -> None:
    text = _text(notice, numbers, talk.locale)
    await say_line(
        connection, talk, "dispatched", once=str(notice.id), now=now, fields={"text": text}
    )


async def _send(
    pool: Pool, sms: Sms, notice: DispatchNotice, message: TextMessage, *, now: datetime
) -> None:
    try:
        await sms.send(message)
    except SmsRefused as refused:
        await end_notice(pool, notice.id, "none", now=now, trouble=str(refused))
    except SmsUnavailable as unavailable:
        trouble = str(unavailable)
        if notice.tries < len(WAITS):
            until = now + WAITS[notice.tries]
            await put_off(pool, notice.id, until=until, trouble=trouble)
        else:
            await end_notice(pool, notice.id, "none", now=now, trouble=trouble)
    else:
        await end_notice(pool, notice.id, "sms", now=now)


def _text(notice: DispatchNotice, numbers: Sequence[str], locale: Locale) -> str:
    said = N_("Your order {numbers} has left with {carrier}, number {tracking}.")
    fields = {
        "numbers": ("、" if locale == "zh" else ", ").join(numbers),
        "carrier": notice.carrier,
        "tracking": notice.tracking,
    }
    return translate(locale, said, fields)

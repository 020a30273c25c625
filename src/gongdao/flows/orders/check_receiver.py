"""The receiver is checked before the buyer leaves: a card asks, one tap confirms."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.chat.store import load_conversation
from gongdao.flows.change_address import change_address, read_receiver
from gongdao.flows.change_line import require_buyer
from gongdao.flows.order_desk import Wish
from gongdao.flows.orders.desk import lock_for
from gongdao.flows.orders.write_buyer import say_to_buyer, talk_with
from gongdao.flows.talk.say import say_line
from gongdao.shops.amend import may_change, require_unshipped
from gongdao.shops.purchase import Purchase
from gongdao.shops.receiver import ReceiverCheck
from gongdao.shops.receiver_store import answer_check, load_check, open_check
from gongdao.shops.shop import Address
from gongdao.shops.store import Scope, load_purchase, lock_purchase


class SeenCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A question with what it asks about: the receiver as it is now, or as it was answered."""

    check: ReceiverCheck
    number: str
    receiver: Address
    may_answer: bool
    """Nothing has left, and nobody has answered."""
    version: int


async def ask_receiver(pool: Pool, wish: Wish) -> ReceiverCheck:
    """Send the card into the conversation; while a question is open it is not asked again.

    Raises Refusal: wrong_role, not_found, not_allowed_in_stage, and what the chat refuses.
    """
    async with pool.acquire() as connection, connection.transaction():
        purchase = await lock_for(connection, wish, "chat.serve")
        order = purchase.order
        require_unshipped(order)
        if not purchase.remarks.receiver.address:
            raise Refusal("invalid", N_("This order has no address to be checked."))
    talk = await talk_with(pool, wish.who, buyer_id=order.buyer_id, order_id=order.id, now=wish.now)
    asked = ReceiverCheck(
        id=new_id(),
        shop_id=order.shop_id,
        order_id=order.id,
        asked_by=wish.who.person_id,
        asked_at=wish.now,
        conversation_id=talk.id,
        message_id=new_id(),
    )
    async with pool.acquire() as connection, connection.transaction():
        check = await open_check(connection, asked)
    if check.asked_by == wish.who.person_id:
        await _send(pool, wish.who, check, now=wish.now)
    changed((f"shop:{order.shop_id}",))
    return check


async def _send(pool: Pool, who: Principal, check: ReceiverCheck, *, now: datetime) -> None:
    """The card, once; a question that never reached its conversation is asked there now."""
    await say_to_buyer(
        pool,
        who,
        check.conversation_id,
        message_id=check.message_id,
        kind="receiver",
        body={"check_id": str(check.id), "order_id": str(check.order_id)},
        now=now,
    )


async def see_check(pool: Pool, who: Principal, check_id: UUID) -> SeenCheck:
    """The question, for the buyer and the shop of its order. Raises Refusal not_found."""
    async with pool.acquire() as connection:
        check, purchase = await _of(connection, who, check_id)
    return _seen(check, purchase)


async def confirm_receiver(
    pool: Pool, who: Principal, check_id: UUID, *, now: datetime
) -> SeenCheck:
    """The buyer says that all of it is right; again it changes nothing.

    Raises Refusal: wrong_role, not_found, not_allowed_in_stage, duplicate (they changed it).
    """
    require_buyer(who)
    async with pool.acquire() as connection, connection.transaction():
        check, purchase = await _of(connection, who, check_id)
        await lock_purchase(connection, check.order_id, scope=_scope(who))
        if check.answer is None:
            require_unshipped(purchase.order)
            await answer_check(
                connection,
                check_id,
                "confirmed",
                was=None,
                receiver=purchase.remarks.receiver,
                by=who.person_id,
                now=now,
            )
        check, purchase = await _of(connection, who, check_id)
        if check.answer != "confirmed":
            raise Refusal("duplicate", N_("You have changed the receiver; there is nothing open."))
    await _tell(pool, check, purchase, now=now)
    return _seen(check, purchase)


async def correct_receiver(
    pool: Pool, who: Principal, check_id: UUID, receiver: Address, *, now: datetime
) -> SeenCheck:
    """The buyer writes what is right; the parcel goes there, as with any change of address.

    Raises Refusal: wrong_role, not_found, invalid, not_allowed_in_stage, duplicate.
    """
    require_buyer(who)
    receiver = read_receiver(receiver)
    async with pool.acquire() as connection:
        check, purchase = await _of(connection, who, check_id)
    if check.answer == "confirmed":
        raise Refusal("duplicate", N_("You have confirmed it; change it on the page of the order."))
    if check.answer == "changed" and check.receiver != receiver:
        raise Refusal(
            "duplicate", N_("You have changed it already; change it on the page of the order.")
        )
    was = check.was or purchase.remarks.receiver
    await change_address(pool, Wish(who=who, order_id=check.order_id, now=now), receiver)
    async with pool.acquire() as connection, connection.transaction():
        _, purchase = await _of(connection, who, check_id)
        await answer_check(
            connection,
            check_id,
            "changed",
            was=was,
            receiver=purchase.remarks.receiver,
            by=who.person_id,
            now=now,
        )
        check, purchase = await _of(connection, who, check_id)
    await _tell(pool, check, purchase, now=now)
    return _seen(check, purchase)


async def _of(
    connection: Connection, who: Principal, check_id: UUID
) -> tuple[ReceiverCheck, Purchase]:
    check = await load_check(connection, check_id)
    purchase = await load_purchase(connection, check.order_id, scope=_scope(who)) if check else None
    if check is None or purchase is None:
        raise Refusal("not_found", N_("There is no such question."))
    return check, purchase


def _scope(who: Principal) -> Scope:
    if who.kind == "buyer":
        return Scope(buyer_id=who.person_id)
    if who.kind == "shop":
        return Scope(shop_id=who.shop_id)
    raise Refusal("not_found", N_("There is no such question."))


def _seen(check: ReceiverCheck, purchase: Purchase) -> SeenCheck:
    return SeenCheck(
        check=check,
        number=purchase.order.number,
        receiver=check.receiver or purchase.remarks.receiver,
        may_answer=check.answer is None and may_change(purchase.order),
        version=purchase.version,
    )


async def _tell(pool: Pool, check: ReceiverCheck, purchase: Purchase, *, now: datetime) -> None:
    """A line stands in the talk, once; the page of the order shows it, too."""
    talk = await load_conversation(pool, check.conversation_id)
    assert talk, "conversations are never deleted"
    event = f"receiver_{check.answer}"
    fields: dict[str, str | int] = {"number": purchase.order.number}
    await say_line(pool, talk, event, once=str(check.id), now=now, fields=fields)
    changed((f"shop:{check.shop_id}",))

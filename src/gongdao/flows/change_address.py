"""A buyer sends the parcel somewhere else, before it leaves."""

import unicodedata

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.change_line import require_buyer
from gongdao.flows.notify_orders import tell_other_side
from gongdao.flows.order_desk import Wish, saying, take_up, tell_sides, write_log
from gongdao.shops.amend import require_unshipped
from gongdao.shops.order import Order
from gongdao.shops.shop import Address
from gongdao.shops.store import change_receiver

NAME_MAX, PHONE_MAX, ADDRESS_MAX = 60, 40, 200
#: The shortest numbers that carriers can call.
DIGITS_MIN = 5


async def change_address(pool: Pool, wish: Wish, receiver: Address) -> Order:
    """Send an order somewhere else; the same again changes nothing. Raises Refusal."""
    require_buyer(wish.who)
    receiver = read_receiver(receiver)
    wish = saying(wish, "address_changed", receiver)
    async with pool.acquire() as connection, connection.transaction():
        purchase, done = await take_up(connection, wish, "address_changed")
        if not done and purchase.remarks.receiver != receiver:
            require_unshipped(purchase.order)
            await change_receiver(connection, wish.order_id, receiver)
            # The address itself is personal: the log says that it changed, not from where to where.
            await write_log(connection, wish, "address_changed")
            await tell_other_side(connection, purchase.order, "address_changed", wish.who.person_id)
    tell_sides(purchase.order)
    return purchase.order


def read_receiver(receiver: Address) -> Address:
    """What a buyer wrote, as it is kept. Raises Refusal invalid."""
    fields = (receiver.name, receiver.phone, receiver.address)
    name, phone, address = (_plain(field) for field in fields)
    if not (name and phone and address):
        raise Refusal("invalid", N_("Name, phone and address are all needed."))
    too_long = len(name) > NAME_MAX or len(phone) > PHONE_MAX or len(address) > ADDRESS_MAX
    if too_long or not (name + phone + address).isprintable():
        raise Refusal("invalid", N_("Something of the address is too long, or is not text."))
    if sum(letter.isdigit() for letter in phone) < DIGITS_MIN:
        raise Refusal("invalid", N_("Nobody can call this number: write the whole of it."))
    return Address(name=name, phone=phone, address=address)


def _plain(field: str) -> str:
    """Without the unseen signs that come along where a contact is copied on a telephone."""
    seen = "".join(letter for letter in field if unicodedata.category(letter) != "Cf")
    return " ".join(seen.split())

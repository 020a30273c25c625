"""One click writes to a buyer about an order: a reminder, the cut-off, a late parcel and such.

The words are those of the scripts, as the shop has them. Each kind of thing is written once on an
order: whoever clicks again, or a colleague, finds that it was said, when and by whom.
"""

from datetime import datetime
from typing import cast, get_args
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, ZONE
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.flows.order_desk import Wish
from gongdao.flows.orders.desk import ROOM, cut_off_of, lock_for, rules_of
from gongdao.flows.orders.write_buyer import say_to_buyer, talk_with
from gongdao.flows.talk.scripts import fill_script
from gongdao.scripts.script import Variable
from gongdao.settings.setting import DayRules
from gongdao.shops.contact_store import (
    Contact,
    ContactKind,
    Way,
    claim_contact,
    contacts_of,
    drop_claim,
    note_said,
)
from gongdao.shops.order import Order
from gongdao.shops.purchase import Purchase
from gongdao.shops.tracking_store import look_now

KINDS: tuple[ContactKind, ...] = get_args(ContactKind)
#: The script of each kind, by its name in the library; a shop's own wording comes before it.
SCRIPTS: dict[ContactKind, str] = {
    "unpaid": "follow-up.unpaid",
    "cut_off": "follow-up.cut-off",
    "duplicate": "verify.double",
    "impulse": "follow-up.hesitate",
    "late_parcel": "follow-up.slow",
}
NOTE_MAX = 500


async def contact_buyer(
    pool: Pool, wish: Wish, kind: str, *, way: str = "chat", note: str = ""
) -> Contact:
    """Write to the buyer, or note a call; `carrier` asks the carrier instead.

    Raises Refusal: wrong_role, not_found, invalid, not_allowed_in_stage (there is nothing to write
    about any more), duplicate (it was said), and what the chat refuses.
    """
    meant, by = _kind_of(kind), _way_of(kind, way, note)
    async with pool.acquire() as connection, connection.transaction():
        purchase = await lock_for(connection, wish, "chat.serve")
        _require_matter(purchase.order, meant)
        rules = await rules_of(connection, purchase.order.shop_id)
        contact = await claim_contact(connection, _claim(wish, purchase.order, meant, by, note))
        if contact.said_at is not None:
            if contact.by_id == wish.who.person_id and contact.way == by:
                return contact
            raise Refusal("duplicate", N_("This was said at {at} already."), at=contact.said_at)
        if by != "chat":
            await note_said(connection, contact, now=wish.now)
            if by == "carrier":
                await look_now(connection, wish.order_id, now=wish.now)
    if by == "chat":
        await _say(pool, wish, contact, purchase, rules)
    changed((f"shop:{purchase.order.shop_id}",))
    found = (await contacts_of(pool, [wish.order_id]))[wish.order_id][meant]
    return found


async def _say(
    pool: Pool, wish: Wish, contact: Contact, purchase: Purchase, rules: DayRules
) -> None:
    order = purchase.order
    try:
        talk = await talk_with(
            pool, wish.who, buyer_id=order.buyer_id, order_id=order.id, now=wish.now
        )
        text = await text_for(pool, wish.who, talk.id, contact.kind, order, rules, now=wish.now)
        await say_to_buyer(
            pool,
            wish.who,
            talk.id,
            message_id=contact.message_id,
            body={"text": text},
            now=wish.now,
        )
    except Refusal as refusal:
        # Under this id something stands already: somebody said it and died before noting it.
        if refusal.code != "idempotency_conflict":
            if contact.by_id == wish.who.person_id:
                await drop_claim(pool, contact)
            raise
    await note_said(pool, contact, now=wish.now)


async def text_for(
    pool: Pool,
    who: Principal,
    conversation_id: UUID,
    kind: ContactKind,
    order: Order,
    rules: DayRules,
    *,
    now: datetime,
) -> str:
    """What is written, order and time filled in. Raises Refusal where a blank would be left."""
    # A reminder names a time that is still some way off; what is paid later leaves a day later.
    until = cut_off_of(rules, now + ROOM).astimezone(ZONE)
    values: dict[Variable, str] = {
        "order": order.number,
        "product": order.lines[0].title,
        "courier": order.carrier,
        "deadline": f"{until:%m-%d %H:%M}",
    }
    _, filled = await fill_script(
        pool, who, SCRIPTS[kind], conversation_id=conversation_id, values=values, now=now
    )
    if filled.blanks:
        raise Refusal(
            "invalid",
            N_("The script {script} leaves a blank; mend it, or write by hand."),
            script=SCRIPTS[kind],
        )
    return filled.text


def _claim(wish: Wish, order: Order, kind: ContactKind, way: Way, note: str) -> Contact:
    return Contact(
        order_id=order.id,
        kind=kind,
        shop_id=order.shop_id,
        by_id=wish.who.person_id,
        at=wish.now,
        way=way,
        message_id=new_id(),
        note=" ".join(note.split()),
    )


def _kind_of(text: str) -> ContactKind:
    if text not in KINDS:
        raise Refusal("invalid", N_("There is nothing of this kind to write about."))
    return text


def _way_of(kind: str, way: str, note: str) -> Way:
    if kind == "carrier":
        return "carrier"
    if way not in ("chat", "phone"):
        raise Refusal("invalid", N_("A buyer is written to in the chat, or called."))
    if len(note) > NOTE_MAX:
        raise Refusal("too_large", N_("A note has at most {n} characters."), n=NOTE_MAX)
    if way == "phone" and not note.strip():
        raise Refusal("reason_required", N_("Note what was said on the telephone."))
    return cast("Way", way)


def _require_matter(order: Order, kind: ContactKind) -> None:
    """Refuse what the order has left behind."""
    is_open = order.closed_at is None and order.confirmed_at is None
    match kind:
        case "unpaid" | "cut_off" | "impulse":
            fits = is_open and order.paid_at is None and order.payment != "cod"
        case "duplicate":
            fits = is_open and order.shipped_at is None
        case "late_parcel" | "carrier":
            fits = is_open and order.shipped_at is not None and order.signed_at is None
    if not fits:
        raise Refusal(
            "not_allowed_in_stage",
            N_("The order has come further; there is nothing to ask any more."),
        )

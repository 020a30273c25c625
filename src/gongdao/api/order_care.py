"""The day around orders: what needs somebody, remarks, checks, calls, and what is written."""

from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.api import order_care_forms as forms
from gongdao.api.headers import Key
from gongdao.api.order_forms import OrderShown, show_order
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import parse_yuan
from gongdao.flows.order_desk import Wish, scope_of
from gongdao.flows.orders.add_items import add_items, end_adding, note_made
from gongdao.flows.orders.call_cod import call_cod
from gongdao.flows.orders.care import LISTS, CareList, care_of_today, list_care
from gongdao.flows.orders.check_receiver import (
    ask_receiver,
    confirm_receiver,
    correct_receiver,
    see_check,
)
from gongdao.flows.orders.close_asked import close_asked
from gongdao.flows.orders.contact_buyer import contact_buyer
from gongdao.flows.orders.desk import rules_of, shop_of
from gongdao.flows.orders.merge_orders import merge_orders, split_order
from gongdao.flows.orders.remark_order import remark_order
from gongdao.flows.orders.rules import see_rules, set_rules
from gongdao.settings.setting import DayRules
from gongdao.shops.cod_store import calls_of_order
from gongdao.shops.parcel_store import additions_of_order
from gongdao.shops.remark_store import remarks_of_order
from gongdao.shops.shop import Address
from gongdao.shops.store import load_purchase

_READERS = [kind("shop"), may("order.read")]
_WRITERS = [kind("shop"), may("case.answer")]
_SPEAKERS = [kind("shop"), may("chat.serve")]
_PACKERS = [kind("shop"), may("order.ship")]
_TAGS = ["orders of the day"]


class DayRulesShown(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that count, and their version."""

    version: int
    rules: DayRules


class NewDayRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other rules, decided on the version that was seen, and why."""

    version: int
    rules: DayRules
    reason: str


@get("/orders/day", guards=_READERS, summary="What the orders need today", tags=_TAGS)
async def read_care(request: Asked) -> list[forms.DayList]:
    """Every list with its count and its first lines."""
    shop_id, now = shop_of(principal_of(request), "order.read"), utc_now()
    async with _pool(request).acquire() as connection:
        found = await care_of_today(connection, shop_id, now)
    return [
        forms.show_list(name, found[name].first, count=found[name].count, now=now) for name in LISTS
    ]


@get("/orders/day/{name:str}", guards=_READERS, summary="One list of the day", tags=_TAGS)
async def read_care_list(request: Asked, name: FromPath[CareList]) -> forms.DayList:
    """The lines of one list, the oldest first."""
    shop_id, now = shop_of(principal_of(request), "order.read"), utc_now()
    async with _pool(request).acquire() as connection:
        rules = await rules_of(connection, shop_id)
        lines = await list_care(connection, shop_id, name, rules=rules, now=now)
    return forms.show_list(name, lines, count=len(lines), now=now)


@get("/orders/day-rules", guards=_READERS, summary="The shop's rules of the day", tags=_TAGS)
async def read_day_rules(request: Asked) -> DayRulesShown:
    """Hours, days and fees; fees are in fen."""
    found = await see_rules(_pool(request), principal_of(request))
    return DayRulesShown(version=found.version, rules=found.value)


@put(
    "/orders/day-rules",
    guards=[kind("shop"), may("shop.edit")],
    summary="Set the rules of the day",
    tags=_TAGS,
)
async def write_day_rules(request: Asked, data: JSONBody[NewDayRules]) -> DayRulesShown:
    """Let other rules count from now on."""
    set_now = await set_rules(
        _pool(request),
        principal_of(request),
        data.rules,
        seen=data.version,
        reason=data.reason,
        now=utc_now(),
    )
    return DayRulesShown(version=set_now.version, rules=set_now.value)


@get("/orders/{order_id:uuid}/remarks", guards=_READERS, summary="Remarks on an order", tags=_TAGS)
async def read_remarks(request: Asked, order_id: FromPath[UUID]) -> list[forms.RemarkShown]:
    """What the shop remarked, newest first."""
    shop_id = await _theirs(request, order_id)
    remarks = await remarks_of_order(_pool(request), order_id, shop_id=shop_id)
    return [forms.show_remark(each) for each in remarks]


@post("/orders/{order_id:uuid}/remarks", guards=_WRITERS, summary="Remark something", tags=_TAGS)
async def write_remark(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[forms.NewRemark], key: Key = None
) -> forms.RemarkShown:
    """Add a remark with flag, reason and agent; it stays for ever, and its flag stands in lists."""
    agent_id = data.agent_id or principal_of(request).person_id
    remark = await remark_order(
        _pool(request),
        _wish(request, order_id, key),
        flag=data.flag,
        reason=data.reason,
        agent_id=agent_id,
    )
    return forms.show_remark(remark)


@post(
    "/orders/{order_id:uuid}/receiver-checks",
    guards=_SPEAKERS,
    summary="Ask whether the receiver is right",
    tags=_TAGS,
)
async def ask_about_receiver(request: Asked, order_id: FromPath[UUID]) -> forms.ReceiverShown:
    """Send the card into the conversation; while one is open it is that one."""
    check = await ask_receiver(_pool(request), _wish(request, order_id, None))
    return forms.show_check(await see_check(_pool(request), principal_of(request), check.id))


@get(
    "/receiver-checks/{check_id:uuid}",
    guards=[kind("buyer", "shop"), may("order.read")],
    summary="A question about a receiver",
    tags=_TAGS,
)
async def read_receiver_check(request: Asked, check_id: FromPath[UUID]) -> forms.ReceiverShown:
    """What is asked, and what was answered."""
    return forms.show_check(await see_check(_pool(request), principal_of(request), check_id))


@put(
    "/receiver-checks/{check_id:uuid}/answer",
    guards=[kind("buyer"), may("order.read")],
    summary="Confirm or correct the receiver",
    tags=_TAGS,
)
async def answer_receiver_check(
    request: Asked, check_id: FromPath[UUID], data: JSONBody[forms.ReceiverAnswered]
) -> forms.ReceiverShown:
    """The buyer's one answer: an empty one confirms, else all three fields say what is right."""
    pool, who, now = _pool(request), principal_of(request), utc_now()
    if not (data.name or data.phone or data.address):
        return forms.show_check(await confirm_receiver(pool, who, check_id, now=now))
    receiver = Address(name=data.name, phone=data.phone, address=data.address)
    return forms.show_check(await correct_receiver(pool, who, check_id, receiver, now=now))


@get("/orders/{order_id:uuid}/calls", guards=_READERS, summary="Calls about an order", tags=_TAGS)
async def read_calls(request: Asked, order_id: FromPath[UUID]) -> list[forms.CallShown]:
    """Every attempt, newest first."""
    shop_id = await _theirs(request, order_id)
    calls = await calls_of_order(_pool(request), order_id, shop_id=shop_id)
    return [forms.show_call(each) for each in calls]


@post("/orders/{order_id:uuid}/calls", guards=_WRITERS, summary="Note a call", tags=_TAGS)
async def write_call(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[forms.NewCall], key: Key = None
) -> forms.CallShown:
    """Keep how a call to a buyer who pays on delivery ended."""
    call = await call_cod(
        _pool(request),
        _wish(request, order_id, key),
        result=data.result,
        carrier=data.carrier,
        told_fen=None if data.told is None else parse_yuan(data.told),
        again_at=data.again_at,
        note=data.note,
    )
    return forms.show_call(call)


@post("/orders/{order_id:uuid}/contacts", guards=_SPEAKERS, summary="Write to a buyer", tags=_TAGS)
async def write_contact(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[forms.NewContact]
) -> forms.ContactShown:
    """Send the script of this kind into the conversation, or note a call; once for each kind."""
    contact = await contact_buyer(
        _pool(request), _wish(request, order_id, None), data.kind, way=data.way, note=data.note
    )
    return forms.show_contact(contact)


@post(
    "/orders/{order_id:uuid}/closure",
    guards=_WRITERS,
    summary="Close an order that is not wanted",
    tags=_TAGS,
)
async def close_unwanted(request: Asked, order_id: FromPath[UUID], key: Key = None) -> OrderShown:
    """Close what was made twice or on a whim, after the buyer was asked; only what is not paid."""
    await close_asked(_pool(request), _wish(request, order_id, key))
    async with _pool(request).acquire() as connection:
        scope = scope_of(principal_of(request))
        purchase = await load_purchase(connection, order_id, scope=scope)
    assert purchase, "it was just closed"
    return show_order(purchase)


@put(
    "/orders/{order_id:uuid}/making",
    guards=_PACKERS,
    summary="How far the parcel is made up",
    tags=_TAGS,
    status_code=204,
)
async def write_making(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[forms.NewMaking]
) -> None:
    """Whoever makes up parcels has read the order, or packed it."""
    await note_made(_pool(request), _wish(request, order_id, None), data.state)


@get(
    "/orders/{order_id:uuid}/additions",
    guards=_READERS,
    summary="What is added to a parcel",
    tags=_TAGS,
)
async def read_additions(request: Asked, order_id: FromPath[UUID]) -> list[forms.AdditionShown]:
    """What the buyer wants in the same parcel, newest first."""
    shop_id = await _theirs(request, order_id)
    found = await additions_of_order(_pool(request), order_id, shop_id=shop_id)
    return [forms.show_addition(each) for each in found]


@post("/orders/{order_id:uuid}/additions", guards=_WRITERS, summary="Add to a parcel", tags=_TAGS)
async def write_addition(
    request: Asked, order_id: FromPath[UUID], data: JSONBody[forms.NewAddition], key: Key = None
) -> forms.AdditionShown:
    """Free while nobody has read the parcel; after that the buyer pays the postage."""
    added = await add_items(
        _pool(request),
        _wish(request, order_id, key),
        what=data.what,
        extra_fen=parse_yuan(data.extra),
    )
    return forms.show_addition(added)


@put(
    "/order-additions/{addition_id:uuid}/completion",
    guards=_PACKERS,
    summary="It lies in the parcel",
    tags=_TAGS,
    status_code=204,
)
async def complete_addition(request: Asked, addition_id: FromPath[UUID]) -> None:
    """Whoever makes up the parcel has added it."""
    await end_adding(_pool(request), principal_of(request), addition_id, now=utc_now())


@post("/orders/merges", guards=_PACKERS, summary="Send orders in one parcel", tags=_TAGS)
async def merge_parcels(request: Asked, data: JSONBody[forms.NewMerge]) -> forms.Merged:
    """Orders of one buyer to one address, which have not left."""
    ids = await merge_orders(_pool(request), principal_of(request), data.order_ids, now=utc_now())
    return forms.Merged(order_ids=ids)


@delete("/orders/{order_id:uuid}/merge", guards=_PACKERS, summary="Send an order alone", tags=_TAGS)
async def split_parcel(request: Asked, order_id: FromPath[UUID]) -> None:
    """Take an order out of a parcel with others."""
    await split_order(_pool(request), principal_of(request), order_id)


async def _theirs(request: Asked, order_id: UUID) -> UUID:
    """The shop of an order that is theirs. Raises Refusal not_found."""
    who = principal_of(request)
    async with _pool(request).acquire() as connection:
        purchase = await load_purchase(connection, order_id, scope=scope_of(who))
    if purchase is None:
        raise Refusal("not_found", N_("There is no such order."))
    return purchase.order.shop_id


def _wish(request: Asked, order_id: UUID, key: str | None) -> Wish:
    return Wish(who=principal_of(request), order_id=order_id, now=utc_now(), key=key)


def _pool(request: Asked) -> Pool:
    return request.app.state.pool


routes = [
    read_care,
    read_care_list,
    read_day_rules,
    write_day_rules,
    read_remarks,
    write_remark,
    ask_about_receiver,
    read_receiver_check,
    answer_receiver_check,
    read_calls,
    write_call,
    write_contact,
    close_unwanted,
    write_making,
    read_additions,
    write_addition,
    complete_addition,
    merge_parcels,
    split_parcel,
]

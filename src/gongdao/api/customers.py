"""Customers of a shop: who they are, what is kept on them, groups, and looking at a number."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.base.i18n import translate
from gongdao.base.money import yuan
from gongdao.base.texts import NO_NUL
from gongdao.customers.customer import NOTE_MAX, PREFERENCE_MAX, PREFERENCE_NAME_MAX, WHY_MAX
from gongdao.customers.group import BULK_MAX, NAME_MAX
from gongdao.customers.store import groups_of_shop
from gongdao.flows.customers import keep
from gongdao.flows.customers.access import shop_of
from gongdao.flows.customers.copy import copy_for_shop
from gongdao.flows.customers.history import CaseRow, NoteRow, ReviewRow, TalkRow
from gongdao.flows.customers.list_customers import (
    PAGE,
    PAGE_MAX,
    Wanted,
    list_customers,
)
from gongdao.flows.customers.reveal import reveal_receiver
from gongdao.flows.customers.see_customer import Seen, see_customer
from gongdao.flows.talk.promises import PromiseRow
from gongdao.shops.shop import Address

_Text = Annotated[str, QueryParameter(max_length=100, pattern=NO_NUL)]
_Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]
_READERS, _LEADS = [kind("shop"), may("customers.read")], [kind("shop"), may("customers.manage")]


class BriefShown(msgspec.Struct, frozen=True, kw_only=True):
    """A customer in a list."""

    id: UUID
    name: str
    customer_since: datetime
    last_at: datetime
    groups: tuple[str, ...]
    orders: int
    paid: str
    note: str


class CustomersPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some customers; `after` begins the next page and is null at the end."""

    customers: list[BriefShown]
    after: str | None


class GroupShown(msgspec.Struct, frozen=True, kw_only=True):
    """A group; those that every shop has are named in the language of the request."""

    key: str
    name: str
    is_own: bool


class PreferenceShown(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer likes."""

    name: str
    value: str
    at: datetime


class ReceiverShown(msgspec.Struct, frozen=True, kw_only=True):
    """Where parcels go, masked; the order is the one to name for seeing all of it."""

    order: UUID
    number: str
    masked: Address


class CustomerShown(msgspec.Struct, frozen=True, kw_only=True):
    """A customer with everything around them; phone and address are masked."""

    id: UUID
    name: str
    customer_since: datetime
    last_at: datetime
    erased_at: datetime | None
    orders: int
    paid: str
    refunded: str
    groups: list[str]
    preferences: list[PreferenceShown]
    receivers: list[ReceiverShown]
    notes: list[NoteRow]
    promises: list[PromiseRow]
    cases: list[CaseRow]
    talks: list[TalkRow]
    reviews: list[ReviewRow]


class NewNote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A note under an id of the sender's: sent twice it stands there once."""

    id: UUID
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=NOTE_MAX, pattern=NO_NUL)]
    follow_up: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class NewPreference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What they like; an empty value forgets it."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=PREFERENCE_NAME_MAX, pattern=NO_NUL)]
    value: Annotated[str, msgspec.Meta(max_length=PREFERENCE_MAX, pattern=NO_NUL)]


class NewGroup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of the shop's own, under an id of the sender's."""

    id: UUID
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_MAX, pattern=NO_NUL)]


class Members(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to put into a group, or to take out of it: all of them, or none."""

    group: Annotated[str, msgspec.Meta(max_length=40)]
    customers: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=BULK_MAX)]
    leave: bool = False


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """How many customers it was about."""

    customers: int


class NewLook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A look at a whole phone number and address: of which order, and why."""

    id: UUID
    order: UUID
    why: Annotated[str, msgspec.Meta(max_length=WHY_MAX, pattern=NO_NUL)]


class CopyAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A copy of everything; its id names it in the log."""

    id: UUID


@get("/customers", guards=_READERS, summary="Customers", tags=["customers"])
async def read_customers(
    request: Asked, q: _Text = "", group: _Text = "", after: _Text = "", limit: _Limit = PAGE
) -> CustomersPage:
    """Customers of your shop, the latest first; `q` is a part of a name, pinyin or initials."""
    found = await list_customers(
        request.app.state.pool,
        principal_of(request),
        Wanted(q=q, group=group),
        after=read_cursor(after) if after else None,
        limit=limit,
        now=utc_now(),
    )
    shown = [
        BriefShown(
            id=each.buyer_id,
            name=each.name,
            customer_since=each.first_at,
            last_at=each.last_at,
            groups=each.groups,
            orders=each.orders,
            paid=yuan(each.paid_fen),
            note=each.note,
        )
        for each in found.briefs
    ]
    return CustomersPage(customers=shown, after=found.following.text() if found.following else None)


@get("/customers/{buyer_id:uuid}", guards=_READERS, summary="A customer", tags=["customers"])
async def read_customer(request: Asked, buyer_id: FromPath[UUID]) -> CustomerShown:
    """What is kept on a customer, what happened, and what was promised and kept."""
    pool, who = request.app.state.pool, principal_of(request)
    return _shown(await see_customer(pool, who, buyer_id, now=utc_now()))


@post(
    "/customers/{buyer_id:uuid}/notes", guards=_READERS, summary="Write a note", tags=["customers"]
)
async def write_note(request: Asked, buyer_id: FromPath[UUID], data: JSONBody[NewNote]) -> None:
    """Write something down; with a follow-up it stands on the page of the day when it is due."""
    pool, who = request.app.state.pool, principal_of(request)
    await keep.write_note(
        pool, who, buyer_id, data.text, note_id=data.id, due_at=data.follow_up, now=utc_now()
    )


@post(
    "/customer-notes/{note_id:uuid}/done",
    guards=_READERS,
    summary="Followed up",
    tags=["customers"],
)
async def finish_note(request: Asked, note_id: FromPath[UUID]) -> None:
    """Somebody got in touch, as the note asked."""
    pool, who = request.app.state.pool, principal_of(request)
    await keep.finish_follow_up(pool, who, note_id, now=utc_now())


@put(
    "/customers/{buyer_id:uuid}/preferences",
    guards=_READERS,
    summary="Keep a preference",
    tags=["customers"],
)
async def keep_preference(
    request: Asked, buyer_id: FromPath[UUID], data: JSONBody[NewPreference]
) -> None:
    """Keep what a customer likes; said again, it is replaced."""
    pool, who = request.app.state.pool, principal_of(request)
    await keep.keep_preference(pool, who, buyer_id, data.name, data.value, now=utc_now())


@get("/customer-groups", guards=_READERS, summary="Groups", tags=["customers"])
async def read_customer_groups(request: Asked) -> list[GroupShown]:
    """The groups that every shop has, and your own."""
    shop_id = shop_of(principal_of(request), "customers.read")
    groups = await groups_of_shop(request.app.state.pool, shop_id)
    locale = locale_of(request)
    return [
        GroupShown(
            key=each.key,
            name=each.name if each.is_own else translate(locale, each.name),
            is_own=each.is_own,
        )
        for each in groups
    ]


@post("/customer-groups", guards=_LEADS, summary="Make a group", tags=["customers"])
async def make_customer_group(request: Asked, data: JSONBody[NewGroup]) -> None:
    """Make a group; the same id again makes no second one."""
    pool, who = request.app.state.pool, principal_of(request)
    await keep.make_group(pool, who, data.name, group_id=data.id, now=utc_now())


@post(
    "/customer-groups/members",
    guards=_READERS,
    summary="Put customers into a group",
    tags=["customers"],
)
async def change_group_members(request: Asked, data: JSONBody[Members]) -> Changed:
    """Put customers into a group or take them out; more than one at a time leads the desk."""
    pool, who = request.app.state.pool, principal_of(request)
    if data.leave:
        count = await keep.take_out_of_group(pool, who, data.customers, data.group)
    else:
        count = await keep.put_in_group(pool, who, data.customers, data.group, now=utc_now())
    return Changed(customers=count)


@post(
    "/customers/{buyer_id:uuid}/looks",
    guards=[kind("shop"), may("customers.reveal")],
    summary="See a whole number and address",
    tags=["customers"],
)
async def look(request: Asked, buyer_id: FromPath[UUID], data: JSONBody[NewLook]) -> Address:
    """The receiver of an order, whole. Who looked, when and why is kept; the buyer sees it."""
    pool, who = request.app.state.pool, principal_of(request)
    return await reveal_receiver(
        pool, who, buyer_id, data.order, why=data.why, look_id=data.id, now=utc_now()
    )


@post(
    "/customers/{buyer_id:uuid}/copy",
    guards=_LEADS,
    summary="Export all data of a customer",
    tags=["customers"],
)
async def make_copy(
    request: Asked, buyer_id: FromPath[UUID], data: JSONBody[CopyAsked]
) -> Response[bytes]:
    """A ZIP with everything that the shop holds on a person; that it was made is kept."""
    content = await copy_for_shop(
        request.app.state.pool,
        principal_of(request),
        buyer_id,
        look_id=data.id,
        locale=locale_of(request),
        now=utc_now(),
    )
    return Response(content, media_type="application/zip", headers={"Cache-Control": "no-store"})


def _shown(seen: Seen) -> CustomerShown:
    return CustomerShown(
        id=seen.customer.buyer_id,
        name=seen.customer.name,
        customer_since=seen.customer.first_at,
        last_at=seen.customer.last_at,
        erased_at=seen.customer.erased_at,
        orders=seen.sums.orders,
        paid=yuan(seen.sums.paid_fen),
        refunded=yuan(seen.sums.refunded_fen),
        groups=seen.groups,
        preferences=[
            PreferenceShown(name=each.name, value=each.value, at=each.at)
            for each in seen.preferences
        ],
        receivers=[
            ReceiverShown(order=each.order_id, number=each.order_number, masked=each.shown)
            for each in seen.receivers
        ],
        notes=seen.history.notes,
        promises=seen.promises,
        cases=seen.history.cases,
        talks=seen.history.talks,
        reviews=seen.reviews,
    )


routes = [
    read_customers, read_customer, write_note, finish_note, keep_preference, read_customer_groups,
    make_customer_group, change_group_members, look, make_copy,
]  # fmt: skip

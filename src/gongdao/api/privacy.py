"""Requests of people about their own data, on both sides, and who looked at it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.api.problems import locale_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL
from gongdao.customers.customer import WORDS_MAX, LogEntry, Request
from gongdao.customers.customer import Asked as What
from gongdao.flows.customers import rights
from gongdao.flows.customers.copy import copy_for_buyer

_BUYERS, _LEADS = [kind("buyer")], [kind("shop"), may("customers.manage")]
_Words = Annotated[str, msgspec.Meta(max_length=WORDS_MAX, pattern=NO_NUL)]
_Before = Annotated[
    datetime | None, QueryParameter(description="Looks before this instant; null is now.")
]
_FIRST = UUID(int=0)


class LookShown(msgspec.Struct, frozen=True, kw_only=True):
    """Who looked at what of whom, or what else was done with their data, when and why."""

    at: datetime
    shop: UUID
    customer: UUID
    by: UUID
    name: str
    what: str
    why: str
    order: UUID | None


class ShopKnown(msgspec.Struct, frozen=True, kw_only=True):
    """A shop that knows you."""

    id: UUID
    name: str


class Privacy(msgspec.Struct, frozen=True, kw_only=True):
    """Which shops know you, what you asked, and who looked."""

    shops: list[ShopKnown]
    requests: list[Request]
    looks: list[LookShown]


class RequestsShown(msgspec.Struct, frozen=True, kw_only=True):
    """Requests to your shop: those that wait, the most urgent first, and those answered."""

    waiting: list[Request]
    answered: list[Request]


class NewRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What you ask of a shop, under an id of yours: sent twice it is one."""

    id: UUID
    shop: UUID
    what: What
    words: _Words = ""


class NewAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Erase, hand over the copy, or refuse and say on which ground."""

    answer: Literal["erase", "copy", "refuse"]
    ground: _Words = ""


class Nothing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing else is to be said."""


@get("/me/privacy", guards=_BUYERS, summary="My data", tags=["customers"])
async def read_own(request: Asked, before: _Before = None) -> Privacy:
    """Which shops know you, who of them saw your whole number or address, what you asked."""
    pool, who = request.app.state.pool, principal_of(request)
    own = await rights.see_privacy(pool, who, before=_place(before))
    return Privacy(
        shops=[ShopKnown(id=shop_id, name=name) for shop_id, name in own.shops.items()],
        requests=own.requests,
        looks=[_look(entry, own.names) for entry in own.log],
    )


@post("/me/privacy/requests", guards=_BUYERS, summary="Ask about my data", tags=["customers"])
async def ask(request: Asked, data: JSONBody[NewRequest]) -> Request:
    """Ask a shop for a copy of your data, or to erase it; it answers within 15 working days."""
    return await rights.ask_shop(
        request.app.state.pool,
        principal_of(request),
        data.shop,
        data.what,
        data.words,
        request_id=data.id,
        now=utc_now(),
    )


@post(
    "/me/privacy/requests/{request_id:uuid}/withdrawal",
    guards=_BUYERS,
    summary="Withdraw a request",
    tags=["customers"],
)
async def withdraw(request: Asked, request_id: FromPath[UUID], data: JSONBody[Nothing]) -> None:
    """No longer ask."""
    pool, who = request.app.state.pool, principal_of(request)
    await rights.withdraw_request(pool, who, request_id, now=utc_now())


@get(
    "/me/privacy/requests/{request_id:uuid}/copy",
    guards=_BUYERS,
    summary="The copy of my data",
    tags=["customers"],
)
async def read_copy(request: Asked, request_id: FromPath[UUID]) -> Response[bytes]:
    """A ZIP with everything that the shop holds on you, once it has answered."""
    content = await copy_for_buyer(
        request.app.state.pool,
        principal_of(request),
        request_id,
        locale=locale_of(request),
        now=utc_now(),
    )
    return Response(content, media_type="application/zip", headers={"Cache-Control": "no-store"})


@get("/customer-requests", guards=_LEADS, summary="Data requests", tags=["customers"])
async def read_requests(request: Asked) -> RequestsShown:
    """What people asked of your shop about their data."""
    found = await rights.see_requests(request.app.state.pool, principal_of(request))
    return RequestsShown(waiting=found.open, answered=found.answered)


@post(
    "/customer-requests/{request_id:uuid}/answer",
    guards=_LEADS,
    summary="Answer a data request",
    tags=["customers"],
)
async def answer(request: Asked, request_id: FromPath[UUID], data: JSONBody[NewAnswer]) -> Request:
    """Erase what the law lets go, hand over the copy, or refuse on a ground."""
    pool, who, now = request.app.state.pool, principal_of(request), utc_now()
    match data.answer:
        case "erase":
            keyring = request.app.state.keyring
            await rights.erase_on_request(pool, keyring, who, request_id, now=now)
        case "copy":
            await rights.hand_over_copy(pool, who, request_id, now=now)
        case "refuse":
            await rights.refuse_request(pool, who, request_id, data.ground, now=now)
    return await rights.see_request(pool, who, request_id)


@get("/customer-looks", guards=_LEADS, summary="Who looked", tags=["customers"])
async def read_looks(request: Asked, before: _Before = None) -> list[LookShown]:
    """Who of your shop looked at which customer, when and why; newest first, 100 at a time."""
    pool, who = request.app.state.pool, principal_of(request)
    found = await rights.see_log(pool, who, before=_place(before))
    return [_look(entry, found.names) for entry in found.entries]


def _place(before: datetime | None) -> tuple[datetime, UUID]:
    if before is not None and before.tzinfo is None:
        raise Refusal("invalid", N_("A time needs its zone, as in 2026-11-22T08:00:00Z."))
    return before or utc_now(), _FIRST


def _look(entry: LogEntry, names: dict[UUID, str]) -> LookShown:
    return LookShown(
        at=entry.at,
        shop=entry.shop_id,
        customer=entry.buyer_id,
        by=entry.by_id,
        name=names.get(entry.by_id, ""),
        what=entry.what,
        why=entry.why,
        order=entry.order_id,
    )


routes = [
    read_own, ask, withdraw, read_copy, read_requests, answer, read_looks,
]  # fmt: skip

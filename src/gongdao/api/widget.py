"""What the widget on a shop's page asks before it has a token; and the key of a shop's word."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.chat.routing.storefront import Storefront, storefront
from gongdao.flows.talk.visitors import (
    IDENTITY_MAX,
    meet_visitor,
    own_widget_key,
    renew_widget_key,
)


class VisitorBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At which shop somebody is, and who the shop says that they are."""

    shop_id: UUID
    identity: Annotated[str, msgspec.Meta(max_length=IDENTITY_MAX)] | None = None
    """A JWT of the shop (HS256, with its widget key): sub, exp (a day at most), aud (the shop's
    id), name. Without one every browser is somebody new."""
    locale: Literal["zh", "en"] = "zh"


class VisitorShown(msgspec.Struct, frozen=True, kw_only=True):
    """The token that the browser keeps, and whose it is."""

    person_id: UUID
    name: str
    token: str
    is_known: bool


class KeyShown(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop signs its customers with; it stays on the shop's own server."""

    key: str


class RenewBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why another key is wanted."""

    reason: str


@post("/widget/visitors", summary="Who looks at a shop's page", tags=["chat"])
async def meet(request: Asked, data: JSONBody[VisitorBody]) -> VisitorShown:
    """A buyer without an account; needs no token, and reads no cookie."""
    state = request.app.state
    visitor = await meet_visitor(
        state.pool,
        state.keyring,
        data.shop_id,
        identity=data.identity,
        locale=data.locale,
        now=utc_now(),
    )
    return VisitorShown(
        person_id=visitor.person_id,
        name=visitor.name,
        token=visitor.token,
        is_known=visitor.is_known,
    )


@get("/widget/shops/{shop_id:uuid}", summary="Whether somebody is there", tags=["chat"])
async def read_front(request: Asked, shop_id: FromPath[UUID]) -> Storefront:
    """The groups of a shop's desk, lit or grey, as its page shows them."""
    return await storefront(request.app.state.pool, shop_id, now=utc_now())


_LEADS = [kind("shop"), may("chat.manage")]


@get("/desk/widget-key", guards=_LEADS, summary="The key of the widget", tags=["chat"])
async def read_key(request: Asked) -> KeyShown:
    """With it the shop signs who its customers are."""
    state = request.app.state
    return KeyShown(key=await own_widget_key(state.pool, state.keyring, principal_of(request)))


@post("/desk/widget-key", guards=_LEADS, summary="Another key", tags=["chat"], status_code=200)
async def renew_key(request: Asked, data: JSONBody[RenewBody]) -> KeyShown:
    """What was signed with the key before is worthless from now on."""
    state = request.app.state
    key = await renew_widget_key(
        state.pool, state.keyring, principal_of(request), reason=data.reason, now=utc_now()
    )
    return KeyShown(key=key)


routes: list[HTTPRouteHandler] = [meet, read_front, read_key, renew_key]

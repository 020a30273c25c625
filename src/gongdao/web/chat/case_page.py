"""The three-sided conversation of a case, and the way from a case to what was said before it.

Who opens it: a buyer or an agent who wants to explain something, an arbiter who has a question to
both. Question: what do the others say to it? Next: answer, show a picture, or go back to the case.
From where proof is given, `/choose` leads to the last conversation of the two, ready for choosing.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.flows.guard.access import audience, may_mark
from gongdao.flows.settings import current_pack
from gongdao.flows.talk.access import talks
from gongdao.flows.talk.case_talk import case_is_over, find_case_talk, find_talk_for_case
from gongdao.shops.store import find_shop
from gongdao.web.guard.words import sign_names
from gongdao.web.shell import locale_of, page

_SHOP = [kind("shop"), may("chat.use")]
_BUYER = [kind("buyer"), may("chat.use")]
_PLATFORM = [kind("platform"), may("chat.use")]


@get("/cases/{case_id:uuid}/chat", guards=_BUYER, include_in_schema=False)
async def show_to_buyer(request: Asked, case_id: FromPath[UUID]) -> Response[Any]:
    """With the shop and the platform."""
    return await _show(request, case_id, back="/cases/")


@get("/shop/cases/{case_id:uuid}/chat", guards=_SHOP, include_in_schema=False)
async def show_to_shop(request: Asked, case_id: FromPath[UUID]) -> Response[Any]:
    """With the buyer and the platform."""
    return await _show(request, case_id, back="/shop/cases/")


@get("/platform/cases/{case_id:uuid}/chat", guards=_PLATFORM, include_in_schema=False)
async def show_to_platform(request: Asked, case_id: FromPath[UUID]) -> Response[Any]:
    """With both sides."""
    return await _show(request, case_id, back="/platform/cases/")


@get("/cases/{case_id:uuid}/chat/choose", guards=_BUYER, include_in_schema=False)
async def lead_buyer(request: Asked, case_id: FromPath[UUID]) -> Redirect:
    """To the last conversation with the shop; where there is none, to that of the case."""
    pool, who = request.app.state.pool, principal_of(request)
    talk = await find_talk_for_case(pool, who, case_id)
    if talk is None:
        return Redirect(f"/cases/{case_id}/chat", status_code=303)
    shop_id = (await find_case_talk(pool, who, case_id)).shop_id
    return Redirect(f"/chat/{shop_id}?talk={talk}&choose={case_id}", status_code=303)


@get("/shop/cases/{case_id:uuid}/chat/choose", guards=_SHOP, include_in_schema=False)
async def lead_shop(request: Asked, case_id: FromPath[UUID]) -> Redirect:
    """To the last conversation with the buyer; where there is none, to that of the case."""
    pool, who = request.app.state.pool, principal_of(request)
    talk = await find_talk_for_case(pool, who, case_id) if talks(who) else None
    if talk is None:
        return Redirect(f"/shop/cases/{case_id}/chat", status_code=303)
    return Redirect(f"/desk?view=all&c={talk}&choose={case_id}", status_code=303)


async def _show(request: Asked, case_id: UUID, *, back: str) -> Response[Any]:
    pool, who = request.app.state.pool, principal_of(request)
    talk = await find_case_talk(pool, who, case_id)
    async with pool.acquire() as connection:
        shop = await find_shop(connection, shop_id=talk.shop_id)
        book = (await current_pack(connection)).guard
    told = audience(who) if may_mark(who) else None
    return page(
        request,
        "chat/case_chat.html",
        talk=talk,
        shop=shop,
        side=who.kind,
        is_over=await case_is_over(pool, case_id, now=utc_now()),
        person=who.person_id,
        back=f"{back}{case_id}",
        missable=sign_names(book, "message", told, locale_of(request)) if told else [],
    )


case_chat_routes: list[Any] = [
    show_to_buyer,
    show_to_shop,
    show_to_platform,
    lead_buyer,
    lead_shop,
]

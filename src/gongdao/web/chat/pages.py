"""A buyer's conversations with shops.

Who opens it: a buyer, on a phone, who wants an answer from a shop. Their question: is somebody
there, and what did they say? What they do next: write, show an order or a picture, or go back to
the order or case that it is about.
"""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import File

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.body import SEQ_MAX
from gongdao.flows.talk.list_talks import list_talks
from gongdao.shops.store import find_shop
from gongdao.web.assets import STATIC
from gongdao.web.chat.case_page import case_chat_routes
from gongdao.web.shell import page


@get("/chats", guards=[kind("buyer"), may("chat.use")], include_in_schema=False)
async def show_chats(request: Asked, after: FromQuery[str] = "") -> Response[Any]:
    """My conversations, the newest first; one line a shop and talk."""
    who = principal_of(request)
    listed = await list_talks(
        request.app.state.pool,
        who,
        view="all",
        after=read_cursor(after) if after else None,
        limit=30,
        now=utc_now(),
    )
    return page(
        request, "chat/chats.html", talks=listed.briefs, following=listed.after or "", who=who
    )


@get("/chat/{shop_id:uuid}", guards=[kind("buyer"), may("chat.use")], include_in_schema=False)
async def show_chat(
    request: Asked,
    shop_id: FromPath[UUID],
    order: FromQuery[UUID | None] = None,
    talk: FromQuery[UUID | None] = None,
    at: Annotated[int | None, QueryParameter(ge=1, le=SEQ_MAX)] = None,
    choose: FromQuery[UUID | None] = None,
) -> Response[Any]:
    """The conversation with one shop; `talk` is an earlier one, `order` the one to speak of.

    `at` is the message to show, `choose` the case for which messages are chosen as proof.
    """
    async with request.app.state.pool.acquire() as connection:
        shop = await find_shop(connection, shop_id=shop_id)
    if shop is None:
        raise Refusal("not_found", N_("There is no such shop."))
    return page(
        request,
        "chat/chat.html",
        shop=shop,
        order=order,
        talk=talk,
        at=at,
        choose=choose,
        person=principal_of(request).person_id,
    )


@get("/widget.js", include_in_schema=False)
async def send_widget() -> File:
    """The one script that a page of a shop names; always at this address, asked for anew."""
    return File(
        path=STATIC / "widget.js",
        media_type="text/javascript",
        content_disposition_type="inline",
        headers={"Cache-Control": "no-cache"},
    )


chat_routes = [show_chats, show_chat, send_widget, *case_chat_routes]

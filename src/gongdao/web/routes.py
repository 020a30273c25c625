"""All pages, gathered for the composition root."""

from typing import Any

from litestar import Router, get
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of, signed_in
from gongdao.base.clock import utc_now
from gongdao.web.api_docs import show_api_docs
from gongdao.web.buyer.pages import routes as buyer_routes
from gongdao.web.buyer.privacy import privacy_routes
from gongdao.web.chat.pages import chat_routes
from gongdao.web.chat.socket import talk_socket
from gongdao.web.desk.address_page import address_routes
from gongdao.web.desk.mailbox_page import mailbox_routes
from gongdao.web.desk.pages import routes as desk_routes
from gongdao.web.guard.pages import guard_routes
from gongdao.web.knowledge.pages import routes as knowledge_routes
from gongdao.web.live import listen
from gongdao.web.navigation import first_place
from gongdao.web.notices.pages import count_for_bell
from gongdao.web.notices.pages import routes as notice_routes
from gongdao.web.platform.pages import routes as platform_routes
from gongdao.web.register.pages import routes as register_routes
from gongdao.web.shell import BEGUN, shell_routes
from gongdao.web.shop.pages import routes as shop_routes
from gongdao.web.sign_in.pages import sign_in_routes
from gongdao.web.staff.pages import routes as staff_routes
from gongdao.web.uploads import upload_routes


@get("/", guards=[signed_in], include_in_schema=False)
async def show_start(request: Asked) -> Redirect:
    """The first place of whoever has signed in: a buyer's orders, a shop's inbox, the queue."""
    who = principal_of(request)
    return Redirect(first_place(who.kind, who.permissions).href, status_code=303)


async def begin_page(request: Asked) -> None:
    """Before a page is made: since when it knows what it shows; and what the bell has to say."""
    request.scope["state"][BEGUN] = utc_now()
    await count_for_bell(request)


def page_routes() -> list[Any]:
    """Every page of every audience."""
    pages = [
        show_start,
        show_api_docs,
        *shell_routes(),
        *sign_in_routes(),
        *upload_routes,
        *buyer_routes,
        *privacy_routes,
        *chat_routes,
        *shop_routes,
        *mailbox_routes,
        *address_routes,
        *desk_routes,
        *register_routes,
        *knowledge_routes,
        *staff_routes,
        *platform_routes,
        *notice_routes,
        *guard_routes,
        listen,
    ]
    return [Router("/", route_handlers=pages, before_request=begin_page), talk_socket]

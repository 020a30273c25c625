"""All pages, gathered for the composition root."""

from typing import Any

from gongdao.web.buyer.pages import routes as buyer_routes
from gongdao.web.live import listen
from gongdao.web.platform.pages import routes as platform_routes
from gongdao.web.shell import shell_routes
from gongdao.web.shop.pages import routes as shop_routes
from gongdao.web.sign_in.pages import sign_in_routes
from gongdao.web.uploads import upload_routes


def page_routes() -> list[Any]:
    """Every page of every audience."""
    return [
        *shell_routes(),
        *sign_in_routes(),
        *upload_routes,
        *buyer_routes,
        *shop_routes,
        *platform_routes,
        listen,
    ]

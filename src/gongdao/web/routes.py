"""All pages, gathered for the composition root."""

from typing import Any

from gongdao.web.live import listen
from gongdao.web.shell import shell_routes
from gongdao.web.sign_in.pages import sign_in_routes


def page_routes() -> list[Any]:
    """Every page of every audience."""
    return [*shell_routes(), *sign_in_routes(), listen]

"""A buyer's own mail addresses.

Who: a buyer who also writes mails to shops. Question: how do my mails get among my conversations?
Next: enter the code that went to the address.
"""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.channels.mail.mail import Mail
from gongdao.channels.people_store import proven_addresses
from gongdao.channels.secrets import open_keyring
from gongdao.flows.talk.prove_address import ask_code, enter_code
from gongdao.web.shell import page
from gongdao.web.typed import text_of

_BUYER = [kind("buyer"), may("chat.use")]


@get("/addresses", guards=_BUYER, include_in_schema=False)
async def show_addresses(request: Asked) -> Response[str]:
    """The addresses that are proven, and where to enter a code."""
    who = principal_of(request)
    addresses = await proven_addresses(request.app.state.pool, who.person_id, "mail")
    return page(request, "desk/addresses.html", addresses=addresses)


@post("/addresses", guards=_BUYER, include_in_schema=False)
async def take_address(request: Asked) -> Redirect:
    """Send a code to an address."""
    form = await request.form()
    await ask_code(
        request.app.state.pool,
        principal_of(request),
        _mail_of(request),
        text_of(form, "address"),
        letter_id=new_id(),
        now=utc_now(),
    )
    return Redirect("/addresses", status_code=303)


@post("/addresses/code", guards=_BUYER, include_in_schema=False)
async def take_code(request: Asked) -> Redirect:
    """Take the address that the code went to."""
    form = await request.form()
    await enter_code(
        request.app.state.pool,
        principal_of(request),
        _mail_of(request),
        text_of(form, "code"),
        now=utc_now(),
    )
    return Redirect("/addresses", status_code=303)


def _mail_of(request: Asked) -> Mail:
    config = request.app.state.config
    return Mail(open_keyring(config.home, config.secret), networks=config.mail_networks)


address_routes: list[Any] = [show_addresses, take_address, take_code]

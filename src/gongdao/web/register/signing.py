"""The page that a customer without an account opens from the link: read, sign, or say why not."""

from time import monotonic
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import PathParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, address_of
from gongdao.accounts.lockout import network_of
from gongdao.accounts.rate import Buckets, Rate
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import LOCALES, N_, Locale
from gongdao.flows.sign_agreement import (
    decline_by_link,
    find_answer,
    read_paper,
    sign_by_link,
)
from gongdao.register.commands import CustomerDeclineArgs, CustomerSignArgs
from gongdao.web.register.forms import read_args
from gongdao.web.shell import LOCALE_COOKIE, page

#: From one network; a family signs once, and whoever guesses secrets is slowed down.
LINK_RATE = Rate(burst=60, per_second=0.5)
Secret = Annotated[str, PathParameter(min_length=20, max_length=80, pattern="^gda_[A-Za-z0-9_-]+$")]


@get("/agreements/{secret:str}", include_in_schema=False)
async def show_agreement(request: Asked, secret: Secret) -> Response[str]:
    """What the shop offers; once it is answered, when that was."""
    _take(request)
    chosen = _language(request.cookies.get(LOCALE_COOKIE))
    pool = request.app.state.pool
    if answered := await find_answer(pool, secret):
        locale = chosen or answered.locale
        return page(request, "register/answered.html", locale=locale, answered=answered)
    paper = await read_paper(pool, secret, now=utc_now(), locale=chosen)
    url = f"/agreements/{secret}"
    return page(request, "register/sign.html", locale=paper.locale, paper=paper, url=url)


@post("/agreements/{secret:str}/signature", status_code=200, include_in_schema=False)
async def take_signature(request: Asked, secret: Secret) -> Response[Any]:
    """The customer signs; the answer is their receipt. Sent twice, it says that it is signed."""
    _take(request)
    if await find_answer(request.app.state.pool, secret):
        return Redirect(f"/agreements/{secret}", status_code=303)
    form = await request.form()
    args = read_args(CustomerSignArgs, form)
    entry = await sign_by_link(request.app.state.pool, secret, args, now=utc_now())
    agreement = entry.agreement
    assert agreement, "it has just been signed"
    return page(request, "register/signed.html", locale=args.locale, agreement=agreement)


@post("/agreements/{secret:str}/refusal", status_code=200, include_in_schema=False)
async def take_refusal(request: Asked, secret: Secret) -> Response[Any]:
    """The customer does not agree. Sent twice, it says what was answered."""
    _take(request)
    if await find_answer(request.app.state.pool, secret):
        return Redirect(f"/agreements/{secret}", status_code=303)
    form = await request.form()
    args = read_args(CustomerDeclineArgs, form)
    await decline_by_link(request.app.state.pool, secret, args, now=utc_now())
    locale = _language(form.get("locale"))
    return page(request, "register/signed.html", locale=locale, agreement=None)


def _take(request: Asked) -> None:
    buckets: Buckets = request.app.state.link_tries
    network = network_of(address_of(request))
    if seconds := buckets.take(network, LINK_RATE, monotonic()):
        raise Refusal(
            "rate_limited",
            N_("Too many requests in a short time. Try again in {seconds} s."),
            seconds=seconds,
        )


def _language(said: object) -> Locale | None:
    """One of our languages, if it is one."""
    for locale in LOCALES:
        if locale == said:
            return locale
    return None


signing_routes: list[Any] = [show_agreement, take_signature, take_refusal]

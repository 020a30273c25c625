"""The agreement on paper, and the link by which the customer signs on their own telephone."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.flows.keep_register import act_on_entry, see_entry
from gongdao.flows.register_contact import masked
from gongdao.flows.sign_agreement import paper_of, shop_name_of
from gongdao.register.entry import Entry
from gongdao.web.register.forms import read_command
from gongdao.web.register.lists import READERS, address_of
from gongdao.web.shell import locale_of, page


@get("/shop/register/{entry_id:uuid}/paper", guards=READERS, include_in_schema=False)
async def show_paper(
    request: Asked, entry_id: FromPath[UUID], lang: FromQuery[str] = ""
) -> Response[str]:
    """The agreement, to be printed and signed by hand."""
    locale: Locale = "en" if (lang or locale_of(request)) == "en" else "zh"
    async with request.app.state.pool.acquire() as connection:
        seen = await see_entry(connection, principal_of(request), entry_id)
        shop_name = await shop_name_of(connection, seen.entry.shop_id)
    if not _is_approved(seen.entry):
        raise Refusal("not_allowed_in_stage", N_("There is no approved proposal to print yet."))
    return page(
        request,
        "register/paper.html",
        locale=locale,
        entry=seen.entry,
        paper=paper_of(seen.entry, seen.number, shop_name, locale),
        back=address_of(entry_id),
        url=f"{address_of(entry_id)}/paper",
    )


@post(
    "/shop/register/{entry_id:uuid}/make_link",
    guards=READERS,
    status_code=200,
    include_in_schema=False,
)
async def take_link(request: Asked, entry_id: FromPath[UUID]) -> Response[str]:
    """Make a link and show it, this once: only its hash is kept."""
    sent = await read_command(request, "make_link")
    kept = await act_on_entry(
        request.app.state.pool,
        principal_of(request),
        entry_id,
        "make_link",
        sent.args,
        now=utc_now(),
        version=sent.version,
        key=sent.key,
    )
    address = f"{request.app.state.config.public_url.rstrip('/')}/agreements/{kept.secret}"
    return page(
        request,
        "register/link.html",
        entry=masked(kept.entry),
        number=kept.number,
        address=address if kept.secret else "",
        back=address_of(entry_id),
    )


def _is_approved(entry: Entry) -> bool:
    return entry.proposal is not None and entry.proposal.approved_by_id is not None


paper_routes: list[Any] = [show_paper, take_link]

"""Who is tied to whom.

Who: the operator who manages the staff, when somebody says that a shop is their cousin's. Question:
is it known already? Next: note it; from then on that person gets none of these cases.
"""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.accounts.ties import add_tie, drop_tie, find_person, list_ties
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.web.platform.forms import text_of
from gongdao.web.platform.tie_reads import find_shops_named, names_of_shops
from gongdao.web.shell import page

_MANAGERS = [kind("platform"), may("staff.manage")]


@get("/platform/ties", guards=_MANAGERS, include_in_schema=False)
async def show_ties(request: Asked) -> Response[str]:
    """The ties that are known."""
    pool = request.app.state.pool
    ties = await list_ties(pool)
    shops = await names_of_shops(pool, [tie.tied_to for tie in ties if tie.buyer is None])
    return page(request, "platform/ties.html", ties=ties, shops=shops)


@post("/platform/ties", guards=_MANAGERS, include_in_schema=False)
async def take_tie(request: Asked) -> Redirect:
    """Note a tie between somebody of the platform and a buyer or a shop."""
    form, pool = await request.form(), request.app.state.pool
    person = await find_person(pool, text_of(form, "person"), "platform")
    if person is None:
        raise Refusal("invalid", N_("Nobody of the platform signs in under this name."))
    other = text_of(form, "tied_to").strip()
    found = [each for each in [await find_person(pool, other, "buyer")] if each]
    found += await find_shops_named(pool, other)
    if len(found) != 1:
        raise Refusal("invalid", N_("No buyer or shop, or more than one, has this name."))
    await add_tie(
        pool,
        new_id(),
        person_id=person,
        tied_to=found[0],
        by=principal_of(request).person_id,
        now=utc_now(),
    )
    return Redirect("/platform/ties", status_code=303)


@post("/platform/ties/{tie_id:uuid}/drop", guards=_MANAGERS, include_in_schema=False)
async def take_drop(request: Asked, tie_id: FromPath[UUID]) -> Redirect:
    """Forget a tie."""
    await drop_tie(request.app.state.pool, tie_id)
    return Redirect("/platform/ties", status_code=303)


tie_routes = [show_ties, take_tie, take_drop]

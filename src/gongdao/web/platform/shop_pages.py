"""One shop's record.

Who: the operator or a supervisor. Question: what counts against this shop, until when, and was it
right? Next: look into the case behind a line, or (a supervisor) take a sanction or points back.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.case_reads import see_shop
from gongdao.flows.restore_shop import NOTE_MAX, lift_sanction, take_points_back
from gongdao.flows.settings import current_pack
from gongdao.web.record import show_record
from gongdao.web.shell import page

_READERS = [kind("platform"), may("case.read")]
_SUPERVISORS = [kind("platform"), may("case.review")]


@get("/platform/shops/{shop_id:uuid}", guards=_READERS, include_in_schema=False)
async def show_shop(request: Asked, shop_id: FromPath[UUID]) -> Response[str]:
    """Points, sanctions and findings of a shop."""
    async with request.app.state.pool.acquire() as connection:
        seen = await see_shop(connection, shop_id)
        if seen is None:
            raise Refusal("not_found", N_("There is no such shop."))
        pack = await current_pack(connection)
    return page(
        request,
        "platform/shop.html",
        shop_id=shop_id,
        shown=show_record(seen, pack, now=utc_now()),
        may_restore=principal_of(request).may("case.review"),
    )


@post(
    "/platform/shops/{shop_id:uuid}/sanctions/{case_id:uuid}/{number:int}/lift",
    guards=_SUPERVISORS,
    include_in_schema=False,
)
async def take_lifting(
    request: Asked, shop_id: FromPath[UUID], case_id: FromPath[UUID], number: FromPath[int]
) -> Redirect:
    """Lift a sanction, with a reason."""
    who, note = principal_of(request), await _note(request)
    pool = request.app.state.pool
    await lift_sanction(pool, who, case_id, number, note=note, now=utc_now())
    return Redirect(f"/platform/shops/{shop_id}", status_code=303)


@post(
    "/platform/shops/{shop_id:uuid}/points/{case_id:uuid}/{entry:int}/restore",
    guards=_SUPERVISORS,
    include_in_schema=False,
)
async def take_restoring(
    request: Asked, shop_id: FromPath[UUID], case_id: FromPath[UUID], entry: FromPath[int]
) -> Redirect:
    """Take points back, with a reason."""
    who, note = principal_of(request), await _note(request)
    pool = request.app.state.pool
    await take_points_back(pool, who, case_id, entry, note=note, now=utc_now())
    return Redirect(f"/platform/shops/{shop_id}", status_code=303)


async def _note(request: Asked) -> str:
    """The reason in the form, as PostgreSQL can keep it."""
    given: Any = (await request.form()).get("note", "")
    return str(given).replace("\0", "").strip()[:NOTE_MAX]


shop_routes = [show_shop, take_lifting, take_restoring]

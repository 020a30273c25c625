"""Claiming cases.

Who: an arbiter who starts on a case, and another one who is about to. Question: does somebody have
it already? Next: claim it and rule, or take the next one.
"""

from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.claim_case import claim_case, release_case
from gongdao.web.platform.forms import text_of
from gongdao.web.platform.reads import next_waiting
from gongdao.web.shell import safe_path

READERS = [kind("platform"), may("case.read")]


def may_claim(who: Principal) -> bool:
    """Whether somebody rules at all, and so is offered to claim cases."""
    return who.role == "arbiter" and who.may("case.judge")


@post("/platform/cases/{case_id:uuid}/claim", guards=READERS, include_in_schema=False)
async def take_claim(request: Asked, case_id: FromPath[UUID]) -> Redirect:
    """Take a case into one's hands, and go back to where one was."""
    form = await request.form()
    holder = text_of(form, "taken_from")
    try:
        taken_from = UUID(holder) if holder else None
    except ValueError:
        raise Refusal("invalid", N_("There is no such person.")) from None
    who, pool = principal_of(request), request.app.state.pool
    await claim_case(pool, who, case_id, taken_from=taken_from, now=utc_now())
    return _back(text_of(form, "back"), case_id)


@post("/platform/cases/next/claim", guards=READERS, include_in_schema=False)
async def take_next(request: Asked) -> Redirect:
    """Claim the most urgent case that nobody has and that one may rule on, and open it."""
    who, pool = principal_of(request), request.app.state.pool
    if not may_claim(who):
        raise Refusal("wrong_role", N_("Arbiters claim cases; your role reads along."))
    case_id = await next_waiting(pool, me=who.person_id, not_this=None)
    if case_id is None:
        return Redirect("/platform/cases", status_code=303)
    await claim_case(pool, who, case_id, now=utc_now())
    return Redirect(f"/platform/cases/{case_id}", status_code=303)


@post("/platform/cases/{case_id:uuid}/release", guards=READERS, include_in_schema=False)
async def take_release(request: Asked, case_id: FromPath[UUID]) -> Redirect:
    """Give a case back, and go back to where one was."""
    form = await request.form()
    await release_case(request.app.state.pool, principal_of(request), case_id)
    return _back(text_of(form, "back"), case_id)


def _back(address: str, case_id: UUID) -> Redirect:
    here = f"/platform/cases/{case_id}"
    return Redirect(safe_path(address or here, here), status_code=303)


claim_routes = [take_claim, take_next, take_release]

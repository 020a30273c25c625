"""Somebody says that a sign is right or wrong, from the page on which they read it.

Who: an agent beside a talk, an arbiter in a case. Question: is that so? Next: on with the work.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.guard.access import may_mark
from gongdao.flows.guard.mark import MarkArgs, mark_finding
from gongdao.web.shell import safe_path
from gongdao.web.typed import texts_of


@post(
    "/guard/findings/{finding_id:uuid}/mark",
    guards=[kind("shop", "platform")],
    include_in_schema=False,
)
async def take_mark(request: Asked, finding_id: FromPath[UUID]) -> Redirect:
    """Mark it, and go back to where it was read."""
    who = principal_of(request)
    if not may_mark(who):
        raise Refusal("wrong_role", N_("This is not yours to judge."))
    form = texts_of(await request.form(), "idempotency_key", "verdict", "why", "back")
    try:
        args = msgspec.convert(
            {
                "id": form["idempotency_key"],
                "finding_id": finding_id,
                "verdict": form["verdict"],
                "why": form["why"],
            },
            MarkArgs,
        )
    except msgspec.ValidationError:
        raise Refusal("invalid", N_("Say whether it is right or wrong, and why.")) from None
    await mark_finding(request.app.state.pool, who, args, now=utc_now())
    return Redirect(safe_path(form["back"]), status_code=303)


mark_routes: list[Any] = [take_mark]

"""Somebody says that a sign is right or wrong, from the page on which they read it.

Who: an agent beside a talk, an arbiter in a case. Question: is that so? Next: on with the work.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.guard.access import may_mark
from gongdao.flows.guard.mark import MarkArgs, mark_finding
from gongdao.web.shell import safe_path
from gongdao.web.typed import text_of, texts_of


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
    form = await request.form()
    args = mark_in(form, finding_id)
    await mark_finding(request.app.state.pool, who, args, now=utc_now())
    return Redirect(safe_path(text_of(form, "back").strip()), status_code=303)


def mark_in(form: FormMultiDict, finding_id: UUID) -> MarkArgs:
    """What a form says of a finding. Raises Refusal invalid."""
    said = texts_of(form, "idempotency_key", "verdict", "why")
    try:
        return msgspec.convert(
            {
                "id": said["idempotency_key"],
                "finding_id": finding_id,
                "verdict": said["verdict"],
                "why": said["why"],
            },
            MarkArgs,
        )
    except msgspec.ValidationError:
        raise Refusal("invalid", N_("Say whether it is right or wrong, and why.")) from None


mark_routes: list[Any] = [take_mark]

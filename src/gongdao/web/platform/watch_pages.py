"""The watch over execution.

Who: an operator in the morning, a supervisor at night. Question: which decisions have not become
money yet, and who still owes? Next: send a payout again, carry a ruling out, or open the case.
"""

from typing import Any

from litestar import Response, get

from gongdao.accounts.gate import Asked, kind, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.web.platform.watch_reads import list_frozen, list_late, list_owed, list_waiting
from gongdao.web.platform.words import PAYOUTS
from gongdao.web.shell import page


@get("/platform/watch", guards=[kind("platform")], include_in_schema=False)
async def show_watch(request: Asked) -> Response[str]:
    """What is still to be carried out, and what went wrong on the way."""
    who, pool, now = principal_of(request), request.app.state.pool, utc_now()
    if not (who.may("ledger.read") or who.may("case.review")):
        raise Refusal("wrong_role", N_("Your role does not permit this."))
    return page(
        request,
        "platform/watch.html",
        late=await list_late(pool, now=now),
        waiting=await list_waiting(pool),
        owed=await list_owed(pool),
        frozen=await list_frozen(pool),
        payout_words=PAYOUTS,
        may_act=who.may("policy.edit"),
    )


watch_routes: list[Any] = [show_watch]

"""Trouble.

Who: the operator in the morning, or after a warning; the auditor. Question: does anything stand
still that should move by itself? Next: mend what the reason names (a rule book that is gone, a row
that cannot be read); what was set aside goes on by itself, and is then gone from here.
"""

from typing import Any

from litestar import Response, get

from gongdao.accounts.gate import Asked, kind, may
from gongdao.base.clock import utc_now
from gongdao.web.platform.trouble_reads import list_clocks, list_deeds
from gongdao.web.shell import page


@get("/platform/trouble", guards=[kind("platform"), may("ledger.read")], include_in_schema=False)
async def show_trouble(request: Asked) -> Response[str]:
    """What could not be decided, or told, and why."""
    pool = request.app.state.pool
    return page(
        request,
        "platform/trouble.html",
        clocks=await list_clocks(pool),
        deeds=await list_deeds(pool),
        at=utc_now(),
    )


trouble_routes: list[Any] = [show_trouble]

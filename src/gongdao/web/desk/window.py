"""The agent's window: the frame, and the lists on its left.

Who: an agent with forty chats, all day long. Question: who has waited longest, what do they want,
and what do I answer? Next: answer, act on the order or the case beside the chat, take the next.

The lists and the side panel are fragments that the server renders (this module and `panel`); the
messages come through the socket and are drawn by the scripts.
"""

from typing import Annotated, Any, get_args
from uuid import UUID

from litestar import Response, get
from litestar.params import FromQuery, QueryParameter

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_cursor
from gongdao.flows.settings import current_pack
from gongdao.flows.talk.list_talks import Listed, View, list_talks
from gongdao.flows.talk.presence import own_presence
from gongdao.web.desk.window_reads import Counts, colleagues_of, count_lists
from gongdao.web.guard.words import sign_names
from gongdao.web.shell import locale_of, page

#: An agent's own list is never cut short; the others are read a page at a time.
_PAGE: dict[View, int] = {"open": 100, "waiting": 100, "unanswered": 100, "closed": 40, "all": 40}
#: The lists in their order; `all` is what searches and figures lead to.
VIEWS: tuple[View, ...] = ("open", "waiting", "unanswered", "closed")
SERVERS = [kind("shop"), may("chat.serve")]
_View = Annotated[str, QueryParameter(name="view", max_length=20)]
_After = Annotated[str, QueryParameter(max_length=80, pattern="^[A-Za-z0-9_=-]*$")]


@get("/desk", guards=SERVERS, include_in_schema=False)
async def show_window(request: Asked, view: _View = "open") -> Response[str]:
    """The whole window; which conversation is open stands in the address and is the script's."""
    pool, who = request.app.state.pool, principal_of(request)
    return page(
        request,
        "desk/window.html",
        colleagues=await colleagues_of(pool, who),
        missable=sign_names(
            (await current_pack(pool)).guard, "message", "shop", locale_of(request)
        ),
        **await _list_values(request, who, view, after="", chosen=None),
    )


@get("/desk/list", guards=SERVERS, include_in_schema=False)
async def show_list(
    request: Asked, view: _View = "open", after: _After = "", c: FromQuery[UUID | None] = None
) -> Response[str]:
    """One list as a fragment; `c` is the conversation that is open in the window."""
    values = await _list_values(request, principal_of(request), view, after=after, chosen=c)
    return page(request, "desk/list.html", **values)


async def _list_values(
    request: Asked, who: Principal, asked: str, *, after: str, chosen: UUID | None
) -> dict[str, Any]:
    pool, now = request.app.state.pool, utc_now()
    view: View = next((each for each in get_args(View) if each == asked), "open")
    listed: Listed = await list_talks(
        pool,
        who,
        view=view,
        after=read_cursor(after) if after else None,
        limit=_PAGE[view],
        now=now,
    )
    counts: Counts = await count_lists(pool, who)
    return {
        "shown_view": view,
        "briefs": listed.briefs,
        "following": listed.after,
        "counts": counts,
        "count_of": {
            "open": counts.mine,
            "waiting": counts.waiting,
            "unanswered": counts.unanswered,
        },
        "presence": await own_presence(pool, who),
        "views": VIEWS,
        "chosen": chosen,
        "me": who.person_id,
    }


window_routes: list[Any] = [show_window, show_list]

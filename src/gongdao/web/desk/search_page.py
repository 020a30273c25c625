"""Search what was said: `/desk/search` for a shop's people, `/chats/search` for a buyer.

Who: an agent with a buyer who says "your colleague promised it", a lead who looks for what was
said of a product, a buyer who remembers half a sentence. Question: who said it, and when? Next:
open the conversation at that message.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, get_args
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.days import start_of
from gongdao.base.db import Pool
from gongdao.base.i18n import N_
from gongdao.chat.body import Kind
from gongdao.chat.search.store import Filters
from gongdao.flows.talk.search import Found, search_chats
from gongdao.web.desk.window import SERVERS
from gongdao.web.shell import page

#: What can be looked for by kind, as the filter names it.
KINDS: dict[Kind, str] = {
    "text": N_("Words"),
    "image": N_("Pictures"),
    "file": N_("Files"),
    "order": N_("Orders"),
    "product": N_("Products"),
    "case": N_("Cases"),
    "note": N_("Notes among us"),
}
_PAGE = 30
_AGENTS = """
SELECT a.person_id AS id, p.name FROM chat_agents a JOIN people p ON p.id = a.person_id
 WHERE a.shop_id = $1 ORDER BY p.name LIMIT 500
"""
_GROUPS = "SELECT id, name FROM chat_groups WHERE shop_id = $1 ORDER BY position, id LIMIT 100"
_Text = Annotated[str, QueryParameter(max_length=4000)]
_Id = Annotated[str, QueryParameter(max_length=36, pattern="^[0-9a-f-]*$")]
_Day = Annotated[str, QueryParameter(max_length=10, pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
_Word = Annotated[str, QueryParameter(max_length=20)]
_After = Annotated[str, QueryParameter(max_length=300, pattern="^[A-Za-z0-9_=-]*$")]


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The form as it was sent; what makes no sense in it asks for nothing."""

    q: str = ""
    agent: str = ""
    group: str = ""
    buyer: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but words was asked for."""
        return any((self.agent, self.group, self.buyer, self.kind, self.since, self.until))

    def filters(self) -> Filters:
        """What the messages must be."""
        until = _day(self.until)
        return Filters(
            author_id=_id(self.agent),
            group_id=_id(self.group),
            buyer_id=_id(self.buyer),
            kind=next((each for each in get_args(Kind) if each == self.kind), None),
            since=_day(self.since),
            until=until + timedelta(days=1) if until else None,
        )

    def address(self, path: str, **more: str) -> str:
        """The same question once more, or its next page."""
        fields = {key: value for key, value in msgspec.structs.asdict(self).items() if value}
        return f"{path}?{urlencode(fields | more)}"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was found, as the page shows it."""

    found: Found
    parts: list[tuple[str, bool]]
    """The text in pieces; those that were looked for are marked."""
    href: str


@get("/desk/search", guards=SERVERS, include_in_schema=False)
async def show_desk_search(
    request: Asked,
    q: _Text = "",
    agent: _Id = "",
    group: _Id = "",
    buyer: _Id = "",
    what: Annotated[str, QueryParameter(name="kind", max_length=20)] = "",
    since: _Day = "",
    until: _Day = "",
    after: _After = "",
) -> Response[Any]:
    """Everything that was said to and in this shop."""
    pool, who = request.app.state.pool, principal_of(request)
    chosen = Chosen(q=q, agent=agent, group=group, buyer=buyer, kind=what, since=since, until=until)
    values = await _values(pool, who, chosen, after, "/desk/search")
    lists: dict[str, Any] = {
        "agents": await pool.fetch(_AGENTS, who.shop_id),
        "groups": await pool.fetch(_GROUPS, who.shop_id),
        "kinds": KINDS,
    }
    return page(request, "desk/search.html", **values, **lists)


@get("/chats/search", guards=[kind("buyer"), may("chat.use")], include_in_schema=False)
async def show_own_search(
    request: Asked, q: _Text = "", since: _Day = "", until: _Day = "", after: _After = ""
) -> Response[Any]:
    """Everything in one's own conversations."""
    chosen = Chosen(q=q, since=since, until=until)
    values = await _values(
        request.app.state.pool, principal_of(request), chosen, after, "/chats/search"
    )
    return page(request, "desk/search.html", **values, agents=[], groups=[], kinds={})


async def _values(
    pool: Pool, who: Principal, chosen: Chosen, after: str, path: str
) -> dict[str, Any]:
    searched = await search_chats(
        pool,
        who,
        chosen.q,
        filters=chosen.filters(),
        after=after or None,
        limit=_PAGE,
        now=utc_now(),
    )
    return {
        "chosen": chosen,
        "path": path,
        "who": who,
        "hits": [_shown(who, found) for found in searched.found],
        "first": chosen.address(path) if after else "",
        "searched_to": searched.searched_to,
        "following": chosen.address(path, after=searched.next) if searched.next else "",
    }


def _shown(who: Principal, found: Found) -> Shown:
    parts: list[tuple[str, bool]] = []
    end = 0
    for start, stop in found.marks:
        parts += [(found.text[end:start], False), (found.text[start:stop], True)]
        end = stop
    parts.append((found.text[end:], False))
    place = f"/desk?view=all&c={found.conversation_id}&at={found.seq}"
    if who.kind == "buyer":
        place = f"/chat/{found.shop_id}?talk={found.conversation_id}&at={found.seq}"
    return Shown(found=found, parts=[part for part in parts if part[0]], href=place)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _day(text: str) -> datetime | None:
    """The first instant of a day in local time."""
    try:
        return start_of(datetime.fromisoformat(text).date()) if text else None
    except (ValueError, OverflowError):
        return None


search_routes = [show_desk_search, show_own_search]

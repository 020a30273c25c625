"""The streams that open pages listen to; each says only that its channel has changed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath, QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from gongdao.accounts.gate import Asked, look_again, principal_of, signed_in
from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import Hub
from gongdao.base.weather import is_weather
from gongdao.cases.store import load_case
from gongdao.flows.act import may_see
from gongdao.flows.guard.access import reads_all
from gongdao.flows.read_notices import inbox_of
from gongdao.register.store import load_entry

#: When the page that listens began to be made, in milliseconds since 1970.
_Since = Annotated[int, QueryParameter(ge=0, le=10**14)]


@get("/live/{channel:str}", guards=[signed_in], include_in_schema=False)
async def listen(request: Asked, channel: FromPath[str], since: _Since = 0) -> ServerSentEvent:
    """The stream of a case, or of one's own list: `case:<id>`, `buyer:<id>`, `notices:<id>`, ...

    What happened while the page was on its way to the browser is said as soon as the stream opens.
    It ends once the session that opened it is over, or is somebody else's by what they may.
    """
    principal = principal_of(request)
    await _require_leave(request.app.state.pool, principal, channel)
    hub: Hub = request.app.state.hub
    hub.require_room(str(principal.person_id))
    begun = datetime.fromtimestamp(since / 1000, UTC) if since else None
    return ServerSentEvent(_messages(request, hub, channel, begun))


async def _messages(
    request: Asked, hub: Hub, channel: str, since: datetime | None
) -> AsyncIterator[Any]:
    who = principal_of(request)
    # The first line tells the browser, and every proxy on the way, that the stream is open.
    yield ServerSentEventMessage(comment="open", retry=2000)
    async for name in hub.hear(channel, listener=str(who.person_id), since=since):
        # Nothing is said, not even that something changed, to whoever may no longer be here.
        if not await _is_still(request, who):
            return
        if name:
            yield ServerSentEventMessage(data="changed")
        else:
            yield ServerSentEventMessage(comment="still here")


async def _is_still(request: Asked, who: Principal) -> bool:
    """Whether the session or token that opened a stream is good for the same person's same role."""
    try:
        shown = await look_again(request)
    except Exception as error:
        if not is_weather(error):
            raise
        # The database is away; whoever was let in stays until it can be asked.
        return True
    return shown is not None and shown.principal == who


async def _require_leave(pool: Pool, who: Principal, channel: str) -> None:
    subject, _, text = channel.partition(":")
    if subject == "case":
        stored = await load_case(pool, _id_of(text))
        allowed = stored is not None and may_see(who, stored.case)
    elif subject in ("platform", "retrial"):
        allowed = who.kind == "platform"
    elif channel == "guard":
        allowed = reads_all(who)
    elif subject == "notices":
        inbox = inbox_of(who)
        own = inbox is not None and channel == inbox.channel
        allowed = own or text == str(who.person_id)
    elif subject == "desk":
        allowed = who.may("chat.manage") and who.shop_id == _id_of(text)
    elif subject == "team":
        allowed = who.kind == "shop" and who.shop_id == _id_of(text)
    elif subject == "chats":
        allowed = text == str(who.person_id)
    elif subject == "entry":
        kept = await load_entry(pool, _id_of(text))
        allowed = kept is not None and _keeps(who, kept.entry.shop_id)
    elif subject == "register":
        allowed = _keeps(who, _id_of(text))
    else:
        own = {"buyer": who.person_id, "shop": who.shop_id}.get(subject)
        # The platform's page of a shop shows points and sanctions as they come.
        allowed = who.kind == subject and own == _id_of(text)
        allowed = allowed or (subject == "shop" and who.kind == "platform")
    if not allowed:
        raise Refusal("not_found", N_("There is nothing to listen to."))


def _keeps(who: Principal, shop_id: UUID) -> bool:
    return who.may("register.read") and who.shop_id == shop_id


def _id_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refusal("not_found", N_("There is nothing to listen to.")) from None

"""The streams that open pages listen to; each says only that its channel has changed."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response import ServerSentEvent, ServerSentEventMessage

from gongdao.accounts.gate import Asked, principal_of, signed_in
from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import Hub
from gongdao.cases.store import load_case
from gongdao.flows.act import may_see
from gongdao.flows.read_notices import inbox_of
from gongdao.register.store import load_entry


@get("/live/{channel:str}", guards=[signed_in], include_in_schema=False)
async def listen(request: Asked, channel: FromPath[str]) -> ServerSentEvent:
    """The stream of a case, or of one's own list: `case:<id>`, `buyer:<id>`, `notices:<id>`, ..."""
    principal = principal_of(request)
    await _require_leave(request.app.state.pool, principal, channel)
    hub: Hub = request.app.state.hub
    hub.require_room(str(principal.person_id))
    return ServerSentEvent(_messages(hub, channel, str(principal.person_id)))


async def _messages(hub: Hub, channel: str, listener: str) -> AsyncIterator[Any]:
    # The first line tells the browser, and every proxy on the way, that the stream is open.
    yield ServerSentEventMessage(comment="open", retry=2000)
    async for name in hub.hear(channel, listener=listener):
        if name:
            yield ServerSentEventMessage(data="changed")
        else:
            yield ServerSentEventMessage(comment="still here")


async def _require_leave(pool: Pool, who: Principal, channel: str) -> None:
    subject, _, text = channel.partition(":")
    if subject == "case":
        stored = await load_case(pool, _id_of(text))
        allowed = stored is not None and may_see(who, stored.case)
    elif subject in ("platform", "retrial"):
        allowed = who.kind == "platform"
    elif subject == "notices":
        inbox = inbox_of(who)
        own = inbox is not None and channel == inbox.channel
        allowed = own or text == str(who.person_id)
    elif subject == "chats":
        allowed = text == str(who.person_id)
    elif subject == "entry":
        kept = await load_entry(pool, _id_of(text))
        allowed = kept is not None and _keeps(who, kept.entry.shop_id)
    elif subject == "register":
        allowed = _keeps(who, _id_of(text))
    else:
        own = {"buyer": who.person_id, "shop": who.shop_id}.get(subject)
        allowed = who.kind == subject and own == _id_of(text)
    if not allowed:
        raise Refusal("not_found", N_("There is nothing to listen to."))


def _keeps(who: Principal, shop_id: UUID) -> bool:
    return who.may("register.read") and who.shop_id == shop_id


def _id_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refusal("not_found", N_("There is nothing to listen to.")) from None

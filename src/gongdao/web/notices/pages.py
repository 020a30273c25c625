"""Notices.

Who: a buyer who comes back after a day, an agent between two chats, an arbiter in the morning.
Question: what has happened since I last looked, and does anything wait for me? Next: open the
topmost unread line, which leads to the case; or mark all as read and go.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of, signed_in
from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.read_notices import (
    ID_MAX,
    count_unread,
    inbox_of,
    list_notices,
    mark_read,
    open_notice,
    see_told,
)
from gongdao.flows.register_notices import count_told, list_told
from gongdao.flows.register_notices import see_told as see_register_told
from gongdao.web.shell import UNREAD, page

_CASES = {"buyer": "/cases", "shop": "/shop/cases", "platform": "/platform/cases"}
_ORDERS = {"buyer": "/orders", "shop": "/shop/orders", "platform": "/platform/cases"}
_After = Annotated[int | None, QueryParameter(ge=1, le=ID_MAX)]


class Look(msgspec.Struct, frozen=True):
    """The drawing beside a notice, and its colour."""

    icon: str
    tone: str = "grey"


_MONEY = Look(icon="coin", tone="jade")
_CLOCK = Look(icon="clock", tone="amber")
_REFUSED = Look(icon="circle-x", tone="red")
_OFFER = Look(icon="messages", tone="blue")
_PARCEL = Look(icon="package", tone="blue")
_PROOF = Look(icon="photo", tone="blue")
_JUDGED = Look(icon="gavel", tone="plum")
_FILED = Look(icon="file-text", tone="amber")
_SAID = Look(icon="message", tone="blue")
_OTHER = Look(icon="bell")
_LOOKS = {
    "case_opened": _FILED,
    "request_modified": _FILED,
    "request_approved": _MONEY,
    "compensated": _MONEY,
    "refund_reckoned": _MONEY,
    "payments_instructed": _MONEY,
    "payout_arrived": _MONEY,
    "request_rejected": _REFUSED,
    "offer_declined": _REFUSED,
    "mismatch_reported": _REFUSED,
    "offer_made": _OFFER,
    "offer_accepted": _OFFER,
    "shipped_back": _PARCEL,
    "tracking_refilled": _PARCEL,
    "return_signed": _PARCEL,
    "receipt_confirmed": _PARCEL,
    "evidence_requested": _PROOF,
    "evidence_submitted": _PROOF,
    "escalated": _JUDGED,
    "ruled": _JUDGED,
    "order_closed": _REFUSED,
    "order_line_changed": Look(icon="edit", tone="amber"),
    "order_address_changed": Look(icon="edit", tone="amber"),
    "order_payment_changed": _MONEY,
    "order_urged": _CLOCK,
    "order_extra_asked": _MONEY,
    "order_extra_paid": _MONEY,
    "stage_entered": _CLOCK,
    "timed_out": _CLOCK,
    "deadline_missed": _CLOCK,
    "deadline_extended": _CLOCK,
    "reminded": _CLOCK,
    "noted": _SAID,
    "case_closed": Look(icon="circle-check", tone="jade"),
    "points_charged": Look(icon="alert-triangle", tone="red"),
}


@get("/notices", guards=[signed_in], include_in_schema=False)
async def show_notices(request: Asked, after: _After = None) -> Response[str]:
    """What the reader's side was told, newest first."""
    who = principal_of(request)
    inbox = inbox_of(who)
    listed = await list_notices(request.app.state.pool, who, after=after)
    return page(
        request,
        "notices/notices.html",
        lines=listed.lines,
        # What stands of a case as it is now is said once, beside its newest notice.
        newest={line.about: line.id for line in reversed(listed.lines)},
        looks=[_LOOKS.get(line.type, _OTHER) for line in listed.lines],
        through=listed.lines[0].id if listed.lines and after is None else None,
        any_unread=any(line.unread for line in listed.lines),
        following=f"/notices?after={listed.after}" if listed.after else "",
        channel=inbox.channel if inbox else "",
        told=await list_told(request.app.state.pool, who) if after is None else [],
    )


@get("/notices/{notice_id:int}", guards=[signed_in], include_in_schema=False)
async def follow_notice(request: Asked, notice_id: FromPath[int]) -> Redirect:
    """To the case or the order that a notice tells of; it is read by that."""
    who = principal_of(request)
    opened = await open_notice(request.app.state.pool, who, notice_id, now=utc_now())
    address = f"{_CASES[who.kind]}/{opened.case_id}"
    if opened.order_id:
        address = f"{_ORDERS[who.kind]}/{opened.order_id}"
    return Redirect(address, status_code=303)


@post("/notices/read", guards=[signed_in], include_in_schema=False)
async def take_read(request: Asked) -> Redirect:
    """Mark as read everything up to the newest notice that the page showed."""
    form = await request.form()
    through = str(form.get("through", ""))
    if not (through.isdecimal() and through.isascii() and 0 < int(through[:20]) <= ID_MAX):
        raise Refusal("invalid", N_("There is no such notice."))
    who = principal_of(request)
    await mark_read(request.app.state.pool, who, through=int(through), now=utc_now())
    return Redirect("/notices", status_code=303)


async def count_for_bell(request: Asked) -> None:
    """Before a full page is made for somebody: how many of their notices are unread."""
    who: object = dict(request.scope).get("user")
    if not isinstance(who, Principal) or not _is_full_page(request):
        return
    pool = request.app.state.pool
    request.scope["state"][UNREAD] = await count_unread(pool, who) + await count_told(pool, who)


async def note_seen(request: Asked, about: UUID) -> None:
    """Somebody has a case or an order before them: its notices are read, and not counted."""
    pool, who = request.app.state.pool, principal_of(request)
    await see_told(pool, who, about, now=utc_now())
    if request.scope["state"].get(UNREAD):
        unread = await count_unread(pool, who) + await count_told(pool, who)
        request.scope["state"][UNREAD] = unread


def _is_full_page(request: Asked) -> bool:
    """A page that somebody opens; not a part that a script fetches, a picture, or a stream."""
    wants_page = "text/html" in request.headers.get("accept", "")
    return request.method == "GET" and wants_page and "hx-request" not in request.headers


@post("/notices/register/read", guards=[signed_in], include_in_schema=False)
async def take_register_read(request: Asked) -> Redirect:
    """Mark as read everything that was told of the shop's register."""
    await see_register_told(request.app.state.pool, principal_of(request), now=utc_now())
    return Redirect("/notices", status_code=303)


routes = [show_notices, follow_notice, take_read, take_register_read]

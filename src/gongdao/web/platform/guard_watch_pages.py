"""The watch list, and payouts that wait.

Who: an operator or a supervisor. Question: whom do we watch and why, which money is kept back, and
until when? Next: put somebody on the list or take them off, let a payout go.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.cursor import Cursor, read_cursor
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.flows.guard.hold import ReleaseArgs, list_holds, release
from gongdao.flows.guard.watch import WatchArgs, list_watched, take_off, watch
from gongdao.web.platform.forms import text_of
from gongdao.web.platform.guard_pages import READERS, convert_form, shared
from gongdao.web.platform.guard_reads import find_whom
from gongdao.web.platform.guard_words import KINDS
from gongdao.web.shell import page, safe_path

#: For how many days somebody may be watched; nothing chosen is until somebody takes them off.
DAYS = (7, 30, 90, 365)
_LIST, _HOLDS = "/platform/guard/watch", "/platform/guard/holds"


@get("/platform/guard/watch", guards=READERS, include_in_schema=False)
async def show_watched(
    request: Asked, after: FromQuery[str] = "", past: FromQuery[str] = ""
) -> Response[str]:
    """Whom and what is watched; asked for the past, also what was taken off."""
    listed = await list_watched(
        request.app.state.pool,
        principal_of(request),
        with_past=bool(past),
        after=read_cursor(after) if after else None,
        now=utc_now(),
    )
    return page(
        request,
        "platform/guard_watch.html",
        listed=listed,
        past=bool(past),
        more=_more(_LIST, listed.following, past=bool(past)),
        kind_words=KINDS,
        days=DAYS,
        **shared(request),
    )


@post("/platform/guard/watch", guards=READERS, include_in_schema=False)
async def take_watching(request: Asked) -> Redirect:
    """Put somebody or something on the list."""
    form, pool, now = await request.form(), request.app.state.pool, utc_now()
    days = text_of(form, "days")
    if days and days not in {str(each) for each in DAYS}:
        raise Refusal("invalid", N_("Choose for how long."))
    fields: dict[str, Any] = {
        "id": text_of(form, "idempotency_key"),
        "kind": text_of(form, "kind"),
        "why": text_of(form, "why"),
        "until": now + timedelta(days=int(days)) if days else None,
    }
    if trait := text_of(form, "trait"):
        fields["trait"] = trait
    elif subject := text_of(form, "subject_id"):
        fields["subject_id"] = subject
    else:
        found = await find_whom(pool, text_of(form, "whom").strip())
        if len(found) != 1:
            raise Refusal("invalid", N_("No buyer or shop, or more than one, has this name."))
        fields |= {"kind": found[0].kind, "subject_id": found[0].id}
    await watch(pool, principal_of(request), convert_form(fields, WatchArgs), now=now)
    return Redirect(_back(text_of(form, "back")), status_code=303)


@post("/platform/guard/watch/{watched_id:uuid}/off", guards=READERS, include_in_schema=False)
async def take_watched_off(request: Asked, watched_id: FromPath[UUID]) -> Redirect:
    """Take it off the list, with a reason."""
    why = text_of(await request.form(), "why").strip()
    if not why:
        raise Refusal("reason_required", N_("Say why it need not be watched any more."))
    who = principal_of(request)
    await take_off(request.app.state.pool, who, watched_id, why=why, now=utc_now())
    return Redirect(_LIST, status_code=303)


@get("/platform/guard/holds", guards=READERS, include_in_schema=False)
async def show_holds(
    request: Asked, after: FromQuery[str] = "", past: FromQuery[str] = ""
) -> Response[str]:
    """Payouts that wait for a person, and when they go out by themselves."""
    listed = await list_holds(
        request.app.state.pool,
        principal_of(request),
        with_past=bool(past),
        after=read_cursor(after) if after else None,
    )
    return page(
        request,
        "platform/guard_holds.html",
        listed=listed,
        waiting_fen=sum(
            one.hold.amount_fen for one in listed.holds if one.hold.released_at is None
        ),
        past=bool(past),
        more=_more(_HOLDS, listed.following, past=bool(past)),
        **shared(request),
    )


@post("/platform/guard/holds/{payout_id:uuid}/release", guards=READERS, include_in_schema=False)
async def take_release(request: Asked, payout_id: FromPath[UUID]) -> Redirect:
    """Let a payout go, with a reason."""
    form = await request.form()
    args = convert_form({"payout_id": payout_id, "why": text_of(form, "why")}, ReleaseArgs)
    await release(request.app.state.pool, principal_of(request), args, now=utc_now())
    return Redirect(_HOLDS, status_code=303)


def _more(address: str, following: Cursor | None, *, past: bool) -> str:
    """Where the rest of a list stands, still with what is past if that was asked for."""
    if following is None:
        return ""
    return f"{address}?after={following.text()}" + ("&past=1" if past else "")


def _back(address: str) -> str:
    """Where the form stood, if that was a page of the guard."""
    own = address == _LIST or address.startswith(("/platform/guard/", "/platform/guard?"))
    return safe_path(address, _LIST) if own else _LIST


watch_list_routes = [show_watched, take_watching, take_watched_off, show_holds, take_release]

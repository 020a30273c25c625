"""The hand-over book: what I leave, what I take over, and what nobody has taken yet."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.flows.staff import hand_over
from gongdao.flows.staff.access import shop_of, team_of
from gongdao.web.shell import page
from gongdao.web.staff.forms import read_args, read_form
from gongdao.web.staff.rota_page import MATES
from gongdao.web.typed import text_of

_BOOK = "/shop/team/book"
_ID = "^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$"


@get(_BOOK, guards=MATES, include_in_schema=False)
async def show_book(
    request: Asked, before: Annotated[str, QueryParameter(pattern=_ID)] = ""
) -> Response[str]:
    """The last books, and what waits."""
    who, pool, now = principal_of(request), request.app.state.pool, utc_now()
    shelf = await hand_over.see_books(pool, who, before=UUID(before) if before else None, now=now)
    return page(
        request,
        "staff/book.html",
        shelf=shelf,
        mine=[line for line in shelf.waiting if line.from_id == who.person_id],
        others=[line for line in shelf.waiting if line.from_id != who.person_id],
        preview=await hand_over.preview_book(pool, who, now=now),
        team=await team_of(pool, shop_of(who)),
        me=who.person_id,
        new_id=new_id(),
        following=f"{_BOOK}?before={shelf.books[-1].id}" if len(shelf.books) == 10 else "",
        notes_max=3,
    )


@post(_BOOK, guards=MATES, include_in_schema=False)
async def take_book(request: Asked) -> Redirect:
    """Write the book."""
    form = await request.form()
    words = {
        key.removeprefix("word-"): text
        for key in form
        if key.startswith("word-") and (text := text_of(form, key).strip())
    }
    args = read_args(form, hand_over.WriteArgs, words=words)
    await hand_over.write_book(request.app.state.pool, principal_of(request), args, now=utc_now())
    return Redirect(_BOOK, status_code=303)


@post(f"{_BOOK}/lines/{{line_id:uuid}}/acceptance", guards=MATES, include_in_schema=False)
async def accept(request: Asked, line_id: FromPath[UUID]) -> Redirect:
    """Take a line over."""
    who, pool = principal_of(request), request.app.state.pool
    await hand_over.accept_line(pool, who, line_id, now=utc_now())
    return Redirect(_BOOK, status_code=303)


@post(f"{_BOOK}/lines/{{line_id:uuid}}/question", guards=MATES, include_in_schema=False)
async def ask_back(request: Asked, line_id: FromPath[UUID]) -> Redirect:
    """Send a line back with a question."""
    args = await read_form(request, hand_over.SayArgs)
    who, pool = principal_of(request), request.app.state.pool
    await hand_over.send_back(pool, who, line_id, args, now=utc_now())
    return Redirect(_BOOK, status_code=303)


@post(f"{_BOOK}/lines/{{line_id:uuid}}/answer", guards=MATES, include_in_schema=False)
async def answer(request: Asked, line_id: FromPath[UUID]) -> Redirect:
    """Answer the question."""
    args = await read_form(request, hand_over.SayArgs)
    who, pool = principal_of(request), request.app.state.pool
    await hand_over.answer_line(pool, who, line_id, args, now=utc_now())
    return Redirect(_BOOK, status_code=303)


book_routes: list[Any] = [show_book, take_book, accept, ask_back, answer]

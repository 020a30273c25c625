"""The team of a shop: rota, leave, swaps, the hand-over book, one's own memos."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.flows.staff import hand_over, memos, requests, rota
from gongdao.flows.staff.access import Mate
from gongdao.staff.book import Book, Line, Word
from gongdao.staff.days import day_of
from gongdao.staff.memo_store import Memo
from gongdao.staff.request import Leave, Swap
from gongdao.staff.shift import Shift

MATES = [may("staff.use")]
LEADS = [may("staff.use"), may("staff.lead")]
TAG = ["team"]
Day = Annotated[date | None, QueryParameter()]


class WeekBody(msgspec.Struct, frozen=True, kw_only=True):
    """A week of the rota: who is in the team, who works when, who is away."""

    monday: date
    team: list[Mate]
    shifts: list[Shift]
    leaves: list[Leave]


class RequestsBody(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a lead (empty for others), and what the caller asked for or was asked."""

    leaves: list[Leave]
    swaps: list[Swap]
    own_leaves: list[Leave]
    own_swaps: list[Swap]


class BookBody(msgspec.Struct, frozen=True, kw_only=True):
    """A hand-over with its lines, and what was said of them."""

    book: Book
    lines: list[Line]
    words: list[Word]


class BooksBody(msgspec.Struct, frozen=True, kw_only=True):
    """The last hand-overs, the lines that nobody has accepted, and whether the caller may."""

    books: list[BookBody]
    waiting: list[Line]
    may_accept: bool


@get("/team/rota", guards=MATES, summary="A week of the rota", tags=TAG)
async def read_rota(request: Asked, day: Day = None) -> WeekBody:
    """The week in which a day lies; this one without a day."""
    found = await rota.see_week(
        request.app.state.pool, principal_of(request), day or day_of(utc_now())
    )
    return WeekBody(monday=found.monday, team=found.team, shifts=found.shifts, leaves=found.leaves)


@post("/team/shifts", guards=LEADS, summary="Plan shifts", tags=TAG)
async def plan(request: Asked, data: JSONBody[rota.PlanArgs]) -> list[Shift]:
    """Shifts of one person on several days, all of them or none; sent twice they are there once."""
    who, pool = principal_of(request), request.app.state.pool
    return await rota.plan_shifts(pool, who, data, now=utc_now())


@delete("/team/shifts/{shift_id:uuid}", guards=LEADS, summary="Take a shift off", tags=TAG)
async def take_off(request: Asked, shift_id: FromPath[UUID]) -> None:
    """A shift that has not begun."""
    await rota.take_off(request.app.state.pool, principal_of(request), shift_id, now=utc_now())


@get("/team/requests", guards=MATES, summary="Leave and swaps", tags=TAG)
async def read_team_requests(request: Asked) -> RequestsBody:
    """What waits for a lead, and the caller's own."""
    found = await requests.see_requests(request.app.state.pool, principal_of(request))
    return RequestsBody(
        leaves=found.leaves,
        swaps=found.swaps,
        own_leaves=found.own_leaves,
        own_swaps=found.own_swaps,
    )


@post("/team/leaves", guards=MATES, summary="Ask for leave", tags=TAG)
async def ask_leave(request: Asked, data: JSONBody[requests.LeaveArgs]) -> Leave:
    """Days off, both ends included."""
    who, pool = principal_of(request), request.app.state.pool
    return await requests.ask_leave(pool, who, data, now=utc_now())


@post("/team/leaves/{leave_id:uuid}/decision", guards=LEADS, summary="Decide on leave", tags=TAG)
async def decide_leave(
    request: Asked, leave_id: FromPath[UUID], data: JSONBody[requests.AnswerArgs]
) -> Leave:
    """Granted, the shifts on its days come off the rota; refused, it says why."""
    who, pool = principal_of(request), request.app.state.pool
    return await requests.decide_leave(pool, who, leave_id, data, now=utc_now())


@delete("/team/leaves/{leave_id:uuid}", guards=MATES, summary="Take leave back", tags=TAG)
async def withdraw_leave(request: Asked, leave_id: FromPath[UUID]) -> None:
    """One's own request, or leave that was granted and has not begun."""
    who, pool = principal_of(request), request.app.state.pool
    await requests.withdraw_leave(pool, who, leave_id, now=utc_now())


@post("/team/swaps", guards=MATES, summary="Propose a swap", tags=TAG)
async def propose_swap(request: Asked, data: JSONBody[requests.SwapArgs]) -> Swap:
    """One's own shift for a colleague's; without `other_shift_id` the colleague takes it."""
    who, pool = principal_of(request), request.app.state.pool
    return await requests.propose_swap(pool, who, data, now=utc_now())


@post("/team/swaps/{swap_id:uuid}/answer", guards=MATES, summary="Answer a swap", tags=TAG)
async def answer_swap(
    request: Asked, swap_id: FromPath[UUID], data: JSONBody[requests.AnswerArgs]
) -> Swap:
    """The colleague says yes or no."""
    who, pool = principal_of(request), request.app.state.pool
    return await requests.answer_swap(pool, who, swap_id, data, now=utc_now())


@post("/team/swaps/{swap_id:uuid}/decision", guards=LEADS, summary="Decide on a swap", tags=TAG)
async def decide_swap(
    request: Asked, swap_id: FromPath[UUID], data: JSONBody[requests.AnswerArgs]
) -> Swap:
    """A lead approves what both agreed on, or says why not."""
    who, pool = principal_of(request), request.app.state.pool
    return await requests.decide_swap(pool, who, swap_id, data, now=utc_now())


@delete("/team/swaps/{swap_id:uuid}", guards=MATES, summary="Take a swap back", tags=TAG)
async def withdraw_swap(request: Asked, swap_id: FromPath[UUID]) -> None:
    """One's own proposal, as long as no lead has decided."""
    who, pool = principal_of(request), request.app.state.pool
    await requests.withdraw_swap(pool, who, swap_id, now=utc_now())


@get("/team/books", guards=MATES, summary="The hand-over book", tags=TAG)
async def read_books(
    request: Asked, before: Annotated[UUID | None, QueryParameter()] = None
) -> BooksBody:
    """The last ten hand-overs; `before` is the last one of the page above."""
    who, pool = principal_of(request), request.app.state.pool
    shelf = await hand_over.see_books(pool, who, before=before, now=utc_now())
    books = [
        BookBody(
            book=book,
            lines=(lines := shelf.lines.get(book.id, [])),
            words=[word for line in lines for word in shelf.words.get(line.id, [])],
        )
        for book in shelf.books
    ]
    return BooksBody(books=books, waiting=shelf.waiting, may_accept=shelf.may_accept)


@get("/team/books/open", guards=MATES, summary="What is open", tags=TAG)
async def read_open(request: Asked) -> list[Line]:
    """What would stand in the caller's book if it were written now."""
    who, pool = principal_of(request), request.app.state.pool
    return await hand_over.preview_book(pool, who, now=utc_now())


@post("/team/books", guards=MATES, summary="Hand over", tags=TAG)
async def write_book(request: Asked, data: JSONBody[hand_over.WriteArgs]) -> list[Line]:
    """Everything that is open, with words on lines by their key, and notes."""
    who, pool = principal_of(request), request.app.state.pool
    return await hand_over.write_book(pool, who, data, now=utc_now())


@post("/team/lines/{line_id:uuid}/acceptance", guards=MATES, summary="Accept a line", tags=TAG)
async def accept_line(request: Asked, line_id: FromPath[UUID]) -> Line:
    """Take it over; an open conversation moves to the caller."""
    who, pool = principal_of(request), request.app.state.pool
    return await hand_over.accept_line(pool, who, line_id, now=utc_now())


@post("/team/lines/{line_id:uuid}/question", guards=MATES, summary="Send a line back", tags=TAG)
async def ask_of_line(
    request: Asked, line_id: FromPath[UUID], data: JSONBody[hand_over.SayArgs]
) -> Line:
    """With a question to whoever wrote it."""
    who, pool = principal_of(request), request.app.state.pool
    return await hand_over.send_back(pool, who, line_id, data, now=utc_now())


@post("/team/lines/{line_id:uuid}/answer", guards=MATES, summary="Answer of a line", tags=TAG)
async def answer_of_line(
    request: Asked, line_id: FromPath[UUID], data: JSONBody[hand_over.SayArgs]
) -> Line:
    """The answer to the question; the line waits again."""
    who, pool = principal_of(request), request.app.state.pool
    return await hand_over.answer_line(pool, who, line_id, data, now=utc_now())


@get("/team/memos", guards=MATES, summary="One's memos", tags=TAG)
async def read_memos(request: Asked) -> list[Memo]:
    """What is due first, what is done last; nobody else can read them."""
    return await memos.see_memos(request.app.state.pool, principal_of(request))


@post("/team/memos", guards=MATES, summary="Write a memo", tags=TAG)
async def write_memo(request: Asked, data: JSONBody[memos.MemoArgs]) -> Memo:
    """For oneself."""
    who, pool = principal_of(request), request.app.state.pool
    return await memos.write_memo(pool, who, data, now=utc_now())


@post("/team/memos/{memo_id:uuid}/done", guards=MATES, summary="A memo is done", tags=TAG)
async def finish_memo(request: Asked, memo_id: FromPath[UUID]) -> None:
    """Done."""
    who, pool = principal_of(request), request.app.state.pool
    await memos.finish_memo(pool, who, memo_id, now=utc_now())


@delete("/team/memos/{memo_id:uuid}", guards=MATES, summary="Drop a memo", tags=TAG)
async def drop_memo(request: Asked, memo_id: FromPath[UUID]) -> None:
    """For good."""
    await memos.drop_memo(request.app.state.pool, principal_of(request), memo_id)


routes = [
    read_rota, plan, take_off, read_team_requests, ask_leave, decide_leave, withdraw_leave,
    propose_swap, answer_swap, decide_swap, withdraw_swap, read_books, read_open, write_book,
    accept_line, ask_of_line, answer_of_line, read_memos, write_memo, finish_memo, drop_memo,
]  # fmt: skip

"""The hand-over between two shifts: written by who goes, accepted line by line by who comes."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, translate
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.base.texts import NO_NUL
from gongdao.chat.routing import hand_over as routing
from gongdao.chat.store import load_conversation
from gongdao.flows.staff.access import shop_of
from gongdao.flows.staff.open_ends import LooseTalk, loose_talks, open_ends
from gongdao.staff import book_store as store
from gongdao.staff.book import NOTES_MAX, Book, Line, Word
from gongdao.staff.shift import EARLY, Shift
from gongdao.staff.shift_store import shifts_of

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=NO_NUL)]
_Note = Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NUL)]
#: Somebody writes the book of a shift until so long after its planned end.
WRITTEN_UNTIL = timedelta(hours=8)


class WriteArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is added to what was collected: words on a line by its key, and notes of one's own.

    `id` is made by whoever sends it: sent twice it is one book.
    """

    id: UUID
    words: Annotated[dict[str, _Note], msgspec.Meta(max_length=300)] = {}
    notes: Annotated[tuple[_Text, ...], msgspec.Meta(max_length=NOTES_MAX)] = ()


class SayArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question about a line, or the answer to it."""

    text: _Text


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """The last books with their lines, what was said of these, and what no book speaks of."""

    books: list[Book]
    lines: dict[UUID, list[Line]]
    words: dict[UUID, list[Word]]
    waiting: list[Line]
    loose: list[LooseTalk]
    may_accept: bool


async def preview_book(database: Queryable, who: Principal, *, now: datetime) -> list[Line]:
    """What would stand in one's book if it were written now."""
    shop_id = shop_of(who)
    return await open_ends(database, shop_id, who.person_id, book_id=new_id(), now=now)


async def write_book(pool: Pool, who: Principal, args: WriteArgs, *, now: datetime) -> list[Line]:
    """Write the book: everything that is open stands in it, nobody can leave a line out.

    Raises Refusal: wrong_role.
    """
    shop_id = shop_of(who)
    async with pool.acquire() as connection, connection.transaction():
        if await store.find_book(connection, shop_id, args.id):
            return await store.lines_of(connection, [args.id])
        shift = await _shift_of(connection, who.person_id, now)
        book = Book(
            id=args.id, from_id=who.person_id, shift_id=shift.id if shift else None, written_at=now
        )
        found = await open_ends(connection, shop_id, who.person_id, book_id=book.id, now=now)
        lines = [
            msgspec.structs.replace(line, note=args.words.get(line.key, "").strip())
            for line in found
        ]
        lines += _notes(book, [note.strip() for note in args.notes], after=len(found))
        await store.add_book(connection, shop_id, book, lines)
    changed([f"team:{shop_id}"])
    return lines


async def accept_line(pool: Pool, who: Principal, line_id: UUID, *, now: datetime) -> Line:
    """Take a line over; an open conversation moves with it, with its reason.

    Raises Refusal: not_found, not_your_turn, not_allowed_in_stage, and what handing a conversation
    over refuses (the one who takes it is not online, or has no room).
    """
    shop_id = shop_of(who)
    async with pool.acquire() as connection, connection.transaction():
        line = await _line_to_take(connection, who, line_id, now=now)
        if line.state == "returned":
            raise Refusal("not_allowed_in_stage", N_("A question about this line is open still."))
        if line.kind == "talk":
            await _move_talk(connection, who, line, now=now)
        await store.take_line(connection, line_id, by_id=who.person_id, now=now)
        taken = await store.lock_line(connection, shop_id, line_id)
    assert taken, "it was there"
    changed([f"team:{shop_id}"])
    return taken


async def send_back(
    pool: Pool, who: Principal, line_id: UUID, args: SayArgs, *, now: datetime
) -> Line:
    """Ask whoever wrote a line; it waits for their answer."""
    shop_id = shop_of(who)
    async with pool.acquire() as connection, connection.transaction():
        line = await _line_to_take(connection, who, line_id, now=now)
        if line.state != "open":
            raise Refusal("not_allowed_in_stage", N_("A question about this line is open still."))
        await store.say_of_line(
            connection, line_id, "question", text=_said(args), by_id=who.person_id, now=now
        )
        asked = await store.lock_line(connection, shop_id, line_id)
    assert asked, "it was there"
    changed([f"team:{shop_id}"])
    return asked


async def answer_line(
    pool: Pool, who: Principal, line_id: UUID, args: SayArgs, *, now: datetime
) -> Line:
    """Answer a question about a line of one's own; a lead answers for whoever is gone."""
    shop_id = shop_of(who)
    async with pool.acquire() as connection, connection.transaction():
        line = await store.lock_line(connection, shop_id, line_id)
        if line is None or (line.from_id != who.person_id and not who.may("staff.lead")):
            raise Refusal("not_found", N_("There is no such line in the book."))
        if line.state != "returned":
            raise Refusal("not_allowed_in_stage", N_("Nobody asks about this line."))
        await store.say_of_line(
            connection, line_id, "answer", text=_said(args), by_id=who.person_id, now=now
        )
        answered = await store.lock_line(connection, shop_id, line_id)
    assert answered, "it was there"
    changed([f"team:{shop_id}"])
    return answered


async def see_books(
    database: Queryable, who: Principal, *, before: UUID | None = None, now: datetime
) -> Shelf:
    """The last ten books, what is not accepted yet, and for leads what was left without a word."""
    shop_id = shop_of(who)
    books = await store.books_of(database, shop_id, before=before)
    waiting = await store.lines_waiting(database, shop_id)
    lines = await store.lines_of(database, [book.id for book in books])
    words = await store.words_of(database, list({each.id for each in (*lines, *waiting)}))
    by_book: dict[UUID, list[Line]] = {}
    for line in lines:
        by_book.setdefault(line.book_id, []).append(line)
    by_line: dict[UUID, list[Word]] = {}
    for word in words:
        by_line.setdefault(word.line_id, []).append(word)
    leads = who.may("staff.lead")
    return Shelf(
        books=books,
        lines=by_book,
        words=by_line,
        waiting=waiting,
        loose=await loose_talks(database, shop_id, now=now) if leads else [],
        may_accept=await may_accept(database, who, now=now),
    )


async def may_accept(database: Queryable, who: Principal, *, now: datetime) -> bool:
    """Whether somebody leads, is on duty, or will be within the hour."""
    if who.may("staff.lead"):
        return True
    shifts = await shifts_of(database, who.person_id, now - timedelta(hours=23), now + EARLY)
    return any(each.runs_at(max(now, each.starts_at)) for each in shifts)


async def _line_to_take(
    connection: Connection, who: Principal, line_id: UUID, *, now: datetime
) -> Line:
    line = await store.lock_line(connection, shop_of(who), line_id)
    if line is None:
        raise Refusal("not_found", N_("There is no such line in the book."))
    if line.state == "accepted":
        raise Refusal("not_allowed_in_stage", N_("This line was accepted already."))
    if line.from_id == who.person_id:
        raise Refusal("not_your_turn", N_("Whoever comes next accepts what you leave."))
    if not await may_accept(connection, who, now=now):
        raise Refusal(
            "not_your_turn", N_("You are not on duty, nor within the hour; a lead may accept it.")
        )
    return line


async def _move_talk(connection: Connection, who: Principal, line: Line, *, now: datetime) -> None:
    """The conversation goes to whoever accepts it, unless it is over or somebody else has it."""
    assert line.about, "a talk has an id"
    talk = await load_conversation(connection, line.about)
    if talk is None or talk.state == "closed" or talk.agent_id not in (None, line.from_id):
        return
    reason = translate(who.locale, N_("Shift hand-over")) + (f": {line.note}" if line.note else "")
    await routing.hand_over(
        connection,
        line.about,
        to_agent=who.person_id,
        reason=reason[: routing.REASON_MAX],
        by_id=line.from_id,
        now=now,
    )


async def _shift_of(connection: Connection, person_id: UUID, now: datetime) -> Shift | None:
    shifts = await shifts_of(connection, person_id, now - timedelta(hours=23), now)
    return shifts[-1] if shifts and now < shifts[-1].ends_at + WRITTEN_UNTIL else None


def _notes(book: Book, notes: list[str], *, after: int) -> list[Line]:
    return [
        Line(
            id=new_id(),
            book_id=book.id,
            from_id=book.from_id,
            position=position,
            kind="note",
            about=None,
            seq=None,
            text=note,
            note="",
            due_at=None,
        )
        for position, note in enumerate((each for each in notes if each), start=after + 1)
    ]


def _said(args: SayArgs) -> str:
    said = args.text.strip()
    if not said:
        raise Refusal("invalid", N_("Write something first."))
    return said

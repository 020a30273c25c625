"""The hand-over book in SQL."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gongdao.base.db import Connection, Queryable
from gongdao.staff.book import Book, Line, Word, WordKind

_LINE = """id, book_id, from_id, position, kind, about, seq, text, note, due_at, state, taken_by,
    taken_at"""
_ADD_BOOK = """
INSERT INTO staff_books (id, shop_id, from_id, shift_id, written_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO NOTHING
"""
_ADD_LINES = """
INSERT INTO staff_lines
    (id, book_id, shop_id, from_id, position, kind, about, seq, text, note, due_at)
SELECT id, $1, $2, $3, position, kind, about, seq, text, note, due_at
  FROM unnest($4::uuid[], $5::int[], $6::text[], $7::uuid[], $8::int[], $9::text[], $10::text[],
              $11::timestamptz[])
       AS l (id, position, kind, about, seq, text, note, due_at)
"""
_BOOKS = """
SELECT id, from_id, shift_id, written_at FROM staff_books
 WHERE shop_id = $1 AND ($2::uuid IS NULL OR (written_at, id)
       < (SELECT b.written_at, b.id FROM staff_books b WHERE b.id = $2))
 ORDER BY written_at DESC, id DESC LIMIT $3
"""
_FIND_BOOK = (
    "SELECT id, from_id, shift_id, written_at FROM staff_books WHERE shop_id = $1 AND id = $2"
)
_WAITING = f"""
SELECT {_LINE} FROM staff_lines WHERE shop_id = $1 AND state <> 'accepted' ORDER BY id LIMIT $2
"""  # noqa: S608 - made of constants
_OF_BOOKS = f"""
SELECT {_LINE} FROM staff_lines WHERE book_id = ANY ($1) ORDER BY book_id, position LIMIT 4000
"""  # noqa: S608 - made of constants
_LOCK = f"""
SELECT {_LINE} FROM staff_lines WHERE shop_id = $1 AND id = $2 FOR UPDATE
"""  # noqa: S608 - made of constants
_TAKE = """
UPDATE staff_lines SET state = 'accepted', taken_by = $2, taken_at = $3 WHERE id = $1
"""
_MOVE = "UPDATE staff_lines SET state = $2 WHERE id = $1"
_SAY = "INSERT INTO staff_line_words (line_id, what, by_id, at, text) VALUES ($1, $2, $3, $4, $5)"
_WORDS = """
SELECT line_id, what, by_id, at, text FROM staff_line_words
 WHERE line_id = ANY ($1) ORDER BY id LIMIT 2000
"""


async def add_book(
    connection: Connection, shop_id: UUID, book: Book, lines: Sequence[Line]
) -> None:
    """Keep a book with its lines; sent twice it is one."""
    done = await connection.execute(
        _ADD_BOOK, book.id, shop_id, book.from_id, book.shift_id, book.written_at
    )
    if done != "INSERT 0 1":
        return
    await connection.execute(
        _ADD_LINES, book.id, shop_id, book.from_id,
        [each.id for each in lines],
        [each.position for each in lines],
        [each.kind for each in lines],
        [each.about for each in lines],
        [each.seq for each in lines],
        [each.text for each in lines],
        [each.note for each in lines],
        [each.due_at for each in lines],
    )  # fmt: skip


async def books_of(
    database: Queryable, shop_id: UUID, *, before: UUID | None = None, limit: int = 10
) -> list[Book]:
    """The books of a shop, the last first."""
    return [Book(**dict(row)) for row in await database.fetch(_BOOKS, shop_id, before, limit)]


async def find_book(database: Queryable, shop_id: UUID, book_id: UUID) -> Book | None:
    """A book of a shop."""
    row = await database.fetchrow(_FIND_BOOK, shop_id, book_id)
    return Book(**dict(row)) if row else None


async def lines_waiting(database: Queryable, shop_id: UUID, *, limit: int = 200) -> list[Line]:
    """The lines that nobody has accepted, the oldest first."""
    return [Line(**dict(row)) for row in await database.fetch(_WAITING, shop_id, limit)]


async def lines_of(database: Queryable, book_ids: Sequence[UUID]) -> list[Line]:
    """The lines of books, in their order."""
    return [Line(**dict(row)) for row in await database.fetch(_OF_BOOKS, book_ids)]


async def lock_line(connection: Connection, shop_id: UUID, line_id: UUID) -> Line | None:
    """A line, held until the transaction ends."""
    row = await connection.fetchrow(_LOCK, shop_id, line_id)
    return Line(**dict(row)) if row else None


async def take_line(connection: Connection, line_id: UUID, *, by_id: UUID, now: datetime) -> None:
    """It is accepted."""
    await connection.execute(_TAKE, line_id, by_id, now)
    await say_of_line(connection, line_id, "accepted", by_id=by_id, now=now)


async def say_of_line(
    connection: Connection,
    line_id: UUID,
    what: WordKind,
    *,
    text: str = "",
    by_id: UUID,
    now: datetime,
) -> None:
    """Keep what was said of a line; a question sends it back, an answer lets it wait again."""
    if what != "accepted":
        await connection.execute(_MOVE, line_id, "returned" if what == "question" else "open")
    await connection.execute(_SAY, line_id, what, by_id, now, text)


async def words_of(database: Queryable, line_ids: Sequence[UUID]) -> list[Word]:
    """What was said of lines, in its order."""
    return [Word(**dict(row)) for row in await database.fetch(_WORDS, line_ids)]

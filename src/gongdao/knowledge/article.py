"""An article: what a shop knows, as text and, where its kind has one, as a table."""

from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL
from gongdao.base.words import SOUND, Terms, add_text, sounds_within

Kind = Literal["facts", "answer", "sizes", "attributes", "care", "comparison"]
State = Literal["draft", "published", "retired"]
KINDS: tuple[Kind, ...] = get_args(Kind)
STATES: tuple[State, ...] = get_args(State)
#: Kinds that say it in rows and columns.
WITH_TABLE: frozenset[Kind] = frozenset({"sizes", "attributes", "comparison"})

TITLE_MAX, TEXT_MAX, NOTE_MAX, PRODUCTS_MAX = 120, 4_000, 200, 200
COLUMNS_MAX, ROWS_MAX, CELL_MAX = 12, 100, 200
#: What goes into the text box of an agent, cut where a message could not hold it.
SAY_MAX = 1_500

KIND_LABELS: dict[Kind, str] = {
    "facts": N_("Product facts"),
    "answer": N_("Question and answer"),
    "sizes": N_("Size table"),
    "attributes": N_("Attributes"),
    "care": N_("Care"),
    "comparison": N_("Comparison"),
}
STATE_LABELS: dict[State, str] = {
    "draft": N_("Draft"),
    "published": N_("Published"),
    "retired": N_("Retired"),
}

Title = Annotated[str, msgspec.Meta(min_length=1, max_length=TITLE_MAX, pattern=NO_NUL)]
Long = Annotated[str, msgspec.Meta(max_length=TEXT_MAX, pattern=NO_NUL)]
Note = Annotated[str, msgspec.Meta(max_length=NOTE_MAX, pattern=NO_NUL)]
Cell = Annotated[str, msgspec.Meta(max_length=CELL_MAX, pattern=NO_NUL)]
Row = Annotated[tuple[Cell, ...], msgspec.Meta(min_length=2, max_length=COLUMNS_MAX)]
Products = Annotated[tuple[UUID, ...], msgspec.Meta(max_length=PRODUCTS_MAX)]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Columns with a name each, and rows; the first column says what a row is of."""

    columns: Row
    rows: Annotated[tuple[Row, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)]


class Body(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What an article says."""

    text: Long = ""
    table: Table | None = None


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """An article as somebody writes it; without products it is of the whole shop."""

    kind: Kind
    title: Title
    body: Body
    product_ids: Products = ()
    state: State = "draft"


class Article(Written, frozen=True, kw_only=True):
    """An article as it is kept."""

    id: UUID
    shop_id: UUID
    version: int
    changed_at: datetime
    changed_by: UUID


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """How an article was once, who made it so, and what they said of it."""

    version: int
    state: State
    title: str
    body: Body
    product_ids: tuple[UUID, ...]
    note: str
    by_id: UUID
    at: datetime


def require_sound(written: Written) -> None:
    """Refuse an article that says nothing, or whose table is none. Raises Refusal invalid."""
    if not written.title.strip():
        raise Refusal("invalid", N_("An article needs a title."))
    table = written.body.table
    if (table is not None) != (written.kind in WITH_TABLE):
        raise Refusal(
            "invalid",
            N_("This kind of article needs a table with columns and rows.")
            if table is None
            else N_("This kind of article has no table."),
        )
    if table is None:
        if not written.body.text.strip():
            raise Refusal("invalid", N_("An article needs a text."))
        return
    if not all(name.strip() for name in table.columns):
        raise Refusal("invalid", N_("Every column needs a name."))
    if len(set(table.columns)) < len(table.columns):
        raise Refusal("invalid", N_("Two columns have the same name."))
    for number, row in enumerate(table.rows, 1):
        if len(row) != len(table.columns):
            raise Refusal(
                "invalid",
                N_("Row {row} has {found} cells, the heading has {expected}."),
                row=number,
                found=len(row),
                expected=len(table.columns),
            )


def words_of(shop_id: UUID, written: Written) -> str:
    """What an article is found by: its text, its cells, how its title sounds, and whose it is."""
    terms = Terms()
    terms.add(shop_term(shop_id))
    place = 1
    for text in (written.title, *texts_of(written.body)):
        place = add_text(terms, text, place)
    for sound in sounds_within(written.title):
        terms.add(SOUND + sound)
    return terms.literal()


def shop_term(shop_id: UUID) -> str:
    """The term of a shop; it fits into the longest that terms may be."""
    return f"@{shop_id.hex[-23:]}"


def texts_of(body: Body) -> list[str]:
    """Every text of a body."""
    table = body.table
    cells = [] if table is None else [*table.columns, *(cell for row in table.rows for cell in row)]
    return [body.text, *cells]


def say(article: Written) -> str:
    """An article as an agent says it: its text, a table as lines."""
    lines = [article.body.text.strip()] if article.body.text.strip() else []
    table = article.body.table
    if table is not None:
        if article.kind == "attributes" and len(table.columns) == 2:
            lines += [f"{row[0]}：{row[1]}" for row in table.rows]
        else:
            lines += [_say_row(table.columns, row) for row in table.rows]
    return "\n".join(lines)[:SAY_MAX]


def _say_row(columns: Row, row: Row) -> str:
    told = [f"{name} {cell}" for name, cell in zip(columns[1:], row[1:], strict=True) if cell]
    return f"{row[0]}：{'，'.join(told)}"


def read_table(typed: str) -> Table | None:
    """A table as people type or paste it: a line a row, cells between tabs or bars; None: empty.

    Raises Refusal invalid with the line that does not fit.
    """
    lines = [line for line in typed.replace("\r", "").split("\n") if line.strip()]
    if not lines:
        return None
    rows = [tuple(cell.strip() for cell in _cells(line)) for line in lines]
    expected = len(rows[0])
    if len(rows) < 2 or expected < 2:
        raise Refusal("invalid", N_("A table has a heading, two columns and a row at least."))
    for number, row in enumerate(rows[1:], 1):
        if len(row) != expected:
            raise Refusal(
                "invalid",
                N_("Row {row} has {found} cells, the heading has {expected}."),
                row=number,
                found=len(row),
                expected=expected,
            )
    try:
        return msgspec.convert({"columns": rows[0], "rows": rows[1:]}, Table)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid",
            N_("A table has at most {columns} columns, {rows} rows and {n} characters in a cell."),
            columns=COLUMNS_MAX,
            rows=ROWS_MAX,
            n=CELL_MAX,
        ) from None


def write_table(table: Table | None) -> str:
    """A table as it is typed."""
    if table is None:
        return ""
    return "\n".join(" | ".join(row) for row in (table.columns, *table.rows))


def _cells(line: str) -> list[str]:
    if "\t" in line:
        return line.split("\t")
    return line.replace("｜", "|").strip().strip("|").split("|")

"""Several short lists in one statement: a page that shows many waits for the database once."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from gongdao.base.db import Queryable

_PLACE = re.compile(r"\$(\d+)")


class Question(msgspec.Struct, frozen=True):
    """A statement with its values, and what each of its rows is read as."""

    statement: str
    values: tuple[Any, ...]
    row: type[Any]


async def ask_at_once(database: Queryable, questions: Sequence[Question]) -> list[list[Any]]:
    """The rows of each question, in the order of the questions."""
    if not questions:
        return []
    parts, values = list[str](), list[Any]()
    for question in questions:
        statement = _moved(question.statement, len(values))
        parts.append(f"(SELECT jsonb_agg(to_jsonb(asked)) FROM ({statement}) AS asked)")  # noqa: S608
        values += question.values
    row = await database.fetchrow("SELECT " + ", ".join(parts), *values)
    assert row, "a statement without a table has one row"
    return [
        msgspec.json.decode(found or b"[]", type=list[question.row])
        for found, question in zip(row.values(), questions, strict=True)
    ]


def _moved(statement: str, by: int) -> str:
    """The statement with its values so many places further on."""
    return _PLACE.sub(lambda found: f"${int(found[1]) + by}", statement)

"""What is asked of the messages: pieces in words or in sound, or the name of who spoke."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from gongdao.base.asked import Piece, ways_of

#: So many people may be called alike.
PEOPLE_MAX = 20


def tsquery_of(
    pieces: Sequence[Piece],
    people: Sequence[Sequence[UUID]],
    *,
    within: Iterable[str] = (),
) -> str:
    """The question for PostgreSQL: every piece, in words, in sound, or as the name of who spoke.

    `people` are, for each piece, those who are called so; `within` are terms that must be there
    too, such as who spoke.
    """
    clauses = [
        " | ".join([*ways_of(piece), *(f"'{term_of(one)}'" for one in called[:PEOPLE_MAX])])
        for piece, called in zip(pieces, people, strict=True)
    ]
    return " & ".join([*(f"({one})" for one in clauses), *(f"'{one}'" for one in within)])


def term_of(thing: UUID) -> str:
    """The term of a person or a group; as `chat_term` makes it."""
    return f"@{thing.hex}"

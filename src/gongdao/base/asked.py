"""What somebody looks for: pieces that must all be there, as PostgreSQL asks it and as it is shown.

Nothing that is typed is an operator: quotes, stars and brackets part words and mean nothing more.
"""

from collections.abc import Iterable, Sequence

import msgspec

from gongdao.base.words import LAST_DIGITS, PIECES, SOUND, TERM_MAX, fold, parts_of

#: So much of what is typed is read; a longer text is looked for by its beginning.
READ_MAX, PIECES_MAX, RUN_MAX = 400, 12, 48
#: How much of a text is shown around the first thing found, and how many are marked in it.
_BEFORE, _SHOWN, _MARKS_MAX = 40, 160, 40


class Piece(msgspec.Struct, frozen=True):
    """One thing that must be there; `is_run`: it may stand anywhere within other characters."""

    text: str
    is_run: bool


class Snippet(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a text, and where in it the things looked for stand: [from, to) pairs."""

    text: str
    marks: list[tuple[int, int]]


def pieces_of(typed: str) -> list[Piece]:
    """What there is to look for; nothing when only signs without meaning were typed."""
    found: dict[Piece, None] = {}
    for piece in PIECES.finditer(fold(typed[:READ_MAX])):
        text = piece.group()
        is_run = piece.lastgroup == "run"
        found[Piece(text[: RUN_MAX if is_run else TERM_MAX], is_run)] = None
    return list(found)[:PIECES_MAX]


def ways_of(piece: Piece) -> list[str]:
    """How a piece may stand there, each as PostgreSQL asks for it."""
    text = piece.text
    if piece.is_run:
        pairs = [f"'{text[n : n + 2]}'" for n in range(len(text) - 1)]
        return [" <-> ".join(pairs) or f"'{text}'"]
    ways = [f"'{text}'"]
    if text.isascii() and text.isalpha():
        ways.append(f"'{SOUND}{text}'")
    if parts := parts_of(text):
        ways.append(" & ".join(f"'{part}'" for part in parts))
    return ways


def snippet_of(text: str, pieces: Sequence[Piece]) -> Snippet:
    """The part of a text in which the pieces stand, with their places."""
    folded, places = _folded(text)
    found = sorted(
        (places[start], places[end - 1] + 1)
        for piece in pieces
        for start, end in _finds(folded, piece)
    )
    start = max(0, found[0][0] - _BEFORE) if found and len(text) > _SHOWN else 0
    end = start + _SHOWN
    marks: list[tuple[int, int]] = []
    for first, last in found:
        if first >= end or len(marks) == _MARKS_MAX:
            break
        if marks and first <= marks[-1][1]:
            marks[-1] = (marks[-1][0], max(marks[-1][1], last))
        else:
            marks.append((first, last))
    return Snippet(
        text=text[start:end],
        marks=[(first - start, min(last, end) - start) for first, last in marks],
    )


def _folded(text: str) -> tuple[str, list[int]]:
    """The text as it is compared, and which character of the original each of its own was."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        plain = fold(character)
        folded.append(plain)
        places += [place] * len(plain)
    return "".join(folded), places


def _finds(folded: str, piece: Piece) -> Iterable[tuple[int, int]]:
    """Where a piece stands: a run anywhere, a word where one begins or among the last digits."""
    start = folded.find(piece.text)
    while start >= 0:
        end = start + len(piece.text)
        if piece.is_run or _begins(folded, start, end):
            yield start, end
        start = folded.find(piece.text, end)


def _begins(folded: str, start: int, end: int) -> bool:
    before = PIECES.fullmatch(folded[start - 1]) if start else None
    if before is None or before.lastgroup != "word":
        return True
    if before.group().isdigit() != folded[start].isdigit():
        return True
    if end - start != LAST_DIGITS:
        return False
    rest = PIECES.match(folded, end, end + 1)
    return rest is None or rest.lastgroup != "word"

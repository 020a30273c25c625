"""The small trained model: letters and pairs of letters, each with a weight, added up. Pure.

It is trained by training/train_guard.py and read here with nothing but the standard library: a
pair's place in the table is its checksum, a weight is one signed byte. The card in model/card.md
says what it was trained on, what it is for and where it ends.
"""

import zlib
from array import array
from collections.abc import Sequence
from functools import cache
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import msgspec

#: Places of the table, as a power of two; runs of so many letters have a place.
BITS, RUNS = 18, (1, 2)
#: A long text is looked at in windows of so many letters, and in no more of them than these.
WINDOW, WINDOWS_MAX = 400, 16
_WEIGHTS = Path(__file__).parent / "model" / "weights"
_MASK = (1 << BITS) - 1
_MAGIC = b"gongdao weights 1\n"


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """One question of the model: how a byte becomes a weight, and from where it says yes."""

    name: str
    scale: float
    bias: float
    least: float
    """From this score on it counts as a sign; far above what would be right more often than not."""


class Window(NamedTuple):
    """A part of a plain text, and its score by each head."""

    start: int
    end: int
    score: dict[str, float]


class SmallModel:
    """The heads with their weights."""

    def __init__(self, heads: Sequence[Head], weights: Sequence[Sequence[int]]) -> None:
        assert all(len(each) == 1 << BITS for each in weights), "a weight for each place"
        self.heads = {head.name: head for head in heads}
        self._each = [(head, each.__getitem__) for head, each in zip(heads, weights, strict=True)]

    def score(self, text: str) -> dict[str, float]:
        """The score of a short plain text by each head."""
        found = places(text)
        if not found:
            return {head.name: head.bias for head, _ in self._each}
        length = sqrt(len(found))
        return {
            head.name: head.bias + head.scale * sum(map(weight, found)) / length
            for head, weight in self._each
        }

    def windows(self, text: str) -> list[Window]:
        """The scores of a text of any length."""
        return [Window(a, b, self.score(text[a:b])) for a, b in cut(len(text))]


def places(text: str) -> set[int]:
    """The places of all runs of letters of a plain text, with its two ends."""
    whole = f"^{text}$"
    return {
        zlib.crc32(whole[at : at + run].encode()) & _MASK
        for run in RUNS
        for at in range(len(whole) - run + 1)
    }


def cut(length: int) -> list[tuple[int, int]]:
    """Windows over a text: all of it where it is not too long, else spread from end to end."""
    count = -(-length // WINDOW)
    chosen = (
        range(count)
        if count <= WINDOWS_MAX
        else (at * (count - 1) // (WINDOWS_MAX - 1) for at in range(WINDOWS_MAX))
    )
    return [(at * WINDOW, min(length, (at + 1) * WINDOW)) for at in chosen]


def written_weights(heads: Sequence[Head], weights: Sequence[Sequence[int]]) -> bytes:
    """The model as the file that is shipped."""
    head = msgspec.json.encode(heads)
    body = b"".join(array("b", each).tobytes() for each in weights)
    return _MAGIC + head + b"\n" + zlib.compress(body, 9)


def read_weights(raw: bytes) -> SmallModel:
    """The model out of its file."""
    if not raw.startswith(_MAGIC):
        raise ValueError("these are not the guard's weights")
    head, _, body = raw[len(_MAGIC) :].partition(b"\n")
    heads = msgspec.json.decode(head, type=list[Head])
    values = array("b", zlib.decompress(body))
    size = 1 << BITS
    return SmallModel(heads, [values[at * size : (at + 1) * size] for at in range(len(heads))])


@cache
def small_model() -> SmallModel:
    """The model that is shipped, read once."""
    return read_weights(_WEIGHTS.read_bytes())

"""The conversations of the demo, as `spoken/*.txt` tells them: who says what, and when.

A line that begins with * opens a conversation: its topic, and what is special about it. Then come
a mark, seconds, and words: < the buyer, > the agent who serves, ! a note to the lead, ~ a message
that is taken back, = a hand-over with its reason, @ what the buyer shows. After -- and a time the
seconds count from then on the next morning.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec

from gongdao.chat.conversation import Topic
from gongdao.flows.demo.cast import BUYERS, GUEST
from gongdao.flows.demo.when import When

_SPOKEN = Path(__file__).parent / "spoken"
#: The shops whose desks are shown, in which what is told happens.
SHOPS_WITH_DESK = ("appliances", "clothing")
#: Days ago of the first and the last conversation that is over.
_FIRST_DAY, _LAST_DAY = 14, 1

_FAREWELLS = ("不客气，有事随时找我。", "好的，祝您生活愉快。", "应该的，后面有问题再来找我。")

Mark = Literal["<", ">", "!", "~", "=", "@"]


class Line(msgspec.Struct, frozen=True):
    """A message, a card, a note, or a hand-over."""

    mark: Mark
    at: datetime
    words: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as it is told; `pieces` are played apart, as a night lies between them."""

    name: str
    shop: str
    buyer: str
    topic: Topic
    pieces: tuple[tuple[Line, ...], ...]
    locale: Literal["zh", "en"] = "zh"
    order: str = ""
    grade: int = 0
    is_over: bool = True


def all_talks(when: When) -> Iterator[Told]:
    """Every conversation of the two weeks before, and those that go on now."""
    for number, shop in enumerate(SHOPS_WITH_DESK):
        past = [*_read(shop), *_read("common")]
        for place, (head, lines) in enumerate(past):
            yield _past(when, shop, head, lines, place=place, of=len(past), shift=number)
        for place, (head, lines) in enumerate(_read(f"{shop}_now")):
            options = _options(head)
            start = when.ago(minutes=float(options["ago"]))
            name = f"{shop} now {place}"
            yield _told(name, shop, options, _pieces(lines, start), is_over=False)


def _past(
    when: When, shop: str, head: str, lines: list[str], *, place: int, of: int, shift: int
) -> Told:
    options = _options(head)
    days = _FIRST_DAY - place * 5 % of * (_FIRST_DAY - _LAST_DAY) // of
    hour, minute = 10 + (place * 5 + shift) % 9, place * 17 % 60
    if "night" in options:
        # The morning after it lies in the past, too, and is over before ten.
        days, hour = max(days, 2), 23
    start = when.day(days, f"{hour}:{minute:02d}")
    options.setdefault("buyer", BUYERS[(place * 5 + shift) % len(BUYERS)].key)
    if lines[-1].startswith("<") and place % 4:
        lines = [*lines, _farewell(lines[-1], place, is_english="en" in options)]
    return _told(f"{shop} {place}", shop, options, _pieces(lines, start), is_over=True)


def _farewell(last: str, place: int, *, is_english: bool) -> str:
    """A last word of the agent; now and then one forgets it."""
    words = "You are welcome!" if is_english else _FAREWELLS[place % len(_FAREWELLS)]
    return f"> {int(last.split(' ')[1]) + 12 + place} {words}"


def _told(
    name: str, shop: str, options: dict[str, str], pieces: Iterator[list[Line]], *, is_over: bool
) -> Told:
    parts = tuple(tuple(piece) for piece in pieces)
    shown = [line.words.split() for piece in parts for line in piece if line.mark == "@"]
    topic: Any = options["topic"]
    return Told(
        name=name,
        shop=shop,
        buyer=GUEST.key if options["buyer"] == "guest" else options["buyer"],
        topic=topic,
        pieces=parts,
        locale="en" if "en" in options else "zh",
        order=next((words[1] for words in shown if words[0] == "order"), ""),
        grade=int(options.get("grade", 0)),
        is_over=is_over,
    )


def _read(name: str) -> Iterator[tuple[str, list[str]]]:
    for block in (_SPOKEN / f"{name}.txt").read_text(encoding="utf-8").strip().split("\n\n"):
        head, *lines = block.splitlines()
        yield head, lines


def _options(head: str) -> dict[str, str]:
    topic, *rest = head.removeprefix("* ").split()
    pairs = (word.partition("=") for word in rest)
    return {"topic": topic} | {name: value for name, _, value in pairs}


def _pieces(lines: list[str], start: datetime) -> Iterator[list[Line]]:
    piece: list[Line] = []
    for line in lines:
        mark, first, *rest = line.split(" ", 2)
        if mark == "--":
            yield piece
            piece, start = [], When(start).day(-1, first)
            continue
        told: Any = mark
        piece.append(Line(told, start + timedelta(seconds=int(first)), rest[0]))
    yield piece

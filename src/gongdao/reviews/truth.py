"""Truth: what a public answer claims that the facts contradict. Pure.

What is said against which fact stands in claims.toml. To be silent about a claim that is false is
the smaller harm; what is minded here is minded because a record says otherwise.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec

from gongdao.base.money import parse_yuan, yuan
from gongdao.policy.toml_lines import Source, convert, read_source
from gongdao.policy.written import Text, Written

_FILE = Path(__file__).parent / "claims.toml"
_GAP, _GAP_PATTERN = "…", "[^。]{0,12}?"
Level = Literal["warn", "block"]
When = Literal[
    "never_refunded", "other_sum", "unshipped", "shipped_another_day", "shipped_late", "unsigned",
    "buyer_wrote", "never_tried", "never_replaced", "unsettled", "names_buyer", "always",
]  # fmt: skip


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is on record of the order of a review, and of what was done since."""

    refunded_fen: int = 0
    promised_fen: int = 0
    """What cases have decided to pay, whether or not it has arrived."""
    shipped_on: date | None = None
    late_dispatch_hours: int = 0
    signed: bool = False
    messages: int = 0
    """What the buyer wrote to the shop since the order was placed."""
    tries: int = 0
    """How often the shop tried to reach the buyer about the review."""
    replaced: bool = False
    settled: bool = False
    private: tuple[str, ...] = ()
    """Name, telephone number, address and order number."""


class Untrue(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that does not hold, and the words that make it."""

    id: str
    level: Level
    words: str
    say: Text


class ClaimRule(Written, frozen=True, kw_only=True):
    """One kind of claim, and what makes it false."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    level: Level
    when: When
    patterns: tuple[str, ...]
    unless: tuple[str, ...] = ()
    say: Text
    raw: bool = False
    """Looked for in the text as it was written."""


class _Claims(Written, frozen=True, kw_only=True):
    claim: tuple[ClaimRule, ...]


class _Ready(NamedTuple):
    rule: ClaimRule
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]


@cache
def claim_book(path: Path = _FILE) -> tuple[_Ready, ...]:
    """The claims of the file. Raises WrittenError with file, line and key where it is wrong."""
    source = read_source(path)
    return tuple(
        _Ready(
            rule,
            tuple(_compiled(source, (at, "patterns", n), p) for n, p in enumerate(rule.patterns)),
            tuple(_compiled(source, (at, "unless", n), p) for n, p in enumerate(rule.unless)),
        )
        for at, rule in enumerate(convert(source, _Claims).claim)
    )


def check_truth(written: str, plain: str, record: Record) -> list[Untrue]:
    """Everything in an answer that the record contradicts; each kind once."""
    found: list[Untrue] = []
    for one in claim_book():
        text = written if one.rule.raw else plain
        untrue = _private(one.rule, written, plain, record) if one.rule.when == "names_buyer" else (
            next(_false(one, text, record), None)
        )  # fmt: skip
        if untrue is not None:
            found.append(untrue)
    return found


def _false(one: _Ready, text: str, record: Record) -> Iterator[Untrue]:
    for pattern in one.patterns:
        for hit in pattern.finditer(text):
            if any(_over(each, text, hit) for each in one.unless):
                continue
            value = _CONTRADICTED[one.rule.when](hit, record)
            if value is not None:
                yield _untrue(one.rule, hit[0], value)


def _over(unless: re.Pattern[str], text: str, hit: re.Match[str]) -> bool:
    around = unless.finditer(text, max(0, hit.start() - 16), hit.end() + 16)
    return any(each.start() < hit.end() and each.end() > hit.start() for each in around)


def _untrue(rule: ClaimRule, words: str, value: str) -> Untrue:
    say = Text(zh=rule.say.zh.replace("{value}", value), en=rule.say.en.replace("{value}", value))
    return Untrue(id=rule.id, level=rule.level, words=words[:40], say=say)


def _private(rule: ClaimRule, written: str, plain: str, record: Record) -> Untrue | None:
    for each in record.private:
        if len(each) >= 2 and (each in written or each in plain):
            return _untrue(rule, each, each)
    return None


def _sum_of(hit: re.Match[str]) -> int | None:
    for name in ("sum", "sum2"):
        if (text := hit.groupdict().get(name)) is not None:
            return parse_yuan(text)
    return None


def _other_sum(hit: re.Match[str], record: Record) -> str | None:
    asked = _sum_of(hit)
    known = {record.refunded_fen, record.promised_fen}
    return None if asked is None or asked in known else yuan(record.refunded_fen)


def _another_day(hit: re.Match[str], record: Record) -> str | None:
    if record.shipped_on is None:
        return "—"
    same = (int(hit["month"]), int(hit["day"])) == (record.shipped_on.month, record.shipped_on.day)
    return None if same else f"{record.shipped_on:%Y-%m-%d}"


def _when(false: Callable[[Record], bool]) -> Callable[[re.Match[str], Record], str | None]:
    return lambda hit, record: hit[0][:40] if false(record) else None


#: Why a claim is false, as far as it is: the value that its sentence shows; None: it may be said.
_CONTRADICTED: dict[When, Callable[[re.Match[str], Record], str | None]] = {
    "never_refunded": _when(lambda r: r.refunded_fen == 0),
    "other_sum": _other_sum,
    "unshipped": _when(lambda r: r.shipped_on is None),
    "shipped_another_day": _another_day,
    "shipped_late": lambda _, r: f"{r.late_dispatch_hours}" if r.late_dispatch_hours > 0 else None,
    "unsigned": _when(lambda r: not r.signed),
    "buyer_wrote": lambda _, r: f"{r.messages}" if r.messages else None,
    "never_tried": _when(lambda r: r.tries == 0),
    "never_replaced": _when(lambda r: not r.replaced),
    "unsettled": _when(lambda r: not r.settled),
    "always": _when(lambda _: True),
}


def _compiled(source: Source, at: tuple[int, str, int], pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern.replace(_GAP, _GAP_PATTERN))
    except re.error as error:
        where = ("claim", *at)
        raise source.error(where, f"this is no regular expression: {error}") from None

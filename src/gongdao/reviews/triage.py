"""Why a buyer is not content: signs are looked for and added up, and each is shown. Pure.

What speaks for what, and how much, stands in signs.toml. It is a suggestion: whoever has read the
review and talked with the buyer decides.
"""

import re
from collections import Counter
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec

from gongdao.base.i18n import ZONE, Locale
from gongdao.policy.toml_lines import Source, convert, read_source
from gongdao.policy.written import Text, Written
from gongdao.reviews.review import CAUSES, Cause, Sign

_FILE = Path(__file__).parent / "signs.toml"
_GAP, _GAP_PATTERN = "…", "[^。]{0,12}?"
_SHOWN_MAX = 20
#: A sum within a threat, in yuan.
_SUM = re.compile(r"\d{2,6}")
_HOUR = r"^([01]\d|2[0-3]):[0-5]\d$"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a review, its order, its buyer and the talks with them."""

    stars: int
    text: str = ""
    """What was written, as a suspicious reader sees it (base/plain.py)."""
    chat: str = ""
    """What the buyer said to the shop about this time, likewise."""
    paid_fen: int = 0
    days_on_the_way: int | None = None
    undelivered_days: int | None = None
    late_dispatch_hours: int | None = None
    parcel_trouble: int = 0
    quality_cases: int = 0
    unanswered: int = 0
    grade: int | None = None
    """The lowest that the buyer gave a conversation."""
    lowest_at_once: int = 0
    """One-star reviews of this buyer in this shop within a day of this one, itself included."""
    account_days: int | None = None
    missed: int = 0
    """How often the shop tried to reach the buyer in vain."""


FactName = Literal[
    "demanded_times", "product_and_service", "words", "days_on_the_way", "undelivered_days",
    "late_dispatch_hours", "parcel_trouble", "quality_cases", "unanswered", "grade",
    "lowest_at_once", "account_days", "missed",
]  # fmt: skip


class SignRule(Written, frozen=True, kw_only=True):
    """One thing that speaks for a cause: words, or a figure."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    cause: Cause
    points: Annotated[int, msgspec.Meta(ge=1, le=10)]
    say: Text
    place: Literal["review", "chat", "both"] = msgspec.field(default="review", name="in")
    patterns: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    fact: FactName | None = None
    least: int | None = None
    most: int | None = None


class ContactHours(Written, frozen=True, kw_only=True):
    """When buyers are called, in Shanghai."""

    opens: Annotated[str, msgspec.Meta(pattern=_HOUR)]
    closes: Annotated[str, msgspec.Meta(pattern=_HOUR)]
    mood_at: Annotated[str, msgspec.Meta(pattern=_HOUR)]
    again_after_hours: Annotated[int, msgspec.Meta(ge=1)]
    give_up_after: Annotated[int, msgspec.Meta(ge=1)]


class _Written(Written, frozen=True, kw_only=True):
    least: dict[Cause, int]
    sign: tuple[SignRule, ...]
    contact: ContactHours


class _Ready(NamedTuple):
    rule: SignRule
    pattern: re.Pattern[str] | None
    unless: re.Pattern[str] | None


class SignBook(msgspec.Struct, frozen=True):
    """The signs, made ready to be looked for."""

    least: dict[Cause, int]
    ready: tuple[_Ready, ...]
    contact: ContactHours

    def said(self, sign: Sign, locale: Locale) -> str:
        """A sign as a reader reads it."""
        rule = next((one.rule for one in self.ready if one.rule.id == sign.id), None)
        if rule is None:
            return sign.found
        text = rule.say.zh if locale == "zh" else rule.say.en
        return text.replace("{value}", sign.found)


class Suggestion(NamedTuple):
    """The cause that is suggested, and everything that was seen, also of other causes."""

    cause: Cause
    signs: tuple[Sign, ...]


@cache
def sign_book(path: Path = _FILE) -> SignBook:
    """The signs of the file. Raises WrittenError with file, line and key where it is wrong."""
    source = read_source(path)
    written = convert(source, _Written)
    for cause in CAUSES:
        if cause not in written.least:
            raise source.error(("least",), f"{cause} has no least number of points")
    ready = tuple(_ready(source, index, rule) for index, rule in enumerate(written.sign))
    return SignBook(written.least, ready, written.contact)


def sort_review(facts: Facts, book: SignBook) -> Suggestion:
    """The cause that most speaks for; a mood where nothing in particular does."""
    signs = tuple(_seen(facts, book))
    points: Counter[Cause] = Counter()
    for sign in signs:
        points[sign.cause] += sign.points
    best: Cause = "mood"
    for cause in reversed(CAUSES):
        if points[cause] >= max(book.least[cause], points[best]):
            best = cause
    return Suggestion(best, signs)


def first_contact(cause: Cause, now: datetime, hours: ContactHours) -> datetime:
    """When to call first: who is in a bad mood the next day, everybody else at once (S0-47).

    At once is within the hours in which people may be called.
    """
    local = now.astimezone(ZONE)
    if cause == "mood":
        day = local.date() + timedelta(days=1)
        at = datetime.combine(day, time.fromisoformat(hours.mood_at), ZONE)
        return at.astimezone(now.tzinfo)
    return within_hours(now, hours)


def within_hours(at: datetime, hours: ContactHours) -> datetime:
    """The instant, or the next opening where nobody may be called at it."""
    local = at.astimezone(ZONE)
    opens = datetime.combine(local.date(), time.fromisoformat(hours.opens), ZONE)
    closes = datetime.combine(local.date(), time.fromisoformat(hours.closes), ZONE)
    if local < opens:
        return opens.astimezone(at.tzinfo)
    if local >= closes:
        return (opens + timedelta(days=1)).astimezone(at.tzinfo)
    return at


def _seen(facts: Facts, book: SignBook) -> list[Sign]:
    """Every sign that is there, in the order of the file."""
    found: list[Sign] = []
    demanded = 0
    aspects: set[Cause] = set()
    for one in book.ready:
        rule = one.rule
        if one.pattern is not None:
            words = _words(one, facts)
            if words is None:
                continue
            if rule.id == "threat":
                demanded = max(map(int, _SUM.findall(words)), default=0)
            aspects.add(rule.cause)
            found.append(_sign(rule, words[:_SHOWN_MAX]))
            continue
        value = _figure(rule, facts, demanded=demanded, aspects=aspects)
        low = rule.least is not None and (value is None or value < rule.least)
        high = rule.most is not None and (value is None or value > rule.most)
        if value is not None and not low and not high:
            found.append(_sign(rule, str(value)))
    return found


def _sign(rule: SignRule, found: str) -> Sign:
    return Sign(id=rule.id, cause=rule.cause, points=rule.points, found=found)


def _words(one: _Ready, facts: Facts) -> str | None:
    assert one.pattern is not None, "asked of rules with words"
    places = {
        "review": (facts.text,), "chat": (facts.chat,), "both": (facts.text, facts.chat)
    }[one.rule.place]  # fmt: skip
    for text in places:
        for hit in one.pattern.finditer(text):
            start, end = hit.span()
            over = one.unless.finditer(text, max(0, start - 12), end + 12) if one.unless else ()
            if not any(each.start() < end and each.end() > start for each in over):
                return hit[0]
    return None


def _figure(rule: SignRule, facts: Facts, *, demanded: int, aspects: set[Cause]) -> int | None:
    match rule.fact:
        case "demanded_times":
            return demanded * 100 // facts.paid_fen if facts.paid_fen else None
        case "product_and_service":
            return int({"quality", "service"} <= aspects and facts.stars == 1)
        case "words":
            return len(facts.text.replace("。", "").replace("，", ""))
        case None:
            return None
        case name:
            return getattr(facts, name)


def _ready(source: Source, index: int, rule: SignRule) -> _Ready:
    at = ("sign", index)
    if bool(rule.patterns) == (rule.fact is not None):
        raise source.error(at, "a sign has patterns or a fact, and not both")
    if rule.fact is not None and rule.least is None and rule.most is None:
        raise source.error((*at, "fact"), "say from which figure on (least), or up to which (most)")
    return _Ready(
        rule,
        _compiled(source, (*at, "patterns"), rule.patterns),
        _compiled(source, (*at, "unless"), rule.unless),
    )


def _compiled(
    source: Source, at: tuple[str | int, ...], patterns: tuple[str, ...]
) -> re.Pattern[str] | None:
    if not patterns:
        return None
    for number, pattern in enumerate(patterns):
        try:
            found = re.search(pattern.replace(_GAP, _GAP_PATTERN), "")
        except re.error as error:
            raise source.error((*at, number), f"this is no regular expression: {error}") from None
        if found:
            raise source.error((*at, number), "this pattern matches everywhere, even nothing")
    return re.compile("|".join(patterns).replace(_GAP, _GAP_PATTERN))

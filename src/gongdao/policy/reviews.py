"""Reviews as a pack has them: who may write, change, append, answer and rate, and until when."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from gongdao.policy.calendar import Calendar, Span
from gongdao.policy.written import Written

#: write, change, append: the buyer; reply, report, rate_buyer: the shop.
ReviewAct = Literal["write", "change", "append", "reply", "report", "rate_buyer"]
#: What its instant counts from: the buyer's receipt, or the review itself.
ReviewAnchor = Literal["confirmed", "written"]
#: Five stars, or good, neutral and negative.
Scale = Literal["stars", "marks"]


class ReviewRule(Written, frozen=True, kw_only=True):
    """What may be done about a review; of those with the same `do` the first that fits counts."""

    do: ReviewAct
    rule: str
    counts_from: ReviewAnchor = "written"
    within: Span
    """Too late from `counts_from` plus this on."""
    tags: tuple[str, ...] = ()
    """Only for goods with one of these tags; none: for all."""
    times: Annotated[int, Meta(ge=0, le=10)] = 1
    """change: so often; 0 is never."""
    scale: Scale = "stars"
    """write: how a review is given."""
    after_full_refund: bool = False
    """write: also of what was wholly paid back."""
    counted_a_month: Annotated[int, Meta(ge=1)] | None = None
    """write: of one buyer in one month so many count in the score of the shop; none: all."""


def review_faults(written: Sequence[ReviewRule]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What the types cannot say: keys that mean nothing for what is done, rows that never count."""
    seen: set[ReviewAct] = set()
    for index, one in enumerate(written):
        at = ("review", index)
        if one.do == "write" and one.counts_from != "confirmed":
            yield (*at, "counts_from"), "nothing is written yet: it counts from confirmed"
        if one.do in ("change", "append", "reply", "report") and one.counts_from != "written":
            yield (*at, "counts_from"), f"{one.do} counts from written"
        if one.do != "change" and one.times != 1:
            yield (*at, "times"), 'a number of times is named only where do = "change"'
        if one.do != "write":
            yield from _only_of_writing(one, at)
        if one.do in seen:
            yield (*at, "do"), f"this never counts: {one.do} for all goods stands above"
        if not one.tags:
            seen.add(one.do)


def _only_of_writing(
    one: ReviewRule, at: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for key, plain in (("scale", "stars"), ("after_full_refund", False), ("counted_a_month", None)):
        if getattr(one, key) != plain:
            yield (*at, key), 'this is named only where do = "write"'


def review_rule(
    rules: Sequence[ReviewRule], do: ReviewAct, tags: Collection[str] = ()
) -> ReviewRule | None:
    """The rule for goods with these tags; None: the rule book does not speak of it."""
    fitting = (one for one in rules if one.do == do and (not one.tags or {*one.tags} & {*tags}))
    return next(fitting, None)


def ends_at(rule: ReviewRule, calendar: Calendar, since: datetime) -> datetime:
    """From which instant on it is too late."""
    return calendar.add(since, rule.within)

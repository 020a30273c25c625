"""Whether the rules give a request or an action at all: duplicates, windows and bars."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, say_instant
from gongdao.cases.case import Case
from gongdao.cases.draft import Draft, refuse_by_rule
from gongdao.cases.facts import Sibling
from gongdao.cases.known import ship_due_at
from gongdao.policy.pack import Anchor, ProcedureRule, Text, Window
from gongdao.policy.words import Action
from gongdao.shops.order import Order


def require_no_duplicate(draft: Draft, procedure: ProcedureRule) -> None:
    """One open case of a side per line, or per kind: a second one is refused."""
    if any(other.ended is None for other in _about_the_same(draft, procedure)):
        raise Refusal("duplicate", N_("A case about the same thing is open already."))


def require_not_too_many(draft: Draft, procedure: ProcedureRule) -> None:
    """So many cases of a side per line, or per line and kind: whoever asks on and on is refused."""
    filed = Counter(n for other in _about_the_same(draft, procedure) for n in other.lines)
    if any(filed[line] >= procedure.applications_max for line in draft.case.lines):
        raise Refusal(
            "not_eligible",
            N_("At most {n} requests can be filed about the same thing."),
            n=procedure.applications_max,
        )


def _about_the_same(draft: Draft, procedure: ProcedureRule) -> Iterator[Sibling]:
    case = draft.case
    for other in draft.facts.siblings:
        if (other.procedure, other.opened_by) != (case.procedure, case.opened_by):
            continue
        if procedure.duplicate == "kind" and other.kind != case.kind:
            continue
        if not set(other.lines).isdisjoint(case.lines):
            yield other


def require_eligible(draft: Draft, action: Action) -> None:
    """Windows first (too late, too early), then everything else that bars the action."""
    _require_windows(draft, action)
    facts = draft.known()
    for bar in draft.rules.bar:
        if bar.do == action and bar.when.holds(facts):
            raise refuse_by_rule(bar.code, bar.say, bar.rule)


def window_closes_at(draft: Draft, action: Action) -> datetime | None:
    """Until when the windows of the pack leave the action open; None where none of them ends."""
    facts = draft.known()
    windows = [w for w in draft.rules.window if w.do == action and w.when.holds(facts)]
    ends = [end for window in windows if (end := _window_end(window, draft))]
    return min(ends, default=None)


def anchor_at(anchor: Anchor, draft: Draft) -> datetime | None:
    """The instant that a window is counted from; None while it has not come."""
    order = draft.facts.order
    if anchor in ("day_after_signing", "day_after_last_signing"):
        signed = order.counts_at("signed_at")
        if signed and anchor == "day_after_last_signing":
            signed = _last_signed_at(signed, draft)
        return draft.pack.calendar.day_after(signed) if signed else None
    if anchor == "ship_due":
        return ship_due_at(order, draft.pack, draft.known())
    return _anchors(order, draft.case)[anchor]


def _last_signed_at(signed: datetime, draft: Draft) -> datetime:
    """When the buyer got what they have now: goods that came in an exchange, later than the first.

    Of several lines the one that has been there longest counts.
    """
    lines = draft.case.lines
    got = dict.fromkeys(lines, signed)
    for other in draft.facts.siblings:
        if other.remedy == "replacement" and other.ended and other.resent_at:
            for line in set(lines).intersection(other.lines):
                got[line] = max(got[line], other.resent_at)
    return min(got.values(), default=signed)


def _anchors(order: Order, case: Case) -> dict[str, datetime | None]:
    return {
        "paid": order.paid_at,
        "picked_up": _first(order, "picked_up"),
        "delivered": _first(order, "delivered"),
        "shipped": order.counts_at("shipped_at"),
        "signed": order.counts_at("signed_at"),
        "confirmed": order.counts_at("confirmed_at"),
        "closed": order.counts_at("closed_at"),
        "opened": case.opened_at,
        "ruled": case.ruling.at if case.ruling else None,
        "ended": case.closed_at,
    }


def _first(order: Order, event: str) -> datetime | None:
    return next((told.at for told in order.track if told.event == event), None)


def _require_windows(draft: Draft, action: Action) -> None:
    facts = draft.known()
    windows = [w for w in draft.rules.window if w.do == action and w.when.holds(facts)]
    for window in windows:
        end = _window_end(window, draft)
        if end is not None and draft.now >= end:
            raise _out_of_window("too_late", window, end)
    for window in windows:
        start = anchor_at(window.opens, draft) if window.opens else None
        if start is None:
            continue
        if window.opens_after is not None:
            start = draft.pack.calendar.add(start, window.opens_after)
            if draft.now < start:
                raise _out_of_window("too_early", window, start)
        # The last instant of the promise is still in time, so the window opens right after it.
        elif draft.now <= start:
            raise _out_of_window("too_early", window, start)


def _window_end(window: Window, draft: Draft) -> datetime | None:
    if window.counts_from is None or window.span is None:
        return None
    start = anchor_at(window.counts_from, draft)
    return draft.pack.calendar.add(start, window.span) if start else None


def _out_of_window(code: str, window: Window, at: datetime) -> Refusal:
    shown = {"en": say_instant(at, "en"), "zh": say_instant(at, "zh")}
    say = Text(
        zh=window.say.zh.replace("{at}", shown["zh"]),
        en=window.say.en.replace("{at}", shown["en"]),
    )
    refusal = refuse_by_rule(code, say, window.rule)
    refusal.params["at"] = at
    return refusal

"""Compares what a story expects with what has become of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gongdao.base.money import parse_yuan, yuan
from gongdao.cases.available import available_actions
from gongdao.cases.case import Case
from gongdao.flows.replay import Entry, World
from gongdao.flows.scenario import Expect, parse_length

_PLAIN = ("stage", "waiting_on", "ended")


def unmet(world: World, expect: Expect, name: str, since: list[Entry]) -> Iterator[str]:
    """Every expectation that does not hold, as `key: expected this, is that`."""
    case = world.case_named(name)
    yield from _of_shop(world, expect, case)
    if case is None:
        if _asks_about_case(expect):
            yield "there is no case yet to expect anything of"
        return
    for key in _PLAIN:
        yield from _differs(key, getattr(expect, key), getattr(case, key))
    if expect.deadline is not None and case.deadline != expect.deadline:
        zone = world.story.zone
        shown = case.deadline.astimezone(zone).isoformat() if case.deadline else "none"
        yield f"deadline: expected {expect.deadline.isoformat()}, is {shown}"
    if expect.remaining is not None:
        yield from _remaining(expect.remaining, case, world.now)
    yield from _outcome(expect, case)
    yield from _lists(world, expect, case, since)


def paid_from(case: Case) -> dict[str, int]:
    """What a case has drawn from each account, in fen."""
    sources = ("escrow", "balance", "deposit", "debt", "advance")
    return {source: case.paid_from_fen(source) for source in sources}


def amounts(case: Case) -> dict[str, int]:
    """What a case has paid, and what the buyer was told to pay, by name; with the total."""
    names = ("refund", "freight", "compensation", "punitive", "test_fee", "goodwill")
    sums = {name: case.paid_fen(name) for name in names}
    for name, fen in case.against_buyer_fen.items():
        sums[name] += fen
    return sums | {"total": sum(sums.values())}


def _of_shop(world: World, expect: Expect, case: Case | None) -> Iterator[str]:
    yield from _money("balance", expect.balance, world.till["shop_balance"])
    yield from _money("deposit", expect.deposit, world.till["shop_deposit"])
    yield from _money("frozen", expect.frozen, world.till["shop_frozen"])
    yield from _differs("shop_status", expect.shop_status, world.record.status(world.now))
    imposed: set[str] = {one.sanction.kind for one in world.record.in_force(world.now)}
    yield from _missing("sanctions", expect.sanctions, imposed)
    if expect.points:
        found = world.points
        for ledger, points in expect.points.items():
            yield from _differs(f"points.{ledger}", points, found[ledger])


def _outcome(expect: Expect, case: Case) -> Iterator[str]:
    ruling = case.ruling
    yield from _differs("liability", expect.liability, ruling.liability if ruling else None)
    yield from _differs("remedy", expect.remedy, case.remedy)
    yield from _differs("freight_by", expect.freight_by, case.freight_by)
    sums = _sums(case)
    for name, text in (expect.amounts or {}).items():
        yield from _money(f"amounts.{name}", text, sums[name])
    sources = paid_from(case)
    for name, text in (expect.paid_from or {}).items():
        yield from _money(f"paid_from.{name}", text, sources[name])


def _sums(case: Case) -> dict[str, int]:
    """What was paid; in a case that waits to be executed, what has been awarded so far."""
    paid = amounts(case)
    if case.is_open:
        for name, fen in case.award_fen.items():
            paid[name] = max(paid[name], fen)
        paid["total"] = sum(fen for name, fen in paid.items() if name != "total")
    return paid


def _lists(world: World, expect: Expect, case: Case, since: list[Entry]) -> Iterator[str]:
    ruling = case.ruling
    cited = set(ruling.cites) if ruling else set[str]()
    yield from _missing("cites", expect.cites, cited)
    yield from _missing("warnings", expect.warnings, set(case.warnings))
    yield from _missing("signals", expect.signals, set(case.signals))
    if expect.available_actions is not None:
        role = expect.as_ or "buyer"
        name = next(n for n, other in world.cases.items() if other is case)
        facts, pack = world.facts_for(name), world.packs[name]
        found = available_actions(case, role, facts=facts, pack=pack, now=world.now)
        open_now = {a.action for a in found if a.allowed}
        yield from _missing("available_actions", expect.available_actions, open_now)
    if expect.events == () and since:
        yield f"events: expected none, were {', '.join(entry.type for entry in since)}"
    if expect.events:
        seen = iter([entry.type for entry in since])
        if not all(event in seen for event in expect.events):
            happened = ", ".join(entry.type for entry in since) or "nothing"
            yield f"events: expected {', '.join(expect.events)} in this order, were {happened}"


def _remaining(text: str, case: Case, now: datetime) -> Iterator[str]:
    left = case.rest.remaining if case.rest else None
    if left is None and case.deadline is not None:
        left = case.deadline - now
    if left is None or left != parse_length(text):
        yield f"remaining: expected {text}, is {left if left is not None else 'none'}"


def _missing(key: str, wanted: tuple[str, ...] | None, found: set[str]) -> Iterator[str]:
    """A list names what must be there, not all that is; the empty list says that nothing is."""
    if wanted == () and found:
        yield f"{key}: expected none, are {', '.join(sorted(found))}"
    lacking = [word for word in wanted or () if word not in found]
    if lacking:
        yield f"{key}: {', '.join(lacking)} not among {', '.join(sorted(found)) or 'none'}"


def _money(key: str, text: str | None, fen: int) -> Iterator[str]:
    if text is not None and parse_yuan(text) != fen:
        yield f"{key}: expected {text}, is {yuan(fen)}"


def _differs(key: str, wanted: Any, found: Any) -> Iterator[str]:
    if wanted is not None and wanted != found:
        yield f"{key}: expected {wanted}, is {found}"


def _asks_about_case(expect: Expect) -> bool:
    keys = ("deadline", "remaining", "liability", "remedy", "amounts", "paid_from", "cites")
    return any(getattr(expect, key) is not None for key in (*_PLAIN, *keys))

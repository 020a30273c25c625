"""Scenario files: a dispute written down as data (docs/scenarios.md is the format's page)."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from gongdao.base.errors import Code
from gongdao.cases.commands import ARGS, SignArgs
from gongdao.flows.story_order import Instant, OrderTable, Table, Yuan, order_of
from gongdao.policy.calendar import parse_span
from gongdao.policy.pack import Ended
from gongdao.policy.toml_lines import (
    Source,
    Where,
    WrittenError,
    convert,
    dotted,
    explain,
    read_source,
)
from gongdao.policy.words import (
    ACTIONS,
    Action,
    FreightBearer,
    Liability,
    Party,
    PointsLedger,
    Remedy,
    Role,
    SanctionKind,
    ShopStatus,
    Stage,
)

#: Instants of a story lie in these years.
YEARS = range(2000, 2100)

#: A story has at most this many steps.
STEPS_MAX = 1000


class FindingTable(Table, frozen=True, kw_only=True):
    """One of shop.findings: a case of this kind that was upheld before the story began."""

    kind: str
    at: Instant
    points: dict[PointsLedger, Annotated[int, Meta(ge=0)]] = msgspec.field(default_factory=dict)


class ShopTable(Table, frozen=True, kw_only=True):
    """[shop]: what the shop has when the story begins."""

    balance: Yuan = "0.00"
    deposit: Yuan = "0.00"
    points: dict[PointsLedger, Annotated[int, Meta(ge=0)]] = msgspec.field(default_factory=dict)
    findings: tuple[FindingTable, ...] = ()
    name: str = ""


AmountKey = Literal[
    "refund", "freight", "compensation", "punitive", "test_fee", "goodwill", "total"
]  # fmt: skip
SourceKey = Literal["balance", "deposit", "debt", "advance", "escrow"]


class Expect(Table, frozen=True, kw_only=True):
    """What must be true at a step."""

    stage: Stage | None = None
    waiting_on: Party | None = None
    deadline: Instant | None = None
    remaining: str | None = None
    ended: Ended | None = None
    liability: Liability | None = None
    remedy: Remedy | None = None
    freight_by: FreightBearer | None = None
    amounts: dict[AmountKey, Yuan] | None = None
    paid_from: dict[SourceKey, Yuan] | None = None
    frozen: Yuan | None = None
    balance: Yuan | None = None
    deposit: Yuan | None = None
    points: dict[PointsLedger, int] | None = None
    sanctions: tuple[SanctionKind, ...] | None = None
    shop_status: ShopStatus | None = None
    available_actions: tuple[Action, ...] | None = None
    as_: Role | None = msgspec.field(name="as", default=None)
    cites: tuple[str, ...] | None = None
    warnings: tuple[str, ...] | None = None
    signals: tuple[str, ...] | None = None
    events: tuple[str, ...] | None = None


class Step(Table, frozen=True, kw_only=True):
    """[[steps]]: somebody does something, or something must be true, or both."""

    at: Instant
    by: Role | None = None
    do: str | None = None
    with_: dict[str, Any] = msgspec.field(name="with", default_factory=dict)
    case: str = ""
    refused: Code | None = None
    expect: Expect | None = None
    as_: Role | None = msgspec.field(name="as", default=None)


#: Steps on the order itself, beside the actions on a case, and who may take them.
ORDER_STEPS: dict[str, frozenset[Role]] = {
    "ship": frozenset({"seller", "agent", "lead", "carrier", "system"}),
    "sign": frozenset({"carrier", "seller", "buyer", "system"}),
    "tracking": frozenset({"carrier", "seller", "agent", "lead", "system"}),
    "confirm_order": frozenset({"buyer", "system", "carrier", "seller"}),
}


class Scenario(Table, frozen=True, kw_only=True):
    """A whole file."""

    title: str
    pack: str
    zone: str = "Asia/Shanghai"
    source: str = ""
    shop: ShopTable = ShopTable()
    order: OrderTable
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=STEPS_MAX)]


class Story:
    """A scenario with the file that it was read from, for messages."""

    def __init__(self, source: Source, scenario: Scenario) -> None:
        self.source = source
        self.scenario = scenario
        self.zone = ZoneInfo(scenario.zone)
        self.order = order_of(scenario.order, begun_at=scenario.steps[0].at)

    def args(self, index: int) -> Any:
        """The arguments of a step. Raises WrittenError with the line and key that are wrong."""
        step = self.scenario.steps[index]
        assert step.do, "a step that does something"
        kind = SignArgs if step.do in ORDER_STEPS else ARGS.get(step.do)
        if kind is None:
            # No pack of today gives this action to anybody; the decision will say so.
            return step.with_
        try:
            return msgspec.convert(step.with_, kind)
        except msgspec.ValidationError as error:
            found = explain(self.source, error, kind)
            where: Where = ("steps", index, "with")
            key = f"{dotted(where)}.{found.key}".rstrip(".")
            line = self.source.line_of(where)
            raise WrittenError(self.source.name, line, key, found.message) from None


def read_story(path: Path, *, name: str | None = None) -> Story:
    """Read and check a file. Raises WrittenError with its name, line and key, or OSError."""
    return check_story(read_source(path, name=name))


def check_story(source: Source) -> Story:
    """Check what has been read. Raises WrittenError with its line and key."""
    scenario = convert(source, Scenario)
    for where, message in _faults(scenario):
        raise source.error(where, message)
    return Story(source, scenario)


def _faults(scenario: Scenario) -> Any:
    try:
        ZoneInfo(scenario.zone)
    except (KeyError, ValueError, OSError):
        yield ("zone",), f"there is no time zone {scenario.zone!r}"
    try:
        if not parse_span(scenario.order.ship_within).seconds:
            yield ("order", "ship_within"), "write hours or days, such as 48h or 7d"
    except ValueError as error:
        yield ("order", "ship_within"), str(error)
    numbers = [line.line or n for n, line in enumerate(scenario.order.lines, start=1)]
    if len(set(numbers)) < len(numbers):
        yield ("order", "lines"), "two lines have the same number"
    yield from _far_instants(scenario)
    known = set(ACTIONS) - {"timeout"} | set(ORDER_STEPS) | {"set_policy"}
    before: datetime | None = None
    for index, step in enumerate(scenario.steps):
        where: Where = ("steps", index)
        if step.do is None and step.expect is None:
            yield where, "a step has `do` or `expect`, or both"
        if step.refused is not None and step.do is None:
            yield (*where, "refused"), "only a step that does something can be refused"
        if step.do is not None and step.by is None:
            yield where, "a step that does something says `by` whom"
        if step.do is not None and step.do not in known:
            yield (
                (*where, "do"),
                f"unknown action {step.do!r}; known are: {', '.join(sorted(known))}",
            )
        if before is not None and step.at < before:
            yield (*where, "at"), "a step lies before the one above it"
        if step.expect and step.expect.remaining is not None:
            try:
                parse_length(step.expect.remaining)
            except ValueError as error:
                yield (*where, "expect", "remaining"), str(error)
        before = step.at


def _far_instants(scenario: Scenario) -> Iterator[tuple[Where, str]]:
    """Instants with which no calendar reckons: their clocks would run for ages, or out of time."""
    order = msgspec.structs.asdict(scenario.order)
    told: list[tuple[Where, Any]] = [(("order", name), value) for name, value in order.items()]
    told += [(("steps", n, "at"), step.at) for n, step in enumerate(scenario.steps)]
    for where, value in told:
        if isinstance(value, datetime) and value.year not in YEARS:
            yield where, f"write an instant of the years {YEARS[0]} to {YEARS[-1]}"


def parse_length(text: str) -> timedelta:
    """Read "23h", "2d 3h" or "1h30m". Raises ValueError with what is allowed."""
    parts = re.findall(r"\d+[a-z]+", text)
    if not parts or "".join(parts) != text.replace(" ", ""):
        raise ValueError(f"not a length of time: {text!r}; write 23h, 30m or 2d 3h")
    # A clock that stands at zero is written 0s; a span of a rule never is.
    seconds = [parse_span(part).seconds for part in parts if int(part.rstrip("dhms")) > 0]
    return timedelta(seconds=sum(seconds))

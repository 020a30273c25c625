"""Scenario files: a dispute written down as data (docs/scenarios.md is the format's page)."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from gongdao.base.errors import Code
from gongdao.base.money import YUAN_PATTERN, parse_yuan
from gongdao.cases.commands import ARGS, SignArgs
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
    TrackWord,
)
from gongdao.shops.order import (
    ClosedBy,
    ConfirmedBy,
    Coupon,
    Discount,
    Gift,
    Line,
    Order,
    Payment,
    SignedBy,
    TrackEvent,
)

#: A story has at most this many steps.
STEPS_MAX = 1000

Instant = Annotated[datetime, Meta(tz=True)]
Yuan = Annotated[str, Meta(pattern=YUAN_PATTERN)]
#: Ids of a story are made from names, so that every replay makes the same ones.
STORY = UUID("6d0f6c8e-0b52-5f0e-9c55-7b2a9f1d0c01")


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a scenario file: unknown keys are refused."""


class FindingTable(Table, frozen=True, kw_only=True):
    """One of shop.findings: a case of this kind that was upheld before the story began."""

    kind: str
    at: Instant
    points: dict[PointsLedger, Annotated[int, Meta(ge=0)]] = {}


class ShopTable(Table, frozen=True, kw_only=True):
    """[shop]: what the shop has when the story begins."""

    balance: Yuan = "0.00"
    deposit: Yuan = "0.00"
    points: dict[PointsLedger, Annotated[int, Meta(ge=0)]] = {}
    findings: tuple[FindingTable, ...] = ()
    name: str = ""


class VariantTable(Table, frozen=True, kw_only=True):
    """One of the variants of a line: what an exchange may ask for."""

    sku: str
    title: str = ""
    price: Yuan
    stock: Annotated[int, Meta(ge=0)] | None = None


class LineTable(Table, frozen=True, kw_only=True):
    """[[order.lines]]"""

    line: Annotated[int, Meta(ge=1)] = 0
    title: str = ""
    price: Yuan
    quantity: Annotated[int, Meta(ge=1, le=100000)] = 1
    category: str = ""
    tags: tuple[str, ...] = ()
    variants: Annotated[tuple[VariantTable, ...], Meta(max_length=50)] = ()
    no_reason_exclusion_confirmed: bool = False


class DiscountTable(Table, frozen=True, kw_only=True):
    """One of order.discounts."""

    kind: Literal["spend_and_save", "free_shipping"] = "spend_and_save"
    threshold: Yuan
    off: Yuan


class CouponTable(Table, frozen=True, kw_only=True):
    """One of order.coupons: its worth in yuan as `value` (or `amount`, or `off`)."""

    value: Yuan | None = None
    amount: Yuan | None = None
    off: Yuan | None = None
    title: str = ""
    kind: str = ""

    @property
    def fen(self) -> int:
        """What it is worth."""
        return parse_yuan(self.value or self.amount or self.off or "0.00")


class GiftTable(Table, frozen=True, kw_only=True):
    """One of order.gifts: its worth as `value` (or `amount`, `price`), and whether it came back."""

    value: Yuan | None = None
    amount: Yuan | None = None
    price: Yuan | None = None
    title: str = ""
    line: int = 0
    """The line that it came with; for the reader only."""
    returned: bool = True
    kept: bool = False
    lost: bool = False

    @property
    def fen(self) -> int:
        """What it is worth."""
        return parse_yuan(self.value or self.amount or self.price or "0.00")

    @property
    def is_back(self) -> bool:
        """Whether it comes back with the goods."""
        return self.returned and not (self.kept or self.lost)


class TrackTable(Table, frozen=True, kw_only=True):
    """One of order.tracking_events: what the carrier said, and when."""

    at: Instant
    event: TrackWord
    place: str = ""


class OrderTable(Table, frozen=True, kw_only=True):
    """[order]: what was bought, and what happened to it and when."""

    number: str = "E1"
    placed_at: Instant | None = None
    paid_at: Instant | None = None
    freight: Yuan = "0.00"
    free_shipping: bool = False
    ship_within: str = "48h"
    payment: Payment = "balance"
    promises: tuple[str, ...] = ()
    shipped_at: Instant | None = None
    signed_at: Instant | None = None
    signed_by: SignedBy | None = None
    confirmed_at: Instant | None = None
    confirmed_by: ConfirmedBy | None = None
    closed_at: Instant | None = None
    closed_by: ClosedBy | None = None
    carrier: str = ""
    tracking: str = ""
    tracking_events: tuple[TrackTable, ...] = ()
    discounts: tuple[DiscountTable, ...] = ()
    coupons: tuple[Yuan | CouponTable, ...] = ()
    gifts: tuple[GiftTable, ...] = ()
    lines: Annotated[tuple[LineTable, ...], Meta(min_length=1, max_length=200)]


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
        self.order = order_of(scenario)

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


def read_story(path: Path) -> Story:
    """Read and check a file. Raises WrittenError with its line and key, or OSError."""
    return check_story(read_source(path))


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


def parse_length(text: str) -> timedelta:
    """Read "23h", "2d 3h" or "1h30m". Raises ValueError with what is allowed."""
    parts = re.findall(r"\d+[a-z]+", text)
    if not parts or "".join(parts) != text.replace(" ", ""):
        raise ValueError(f"not a length of time: {text!r}; write 23h, 30m or 2d 3h")
    # A clock that stands at zero is written 0s; a span of a rule never is.
    seconds = [parse_span(part).seconds for part in parts if int(part.rstrip("dhms")) > 0]
    return timedelta(seconds=sum(seconds))


def order_of(scenario: Scenario) -> Order:
    """The order of a story, with everything that ever happens to it."""
    table = scenario.order
    span = parse_span(table.ship_within)
    placed_at = table.placed_at or table.paid_at or scenario.steps[0].at
    # Cash on delivery is paid at the door.
    at_the_door = table.signed_at if table.payment == "cod" else None
    return Order(
        id=uuid5(STORY, f"order {table.number}"),
        number=table.number,
        shop_id=uuid5(STORY, "shop"),
        buyer_id=uuid5(STORY, "buyer"),
        placed_at=placed_at,
        paid_at=table.paid_at or at_the_door,
        freight_fen=0 if table.free_shipping else parse_yuan(table.freight),
        free_shipping=table.free_shipping,
        ship_within=timedelta(seconds=span.seconds),
        payment=table.payment,
        promises=table.promises,
        discounts=tuple(
            Discount(kind=d.kind, threshold_fen=parse_yuan(d.threshold), off_fen=parse_yuan(d.off))
            for d in table.discounts
        ),
        coupons=tuple(_coupon(coupon) for coupon in table.coupons),
        gifts=tuple(Gift(value_fen=g.fen, title=g.title, returned=g.is_back) for g in table.gifts),
        lines=tuple(_line(n, line) for n, line in enumerate(table.lines, start=1)),
        carrier=table.carrier,
        tracking=table.tracking,
        track=tuple(
            TrackEvent(at=t.at, event=t.event, place=t.place) for t in table.tracking_events
        ),
        shipped_at=table.shipped_at,
        signed_at=table.signed_at,
        signed_by=table.signed_by,
        confirmed_at=table.confirmed_at,
        confirmed_by=table.confirmed_by,
        closed_at=table.closed_at,
        closed_by=table.closed_by,
    )


def _coupon(table: str | CouponTable) -> Coupon:
    if isinstance(table, str):
        return Coupon(value_fen=parse_yuan(table))
    return Coupon(value_fen=table.fen, title=table.title)


def _line(number: int, table: LineTable) -> Line:
    return Line(
        line=table.line or number,
        title=table.title,
        price_fen=parse_yuan(table.price),
        quantity=table.quantity,
        category=table.category,
        tags=table.tags,
        no_reason_exclusion_confirmed=table.no_reason_exclusion_confirmed,
    )

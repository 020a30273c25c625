"""A rule pack: procedures, windows, amounts, freight, proof and points, as authors write them.

Each struct is one table of the TOML files under packs/<name>/<version>/; the field docstrings are
the reference of the format (docs/how-to/write-a-pack.md is drawn from them).
"""

from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec

from gongdao.base.money import Rounding
from gongdao.policy.bounds import Ceiling, Limits, Pause
from gongdao.policy.calendar import Calendar, Span
from gongdao.policy.condition import Condition
from gongdao.policy.discipline import (
    Advance,
    Clearing,
    Freeze,
    Goodwill,
    Lifting,
    Node,
    Points,
    Sanction,
    Signal,
    TestFee,
)
from gongdao.policy.guard import GuardBook, GuardLevel, GuardRule
from gongdao.policy.manners import Manners, topmost
from gongdao.policy.narrow import narrowed_stage, narrowed_tables
from gongdao.policy.procedure import (
    AddedKind,
    Anywhere,
    Change,
    Clock,
    Effect,
    Ended,
    JuryRule,
    Kind,
    Move,
    ProcedureRule,
    StageClock,
    StageRule,
    Target,
    Timeout,
    spread,
    with_kinds,
)
from gongdao.policy.reviews import ReviewRule
from gongdao.policy.words import (
    Action,
    AmountName,
    EvidenceKind,
    FreightBearer,
    Stage,
)
from gongdao.policy.written import ALWAYS, Fen, Text, Verified, Written

Anchor = Literal[
    "paid", "ship_due", "shipped", "picked_up", "delivered", "signed", "day_after_signing",
    "day_after_last_signing", "confirmed", "closed", "opened", "ruled", "ended",
]  # fmt: skip


#: So many ways to set its switches a pack keeps ready.
SWITCHED_MAX = 64


class Rule(Written, frozen=True, kw_only=True):
    """One fact with its source, cited by id."""

    id: str
    text: Text
    source: str
    verified: Verified = "V"


class Switch(Written, frozen=True, kw_only=True):
    """A contradiction or a gap of the sources, decided by one of the allowed values."""

    id: str
    title: Text
    allowed: tuple[str, ...]
    value: str
    note: Text | None = None


class Bar(Written, frozen=True, kw_only=True):
    """A reason for which an action is not possible; the first that holds is given."""

    when: Condition
    say: Text
    rule: str
    do: Action = "open"
    code: Literal["not_eligible", "too_late"] = "not_eligible"


class Window(Written, frozen=True, kw_only=True):
    """From when, and until when, a request may be made, or another action done."""

    when: Condition
    do: Action = "open"
    rule: str
    say: Text
    opens: Anchor | None = None
    """Too early before this instant."""
    opens_after: Span | None = None
    """Too early until so long after `opens`."""
    counts_from: Anchor | None = None
    span: Span | None = None
    """Too late from `counts_from` plus `span` on."""


class Proof(Written, frozen=True, kw_only=True):
    """Evidence that an action needs: any one of the kinds."""

    do: Action
    any_of: tuple[EvidenceKind, ...]
    say: Text
    rule: str
    when: Condition = ALWAYS


class Checklist(Written, frozen=True, kw_only=True):
    """What a side is asked to prove in a case, in the order of the burden of proof."""

    side: Literal["buyer", "seller"]
    kinds: tuple[EvidenceKind, ...]
    say: Text
    rule: str
    when: Condition = ALWAYS
    first: bool = False
    """This side carries the burden first."""


class Refund(Written, frozen=True, kw_only=True):
    """Which part of the payment comes back; the first that holds."""

    when: Condition
    goods: Literal["share", "reprice"]
    """share: the lines' part of what was paid; reprice: paid less what the rest costs alone."""
    outbound: Literal["always", "whole_order", "never"]
    rule: str
    deduct_gifts: bool = False
    deduct_waived: bool = False
    """Of a whole order, the freight that was waived for the way out is deducted."""
    percent: Decimal | None = None
    """At most this part of it, and no more can be asked for; none: all of it."""
    pro_rata: bool = False
    """At most the part that is affected, as a percent of this would be."""


class Freight(Written, frozen=True, kw_only=True):
    """Who bears the carriage of a return; the first that holds."""

    when: Condition
    by: FreightBearer
    rule: str


class Amount(Written, frozen=True, kw_only=True):
    """A sum owed on top of the refund: a share or a multiple of a base, between bounds."""

    name: AmountName
    when: Condition
    rule: str
    base: Literal["goods", "paid", "asked", "gift", "unit"] = "goods"
    """goods: paid for the lines, freight excluded; paid: freight included; asked: what the claim
    asks; gift: the value of the gifts; unit: one unit of the lines."""
    percent: Decimal | None = None
    multiple: Decimal | None = None
    minimum: Fen = Fen(0)
    maximum: Fen | None = None
    maximum_percent: Decimal | None = None
    """At most this part of what was paid for the lines; the minimum stands above it."""
    rounding: Rounding = "half_up"
    beyond_order: bool = False
    """The sum may be more than the order cost."""


class Shipping(Written, frozen=True, kw_only=True):
    """A promise of dispatch that counts over the one set on the order; the first that holds."""

    when: Condition
    within: Span
    rule: str


class Ground(Written, frozen=True, kw_only=True):
    """A rule that a ruling rests on, beside those of its freight and amounts."""

    when: Condition
    rule: str


class Warning(Written, frozen=True, kw_only=True):  # noqa: A001
    """Something odd that people should see when a case is opened."""

    code: str
    when: Condition
    say: Text
    rule: str


class Head(Written, frozen=True, kw_only=True):
    """pack.toml: who this pack is."""

    id: str
    version: str
    title: Text
    about: Text
    extends: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    calendar: Calendar = Calendar()


class Body(Written, frozen=True, kw_only=True):
    """Everything else, gathered from all the files of a pack in the order of their names."""

    procedure: tuple[ProcedureRule, ...] = ()
    clock: tuple[StageClock, ...] = ()
    change: tuple[Change, ...] = ()
    kind: tuple[AddedKind, ...] = ()
    rule: tuple[Rule, ...] = ()
    switch: tuple[Switch, ...] = ()
    bar: tuple[Bar, ...] = ()
    window: tuple[Window, ...] = ()
    proof: tuple[Proof, ...] = ()
    checklist: tuple[Checklist, ...] = ()
    refund: tuple[Refund, ...] = ()
    freight: tuple[Freight, ...] = ()
    shipping: tuple[Shipping, ...] = ()
    amount: tuple[Amount, ...] = ()
    ceiling: tuple[Ceiling, ...] = ()
    points: tuple[Points, ...] = ()
    sanction: tuple[Sanction, ...] = ()
    lifting: tuple[Lifting, ...] = ()
    node: tuple[Node, ...] = ()
    clearing: tuple[Clearing, ...] = ()
    freeze: tuple[Freeze, ...] = ()
    advance: tuple[Advance, ...] = ()
    test_fee: tuple[TestFee, ...] = ()
    goodwill: tuple[Goodwill, ...] = ()
    signal: tuple[Signal, ...] = ()
    pause: tuple[Pause, ...] = ()
    ground: tuple[Ground, ...] = ()
    warning: tuple[Warning, ...] = ()
    manners: tuple[Manners, ...] = ()
    review: tuple[ReviewRule, ...] = ()
    guard: tuple[GuardRule, ...] = ()
    guard_level: tuple[GuardLevel, ...] = ()
    exclusion: tuple[str, ...] = ()
    """Tags of goods that no-reason returns may exclude."""
    limits: Limits = Limits()


class About(NamedTuple):
    """What of a pack can hold in cases of one kind."""

    rules: Body
    stages: dict[Stage, StageRule]


class Pack:
    """A loaded pack with its law layer folded in, and the look-ups that decisions need."""

    def __init__(self, head: Head, body: Body) -> None:
        self.head = head
        self.body = body
        self.id = head.id
        self.version = head.version
        self.calendar = head.calendar
        self.rules = {rule.id: rule for rule in body.rule}
        self.switches = {switch.id: switch.value for switch in body.switch}
        self.manners = topmost(body.manners)
        self.guard = GuardBook(body.guard, body.guard_level)
        self.procedures = {
            p.id: spread(with_kinds(p, body.kind), body.clock, body.change, self.switches)
            for p in body.procedure
        }
        self.stages = {
            (procedure.id, stage.id): stage
            for procedure in self.procedures.values()
            for stage in procedure.stage
        }
        self.kinds = {(p.id, kind.id): kind for p in self.procedures.values() for kind in p.kind}
        self.changed_switches: dict[str, str] = {}
        self._parties: dict[tuple[str, str], set[str]] = {}
        self._about: dict[tuple[str, str], About] = {}
        self._switched: dict[tuple[tuple[str, str], ...], Pack] = {}
        for (procedure, _), stage in self.stages.items():
            for move in stage.action:
                self._parties.setdefault((procedure, move.do), set()).update(move.by)

    @property
    def name(self) -> str:
        """The pack with its version: taobao-classic@1."""
        return f"{self.id}@{self.version}"

    def with_switches(self, values: dict[str, str]) -> "Pack":
        """The same pack with other values of switches. Raises ValueError with what is allowed."""
        key = tuple(sorted(values.items()))
        found = self._switched.get(key)
        if found is None:
            found = self._set(values)
            if len(self._switched) < SWITCHED_MAX:
                self._switched[key] = found
        return found

    def _set(self, values: dict[str, str]) -> "Pack":
        known = {switch.id: switch for switch in self.body.switch}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown switch {name!r}; known are: {', '.join(known)}")
            if value not in known[name].allowed:
                allowed = ", ".join(known[name].allowed)
                raise ValueError(f"switch {name!r} takes one of: {allowed}; not {value!r}")
        switches = tuple(
            msgspec.structs.replace(s, value=values.get(s.id, s.value)) for s in self.body.switch
        )
        changed = Pack(self.head, msgspec.structs.replace(self.body, switch=switches))
        changed.changed_switches = self.changed_switches | values
        return changed

    def about(self, procedure: str, kind: str) -> "About":
        """What can hold in cases of a kind."""
        found = self._about.get((procedure, kind))
        if found is None:
            settled = {"procedure": procedure, "kind": kind, "switch": self.switches}
            stages = (stage for (of, _), stage in self.stages.items() if of == procedure)
            found = self._about[procedure, kind] = About(
                rules=narrowed_tables(self.body, settled),
                stages={stage.id: narrowed_stage(stage, settled) for stage in stages},
            )
        return found

    def roles_of(self, procedure: str, action: str) -> frozenset[str]:
        """Every party that may ever do this action in this procedure."""
        return frozenset(self._parties.get((procedure, action), ()))


__all__ = [
    "ALWAYS",
    "AddedKind",
    "Advance",
    "Amount",
    "Anchor",
    "Anywhere",
    "Bar",
    "Body",
    "Ceiling",
    "Change",
    "Checklist",
    "Clearing",
    "Clock",
    "Effect",
    "Ended",
    "Fen",
    "Freeze",
    "Freight",
    "Goodwill",
    "Ground",
    "Head",
    "JuryRule",
    "Kind",
    "Lifting",
    "Limits",
    "Manners",
    "Move",
    "Node",
    "Pack",
    "Pause",
    "Points",
    "ProcedureRule",
    "Proof",
    "Refund",
    "ReviewRule",
    "Rule",
    "Sanction",
    "Shipping",
    "Signal",
    "StageClock",
    "StageRule",
    "Switch",
    "Target",
    "TestFee",
    "Text",
    "Timeout",
    "Verified",
    "Warning",
    "Window",
    "Written",
]

"""A rule pack: procedures, windows, amounts, freight, proof and points, as authors write them.

Each struct is one table of the TOML files under packs/<name>/<version>/; the field docstrings are
the reference of the format (docs/how-to/write-a-pack.md is drawn from them).
"""

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from gongdao.base.money import Rounding
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
from gongdao.policy.words import (
    Action,
    AmountName,
    EvidenceKind,
    FreightBearer,
    Party,
    Procedure,
    Reason,
    Remedy,
    Role,
    Stage,
)
from gongdao.policy.written import ALWAYS, Fen, Text, Verified, Written

Ended = Literal["settled", "decided", "withdrawn", "defaulted", "expired", "out_of_scope"]
Effect = Literal["grant", "overdue", "execute", "resolve"]
Anchor = Literal[
    "paid", "ship_due", "shipped", "picked_up", "delivered", "signed", "day_after_signing",
    "confirmed", "closed", "opened", "ruled", "ended",
]  # fmt: skip
#: What granting a request of a kind gives, where the pack does not say it.
_GRANTS: dict[str, Remedy] = {
    "return_refund": "return_and_refund",
    "intercept_return": "return_and_refund",
    "exchange": "replacement",
    "resend": "resend",
    "repair": "repair",
}


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


class Clock(Written, frozen=True, kw_only=True):
    """How long a stage waits."""

    span: Span
    rule: str
    when: Condition = ALWAYS
    after: Literal["entered", "return_signed"] = "entered"
    """What starts it: entering the stage, or the seller's signature for the returned parcel."""
    between: tuple[date, date] | None = None
    """It holds only where the stage is entered on one of these days, both included."""


class StageClock(Clock, frozen=True, kw_only=True):
    """A clock that an upper layer puts before those that the stage has of itself."""

    procedure: Procedure
    stage: Stage


class Target(Written, frozen=True, kw_only=True):
    """Where a case goes next, and how it ended if it ends there."""

    stage: Stage
    when: Condition = ALWAYS
    ended: Ended | None = None


class Timeout(Written, frozen=True, kw_only=True):
    """What happens on silence, in words and in fact."""

    to: tuple[Target, ...]
    say: Text
    rule: str
    effect: Effect | None = None
    """grant: what was asked is given; overdue: a person is told, nothing is decided; execute: what
    was awarded is paid; resolve: a jury's votes decide if there are enough of them."""


class Move(Written, frozen=True, kw_only=True):
    """One action of a stage: who may do it, and where it leads (empty: the case stays)."""

    do: Action
    by: tuple[Role, ...]
    to: tuple[Target, ...] = ()
    when: Condition = ALWAYS
    rule: str = ""
    pays: bool = False
    """Money moves at once, not only when the case is executed."""
    say: Text | None = None
    """Why it is not possible where `when` does not hold."""


class Anywhere(Move, frozen=True, kw_only=True):
    """An action of every stage but those named."""

    not_in: tuple[Stage, ...] = ()


class JuryRule(Written, frozen=True, kw_only=True):
    """How many jurors decide, and by which majority."""

    size: int
    quorum: int
    majority: int = 50
    """Percent of the votes that one finding must exceed."""


class StageRule(Written, frozen=True, kw_only=True):
    """One stage of a procedure."""

    id: Stage
    waiting_on: Party
    clock: tuple[Clock, ...] = ()
    on_timeout: Timeout | None = None
    action: tuple[Move, ...] = ()
    seals_evidence: bool = False
    """Leaving this stage seals the evidence."""
    resumes: bool = False
    """A case that comes back goes on with the time that was left when it went away."""
    jury: JuryRule | None = None


class Kind(Written, frozen=True, kw_only=True):
    """One kind of case within a procedure."""

    id: str
    title: Text
    remedies: tuple[Remedy, ...]
    reasons: tuple[Reason, ...] = ()
    """The reasons that a request of this kind may give; empty where it needs none."""
    opened_by: tuple[Role, ...] = ()
    """Who may file it; empty: whoever may file a case of the procedure."""
    anonymous: bool = False
    """Whoever filed it stays unknown to the other side."""
    grant: Remedy | None = None
    """What granting the request gives; where it is missing, what the kind's name says."""
    pays: Literal["refund", "freight", "compensation"] = "refund"
    """The name under which the asked sum is paid."""
    rule: str = ""

    @property
    def granted(self) -> Remedy | None:
        """The remedy that granting gives; None: a full or a partial refund, by the sum."""
        return self.grant or _GRANTS.get(self.id)


class ProcedureRule(Written, frozen=True, kw_only=True):
    """A procedure as a graph of stages."""

    id: Procedure
    title: Text
    opened_by: tuple[Role, ...]
    start: Stage
    kind: tuple[Kind, ...]
    stage: tuple[StageRule, ...]
    anywhere: tuple[Anywhere, ...] = ()
    rule: str = ""
    duplicate: Literal["line", "kind"] = "line"
    """What a second open case may not share: an order line, or the kind on the same order."""
    applications_max: int = 10
    offers_max: int = 10


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
    rounding: Rounding = "half_up"
    beyond_order: bool = False
    """The sum may be more than the order cost."""


class Shipping(Written, frozen=True, kw_only=True):
    """A promise of dispatch that counts over the one set on the order; the first that holds."""

    when: Condition
    within: Span
    rule: str


class Pause(Written, frozen=True, kw_only=True):
    """How long a case may rest, by cause."""

    cause: Literal["joint_request", "court", "police"]
    span: Span | None = None
    """Without proof of acceptance, the case goes on after this; none: until resumed."""
    from_midnight: bool = False
    accepted_span: Span | None = None
    """Once acceptance is proven, it rests this long instead."""
    rule: str


class Limits(Written, frozen=True, kw_only=True):
    """Bounds that the pack sets on requests."""

    remind_every: Span = Span(seconds=86400)
    """How long a party waits before it may remind the other again."""
    carriage_floor: Fen = Fen(0)
    """What a buyer may always claim for carriage; above it, at most what the order cost."""
    handling_switch: str = ""
    """The switch that says whether handling (stairs, loading) counts as carriage: with_evidence."""
    handling_words: tuple[str, ...] = ()
    """Words of a receipt's note, in lower case, that tell handling from carriage."""


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
    exclusion: tuple[str, ...] = ()
    """Tags of goods that no-reason returns may exclude."""
    limits: Limits = Limits()


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
        self.procedures = {p.id: _spread(p, body.clock) for p in body.procedure}
        self.stages = {
            (procedure.id, stage.id): stage
            for procedure in self.procedures.values()
            for stage in procedure.stage
        }
        self.kinds = {(p.id, kind.id): kind for p in body.procedure for kind in p.kind}
        self.changed_switches: dict[str, str] = {}
        self._parties: dict[tuple[str, str], set[str]] = {}
        for (procedure, _), stage in self.stages.items():
            for move in stage.action:
                self._parties.setdefault((procedure, move.do), set()).update(move.by)

    @property
    def name(self) -> str:
        """The pack with its version: taobao-classic@1."""
        return f"{self.id}@{self.version}"

    def with_switches(self, values: dict[str, str]) -> "Pack":
        """The same pack with other values of switches. Raises ValueError with what is allowed."""
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

    def roles_of(self, procedure: str, action: str) -> frozenset[str]:
        """Every party that may ever do this action in this procedure."""
        return frozenset(self._parties.get((procedure, action), ()))


def _spread(procedure: ProcedureRule, clocks: tuple[StageClock, ...]) -> ProcedureRule:
    """Write the actions of `anywhere`, and the clocks of upper layers, into each stage."""
    stages = tuple(
        msgspec.structs.replace(
            stage,
            clock=tuple(c for c in clocks if (c.procedure, c.stage) == (procedure.id, stage.id))
            + stage.clock,
            action=stage.action
            + tuple(
                m
                for m in procedure.anywhere
                # Nothing happens to a case that has ended but what its stage says.
                if stage.id not in m.not_in and stage.id != "closed"
            ),
        )
        for stage in procedure.stage
    )
    return msgspec.structs.replace(procedure, stage=stages)

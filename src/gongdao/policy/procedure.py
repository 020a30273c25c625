"""A procedure as authors write it: stages, clocks, moves, and what upper layers change of it."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from gongdao.policy.calendar import Span
from gongdao.policy.condition import Condition
from gongdao.policy.words import Action, Party, Procedure, Reason, Remedy, Role, Stage
from gongdao.policy.written import ALWAYS, Text, Written

Ended = Literal["settled", "decided", "withdrawn", "defaulted", "expired", "out_of_scope"]
Effect = Literal["grant", "overdue", "execute", "resolve"]
#: What granting a request of a kind gives, where the pack does not say it.
_GRANTS: dict[str, Remedy] = {
    "return_refund": "return_and_refund",
    "intercept_return": "return_and_refund",
    "exchange": "replacement",
    "resend": "resend",
    "repair": "repair",
}


class Clock(Written, frozen=True, kw_only=True):
    """How long a stage waits."""

    span: Span
    rule: str
    when: Condition = ALWAYS
    after: Literal["entered", "return_signed"] = "entered"
    """What starts it: entering the stage, or the seller's signature for the returned parcel."""
    between: tuple[date, date] | None = None
    """It holds only where the stage is entered on one of these days, both included."""
    plus: Literal["promise"] | None = None
    """promise: as long as the order's promise of dispatch comes on top."""


class StageClock(Clock, frozen=True, kw_only=True):
    """A clock that an upper layer puts before those that the stage has of itself."""

    procedure: Procedure
    stage: Stage


class Target(Written, frozen=True, kw_only=True):
    """Where a case goes next, and how it ended if it ends there."""

    stage: Stage
    when: Condition = ALWAYS
    ended: Ended | None = None
    resumes: bool = False
    """The clock goes on with what was left when the platform was asked to step in."""


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
    """Why it is not possible where `when` does not hold; unsaid, the action is not there then."""


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


class Change(Written, frozen=True, kw_only=True):
    """What an upper layer says otherwise of one stage of a procedure that lies under it."""

    procedure: Procedure
    stage: Stage
    on_timeout: Timeout | None = None
    action: tuple[Move, ...] = ()
    """These take the place of the stage's own actions of the same name."""
    resumes: bool | None = None


class Kind(Written, frozen=True, kw_only=True):
    """One kind of case within a procedure."""

    id: str
    title: Text
    remedies: tuple[Remedy, ...]
    reasons: tuple[Reason, ...] = ()
    """The reasons that a request of this kind may give; empty where it needs none."""
    opened_by: tuple[Role, ...] = ()
    """Who may file it; empty: whoever may file a case of the procedure."""
    answer_max: int | None = None
    """How many characters the words may have with which the reported answers."""
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


class AddedKind(Kind, frozen=True, kw_only=True):
    """A kind that an upper layer adds to a procedure that lies under it."""

    procedure: Procedure


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


def with_kinds(procedure: ProcedureRule, added: tuple[AddedKind, ...]) -> ProcedureRule:
    """The procedure with the kinds that upper layers add to it."""
    kinds = procedure.kind + tuple(kind for kind in added if kind.procedure == procedure.id)
    return msgspec.structs.replace(procedure, kind=kinds)


def spread(
    procedure: ProcedureRule,
    clocks: tuple[StageClock, ...],
    changes: tuple[Change, ...],
    switches: Mapping[str, str],
) -> ProcedureRule:
    """Write the actions of `anywhere`, and what upper layers say, into each stage.

    An action that a switch turns off is not there (nobody's role has it), nor is a stage to which
    the switches leave no way.
    """
    stages = {
        stage.id: _switched(_spread_stage(procedure, stage, clocks, changes), switches)
        for stage in procedure.stage
    }
    seen: set[str] = {"execution", "closed"}
    ahead: set[str] = {procedure.start, *seen}
    while ahead:
        seen |= ahead
        ahead = {to for name in ahead if name in stages for to in _ways(stages[name])} - seen
    kept = tuple(stage for name, stage in stages.items() if name in seen)
    return msgspec.structs.replace(procedure, stage=kept)


def _ways(stage: StageRule) -> set[str]:
    targets = [target for move in stage.action for target in move.to]
    targets += stage.on_timeout.to if stage.on_timeout else ()
    return {target.stage for target in targets}


def _switched(stage: StageRule, switches: Mapping[str, str]) -> StageRule:
    moves = (move for move in stage.action if move.when.can_hold({"switch": switches}))
    silence = stage.on_timeout
    return msgspec.structs.replace(
        stage,
        action=tuple(
            msgspec.structs.replace(move, to=_open_ways(move.to, switches)) for move in moves
        ),
        on_timeout=silence
        and msgspec.structs.replace(silence, to=_open_ways(silence.to, switches)),
    )


def _open_ways(targets: tuple[Target, ...], switches: Mapping[str, str]) -> tuple[Target, ...]:
    return tuple(target for target in targets if target.when.can_hold({"switch": switches}))


def _spread_stage(
    procedure: ProcedureRule,
    stage: StageRule,
    clocks: tuple[StageClock, ...],
    changes: tuple[Change, ...],
) -> StageRule:
    here = (procedure.id, stage.id)
    clocks = tuple(c for c in clocks if (c.procedure, c.stage) == here)
    # Nothing happens to a case that has ended but what its stage says.
    anywhere = tuple(
        m for m in procedure.anywhere if stage.id not in m.not_in and stage.id != "closed"
    )
    stage = msgspec.structs.replace(
        stage, clock=clocks + stage.clock, action=stage.action + anywhere
    )
    # The layers under come last, so that the topmost one has the last word.
    for change in reversed(changes):
        if (change.procedure, change.stage) == here:
            stage = _changed(stage, change)
    return stage


def _changed(stage: StageRule, change: Change) -> StageRule:
    instead = {move.do for move in change.action}
    return msgspec.structs.replace(
        stage,
        action=change.action + tuple(m for m in stage.action if m.do not in instead),
        on_timeout=change.on_timeout or stage.on_timeout,
        resumes=stage.resumes if change.resumes is None else change.resumes,
    )

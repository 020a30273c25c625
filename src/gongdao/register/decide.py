"""Decides what people ask of an entry: no database, no clock; events come out, or a Refusal."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases.happening import Happening
from gongdao.register import commands as c
from gongdao.register import events as e
from gongdao.register.actor import Actor, Known
from gongdao.register.acts import dispatching, finding, settling, upkeep
from gongdao.register.clock import answer_due
from gongdao.register.entry import STAGES, Entry, Stage
from gongdao.register.fold import fold

_OPEN: frozenset[Stage] = frozenset(STAGES) - {"closed"}
_BEFORE_AGREEMENT: frozenset[Stage] = frozenset({"analysis", "approval", "agreement"})


class Act(NamedTuple):
    """When an action is possible, whether it takes a lead, and what comes of it."""

    stages: frozenset[Stage]
    do: Callable[[Entry, Any, Actor, Known], Sequence[Happening]]
    lead: bool = False


def _in(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


#: Every action of the shop, in the order in which pages offer them.
ACTS: Mapping[str, Act] = {
    "sign": Act(_in("intake"), finding.sign),
    "amend": Act(_in("intake"), finding.amend),
    "contact": Act(_in("contact", "analysis"), finding.contact),
    "analyse": Act(_in("analysis"), finding.analyse),
    "ask_again": Act(_in("analysis"), finding.ask_again),
    "propose": Act(_BEFORE_AGREEMENT, settling.propose),
    "approve": Act(_in("approval"), settling.approve, lead=True),
    "send_back": Act(_in("approval"), settling.send_back, lead=True),
    "make_link": Act(_in("agreement"), settling.make_link),
    "note_signature": Act(_in("agreement"), settling.note_signature),
    "note_refusal": Act(_in("agreement"), settling.note_refusal),
    "instruct_as_agreed": Act(_in("dispatch"), dispatching.instruct_as_agreed),
    "instruct": Act(_in("dispatch"), dispatching.instruct),
    "report_done": Act(_OPEN, dispatching.report_done),
    "cancel_instruction": Act(_OPEN, dispatching.cancel_instruction),
    "carried_out": Act(_in("dispatch"), dispatching.carried_out),
    "follow_up": Act(_in("follow_up"), dispatching.follow_up),
    "take": Act(_OPEN, upkeep.take),
    "hand_up": Act(_OPEN, upkeep.hand_up),
    "learn": Act(frozenset(STAGES), upkeep.learn),
    "note": Act(frozenset(STAGES), upkeep.note),
    "show_contact": Act(frozenset(STAGES), upkeep.show_contact),
    "close": Act(_OPEN, upkeep.close),
    "reopen": Act(_in("closed"), upkeep.reopen),
}
assert ACTS.keys() == c.ARGS.keys(), "every action has its arguments, and the other way round"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a command brings about: events in their places, and the entry after them."""

    records: tuple[e.Recorded, ...]
    entry: Entry


def decide_opening(
    args: c.EntryArgs, *, entry_id: UUID, shop_id: UUID, actor: Actor, known: Known
) -> Outcome:
    """Write a complaint down. Raises Refusal."""
    if not actor.writes:
        raise _wrong_role()
    opened = e.EntryOpened(
        entry_id=entry_id,
        shop_id=shop_id,
        intake=finding.intake_of(args, known),
        name=actor.name,
        answer_due_at=answer_due(known.now, known.rules),
    )
    happenings: list[Happening] = [opened]
    if args.signature.strip():
        happenings += finding.signed(opened.intake, args.signature, actor, known)
    return outcome_of(None, happenings, person_id=actor.person_id, at=known.now)


def decide(
    entry: Entry, action: str, args: Any, *, actor: Actor, known: Known, version: int | None = None
) -> Outcome:
    """Do something with an entry. Raises Refusal with the first code that applies."""
    act = ACTS.get(action)
    if act is None:
        raise Refusal("not_found", N_("There is no such action."))
    _require_role(act, actor)
    if version is not None and version != entry.version:
        raise Refusal("version_conflict", N_("Somebody else has changed this entry meanwhile."))
    _require_stage(act, entry)
    happenings = act.do(entry, args, actor, known)
    return outcome_of(entry, happenings, person_id=actor.person_id, at=known.now)


def why_not(entry: Entry, action: str, *, actor: Actor) -> Refusal | None:
    """Why this person cannot do it now, before they have filled anything in; None when they can."""
    try:
        _require_role(ACTS[action], actor)
        _require_stage(ACTS[action], entry)
        if action == "approve":
            settling.require_limit(entry, actor)
        if action in ("take", "carried_out"):
            EMPTY_CHECKS[action](entry, actor)
    except Refusal as refusal:
        return refusal
    return None


EMPTY_CHECKS: Mapping[str, Callable[[Entry, Actor], None]] = {
    "take": upkeep.require_not_in_charge,
    "carried_out": lambda entry, actor: dispatching.require_nothing_open(entry),
}


def outcome_of(
    entry: Entry | None, happenings: Sequence[Happening], *, person_id: UUID | None, at: datetime
) -> Outcome:
    """Events put into their places behind those of the entry, and the entry after them."""
    first = entry.version + 1 if entry else 1
    # What was done at the same instant by clocks that differ never lies before what it follows.
    at = max(at, entry.changed_at) if entry else at
    records = tuple(
        e.Recorded(
            version=first + n,
            at=at,
            by="shop" if person_id else "customer",
            person_id=person_id,
            body=body,  # pyright: ignore[reportArgumentType] - every happening of here is an event
        )
        for n, body in enumerate(happenings)
    )
    return Outcome(records=records, entry=fold(records, entry))


def _require_role(act: Act, actor: Actor) -> None:
    if not (actor.approves if act.lead else actor.writes):
        raise _wrong_role()


def _require_stage(act: Act, entry: Entry) -> None:
    if entry.stage not in act.stages:
        raise Refusal("not_allowed_in_stage", N_("This is not possible in the present stage."))


def _wrong_role() -> Refusal:
    return Refusal("wrong_role", N_("Your role does not permit this."))

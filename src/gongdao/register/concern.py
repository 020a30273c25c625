"""Whom an event of the register concerns, so that they are told. Pure.

Nobody is told of what they did themselves; whoever may approve is told of what waits for a word.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

from gongdao.register import events as e
from gongdao.register.actor import Colleague
from gongdao.register.decide import Outcome
from gongdao.register.entry import Entry


def concerned(outcome: Outcome, colleagues: Mapping[UUID, Colleague]) -> dict[UUID, int]:
    """Who is told of what has just been done, and of which event of it: the last that concerns."""
    told: dict[UUID, int] = {}
    for record in outcome.records:
        for person_id in _whom(record, outcome.entry, colleagues):
            if person_id != record.person_id:
                told[person_id] = record.version
    return told


def approvers(entry: Entry, colleagues: Mapping[UUID, Colleague]) -> Iterator[UUID]:
    """Whose word reaches as far as the proposal that waits."""
    cost = entry.committed_fen + (entry.proposal.cost_fen if entry.proposal else 0)
    for person_id, one in colleagues.items():
        if one.approves and (one.limit_fen is None or cost <= one.limit_fen):
            yield person_id


def leads(colleagues: Mapping[UUID, Colleague]) -> Iterator[UUID]:
    """Who looks over the others' shoulders."""
    return (person_id for person_id, one in colleagues.items() if one.approves)


def _whom(record: e.Recorded, entry: Entry, colleagues: Mapping[UUID, Colleague]) -> Iterator[UUID]:
    match record.body:
        case e.Proposed() if entry.stage == "approval":
            yield from approvers(entry, colleagues)
        case e.ProposalApproved() | e.ProposalSentBack() | e.CustomerDeclined():
            yield from _keepers(entry)
        case e.CustomerAgreed():
            yield from _keepers(entry)
        case e.ChargeTaken(person_id=person_id):
            yield person_id
        case e.InstructionDone() | e.EntryReopened():
            yield entry.in_charge
        case _:
            return


def _keepers(entry: Entry) -> Iterator[UUID]:
    yield entry.in_charge
    if entry.proposal and entry.proposal.by_id != entry.in_charge:
        yield entry.proposal.by_id

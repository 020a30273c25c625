"""Folds events into an entry: no clock, no database, the same everywhere."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from gongdao.register import events as e
from gongdao.register.entry import Agreement, Entry, Instruction, Lesson, Link


def fold(records: Iterable[e.Recorded], entry: Entry | None = None) -> Entry:
    """The entry after these events. Raises ValueError where one does not follow on another."""
    for record in records:
        entry = apply(entry, record)
    if entry is None:
        raise ValueError("an entry begins with entry_opened")
    return entry


def apply(entry: Entry | None, record: e.Recorded) -> Entry:
    """The entry after one more event."""
    body = record.body
    if entry is None:
        if not isinstance(body, e.EntryOpened) or record.version != 1 or record.person_id is None:
            raise ValueError(f"an entry begins with entry_opened, not with {record.type}")
        return Entry(
            id=body.entry_id,
            shop_id=body.shop_id,
            version=1,
            stage="intake",
            intake=body.intake,
            opened_at=record.at,
            changed_at=record.at,
            opened_by=record.person_id,
            in_charge=record.person_id,
            in_charge_name=body.name,
            answer_due_at=body.answer_due_at,
        )
    if record.version != entry.version + 1:
        raise ValueError(f"event {record.version} cannot follow version {entry.version}")
    changes = _CHANGES[type(body)](entry, record, body)
    return replace(entry, version=record.version, changed_at=record.at, **changes)


Changes = dict[str, Any]


def _opened(entry: Entry, record: e.Recorded, body: e.EntryOpened) -> Changes:
    raise ValueError("an entry is opened once")


def _answered(entry: Entry, record: e.Recorded) -> Changes:
    """The first answer counts."""
    return {"answered_at": entry.answered_at or record.at}


def _contacted(entry: Entry, record: e.Recorded, body: e.CustomerContacted) -> Changes:
    files = dict.fromkeys((*entry.files, *body.contact.file_ids))
    return {"contact": body.contact, "stage": "analysis", "files": tuple(files)}


def _proposed(entry: Entry, record: e.Recorded, body: e.Proposed) -> Changes:
    return {
        "proposal": body.proposal,
        "proposals": body.proposal.number,
        "stage": "approval",
        "link": None,
        "agreement": None,
    }


def _approved(entry: Entry, record: e.Recorded, body: e.ProposalApproved) -> Changes:
    assert entry.proposal, "only what was proposed is approved"
    approved = replace(entry.proposal, approved_by_id=record.person_id)
    return {"proposal": approved, "stage": "agreement"}


def _linked(entry: Entry, record: e.Recorded, body: e.LinkMade) -> Changes:
    link = Link(sha256=body.sha256, expires_at=body.expires_at, locale=body.locale)
    return {"link": link, **_answered(entry, record)}


def _agreed(entry: Entry, record: e.Recorded, body: e.CustomerAgreed) -> Changes:
    agreement = Agreement(
        proposal=body.proposal,
        way=body.way,
        signature=body.signature,
        text=body.text,
        file_id=body.file_id,
        instructions_before=len(entry.instructions),
    )
    files = (*entry.files, body.file_id) if body.file_id else entry.files
    assert entry.proposal, "what is signed was proposed"
    return {
        "agreed_fen": entry.agreed_fen + entry.proposal.money_fen,
        "committed_fen": entry.committed_fen + entry.proposal.cost_fen,
        "agreement": agreement,
        "link": None,
        "stage": "dispatch",
        "files": tuple(dict.fromkeys(files)),
        **_answered(entry, record),
    }


def _declined(entry: Entry, record: e.Recorded, body: e.CustomerDeclined) -> Changes:
    return {
        "link": None,
        "declined": entry.declined + 1,
        "stage": "analysis",
        **_answered(entry, record),
    }


def _instructed(entry: Entry, record: e.Recorded, body: e.InstructionGiven) -> Changes:
    given = Instruction(
        number=body.number,
        version=record.version,
        department=body.department,
        what=body.what,
        due_at=body.due_at,
        money_fen=body.money_fen,
    )
    return {"instructions": (*entry.instructions, given), "stage": "dispatch"}


def _changed_instruction(entry: Entry, number: int, **changes: Any) -> Changes:
    if number not in {one.number for one in entry.instructions}:
        raise ValueError(f"there is no instruction {number}")
    return {
        "instructions": tuple(
            replace(one, **changes) if one.number == number else one for one in entry.instructions
        )
    }


def _done(entry: Entry, record: e.Recorded, body: e.InstructionDone) -> Changes:
    return _changed_instruction(entry, body.number, done_at=record.at, reference=body.reference)


def _cancelled(entry: Entry, record: e.Recorded, body: e.InstructionCancelled) -> Changes:
    return _changed_instruction(entry, body.number, cancelled=True)


def _followed_up(entry: Entry, record: e.Recorded, body: e.FollowedUp) -> Changes:
    if body.satisfied:
        return {}
    return {"stage": body.back_to or "contact", "rounds": entry.rounds + 1, "link": None}


def _learned(entry: Entry, record: e.Recorded, body: e.LessonNoted) -> Changes:
    assert record.person_id, "a lesson is somebody's"
    lesson = Lesson(text=body.text, at=record.at, by_id=record.person_id)
    return {"lessons": (*entry.lessons, lesson)}


def _closed(entry: Entry, record: e.Recorded, body: e.EntryClosed) -> Changes:
    return {
        "stage": "closed",
        "ended": body.ended,
        "closed_at": record.at,
        "link": None,
        **_answered(entry, record),
    }


def _reopened(entry: Entry, record: e.Recorded, body: e.EntryReopened) -> Changes:
    stage = "contact" if entry.signature else "intake"
    return {"stage": stage, "ended": None, "closed_at": None, "rounds": entry.rounds + 1}


_CHANGES: dict[type[e.Happening], Callable[[Entry, e.Recorded, Any], Changes]] = {
    e.EntryOpened: _opened,
    e.IntakeAmended: lambda entry, record, body: {"intake": body.intake},
    e.IntakeSigned: lambda entry, record, body: {"signature": body.signature, "stage": "contact"},
    e.CustomerContacted: _contacted,
    e.MoreAsked: lambda entry, record, body: {"stage": "contact"},
    e.Analysed: lambda entry, record, body: {"analysis": body.analysis},
    e.Proposed: _proposed,
    e.ProposalApproved: _approved,
    e.ProposalSentBack: lambda entry, record, body: {"stage": "analysis"},
    e.LinkMade: _linked,
    e.CustomerAgreed: _agreed,
    e.CustomerDeclined: _declined,
    e.InstructionGiven: _instructed,
    e.InstructionDone: _done,
    e.InstructionCancelled: _cancelled,
    e.CarriedOut: lambda entry, record, body: {"stage": "follow_up"},
    e.FollowedUp: _followed_up,
    e.LessonNoted: _learned,
    e.ChargeTaken: lambda entry, record, body: {
        "in_charge": body.person_id,
        "in_charge_name": body.name,
    },
    e.Noted: lambda entry, record, body: {},
    e.ContactShown: lambda entry, record, body: {},
    e.EntryClosed: _closed,
    e.EntryReopened: _reopened,
}

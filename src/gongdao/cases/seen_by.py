"""What a side may see of a case: not who judged, not a vote before it is over, not who reported.

What the platform's people write to each other stays with them, and what befalls a shop (points,
sanctions, fines, money held) is told to the shop.

Of an anonymous case the reported side learns that it is reported, of what, and what it is asked to
prove. Nothing says who reported: not the person, not the order (which has one buyer), not the words
of the report, not its evidence. Every place that shows a case to a party passes through these.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from msgspec.structs import replace

from gongdao.cases import events as e
from gongdao.cases.case import Case
from gongdao.policy.words import Role

#: Stands where somebody or something is kept back.
NOBODY = UUID(int=0)
#: What of a reporter's doings the reported side is told: that time runs, never what was said.
_TOLD = (e.StageEntered, e.TimedOut, e.EvidenceSealed, e.Withdrawn, e.Escalated)
#: The same as the names of events.
TOLD_TYPES = (
    "stage_entered",
    "timed_out",
    "evidence_sealed",
    "withdrawn",
    "escalated",
    "case_opened",
)
_PARTIES = ("buyer", "seller")
#: Those who look at a case from outside of the platform's offices.
_OUTSIDE = ("buyer", "seller", "juror", "carrier")


#: A risk is told to those who answer and judge, never to those whom it may be about; what befalls
#: the shop is not theirs either.
_UNWARNED = ("buyer", "juror", "carrier")
_NOT_THEIRS = (
    e.SignalRaised, e.PointsCharged, e.SanctionImposed, e.SanctionLifted, e.FineCharged,
    e.FineReturned, e.FundsFrozen, e.FundsReleased,
)  # fmt: skip


def masked_in_sql(state: str, role: Role) -> str:
    """`is_masked` as a condition over the column that holds the state of a case."""
    assert role in _PARTIES, "only a side is kept in the dark"
    return f"({state} ? 'anonymous' AND {state} ->> 'opened_by' <> '{role}')"


def is_masked(case: Case, role: Role) -> bool:
    """Whether a viewer is the side that was reported by somebody it must not know."""
    return case.anonymous and role in _PARTIES and role != case.opened_by


def seen_by(case: Case, role: Role) -> Case:
    """The case as a role may see it."""
    if role in _OUTSIDE:
        case = _without_offices(case)
    if role in _UNWARNED:
        case = replace(case, signals=())
    if not is_masked(case, role):
        return case
    reporter = case.opened_by
    return replace(
        case,
        order_id=NOBODY,
        buyer_id=NOBODY if role == "seller" else case.buyer_id,
        shop_id=NOBODY if role == "buyer" else case.shop_id,
        claim="",
        # What is asked for is mostly what was paid, and that is one order.
        asked_fen=0,
        quantities={},
        count=None,
        share=None,
        received=None,
        evidence=tuple(piece for piece in case.evidence if piece.by != reporter),
        offers=(),
        appeals=tuple(appeal for appeal in case.appeals if appeal.by != reporter),
        reminded={},
    )


def records_seen_by(records: Sequence[e.Recorded], case: Case, role: Role) -> list[e.Recorded]:
    """The events of a case that a role is told of; what it must not know is kept back."""
    told = list(_from_outside(records, case) if role in _OUTSIDE else records)
    if role in _UNWARNED:
        told = [record for record in told if not isinstance(record.body, _NOT_THEIRS)]
    if not is_masked(case, role):
        return told
    return [
        _emptied(record)
        for record in told
        if record.by != case.opened_by or isinstance(record.body, (*_TOLD, e.CaseOpened))
    ]


def _without_offices(case: Case) -> Case:
    """The platform rules, not a person; and a jury is blind as long as it votes."""
    ruling = replace(case.ruling, person_id=None) if case.ruling else None
    votes = () if case.stage == "jury" else case.votes
    anonymous = tuple(replace(vote, person_id=None) for vote in votes)
    return replace(case, ruling=ruling, votes=anonymous)


def _from_outside(records: Sequence[e.Recorded], case: Case) -> Iterator[e.Recorded]:
    for record in records:
        body = record.body
        if isinstance(body, e.RulingSentBack):
            yield replace(record, body=e.RulingSentBack(note=""))
        elif isinstance(body, e.Ruled):
            ruling = replace(body.ruling, person_id=None)
            yield replace(record, person_id=None, body=replace(body, ruling=ruling))
        elif not isinstance(body, e.Voted):
            yield record
        elif case.stage != "jury":
            vote = replace(body.vote, person_id=None)
            yield replace(record, person_id=None, body=replace(body, vote=vote))


def _emptied(record: e.Recorded) -> e.Recorded:
    body = record.body
    if not isinstance(body, e.CaseOpened):
        return replace(record, person_id=None) if isinstance(body, _TOLD) else record
    kept = replace(
        body,
        order_id=NOBODY,
        buyer_id=NOBODY,
        shop_id=NOBODY,
        claim="",
        quantities={},
        count=None,
        share=None,
        received=None,
        asked_fen=0,
    )
    return replace(record, person_id=None, body=kept)

"""The reported side never learns who reported, whatever happens in the case."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gongdao.cases import events as e
from gongdao.cases.case import (
    Appeal,
    Case,
    Charge,
    Evidence,
    FineLine,
    Offer,
    Sanction,
    Vote,
)
from gongdao.cases.fold import fold
from gongdao.cases.seen_by import is_masked, records_seen_by, seen_by

from .world import NOW, case_at

SECRET = "the reporter's own words"
ORDER, BUYER = UUID(int=1), UUID(int=3)
PERSON = UUID(int=77)
BODIES = (
    e.EvidenceSubmitted(
        evidence=Evidence(number=1, kind="statement", by="buyer", at=NOW, note=SECRET)
    ),
    e.Noted(text=SECRET),
    e.RequestModified(kind="not_as_described", claim=SECRET),
    e.OfferMade(offer=Offer(number=1, by="buyer", at=NOW, remedy="no_action", note=SECRET)),
    e.RulingAppealed(appeal=Appeal(by="buyer", at=NOW, grounds=SECRET)),
    e.Reminded(by="buyer"),
    e.Escalated(),
)


def opened() -> e.Recorded:
    body = e.CaseOpened(
        case_id=UUID(int=4),
        procedure="report",
        kind="prohibited_goods",
        order_id=ORDER,
        shop_id=UUID(int=2),
        buyer_id=BUYER,
        pack="p@1",
        by="buyer",
        claim=SECRET,
        lines=(1,),
        anonymous=True,
    )
    return e.Recorded(version=1, at=NOW, by="buyer", pack="p@1", person_id=PERSON, body=body)


@given(st.lists(st.sampled_from(BODIES), max_size=8))
@pytest.mark.fact("S3-12")
def test_nothing_of_the_reporter_is_seen(bodies: list[e.Event]) -> None:
    records = [opened()]
    for body in bodies:
        at = NOW + timedelta(minutes=len(records))
        records.append(
            e.Recorded(
                version=len(records) + 1, at=at, by="buyer", pack="p@1", person_id=PERSON, body=body
            )
        )
    case = fold(records)
    for seen in (seen_by(case, "seller"), records_seen_by(records, case, "seller")):
        told = msgspec.json.encode(seen).decode()
        for kept in (SECRET, str(ORDER), str(BUYER), str(PERSON)):
            assert kept not in told
    assert records_seen_by(records, case, "arbiter") == records
    assert seen_by(case, "buyer") == case


@given(st.lists(st.sampled_from(BODIES), max_size=8))
@pytest.mark.fact("S3-12")
def test_nothing_of_a_shop_that_reports_is_seen(bodies: list[e.Event]) -> None:
    """No shipped kind of report lets a shop stay unknown; where a rule book does, it does."""
    shop, person = UUID(int=2), UUID(int=88)
    by_shop = msgspec.structs.replace(opened().body, by="seller")
    records = [replace(opened(), by="seller", person_id=person, body=by_shop)]
    for body in bodies:
        said = msgspec.json.decode(
            msgspec.json.encode(body).replace(b'"by":"buyer"', b'"by":"seller"'), type=e.Event
        )
        at = NOW + timedelta(minutes=len(records))
        record = replace(records[0], version=len(records) + 1, at=at, body=said)
        records.append(record)
    case = fold(records)
    for seen in (seen_by(case, "buyer"), records_seen_by(records, case, "buyer")):
        told = msgspec.json.encode(seen).decode()
        for kept in (SECRET, str(ORDER), str(shop), str(person)):
            assert kept not in told
    assert is_masked(case, "buyer") and not is_masked(case, "seller")
    assert seen_by(case, "seller").claim == SECRET


def test_a_jury_is_blind_and_offices_have_no_names() -> None:
    vote = Vote(at=NOW, liability="seller", remedy="no_action", note=SECRET, person_id=PERSON)
    voted = e.Recorded(
        version=2, at=NOW, by="juror", pack="p@1", person_id=PERSON, body=e.Voted(vote=vote)
    )
    voting = replace(case_at("complaint", "not_as_described", "evidence"), stage="jury")
    voting = replace(voting, votes=(vote,))
    over = replace(voting, stage="execution")
    for role in ("buyer", "seller", "juror"):
        assert seen_by(voting, role).votes == ()
        assert records_seen_by([voted], voting, role) == []
        (told,) = records_seen_by([voted], over, role)
        assert str(PERSON) not in msgspec.json.encode((told, seen_by(over, role))).decode()
        assert seen_by(over, role).votes[0].note == SECRET
    assert records_seen_by([voted], voting, "supervisor") == [voted]


def test_what_a_supervisor_wrote_stays_in_the_house() -> None:
    case = case_at("complaint", "not_as_described", "adjudication")
    record = e.Recorded(
        version=2, at=NOW, by="supervisor", pack="p@1", body=e.RulingSentBack(note=SECRET)
    )
    for role in ("buyer", "seller", "juror"):
        (told,) = records_seen_by([record], case, role)
        assert told.body == e.RulingSentBack(note="")
    assert records_seen_by([record], case, "arbiter") == [record]


def test_what_befalls_the_shop_is_not_told_to_the_buyer() -> None:
    """Points, sanctions, fines and money held are between the platform and the shop."""
    case = case_at("complaint", "not_as_described", "execution")
    bodies = (
        e.PointsCharged(charge=Charge(ledger="general", points=3, rule="R")),
        e.SanctionImposed(sanction=Sanction(number=1, kind="warning", at=NOW, rule="R")),
        e.FineCharged(number=1, rule="R", lines=(FineLine(source="balance", amount_fen=1),)),
        e.FineReturned(number=1, amount_fen=1),
        e.SanctionLifted(number=1, kind="warning", rule="R"),
        e.FundsFrozen(amount_fen=1, wanted_fen=2),
        e.FundsReleased(amount_fen=1),
    )
    records = [
        e.Recorded(version=number, at=NOW, by="system", pack="p@1", body=body)
        for number, body in enumerate(bodies, start=2)
    ]
    for role in ("buyer", "juror", "carrier"):
        assert records_seen_by(records, case, role) == []
    for role in ("seller", "arbiter"):
        assert records_seen_by(records, case, role) == records


@pytest.mark.fact("S3-12")
def test_only_the_reported_side_is_blind() -> None:
    case: Case = replace(case_at("report", "malicious_order", "evidence"), anonymous=True)
    assert is_masked(case, "buyer")
    assert not any(is_masked(case, role) for role in ("seller", "arbiter", "auditor", "operator"))
    assert seen_by(case, "buyer").shop_id == UUID(int=0)
    assert not is_masked(replace(case, anonymous=False), "buyer")

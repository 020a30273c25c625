"""The team's books: the weekly report, commission, house rules, the fund, people, settings."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.api.staff import LEADS, MATES, TAG, Day
from gongdao.base.clock import utc_now
from gongdao.base.money import yuan
from gongdao.base.texts import NO_NUL
from gongdao.flows.staff import commission, fund, house_rules, people, rules, week_report
from gongdao.flows.staff.week_report import WeekReport
from gongdao.settings.setting import Version
from gongdao.settings.team import CommissionRules, HouseRules, ShiftRules
from gongdao.staff.commission import LineKind, MonthLine, Why
from gongdao.staff.days import day_of
from gongdao.staff.fund_store import Entry, Way
from gongdao.staff.house_rule import Decision, Mark
from gongdao.staff.profile import Mentoring, Profile, Training

_After = Annotated[int, QueryParameter(ge=0, le=1_000_000)]
_Before = Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1)]
_Seen = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 2)]
_Reason = Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NUL)]
EDITORS = [may("staff.use"), may("shop.edit")]


class ShareBody(msgspec.Struct, frozen=True, kw_only=True):
    """What one person gets of a month; without a person: the orders that are nobody's."""

    person_id: UUID | None
    orders: int
    amount: str


class MonthLineBody(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a month, sums in yuan."""

    kind: LineKind
    person_id: UUID | None
    order_id: UUID | None
    number: str
    paid: str
    refunded: str
    amount: str
    why: Why


class MonthBody(msgspec.Struct, frozen=True, kw_only=True):
    """A month of commission with a page of its lines; `following` begins the next page."""

    month: date
    closed_at: datetime | None
    total: str
    shares: list[ShareBody]
    lines: list[MonthLineBody]
    following: int | None


class MonthArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A month by any of its days."""

    month: date


class WeekArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A week by any of its days."""

    day: date


class MarkBody(msgspec.Struct, frozen=True, kw_only=True):
    """Something noted under the house rules, and what it amounts to in its month: a record only."""

    id: UUID
    person_id: UUID
    rule: str
    title: str
    happened_on: date
    text: str
    nth: int
    amount: str
    flag: bool
    contest: str
    decision: Decision | None
    decided_why: str


class EntryBody(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the fund, sums in yuan."""

    id: UUID
    position: int
    way: Way
    amount: str
    purpose: str
    corrects: int | None
    balance: str
    by_id: UUID
    at: datetime


class RulesBody(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop laid down for its team, each with its version; sums in fen, rates in 0.01%."""

    shifts: Version[ShiftRules]
    commission: Version[CommissionRules]
    house: Version[HouseRules]


class ShiftRulesArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All shifts as they are to be, the version that was seen, and why."""

    rules: ShiftRules
    seen: _Seen
    reason: _Reason


class CommissionRulesArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rates as they are to be, the version that was seen, and why."""

    rules: CommissionRules
    seen: _Seen
    reason: _Reason


class HouseRulesArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All house rules as they are to be, the version that was seen, and why."""

    rules: HouseRules
    seen: _Seen
    reason: _Reason


@get("/team/report", guards=MATES, summary="The report of a week", tags=TAG)
async def read_report(request: Asked, day: Day = None) -> WeekReport:
    """A lead reads everything, others the shop's line and their own."""
    who, pool = principal_of(request), request.app.state.pool
    return await week_report.see_report(pool, who, day or day_of(utc_now()))


@post("/team/report", guards=LEADS, summary="Make the report of a week", tags=TAG)
async def make_report(request: Asked, data: JSONBody[WeekArgs]) -> WeekReport:
    """Frozen when made; one that is there stays."""
    who, pool = principal_of(request), request.app.state.pool
    await week_report.make_report(pool, who, data.day, now=utc_now())
    return await week_report.see_report(pool, who, data.day)


@get("/team/commission", guards=MATES, summary="A month of commission", tags=TAG)
async def read_commission(request: Asked, day: Day = None, after: _After = 0) -> MonthBody:
    """As it was closed, or as it would be now; others than leads see their own lines."""
    return await _month(request, day or day_of(utc_now()), after)


async def _month(request: Asked, day: date, after: int) -> MonthBody:
    who, pool = principal_of(request), request.app.state.pool
    shown = await commission.see_month(pool, who, day, after=after, now=utc_now())
    return MonthBody(
        month=shown.month,
        closed_at=shown.closed.closed_at if shown.closed else None,
        total=yuan(shown.total_fen),
        shares=[
            ShareBody(person_id=each.person_id, orders=each.orders, amount=yuan(each.amount_fen))
            for each in shown.shares
        ],
        lines=[_line(line) for line in shown.lines],
        following=shown.following,
    )


@post("/team/commission/closing", guards=LEADS, summary="Close a month", tags=TAG)
async def close_month(request: Asked, data: JSONBody[MonthArgs]) -> MonthBody:
    """Frozen from now on; later refunds go into the next month."""
    who, pool = principal_of(request), request.app.state.pool
    await commission.close_month(pool, who, data.month, now=utc_now())
    return await _month(request, data.month, 0)


@get("/team/marks", guards=MATES, summary="House rules: what was noted", tags=TAG)
async def read_house_marks(request: Asked, day: Day = None) -> list[MarkBody]:
    """Of the month of a day; others than leads see what was noted of them."""
    who, pool = principal_of(request), request.app.state.pool
    found = await house_rules.see_marks(pool, who, day or day_of(utc_now()))
    return [
        _mark(each.mark, nth=each.nth, amount_fen=each.amount_fen, flag=each.flag) for each in found
    ]


@post("/team/marks", guards=LEADS, summary="House rules: note something", tags=TAG)
async def note_mark(request: Asked, data: JSONBody[house_rules.MarkArgs]) -> MarkBody:
    """Refused while the rules are off; only a record."""
    who, pool = principal_of(request), request.app.state.pool
    return _mark(await house_rules.note_mark(pool, who, data, now=utc_now()))


@post("/team/marks/{mark_id:uuid}/contest", guards=MATES, summary="Contest", tags=TAG)
async def contest_mark(
    request: Asked, mark_id: FromPath[UUID], data: JSONBody[house_rules.ContestArgs]
) -> MarkBody:
    """Once, by the person it is about."""
    who, pool = principal_of(request), request.app.state.pool
    return _mark(await house_rules.contest_mark(pool, who, mark_id, data, now=utc_now()))


@post("/team/marks/{mark_id:uuid}/decision", guards=LEADS, summary="Decide", tags=TAG)
async def decide_mark(
    request: Asked, mark_id: FromPath[UUID], data: JSONBody[house_rules.DecisionArgs]
) -> MarkBody:
    """It stays or is removed; removed, it is still there to be seen."""
    who, pool = principal_of(request), request.app.state.pool
    return _mark(await house_rules.decide_mark(pool, who, mark_id, data, now=utc_now()))


@get("/team/fund", guards=MATES, summary="The fund", tags=TAG)
async def read_fund(request: Asked, before: _Before = None) -> list[EntryBody]:
    """Fifty lines, the last first; `before` is the last position of the page above."""
    who, pool = principal_of(request), request.app.state.pool
    return [_entry(entry) for entry in await fund.see_fund(pool, who, before=before)]


@post("/team/fund", guards=LEADS, summary="Write into the fund", tags=TAG)
async def write_fund_entry(request: Asked, data: JSONBody[fund.EntryArgs]) -> EntryBody:
    """What came in or went out; the balance is never below nothing."""
    who, pool = principal_of(request), request.app.state.pool
    return _entry(await fund.write_entry(pool, who, data, now=utc_now()))


@post("/team/fund/corrections", guards=LEADS, summary="Take a line back", tags=TAG)
async def correct_entry(request: Asked, data: JSONBody[fund.CorrectionArgs]) -> EntryBody:
    """By another line of the same sum the other way."""
    who, pool = principal_of(request), request.app.state.pool
    return _entry(await fund.correct_entry(pool, who, data, now=utc_now()))


@get("/team/people/{person_id:uuid}", guards=MATES, summary="One of the team", tags=TAG)
async def read_person(request: Asked, person_id: FromPath[UUID]) -> people.Person:
    """Oneself; for leads anybody of the team."""
    who, pool = principal_of(request), request.app.state.pool
    return await people.see_person(pool, who, person_id, now=utc_now())


@put("/team/people/{person_id:uuid}", guards=LEADS, summary="Qualifications", tags=TAG)
async def save_profile(
    request: Asked, person_id: FromPath[UUID], data: JSONBody[people.ProfileArgs]
) -> Profile:
    """All of them as they are now."""
    who, pool = principal_of(request), request.app.state.pool
    return await people.save_profile(pool, who, person_id, data, now=utc_now())


@post("/team/people/{person_id:uuid}/trainings", guards=MATES, summary="Training", tags=TAG)
async def note_training(
    request: Asked, person_id: FromPath[UUID], data: JSONBody[people.TrainingArgs]
) -> Training:
    """Each notes their own, a lead everybody's."""
    who, pool = principal_of(request), request.app.state.pool
    return await people.note_training(pool, who, person_id, data, now=utc_now())


@post("/team/mentorings", guards=LEADS, summary="Begin a mentoring", tags=TAG)
async def begin_mentoring(request: Asked, data: JSONBody[people.MentorArgs]) -> Mentoring:
    """One brings up another, who has one mentor."""
    who, pool = principal_of(request), request.app.state.pool
    return await people.begin_mentoring(pool, who, data, now=utc_now())


@get("/team/rules", guards=MATES, summary="Shifts, commission, house rules", tags=TAG)
async def read_house_rules(request: Asked) -> RulesBody:
    """As they count now."""
    who, pool = principal_of(request), request.app.state.pool
    return RulesBody(
        shifts=await rules.see_rules(pool, who, ShiftRules),
        commission=await rules.see_rules(pool, who, CommissionRules),
        house=await rules.see_rules(pool, who, HouseRules),
    )


@put("/team/rules/shifts", guards=EDITORS, summary="Change the shifts", tags=TAG)
async def change_shifts(request: Asked, data: JSONBody[ShiftRulesArgs]) -> Version[ShiftRules]:
    """What is planned already keeps its hours."""
    who, pool = principal_of(request), request.app.state.pool
    return await rules.save_rules(
        pool, who, data.rules, seen=data.seen, reason=data.reason, now=utc_now()
    )


@put("/team/rules/commission", guards=EDITORS, summary="Change the rates", tags=TAG)
async def change_commission(
    request: Asked, data: JSONBody[CommissionRulesArgs]
) -> Version[CommissionRules]:
    """Months that are closed keep theirs."""
    who, pool = principal_of(request), request.app.state.pool
    return await rules.save_rules(
        pool, who, data.rules, seen=data.seen, reason=data.reason, now=utc_now()
    )


@put("/team/rules/house", guards=EDITORS, summary="Change the house rules", tags=TAG)
async def change_house(request: Asked, data: JSONBody[HouseRulesArgs]) -> Version[HouseRules]:
    """Read the note on labour law in docs/decisions first; they are off by default."""
    who, pool = principal_of(request), request.app.state.pool
    return await rules.save_rules(
        pool, who, data.rules, seen=data.seen, reason=data.reason, now=utc_now()
    )


def _line(line: MonthLine) -> MonthLineBody:
    return MonthLineBody(
        kind=line.kind,
        person_id=line.person_id,
        order_id=line.order_id,
        number=line.number,
        paid=yuan(line.paid_fen),
        refunded=yuan(line.refunded_fen),
        amount=yuan(line.amount_fen),
        why=line.why,
    )


def _mark(mark: Mark, *, nth: int = 0, amount_fen: int = 0, flag: bool = False) -> MarkBody:
    return MarkBody(
        id=mark.id,
        person_id=mark.person_id,
        rule=mark.rule,
        title=mark.title,
        happened_on=mark.happened_on,
        text=mark.text,
        nth=nth,
        amount=yuan(amount_fen),
        flag=flag,
        contest=mark.contest,
        decision=mark.decision,
        decided_why=mark.decided_why,
    )


def _entry(entry: Entry) -> EntryBody:
    return EntryBody(
        id=entry.id,
        position=entry.position,
        way=entry.way,
        amount=yuan(entry.amount_fen),
        purpose=entry.purpose,
        corrects=entry.corrects,
        balance=yuan(entry.balance_fen),
        by_id=entry.by_id,
        at=entry.at,
    )


routes = [
    read_report,
    make_report,
    read_commission,
    close_month,
    read_house_marks,
    note_mark,
    contest_mark,
    decide_mark,
    read_fund,
    write_fund_entry,
    correct_entry,
    read_person,
    save_profile,
    note_training,
    begin_mentoring,
    read_house_rules,
    change_shifts,
    change_commission,
    change_house,
]

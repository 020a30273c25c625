"""The report of last week on Monday: drawn from the figures, frozen, with everybody's own words."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL
from gongdao.figures.line import Line
from gongdao.figures.shop import shop_figures
from gongdao.flows.staff.access import led_by, shop_of, team_of
from gongdao.staff import report_store as store
from gongdao.staff.days import day_of, moment, monday_of, start_of
from gongdao.staff.report_store import Report, Said

#: When the report of last week is made by itself: Monday, 8:00.
MADE_AT_MINUTES = 8 * 60
WEEK = timedelta(days=7)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The week of one person, or of the shop; rates from 0 to 1, None where nothing was counted."""

    person_id: UUID | None = None
    name: str = ""
    talks: int = 0
    served: int = 0
    rounds: int = 0
    three_minutes: float | None = None
    first_average_s: float | None = None
    grade: float | None = None
    graded: int = 0
    askers: int = 0
    won: int = 0
    conversion: float | None = None
    orders: int = 0
    paid_fen: int = 0
    refunded_fen: int = 0


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of a week as they were."""

    shop: Row
    people: tuple[Row, ...]


class WeekReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report as somebody may read it: a lead everything, others the shop's line and their own."""

    monday: date
    made_at: datetime
    made_by: UUID | None
    shop: Row
    people: list[Row]
    said: dict[UUID, Said]


class WordsArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one does better than before, and how."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=NO_NUL)]


async def see_report(database: Queryable, who: Principal, monday: date) -> WeekReport:
    """The report of a week. Raises Refusal: wrong_role, not_found."""
    shop_id = shop_of(who)
    kept = await store.find_report(database, shop_id, monday_of(monday))
    if kept is None:
        raise Refusal("not_found", N_("There is no report of this week yet."))
    frozen = msgspec.json.decode(kept.report, type=Frozen)
    said = await store.said_of(database, shop_id, kept.monday)
    leads = who.may("staff.lead")
    return WeekReport(
        monday=kept.monday,
        made_at=kept.made_at,
        made_by=kept.made_by,
        shop=frozen.shop,
        people=[row for row in frozen.people if leads or row.person_id == who.person_id],
        said=said if leads else {k: v for k, v in said.items() if k == who.person_id},
    )


async def weeks_reported(database: Queryable, who: Principal) -> list[date]:
    """The Mondays of the weeks that have a report, the last first."""
    return await store.mondays_of(database, shop_of(who))


async def make_report(pool: Pool, who: Principal, monday: date, *, now: datetime) -> None:
    """Make the report of a week that is over; one that is there stays as it is.

    Raises Refusal: wrong_role, too_early.
    """
    shop_id = led_by(who)
    await freeze_week(pool, shop_id, monday_of(monday), by_id=who.person_id, now=now)


async def freeze_week(
    database: Queryable, shop_id: UUID, monday: date, *, by_id: UUID | None, now: datetime
) -> None:
    """Count a week and keep what comes out. Raises Refusal too_early."""
    if now < start_of(monday + WEEK):
        raise Refusal("too_early", N_("A week is reported once it is over."))
    frozen = await count_week(database, shop_id, monday, now=now)
    report = msgspec.json.encode(frozen, order="deterministic")
    await store.keep_report(
        database, shop_id, Report(monday=monday, made_at=now, made_by=by_id, report=report)
    )


async def make_due_reports(pool: Pool, now: datetime) -> None:
    """From Monday 8:00 on: the report of last week for every shop with a team."""
    this = monday_of(day_of(now))
    if now < moment(this, MADE_AT_MINUTES):
        return
    for shop_id in await store.shops_without(pool, this - WEEK):
        await freeze_week(pool, shop_id, this - WEEK, by_id=None, now=now)


async def say_of_week(
    pool: Pool, who: Principal, monday: date, args: WordsArgs, *, now: datetime
) -> None:
    """Say what one did better in a week; said again, the newest counts and the old stays."""
    shop_id, text = shop_of(who), args.text.strip()
    if not text:
        raise Refusal("invalid", N_("Write something first."))
    if await store.find_report(pool, shop_id, monday_of(monday)) is None:
        raise Refusal("not_found", N_("There is no report of this week yet."))
    async with pool.acquire() as connection:
        if not await store.say_of_week(
            connection, shop_id, monday_of(monday), text, person_id=who.person_id, now=now
        ):
            raise Refusal("rate_limited", N_("This was changed too often."))


async def count_week(database: Queryable, shop_id: UUID, monday: date, *, now: datetime) -> Frozen:
    """The week of the shop, and of everybody who works there."""
    since, until = start_of(monday), start_of(monday + WEEK)
    (shop,) = await shop_figures(database, shop_id, since, until, now=now)
    lines = await shop_figures(database, shop_id, since, until, by="agent", now=now)
    by_person = {UUID(line.key): line for line in lines if line.key}
    team = await team_of(database, shop_id)
    people = tuple(
        _row(by_person.get(mate.id, Line()), person_id=mate.id, name=mate.name)
        for mate in team.values()
        if mate.id in by_person or (mate.works and mate.serves)
    )
    return Frozen(shop=_row(shop), people=people)


def _row(line: Line, *, person_id: UUID | None = None, name: str = "") -> Row:
    desk = line.desk
    return Row(
        person_id=person_id,
        name=name,
        talks=desk.talks,
        served=desk.served,
        rounds=desk.rounds,
        three_minutes=desk.three_minutes,
        first_average_s=desk.first_average_s,
        grade=desk.grade,
        graded=desk.graded,
        askers=line.askers,
        won=line.won,
        conversion=line.conversion,
        orders=line.orders,
        paid_fen=line.paid_fen,
        refunded_fen=line.refunded_fen,
    )

"""The rota: leads plan shifts and take them off; everybody looks."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid5

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool, Queryable, require_same
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.base.texts import NO_NUL
from gongdao.flows.staff.access import Mate, led_by, mate_of, shop_of, team_of
from gongdao.settings.setting import Version
from gongdao.settings.store import load_setting
from gongdao.settings.team import ShiftRules, Template
from gongdao.staff.days import day_of, days_from, moment, monday_of, start_of
from gongdao.staff.request import Leave
from gongdao.staff.request_store import leaves_granted, swaps_about
from gongdao.staff.shift import Shift, minutes_of, require_place
from gongdao.staff.shift_store import (
    add_shifts,
    cancel_shifts,
    find_shift,
    lock_team,
    shifts_between,
    shifts_of,
)

#: Days around a shift that decide whether somebody has a day of rest.
AROUND = timedelta(days=8)
#: Nobody plans further ahead, or writes the rota of what is long over.
AHEAD_MAX, BACK_MAX = timedelta(days=120), timedelta(days=31)
_Clock = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class PlanArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shifts of one person on several days: as a template has them, or from and until a time."""

    id: UUID
    """Made by whoever sends it: sent twice it is planned once."""
    person_id: UUID
    days: Annotated[tuple[date, ...], msgspec.Meta(min_length=1, max_length=31)]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern=NO_NUL)]
    starts: _Clock | None = None
    """On the day itself, ..."""
    ends: _Clock | None = None
    """... and on the same day, unless it says that it is the next one."""
    next_day: bool = False
    extends: bool = False


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """A week of the rota with everybody in it."""

    monday: date
    days: list[date]
    team: list[Mate]
    shifts: list[Shift]
    leaves: list[Leave]

    def on(self, person_id: UUID, day: date) -> list[Shift]:
        """What somebody works on a day."""
        return [each for each in self.shifts if each.person_id == person_id and each.day == day]

    def away(self, person_id: UUID, day: date) -> Leave | None:
        """The leave of somebody on a day."""
        for leave in self.leaves:
            if leave.person_id == person_id and leave.holds(day):
                return leave
        return None


async def shift_rules(database: Queryable, shop_id: UUID) -> Version[ShiftRules]:
    """The shifts that a shop plans with."""
    return await load_setting(database, ShiftRules, of=shop_id)


async def see_week(database: Queryable, who: Principal, day: date) -> Week:
    """The week in which a day lies. Raises Refusal wrong_role."""
    shop_id, monday = shop_of(who), monday_of(day)
    sunday = monday + timedelta(days=6)
    shifts = await shifts_between(
        database, shop_id, start_of(monday), start_of(sunday + timedelta(days=1))
    )
    team = await team_of(database, shop_id)
    planned = {each.person_id for each in shifts}
    return Week(
        monday=monday,
        days=days_from(monday, 7),
        team=[mate for mate in team.values() if mate.works or mate.id in planned],
        shifts=shifts,
        leaves=await leaves_granted(database, shop_id, monday, sunday),
    )


async def plan_shifts(pool: Pool, who: Principal, args: PlanArgs, *, now: datetime) -> list[Shift]:
    """Put shifts on the rota, all of them or none.

    Raises Refusal: wrong_role, not_found, invalid, not_eligible (they overlap, there is no day of
    rest, or the person is away).
    """
    shop_id = led_by(who)
    today = day_of(now)
    if any(not today - BACK_MAX <= day <= today + AHEAD_MAX for day in args.days):
        raise Refusal(
            "invalid", N_("Plan from {back} days ago to {ahead} days ahead."),
            back=BACK_MAX.days, ahead=AHEAD_MAX.days,
        )  # fmt: skip
    rules = (await shift_rules(pool, shop_id)).value
    mate = await mate_of(pool, shop_id, args.person_id)
    wanted = [_wanted(args, day, rules) for day in sorted(set(args.days))]
    async with pool.acquire() as connection, connection.transaction():
        await lock_team(connection, shop_id)
        there = await around(connection, mate.id, wanted)
        known = {each.id: each for each in there}
        if known.keys() >= {each.id for each in wanted}:
            for each in wanted:
                require_same(known[each.id], each, "starts_at", "ends_at", "name", "extends")
            return wanted
        for shift in wanted:
            require_place(shift, there, name=mate.name, days_in_a_row=rules.days_in_a_row)
            await require_present(connection, shop_id, mate, shift)
            there.append(shift)
        await add_shifts(connection, shop_id, wanted, by_id=who.person_id, now=now)
    changed([f"team:{shop_id}"])
    return wanted


async def take_off(pool: Pool, who: Principal, shift_id: UUID, *, now: datetime) -> None:
    """Take a shift off the rota. Raises Refusal: wrong_role, not_found, duplicate, too_late."""
    shop_id = led_by(who)
    async with pool.acquire() as connection, connection.transaction():
        await lock_team(connection, shop_id)
        shift = await find_shift(connection, shop_id, shift_id)
        if shift is None:
            raise Refusal("not_found", N_("There is no such shift on the rota."))
        if shift.starts_at <= now:
            raise Refusal(
                "too_late", N_("This shift has begun; what was worked stays on the rota.")
            )
        if await swaps_about(connection, [shift_id], ["proposed", "accepted"]):
            raise Refusal("duplicate", N_("A swap of this shift is open; decide that first."))
        await cancel_shifts(connection, shop_id, [shift_id], by_id=who.person_id, now=now)
    changed([f"team:{shop_id}"])


def shift_on(day: date, template: Template, *, shift_id: UUID, person_id: UUID) -> Shift:
    """A shift as a template has it."""
    length = minutes_of(template.starts, template.ends)
    return Shift(
        id=shift_id,
        person_id=person_id,
        name=template.name,
        starts_at=moment(day, template.starts),
        ends_at=moment(day, template.starts + length),
        extends=template.extends,
    )


async def around(database: Queryable, person_id: UUID, shifts: Sequence[Shift]) -> list[Shift]:
    """The shifts of a person that decide whether others fit."""
    first = min(each.starts_at for each in shifts) - AROUND
    last = max(each.starts_at for each in shifts) + AROUND
    return await shifts_of(database, person_id, first, last)


async def require_present(connection: Connection, shop_id: UUID, mate: Mate, shift: Shift) -> None:
    """Refuse a shift on a day on which the person is away."""
    leaves = await leaves_granted(connection, shop_id, shift.day, shift.day)
    for leave in leaves:
        if leave.person_id == mate.id:
            raise Refusal(
                "not_eligible", N_("{name} is on leave: {days}."), name=mate.name, days=leave.told
            )


def _wanted(args: PlanArgs, day: date, rules: ShiftRules) -> Shift:
    shift_id = uuid5(args.id, day.isoformat())
    if args.starts is None or args.ends is None:
        for template in rules.templates:
            if template.name == args.name:
                return shift_on(day, template, shift_id=shift_id, person_id=args.person_id)
        raise Refusal("not_found", N_("There is no shift of this name; say from when until when."))
    last = day + timedelta(days=1) if args.next_day else day
    return Shift(
        id=shift_id,
        person_id=args.person_id,
        name=args.name,
        starts_at=moment(day, _minutes(args.starts)),
        ends_at=moment(last, _minutes(args.ends)),
        extends=args.extends,
    )


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)

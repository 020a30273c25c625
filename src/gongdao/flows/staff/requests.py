"""Leave and swaps: asked, answered by the colleague, decided by a lead."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool, Queryable, refused_id, require_same
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.base.texts import NO_NUL
from gongdao.flows.staff.access import decides, led_by, mate_of, shop_of, team_of
from gongdao.flows.staff.rota import AHEAD_MAX, around, require_present, shift_rules
from gongdao.staff import request_store as store
from gongdao.staff.days import day_of, start_of
from gongdao.staff.request import LEAVE_DAYS_MAX, Leave, Swap
from gongdao.staff.shift import Shift, require_place
from gongdao.staff.shift_store import (
    cancel_shifts,
    find_shift,
    give_shift,
    lock_team,
    shifts_named,
    shifts_of,
)

_Why = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=NO_NUL)]
_Note = Annotated[str, msgspec.Meta(max_length=300, pattern=NO_NUL)]
Verdict = Literal["yes", "no"]


class LeaveArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days off, both ends included; `id` is made by whoever sends it: sent twice it is one."""

    id: UUID
    from_day: date
    until_day: date
    why: _Why


class SwapArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One's own shift for a colleague's; without `other_shift_id` the colleague just takes it."""

    id: UUID
    shift_id: UUID
    to_id: UUID
    other_shift_id: UUID | None = None
    why: _Note = ""


class AnswerArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Yes or no; who refuses something as a lead says why."""

    answer: Verdict
    note: _Note = ""


class Requests(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a decision of theirs, and one's own."""

    leaves: list[Leave]
    swaps: list[Swap]
    own_leaves: list[Leave]
    own_swaps: list[Swap]
    shifts: dict[UUID, Shift]
    """Those that the swaps are about."""


async def ask_leave(pool: Pool, who: Principal, args: LeaveArgs, *, now: datetime) -> Leave:
    """Ask for days off. Raises Refusal: wrong_role, invalid, duplicate, not_eligible."""
    shop_id, today = shop_of(who), day_of(now)
    if args.until_day < args.from_day:
        raise Refusal("invalid", N_("Leave ends on or after the day on which it begins."))
    if (args.until_day - args.from_day).days >= LEAVE_DAYS_MAX or args.from_day < today:
        raise Refusal(
            "invalid",
            N_("Ask for leave from today on, at most {n} days at once."),
            n=LEAVE_DAYS_MAX,
        )
    if args.from_day > today + AHEAD_MAX:
        raise Refusal("invalid", N_("Ask at most {n} days ahead."), n=AHEAD_MAX.days)
    leave = Leave(
        id=args.id, person_id=who.person_id, from_day=args.from_day, until_day=args.until_day,
        why=args.why.strip() or "-", asked_at=now,
    )  # fmt: skip
    async with pool.acquire() as connection, connection.transaction():
        await lock_team(connection, shop_id)
        for other in await store.leaves_of(connection, who.person_id):
            if other.id == leave.id:
                require_same(other, leave, "from_day", "until_day", "why")
                return other
            apart = other.until_day < leave.from_day or leave.until_day < other.from_day
            if other.answer in (None, "granted") and not apart:
                raise Refusal(
                    "duplicate", N_("You have asked for {days} already."), days=other.told
                )
        await _require_no_swap(connection, leave)
        await store.ask_leave(connection, shop_id, leave)
    changed([f"team:{shop_id}"])
    return leave


async def decide_leave(
    pool: Pool, who: Principal, leave_id: UUID, args: AnswerArgs, *, now: datetime
) -> Leave:
    """Grant or refuse leave; granted, the shifts on its days come off the rota.

    Raises Refusal: wrong_role, not_found, reason_required, not_allowed_in_stage, not_eligible.
    """
    shop_id = led_by(who)
    if args.answer == "no" and not args.note.strip():
        raise Refusal("reason_required", N_("Say why it is refused."))
    async with pool.acquire() as connection, connection.transaction():
        await lock_team(connection, shop_id)
        leave = await _leave(connection, shop_id, leave_id)
        await _require_apart(connection, who, leave.person_id)
        if args.answer == "yes":
            await _require_no_swap(connection, leave)
            ids = [each.id for each in await _shifts_in(connection, leave) if each.starts_at > now]
            await cancel_shifts(connection, shop_id, ids, by_id=who.person_id, now=now)
        answer = "granted" if args.answer == "yes" else "refused"
        if not await store.answer_leave(
            connection, leave_id, answer, note=args.note.strip(), by_id=who.person_id, now=now
        ):
            raise Refusal("not_allowed_in_stage", N_("This was decided already."))
        decided = await _leave(connection, shop_id, leave_id)
    changed([f"team:{shop_id}"])
    return decided


async def withdraw_leave(pool: Pool, who: Principal, leave_id: UUID, *, now: datetime) -> None:
    """Take one's own request back, also one that was granted and has not begun."""
    shop_id = shop_of(who)
    async with pool.acquire() as connection, connection.transaction():
        leave = await _leave(connection, shop_id, leave_id)
        if leave.person_id != who.person_id:
            raise Refusal("not_found", N_("There is no such request."))
        late = leave.answer == "granted" and leave.from_day <= day_of(now)
        if late or not await store.answer_leave(
            connection, leave_id, "withdrawn", by_id=who.person_id, now=now
        ):
            raise Refusal("not_allowed_in_stage", N_("This cannot be taken back any more."))
    changed([f"team:{shop_id}"])


async def propose_swap(pool: Pool, who: Principal, args: SwapArgs, *, now: datetime) -> Swap:
    """Ask a colleague to take one's shift, for one of theirs or for nothing.

    Raises Refusal: wrong_role, not_found, invalid, too_late, duplicate, not_eligible.
    """
    shop_id = shop_of(who)
    if args.to_id == who.person_id:
        raise Refusal("invalid", N_("A swap takes two people."))
    await mate_of(pool, shop_id, args.to_id)
    swap = Swap(
        id=args.id, shift_id=args.shift_id, other_shift_id=args.other_shift_id,
        from_id=who.person_id, to_id=args.to_id, why=args.why.strip(), asked_at=now,
        state="proposed",
    )  # fmt: skip
    try:
        async with pool.acquire() as connection, connection.transaction():
            await lock_team(connection, shop_id)
            if there := await store.find_swap(connection, shop_id, swap.id):
                require_same(there, swap, "shift_id", "other_shift_id", "from_id", "to_id", "why")
                return there
            await _fits(connection, shop_id, swap, now=now)
            await store.ask_swap(connection, shop_id, swap)
    except asyncpg.UniqueViolationError as error:
        said = refused_id(error) or Refusal(
            "duplicate", N_("A swap of this shift is open already.")
        )
        raise said from None
    changed([f"team:{shop_id}"])
    return swap


async def answer_swap(
    pool: Pool, who: Principal, swap_id: UUID, args: AnswerArgs, *, now: datetime
) -> Swap:
    """The colleague who was asked says yes or no."""
    shop_id = shop_of(who)
    async with pool.acquire() as connection, connection.transaction():
        await lock_team(connection, shop_id)
        swap = await _swap(connection, shop_id, swap_id)
        if swap.to_id != who.person_id:
            raise Refusal("not_your_turn", N_("The colleague who was asked answers this."))
        if args.answer == "yes":
            await _fits(connection, shop_id, swap, now=now)
            done = await store.accept_swap(connection, swap_id, now=now)
        else:
            done = swap.state == "proposed" and await store.end_swap(
                connection,
                swap_id,
                "declined",
                note=args.note.strip(),
                by_id=who.person_id,
                now=now,
            )
        if not done:
            raise Refusal("not_allowed_in_stage", N_("This was decided already."))
        answered = await _swap(connection, shop_id, swap_id)
    changed([f"team:{shop_id}"])
    return answered


async def decide_swap(
    pool: Pool, who: Principal, swap_id: UUID, args: AnswerArgs, *, now: datetime
) -> Swap:
    """A lead lets two others swap what they agreed on, or says why not.

    Raises Refusal: wrong_role (also for one of the two), not_found, reason_required, too_early,
    not_allowed_in_stage, and what `answer_swap` raises where it no longer fits.
    """
    shop_id = led_by(who)
    if args.answer == "no" and not args.note.strip():
        raise Refusal("reason_required", N_("Say why it is refused."))
    async with pool.acquire() as connection, connection.transaction():
        await lock_team(connection, shop_id)
        swap = await _swap(connection, shop_id, swap_id)
        if swap.state == "proposed":
            raise Refusal("too_early", N_("The colleague has not agreed yet."))
        if swap.state != "accepted":
            raise Refusal("not_allowed_in_stage", N_("This was decided already."))
        await _require_apart(connection, who, swap.from_id, swap.to_id)
        if args.answer == "yes":
            first, other = await _fits(connection, shop_id, swap, now=now)
            await give_shift(connection, first.id, swap.to_id)
            if other:
                await give_shift(connection, other.id, swap.from_id)
        await store.end_swap(
            connection,
            swap_id,
            "approved" if args.answer == "yes" else "refused",
            note=args.note.strip(),
            by_id=who.person_id,
            now=now,
        )
        decided = await _swap(connection, shop_id, swap_id)
    changed([f"team:{shop_id}"])
    return decided


async def withdraw_swap(pool: Pool, who: Principal, swap_id: UUID, *, now: datetime) -> None:
    """Take one's own proposal back, as long as no lead has decided."""
    shop_id = shop_of(who)
    async with pool.acquire() as connection, connection.transaction():
        swap = await _swap(connection, shop_id, swap_id)
        if swap.from_id != who.person_id:
            raise Refusal("not_found", N_("There is no such request."))
        if not await store.end_swap(connection, swap_id, "withdrawn", by_id=who.person_id, now=now):
            raise Refusal("not_allowed_in_stage", N_("This was decided already."))
    changed([f"team:{shop_id}"])


async def see_requests(database: Queryable, who: Principal) -> Requests:
    """What a lead has to decide, and what somebody asked for or was asked."""
    shop_id = shop_of(who)
    leads = who.may("staff.lead")
    leaves = await store.leaves_waiting(database, shop_id) if leads else []
    swaps = await store.swaps_waiting(database, shop_id) if leads else []
    team = await team_of(database, shop_id) if leaves or swaps else {}
    leaves = [each for each in leaves if decides(who, [each.person_id], team)]
    swaps = [each for each in swaps if decides(who, [each.from_id, each.to_id], team)]
    own_swaps = await store.swaps_of(database, who.person_id)
    ids = {each for swap in (*swaps, *own_swaps) for each in (swap.shift_id, swap.other_shift_id)}
    shifts = await shifts_named(database, shop_id, [each for each in ids if each])
    return Requests(
        leaves=leaves,
        swaps=swaps,
        own_leaves=await store.leaves_of(database, who.person_id),
        own_swaps=own_swaps,
        shifts=shifts,
    )


async def _fits(
    connection: Connection, shop_id: UUID, swap: Swap, *, now: datetime
) -> tuple[Shift, Shift | None]:
    """Both shifts, as long as each still belongs to whoever gives it and fits whoever takes it."""
    first = await _shift_of(connection, shop_id, swap.shift_id, swap.from_id, now=now)
    other = None
    if swap.other_shift_id:
        other = await _shift_of(connection, shop_id, swap.other_shift_id, swap.to_id, now=now)
    await _require_fit(connection, shop_id, first, swap.to_id, without=other)
    if other:
        await _require_fit(connection, shop_id, other, swap.from_id, without=first)
    return first, other


async def _require_fit(
    connection: Connection, shop_id: UUID, shift: Shift, person_id: UUID, *, without: Shift | None
) -> None:
    mate = await mate_of(connection, shop_id, person_id)
    rules = (await shift_rules(connection, shop_id)).value
    taken = msgspec.structs.replace(shift, person_id=person_id)
    others = await around(connection, person_id, [shift])
    rest = [each for each in others if without is None or each.id != without.id]
    require_place(taken, rest, name=mate.name, days_in_a_row=rules.days_in_a_row)
    await require_present(connection, shop_id, mate, taken)


async def _shift_of(
    connection: Connection, shop_id: UUID, shift_id: UUID, person_id: UUID, *, now: datetime
) -> Shift:
    shift = await find_shift(connection, shop_id, shift_id)
    if shift is None or shift.person_id != person_id:
        raise Refusal("not_found", N_("This shift is no longer on the rota of whoever gives it."))
    if shift.starts_at <= now:
        raise Refusal("too_late", N_("This shift has begun; it can no longer be swapped."))
    return shift


async def _shifts_in(connection: Connection, leave: Leave) -> list[Shift]:
    since, until = start_of(leave.from_day), start_of(leave.until_day + timedelta(days=1))
    return await shifts_of(connection, leave.person_id, since, until)


async def _require_no_swap(connection: Connection, leave: Leave) -> None:
    """Whoever agreed to swap a shift works it: leave does not take it off again."""
    shifts = {each.id: each for each in await _shifts_in(connection, leave)}
    swaps = await store.swaps_about(connection, list(shifts), ["accepted", "approved"])
    for swap in swaps:
        shift = shifts.get(swap.shift_id) or shifts.get(swap.other_shift_id or swap.shift_id)
        if shift:
            raise Refusal(
                "not_eligible",
                N_("On {day} there is a shift from a swap that was agreed on: {shift} {hours}."),
                day=str(shift.day), shift=shift.name, hours=shift.hours,
            )  # fmt: skip


async def _require_apart(connection: Connection, who: Principal, *parties: UUID) -> None:
    if who.person_id not in parties:
        return
    if not decides(who, parties, await team_of(connection, shop_of(who))):
        raise Refusal("wrong_role", N_("Another lead decides on your own request."))


async def _leave(connection: Connection, shop_id: UUID, leave_id: UUID) -> Leave:
    leave = await store.find_leave(connection, shop_id, leave_id)
    if leave is None:
        raise Refusal("not_found", N_("There is no such request."))
    return leave


async def _swap(connection: Connection, shop_id: UUID, swap_id: UUID) -> Swap:
    swap = await store.find_swap(connection, shop_id, swap_id)
    if swap is None:
        raise Refusal("not_found", N_("There is no such request."))
    return swap

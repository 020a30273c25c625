"""The department's fund: leads write into it, everybody of the shop reads it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool, Queryable, taken_id
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import YUAN_PATTERN, parse_yuan, yuan
from gongdao.base.texts import NO_NUL
from gongdao.flows.staff.access import led_by, shop_of
from gongdao.staff import fund_store as store
from gongdao.staff.fund_store import Entry, Way, balance_after
from gongdao.staff.shift_store import lock_team

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NO_NUL)]


class EntryArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came in or went out, and what for; `id` is made by whoever sends it."""

    id: UUID
    way: Way
    amount: Annotated[str, msgspec.Meta(pattern=YUAN_PATTERN)]
    purpose: _Text


class CorrectionArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line taken back by a new one that says why."""

    id: UUID
    position: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    why: _Text


async def see_fund(
    database: Queryable, who: Principal, *, before: int | None = None, limit: int = 50
) -> list[Entry]:
    """The book, the last line first; its balance is that of the fund."""
    return await store.entries_of(database, shop_of(who), before=before, limit=limit)


async def write_entry(pool: Pool, who: Principal, args: EntryArgs, *, now: datetime) -> Entry:
    """Note what came in or went out.

    Raises Refusal: wrong_role, invalid, insufficient_funds, idempotency_conflict.
    """
    shop_id, amount = led_by(who), parse_yuan(args.amount)
    async with pool.acquire() as connection, connection.transaction():
        await lock_team(connection, shop_id)
        if there := await store.find_entry(connection, shop_id, args.id):
            said = (args.way, amount, args.purpose.strip(), None)
            return _again(there, said)
        return await _write(
            connection, who, shop_id, args.id, way=args.way, amount_fen=amount,
            purpose=args.purpose.strip(), now=now,
        )  # fmt: skip


async def correct_entry(
    pool: Pool, who: Principal, args: CorrectionArgs, *, now: datetime
) -> Entry:
    """Take a line back by another of the same amount the other way; both stay.

    Raises Refusal: wrong_role, not_found, duplicate, not_eligible, insufficient_funds,
    idempotency_conflict.
    """
    shop_id = led_by(who)
    async with pool.acquire() as connection, connection.transaction():
        await lock_team(connection, shop_id)
        if there := await store.find_entry(connection, shop_id, args.id):
            return _again(there, (there.way, there.amount_fen, args.why.strip(), args.position))
        wrong = await store.entry_at(connection, shop_id, args.position)
        if wrong is None:
            raise Refusal("not_found", N_("There is no such line in the fund."))
        if wrong.corrects is not None:
            raise Refusal("not_eligible", N_("A correction is not corrected; write a new line."))
        if await store.is_corrected(connection, shop_id, wrong.position):
            raise Refusal("duplicate", N_("This line was taken back already."))
        way: Way = "out" if wrong.way == "in" else "in"
        return await _write(
            connection, who, shop_id, args.id, way=way, amount_fen=wrong.amount_fen,
            purpose=args.why.strip(), corrects=wrong.position, now=now,
        )  # fmt: skip


def _again(there: Entry, said: tuple[Way, int, str, int | None]) -> Entry:
    """The line that was written before, if it says the same."""
    if (there.way, there.amount_fen, there.purpose, there.corrects) != said:
        raise taken_id()
    return there


async def _write(
    connection: Connection,
    who: Principal,
    shop_id: UUID,
    entry_id: UUID,
    *,
    way: Way,
    amount_fen: int,
    purpose: str,
    corrects: int | None = None,
    now: datetime,
) -> Entry:
    if not purpose or amount_fen <= 0:
        raise Refusal("invalid", N_("Say how much, more than nothing, and what for."))
    last = await store.entries_of(connection, shop_id, limit=1)
    before = last[0].balance_fen if last else 0
    balance = balance_after(before, way, amount_fen)
    if balance < 0:
        raise Refusal(
            "insufficient_funds", N_("There are only {sum} yuan in the fund."), sum=yuan(before)
        )
    entry = Entry(
        id=entry_id, position=last[0].position + 1 if last else 1, way=way, amount_fen=amount_fen,
        purpose=purpose, corrects=corrects, balance_fen=balance, by_id=who.person_id, at=now,
    )  # fmt: skip
    await store.add_entry(connection, shop_id, entry)
    return entry

"""Writing down what a shop keeps on its customers: notes, preferences, groups."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool, Queryable, require_same
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.customers import store
from gongdao.customers.customer import (
    NOTE_MAX,
    PREFERENCE_MAX,
    PREFERENCE_NAME_MAX,
    PREFERENCES_MAX,
    Note,
    Preference,
    written,
)
from gongdao.customers.group import BUILT_IN, BULK_MAX, GROUPS_MAX, GROUPS_OF_ONE_MAX, NAME_MAX
from gongdao.flows.customers.access import hold_customers, shop_of

#: A follow-up lies at most so far ahead.
_AHEAD = timedelta(days=400)


async def write_note(
    pool: Pool,
    who: Principal,
    buyer_id: UUID,
    text: str,
    *,
    note_id: UUID,
    due_at: datetime | None = None,
    now: datetime,
) -> None:
    """Write something down about a customer, with a day for getting in touch again if one is named.

    Sent twice under one id, it stands there once. Raises Refusal: wrong_role, not_found, invalid,
    idempotency_conflict.
    """
    shop_id = shop_of(who, "customers.read")
    if due_at is not None and not now < due_at <= now + _AHEAD:
        raise Refusal("invalid", N_("The day of the follow-up lies ahead, at most a year."))
    note = Note(
        id=note_id,
        buyer_id=buyer_id,
        by_id=who.person_id,
        at=now,
        text=written(text, most=NOTE_MAX),
        due_at=due_at,
    )
    async with pool.acquire() as connection, connection.transaction():
        await hold_customers(connection, shop_id, [buyer_id])
        kept = await store.add_note(connection, shop_id, note)
    require_same(kept, note, "buyer_id", "by_id", "text", "due_at")


async def finish_follow_up(pool: Pool, who: Principal, note_id: UUID, *, now: datetime) -> None:
    """Somebody got in touch, as a note asked. Raises Refusal: wrong_role, not_found."""
    shop_id = shop_of(who, "customers.read")
    if not await store.finish_note(pool, shop_id, note_id, by_id=who.person_id, now=now):
        raise Refusal("not_found", N_("There is no such follow-up, or it is done."))


async def keep_preference(
    pool: Pool, who: Principal, buyer_id: UUID, name: str, value: str, *, now: datetime
) -> None:
    """Keep what a customer likes, or (empty) forget it. Raises Refusal."""
    shop_id = shop_of(who, "customers.read")
    preference = Preference(
        name=written(name, most=PREFERENCE_NAME_MAX),
        value=written(value, most=PREFERENCE_MAX, least=0),
        by_id=who.person_id,
        at=now,
    )
    async with pool.acquire() as connection, connection.transaction():
        await hold_customers(connection, shop_id, [buyer_id])
        known = {each.name for each in await store.preferences_of(connection, shop_id, buyer_id)}
        if len(known) >= PREFERENCES_MAX and preference.name not in known:
            raise Refusal(
                "invalid", N_("A customer has at most {n} preferences."), n=PREFERENCES_MAX
            )
        await store.keep_preference(connection, shop_id, buyer_id, preference)


async def put_in_group(
    pool: Pool, who: Principal, buyer_ids: Sequence[UUID], group: str, *, now: datetime
) -> int:
    """Put customers into a group, all or none of them; how many. Raises Refusal."""
    shop_id, ids = _many(who, buyer_ids)
    async with pool.acquire() as connection, connection.transaction():
        await _require_group(connection, shop_id, group)
        await hold_customers(connection, shop_id, ids)
        if await store.count_full(connection, shop_id, ids, group, most=GROUPS_OF_ONE_MAX):
            raise Refusal(
                "invalid", N_("A customer is in at most {n} groups."), n=GROUPS_OF_ONE_MAX
            )
        await store.join_group(connection, shop_id, ids, group, by_id=who.person_id, now=now)
    return len(ids)


async def take_out_of_group(
    pool: Pool, who: Principal, buyer_ids: Sequence[UUID], group: str
) -> int:
    """Take customers out of a group; how many were named. Raises Refusal."""
    shop_id, ids = _many(who, buyer_ids)
    async with pool.acquire() as connection, connection.transaction():
        await _require_group(connection, shop_id, group)
        await hold_customers(connection, shop_id, ids)
        await store.leave_group(connection, shop_id, ids, group)
    return len(ids)


async def make_group(
    pool: Pool, who: Principal, name: str, *, group_id: UUID, now: datetime
) -> None:
    """Make a group of the shop's own. Raises Refusal: wrong_role, invalid, duplicate."""
    shop_id = shop_of(who, "customers.manage")
    groups = await store.groups_of_shop(pool, shop_id)
    name = written(name, most=NAME_MAX)
    if any(each.key == str(group_id) for each in groups):
        return
    if len(groups) >= GROUPS_MAX:
        raise Refusal("invalid", N_("A shop has at most {n} groups."), n=GROUPS_MAX)
    if not await store.make_group(pool, shop_id, group_id, name, by_id=who.person_id, now=now):
        raise Refusal("duplicate", N_("There is a group of that name already."))


async def rename_group(pool: Pool, who: Principal, group_id: UUID, name: str) -> None:
    """Call a group of the shop's own otherwise. Raises Refusal."""
    shop_id = shop_of(who, "customers.manage")
    await _require_group(pool, shop_id, str(group_id), own=True)
    if not await store.rename_group(pool, shop_id, group_id, written(name, most=NAME_MAX)):
        raise Refusal("duplicate", N_("There is a group of that name already."))


async def drop_group(pool: Pool, who: Principal, group_id: UUID) -> None:
    """Take a group of the shop's own away; nobody is lost by it. Raises Refusal."""
    shop_id = shop_of(who, "customers.manage")
    await _require_group(pool, shop_id, str(group_id), own=True)
    async with pool.acquire() as connection, connection.transaction():
        await store.drop_group(connection, shop_id, group_id)


def _many(who: Principal, buyer_ids: Sequence[UUID]) -> tuple[UUID, list[UUID]]:
    shop_id = shop_of(who, "customers.read")
    ids = list(dict.fromkeys(buyer_ids))
    # Whoever changes many at once leads; an agent sorts the customer in front of them.
    if len(ids) > 1:
        shop_of(who, "customers.manage")
    if not 1 <= len(ids) <= BULK_MAX:
        raise Refusal("invalid", N_("Choose 1 to {n} customers."), n=BULK_MAX)
    return shop_id, ids


async def _require_group(
    database: Queryable, shop_id: UUID, group: str, *, own: bool = False
) -> None:
    if group in BUILT_IN and not own:
        return
    groups = await store.groups_of_shop(database, shop_id)
    if not any(each.key == group for each in groups if each.is_own):
        raise Refusal("not_found", N_("There is no such group."))

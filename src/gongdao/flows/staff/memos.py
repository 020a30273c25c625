"""The private memo book of everybody: nobody else reads it, not even the owner."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable, require_same
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL
from gongdao.flows.staff.access import shop_of
from gongdao.staff import memo_store as store
from gongdao.staff.memo_store import MEMOS_MAX, Memo


class MemoArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not to be forgotten; `id` is made by whoever sends it: sent twice it is one."""

    id: UUID
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=NO_NUL)]
    due_on: date | None = None


async def see_memos(database: Queryable, who: Principal) -> list[Memo]:
    """One's own memos: what is due first, what is done last."""
    shop_of(who)
    return await store.memos_of(database, who.person_id)


async def write_memo(database: Queryable, who: Principal, args: MemoArgs, *, now: datetime) -> Memo:
    """Write something down for oneself."""
    text = args.text.strip()
    if not text:
        raise Refusal("invalid", N_("Write something down first."))
    memo = Memo(id=args.id, text=text, due_on=args.due_on, done_at=None, at=now)
    kept = await store.add_memo(database, memo, person_id=who.person_id, shop_id=shop_of(who))
    if kept is None and await store.count_memos(database, who.person_id) >= MEMOS_MAX:
        raise Refusal("too_large", N_("A memo book holds {n} memos; drop some."), n=MEMOS_MAX)
    require_same(kept, memo, "text", "due_on")
    return kept or memo


async def finish_memo(database: Queryable, who: Principal, memo_id: UUID, *, now: datetime) -> None:
    """It is done."""
    shop_of(who)
    _must_be_there(await store.set_done(database, who.person_id, memo_id, now))


async def reopen_memo(database: Queryable, who: Principal, memo_id: UUID) -> None:
    """It is not done after all."""
    shop_of(who)
    _must_be_there(await store.set_done(database, who.person_id, memo_id, None))


async def drop_memo(database: Queryable, who: Principal, memo_id: UUID) -> None:
    """Throw it away for good."""
    shop_of(who)
    _must_be_there(await store.drop_memo(database, who.person_id, memo_id))


def _must_be_there(found: object) -> None:
    if not found:
        raise Refusal("not_found", N_("There is no such memo."))

"""The watch list: a person, a shop or a trait that operators want to hear of when it acts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from gongdao.accounts.people_store import names_of_people
from gongdao.accounts.principal import Principal
from gongdao.base.cursor import NEWEST, Cursor
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.flows.guard.access import require_reader, require_watcher
from gongdao.risk import watch as store
from gongdao.risk.finding import Why
from gongdao.risk.watch import PAGE_MAX, TRAIT_KINDS, Watched, WatchKind

_SHOWN = {
    "person": "SELECT name FROM people WHERE id = $1",
    "shop": "SELECT name FROM shops WHERE id = $1",
}
_TRAIT = "SELECT shown FROM risk_traits WHERE kind = $1 AND digest = $2 LIMIT 1"


class WatchArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who or what is to be watched; `id` is made by the form."""

    id: UUID
    kind: WatchKind
    subject_id: UUID | None = None
    """The person or the shop."""
    trait: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")] = ""
    """Else the trait, as the graph of links names it."""
    why: Why
    until: datetime | None = None


class WatchPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the list with the names of those who put them there, and where the rest begins."""

    watched: tuple[Watched, ...]
    names: dict[UUID, str]
    following: Cursor | None


async def watch(pool: Pool, who: Principal, args: WatchArgs, *, now: datetime) -> Watched:
    """Put it on the list.

    Raises Refusal: wrong_role, invalid, reason_required, not_found, duplicate,
    idempotency_conflict.
    """
    require_watcher(who)
    is_trait = args.kind in TRAIT_KINDS
    if is_trait == (args.subject_id is not None) or is_trait != bool(args.trait):
        raise Refusal("invalid", N_("Name a person or a shop, or a trait; not both."))
    why = args.why.strip()
    if not why:
        raise Refusal("reason_required", N_("Say why it is watched."))
    if args.until is not None and (args.until.tzinfo is None or args.until <= now):
        raise Refusal("invalid", N_("The end lies in the past."))
    digest = bytes.fromhex(args.trait) if is_trait else None
    async with pool.acquire() as connection, connection.transaction():
        shown = (
            await connection.fetchval(_TRAIT, args.kind, digest)
            if is_trait
            else await connection.fetchval(_SHOWN[args.kind], args.subject_id)
        )
        if shown is None:
            raise Refusal("not_found", N_("There is nobody and nothing of that id."))
        one = Watched(
            id=args.id, kind=args.kind, subject_id=args.subject_id, digest=digest,
            shown=shown[:80], why=why, by_id=who.person_id, at=now, until=args.until,
        )  # fmt: skip
        kept = await store.add_watched(connection, one)
    if kept is None:
        raise Refusal("duplicate", N_("It is watched already."))
    if (kept.kind, kept.subject_id, kept.digest, kept.why) != (
        one.kind, one.subject_id, one.digest, one.why,
    ):  # fmt: skip
        raise Refusal("idempotency_conflict", N_("Something else stands under this id already."))
    changed(["guard"])
    return kept


async def take_off(
    pool: Pool, who: Principal, watched_id: UUID, *, why: str, now: datetime
) -> Watched:
    """Take it off the list; once off it stays so. Raises Refusal: wrong_role, not_found."""
    require_watcher(who)
    async with pool.acquire() as connection, connection.transaction():
        kept = await store.take_off(
            connection, watched_id, why=why.strip()[:500], by_id=who.person_id, at=now
        )
    if kept is None:
        raise Refusal("not_found", N_("There is nobody and nothing of that id."))
    changed(["guard"])
    return kept


async def list_watched(
    database: Queryable,
    who: Principal,
    *,
    with_past: bool = False,
    after: Cursor | None = None,
    now: datetime,
    limit: int = 50,
) -> WatchPage:
    """Those that are watched, the newest first. Raises Refusal wrong_role."""
    require_reader(who)
    assert 1 <= limit <= PAGE_MAX, "the edge checks the limit"
    found = await store.list_watched(
        database, with_past=with_past, after=after or NEWEST, now=now, limit=limit + 1
    )
    page = found[:limit]
    people = [person_id for one in page for person_id in (one.by_id, one.off_by)]
    names = await names_of_people(database, people)
    following = Cursor(page[-1].at, page[-1].id) if len(found) > limit else None
    return WatchPage(watched=tuple(page), names=names, following=following)

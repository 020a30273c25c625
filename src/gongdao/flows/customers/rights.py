"""What people ask of a shop about their own data: a copy of it, or that it is erased."""

from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from gongdao.accounts.people_store import names_of_people
from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.channels.secrets import Keyring
from gongdao.customers.customer import WORDS_MAX, Asked, LogEntry, Logged, Request, written
from gongdao.customers.rights import due_from
from gongdao.customers.rights_store import (
    add_request,
    answer_request,
    answered_requests,
    load_request,
    lock_request,
    log_of_buyer,
    log_of_shop,
    open_requests,
    requests_of_buyer,
    write_log,
)
from gongdao.customers.store import erase_kept
from gongdao.flows.customers.access import require_customer, shop_of
from gongdao.flows.guard.traits import forget_traits_of_shop
from gongdao.shops.wish_store import forget_wishes

_SHOPS = """
SELECT s.id, s.name FROM customers c JOIN shops s ON s.id = c.shop_id
 WHERE c.buyer_id = $1 ORDER BY c.last_at DESC LIMIT 100
"""
_ASKED: dict[Asked, Logged] = {"copy": "asked_copy", "erasure": "asked_erasure"}


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """What a person sees of how shops treat their data."""

    shops: dict[UUID, str]
    requests: list[Request]
    log: list[LogEntry]
    names: dict[UUID, str]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Requests to a shop: those that wait and those that were answered."""

    open: list[Request]
    answered: list[Request]
    names: dict[UUID, str]


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """Who looked at customers of a shop, and where the list goes on."""

    entries: list[LogEntry]
    names: dict[UUID, str]
    following: LogEntry | None


async def see_privacy(database: Queryable, who: Principal, *, before: tuple[datetime, UUID]) -> Own:
    """The shops that know a person, who of them looked, and what was asked. For buyers."""
    _require_buyer(who)
    rows = await database.fetch(_SHOPS, who.person_id)
    log = await log_of_buyer(database, who.person_id, before=before)
    return Own(
        shops={row["id"]: row["name"] for row in rows},
        requests=await requests_of_buyer(database, who.person_id),
        log=log,
        names=await names_of_people(database, {entry.by_id for entry in log}),
    )


async def ask_shop(
    pool: Pool,
    who: Principal,
    shop_id: UUID,
    what: Asked,
    words: str,
    *,
    request_id: UUID,
    now: datetime,
) -> Request:
    """A person asks a shop for a copy of their data, or to erase it; sent twice it is one.

    Raises Refusal: wrong_role, not_found, invalid, duplicate.
    """
    _require_buyer(who)
    words = written(words, most=WORDS_MAX, least=0)
    async with pool.acquire() as connection, connection.transaction():
        await require_customer(connection, shop_id, who.person_id)
        request = Request(
            id=request_id,
            shop_id=shop_id,
            buyer_id=who.person_id,
            what=what,
            words=words,
            asked_at=now,
            due_at=due_from(now),
        )
        # A collision ends the transaction: nothing may follow it here.
        kept = await add_request(connection, request)
        if kept is None or kept.buyer_id != who.person_id:
            raise Refusal("duplicate", N_("You have asked this shop already; it has to answer."))
        if kept.asked_at == now:
            await _log(connection, kept, who, _ASKED[what], words, now=now)
    changed((f"shop:{shop_id}", f"buyer:{who.person_id}"))
    return kept


async def withdraw_request(pool: Pool, who: Principal, request_id: UUID, *, now: datetime) -> None:
    """A person no longer asks. Raises Refusal: not_found, not_allowed_in_stage."""
    _require_buyer(who)
    async with pool.acquire() as connection, connection.transaction():
        request = await lock_request(connection, request_id)
        if request is None or request.buyer_id != who.person_id:
            raise Refusal("not_found", N_("There is no such data request."))
        _require_open(request)
        await answer_request(connection, request_id, "withdrawn", by_id=who.person_id, now=now)
        await _log(connection, request, who, "withdrew", "", now=now)
    changed((f"shop:{request.shop_id}", f"buyer:{who.person_id}"))


async def see_requests(database: Queryable, who: Principal) -> Waiting:
    """What people asked of one's shop. Raises Refusal wrong_role."""
    shop_id = shop_of(who, "customers.manage")
    waiting = await open_requests(database, shop_id)
    answered = await answered_requests(database, shop_id)
    people = {each.buyer_id for each in (*waiting, *answered)}
    people |= {each.answered_by for each in answered if each.answered_by}
    names = await names_of_people(database, people)
    return Waiting(open=waiting, answered=answered, names=names)


async def see_request(database: Queryable, who: Principal, request_id: UUID) -> Request:
    """One of them. Raises Refusal: wrong_role, not_found."""
    shop_id = shop_of(who, "customers.manage")
    request = await load_request(database, request_id)
    if request is None or request.shop_id != shop_id:
        raise Refusal("not_found", N_("There is no such data request."))
    return request


async def see_log(
    database: Queryable, who: Principal, *, before: tuple[datetime, UUID], limit: int = 100
) -> Log:
    """Who of one's shop looked at which customer, when and why. Raises Refusal wrong_role."""
    shop_id = shop_of(who, "customers.manage")
    entries = await log_of_shop(database, shop_id, before=before, limit=limit + 1)
    following = entries[limit - 1] if len(entries) > limit else None
    entries = entries[:limit]
    people = {each.by_id for each in entries} | {each.buyer_id for each in entries}
    names = await names_of_people(database, people)
    return Log(entries=entries, names=names, following=following)


async def refuse_request(
    pool: Pool, who: Principal, request_id: UUID, ground: str, *, now: datetime
) -> None:
    """Refuse what somebody asks, and say on which ground. Raises Refusal."""
    shop_id = shop_of(who, "customers.manage")
    ground = ground.strip()
    if not ground or "\x00" in ground or len(ground) > WORDS_MAX:
        raise Refusal("reason_required", N_("A refusal states its ground; the person reads it."))
    async with pool.acquire() as connection, connection.transaction():
        request = await _take_up(connection, shop_id, request_id)
        await answer_request(
            connection, request_id, "refused", ground=ground, by_id=who.person_id, now=now
        )
        await _log(connection, request, who, "refused", ground, now=now)
    changed((f"shop:{shop_id}", f"buyer:{request.buyer_id}"))


async def erase_on_request(
    pool: Pool, keyring: Keyring, who: Principal, request_id: UUID, *, now: datetime
) -> dict[str, int]:
    """Erase what the law lets a record go, and keep that it was done; what was erased.

    Orders, ledger, cases and conversations stay (customers/rights.py says why). Raises Refusal.
    """
    shop_id = shop_of(who, "customers.manage")
    async with pool.acquire() as connection, connection.transaction():
        request = await _take_up(connection, shop_id, request_id, what="erasure")
        pair = (connection, shop_id, request.buyer_id)
        counts = await erase_kept(*pair, now=now)
        counts |= {"wishes": await forget_wishes(*pair)}
        await forget_traits_of_shop(connection, keyring, request.buyer_id, shop_id)
        await answer_request(connection, request_id, "done", by_id=who.person_id, now=now)
        await _log(connection, request, who, "erased", "", now=now, counts=counts)
    changed((f"shop:{shop_id}", f"buyer:{request.buyer_id}"))
    return counts


async def hand_over_copy(pool: Pool, who: Principal, request_id: UUID, *, now: datetime) -> Request:
    """Let the person load the copy that they asked for. Raises Refusal."""
    shop_id = shop_of(who, "customers.manage")
    async with pool.acquire() as connection, connection.transaction():
        request = await _take_up(connection, shop_id, request_id, what="copy")
        await answer_request(connection, request_id, "done", by_id=who.person_id, now=now)
    changed((f"shop:{shop_id}", f"buyer:{request.buyer_id}"))
    return request


async def _take_up(
    connection: Connection, shop_id: UUID, request_id: UUID, *, what: Asked | None = None
) -> Request:
    request = await lock_request(connection, request_id)
    if request is None or request.shop_id != shop_id or what not in (None, request.what):
        raise Refusal("not_found", N_("There is no such data request."))
    _require_open(request)
    return request


def _require_open(request: Request) -> None:
    if request.answer is not None:
        raise Refusal("not_allowed_in_stage", N_("This request has been answered."))


def _require_buyer(who: Principal) -> None:
    if who.kind != "buyer":
        raise Refusal("wrong_role", N_("Only a buyer asks about their own data."))


async def _log(
    connection: Connection,
    request: Request,
    who: Principal,
    what: Logged,
    why: str,
    *,
    now: datetime,
    counts: dict[str, int] | None = None,
) -> None:
    entry = LogEntry(
        # One thing is done once to a request, so its name is its own.
        id=uuid5(request.id, what),
        shop_id=request.shop_id,
        buyer_id=request.buyer_id,
        by_id=who.person_id,
        at=now,
        what=what,
        why=why,
        counts=counts or {},
    )
    await write_log(connection, entry)

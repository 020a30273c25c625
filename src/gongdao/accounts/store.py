"""Sign-in in SQL: people as they sign in, sessions, API tokens, attempts."""

from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TypeAlias
from uuid import UUID

import msgspec

from gongdao.accounts.principal import BUYER_PERMISSIONS, Principal, permissions_of
from gongdao.accounts.session import SESSION_IDLE, SessionRow, TokenRow
from gongdao.base.db import Connection, Pool, Record

#: One statement may run on the pool, or within somebody's transaction.
Db: TypeAlias = "Connection | Pool"
Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

# Everything that a Principal is made of; `p` is the person and `r` the role.
PRINCIPAL_COLUMNS = """
    p.id as person_id, p.kind, p.shop_id, p.name, p.locale,
    coalesce(r.duty, r.name, 'buyer') as role, r.permissions, r.money_limit_fen
"""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A person as sign-in needs them."""

    principal: Principal
    sign_in_name: str
    password_hash: str | None
    disabled: bool


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Failed sign-ins, or ones still being looked at, and when the last of them was."""

    failures: int
    last: datetime | None


def principal_from(row: Record) -> Principal:
    """The person of a row; a permission that the program no longer knows is dropped."""
    buyer = row["kind"] == "buyer"
    held = BUYER_PERMISSIONS if buyer else frozenset(row["permissions"])
    return Principal(
        person_id=row["person_id"],
        kind=row["kind"],
        role=row["role"],
        shop_id=row["shop_id"],
        permissions=held & permissions_of(row["kind"]),
        money_limit_fen=row["money_limit_fen"],
        name=row["name"],
        locale=row["locale"],
    )


# --- people ------------------------------------------------------------------------------------


async def find_account(db: Db, sign_in_name: str) -> Account | None:
    """The person of a folded sign-in name."""
    return _account(await db.fetchrow(f"{_ACCOUNT} where p.sign_in_name = $1", sign_in_name))


async def load_account(db: Db, person_id: UUID) -> Account | None:
    """The person of an id."""
    return _account(await db.fetchrow(f"{_ACCOUNT} where p.id = $1", person_id))


_ACCOUNT = f"""
    select {PRINCIPAL_COLUMNS}, p.sign_in_name, p.password_hash, p.disabled_at
    from people p left join roles r on r.id = p.role_id
"""  # noqa: S608  constants only


def _account(row: "Record | None") -> Account | None:
    if row is None:
        return None
    return Account(
        principal=principal_from(row),
        sign_in_name=row["sign_in_name"],
        password_hash=row["password_hash"],
        disabled=row["disabled_at"] is not None,
    )


async def set_password_hash(db: Db, person_id: UUID, password_hash: str) -> None:
    """Keep a new hash."""
    await db.execute("update people set password_hash = $2 where id = $1", person_id, password_hash)


async def replace_password_hash(
    db: Connection, person_id: UUID, *, old: str | None, new: str
) -> None:
    """Keep a stronger hash of the same password, unless the password changed meanwhile."""
    await db.execute(
        "update people set password_hash = $3 where id = $1 and password_hash = $2",
        person_id,
        old,
        new,
    )


# --- attempts ----------------------------------------------------------------------------------


async def lock_attempts(db: Connection, name_key: str, network: Network | None) -> None:
    """Until the end of the transaction nobody else counts tries of this name from this network."""
    if network is None:
        await db.execute("select pg_advisory_xact_lock(7411, hashtext($1))", name_key)
    else:
        await db.execute("select pg_advisory_xact_lock(7412, hashtext($1))", str(network))


async def tally_of_name(
    db: Connection, name_key: str, network: Network | None, *, since: datetime
) -> Tally:
    """Failures of a name from one network since its last success from there."""
    row = await db.fetchrow(
        """
        select count(*) as failures, max(at) as last from sign_in_attempts
        where name_key = $1 and network is not distinct from $3 and at > $2
          and succeeded_at is null
          and id > coalesce((select max(id) from sign_in_attempts
                             where name_key = $1 and network is not distinct from $3
                               and succeeded_at is not null), 0)
        """,
        name_key,
        since,
        network,
    )
    return _tally(row)


async def tally_of_network(db: Connection, network: Network | None, *, since: datetime) -> Tally:
    """Failures from a network, whatever succeeded in between."""
    row = await db.fetchrow(
        """
        select count(*) as failures, max(at) as last from sign_in_attempts
        where network = $1 and at > $2 and succeeded_at is null
        """,
        network,
        since,
    )
    return _tally(row)


def _tally(row: "Record | None") -> Tally:
    assert row is not None, "an aggregate always has one row"
    return Tally(failures=row["failures"], last=row["last"])


async def add_attempt(
    db: Connection, name_key: str, network: Network | None, *, now: datetime
) -> int:
    """Count a try before its password is looked at."""
    attempt: int = await db.fetchval(
        "insert into sign_in_attempts (name_key, network, at) values ($1, $2, $3) returning id",
        name_key,
        network,
        now,
    )
    return attempt


async def mark_success(db: Db, attempt: int, *, now: datetime) -> None:
    """The password of this try was right."""
    await db.execute("update sign_in_attempts set succeeded_at = $2 where id = $1", attempt, now)


# --- sessions ----------------------------------------------------------------------------------


async def add_session(
    db: Connection,
    session_id: UUID,
    *,
    token_hash: bytes,
    person_id: UUID,
    now: datetime,
    expires_at: datetime,
    user_agent: str,
    ip: Address | None,
) -> None:
    """Begin a session."""
    await db.execute(
        """
        insert into sessions
            (id, token_hash, person_id, created_at, seen_at, expires_at, user_agent, ip)
        values ($1, $2, $3, $4, $4, $5, $6, $7)
        """,
        session_id,
        token_hash,
        person_id,
        now,
        expires_at,
        user_agent,
        ip,
    )


async def end_session(db: Db, token_hash: bytes) -> UUID | None:
    """Sign out: the session is gone. Returns whose it was, if there was one."""
    return await db.fetchval(
        "delete from sessions where token_hash = $1 returning person_id", token_hash
    )


async def end_session_of(db: Db, person_id: UUID, session_id: UUID) -> bool:
    """End one session of a person; False when it is not theirs or not there."""
    done = await db.execute(
        "delete from sessions where id = $2 and person_id = $1", person_id, session_id
    )
    return done == "DELETE 1"


async def end_sessions(db: Db, person_id: UUID, *, keep: UUID | None) -> None:
    """End every session of a person but one."""
    await db.execute(
        "delete from sessions where person_id = $1 and id is distinct from $2", person_id, keep
    )


async def end_oldest_sessions(db: Connection, person_id: UUID, *, keep: int) -> None:
    """End what a person has not used for longest, down to so many sessions."""
    await db.execute(
        """
        delete from sessions where id in (
            select id from sessions where person_id = $1 order by seen_at desc, id desc offset $2)
        """,
        person_id,
        keep,
    )


async def sessions_of(db: Db, person_id: UUID, *, now: datetime, limit: int) -> list[SessionRow]:
    """Live sessions of a person, the last used first."""
    rows = await db.fetch(
        """
        select id, created_at, seen_at, user_agent, coalesce(host(ip), '') as ip from sessions
        where person_id = $1 and expires_at > $2 and seen_at > $2::timestamptz - $3::interval
        order by seen_at desc, id desc limit $4
        """,
        person_id,
        now,
        SESSION_IDLE,
        limit,
    )
    return [msgspec.convert(dict(row), SessionRow) for row in rows]


# --- API tokens --------------------------------------------------------------------------------


async def add_token(
    db: Connection, row: TokenRow, *, person_id: UUID, token_hash: bytes, most: int
) -> bool:
    """Keep a token; False when the person has so many live ones already."""
    # The person's row is locked, so that two at once cannot both be the last that fits.
    await db.execute("select from people where id = $1 for update", person_id)
    done = await db.execute(
        """
        insert into api_tokens
            (id, token_hash, person_id, name, permissions, created_at, expires_at)
        select $1, $2, $3, $4, $5, $6, $7
        where $8 > (select count(*) from api_tokens
                    where person_id = $3 and revoked_at is null and expires_at > $6)
        """,
        row.id,
        token_hash,
        person_id,
        row.name,
        list(row.permissions),
        row.created_at,
        row.expires_at,
        most,
    )
    return done == "INSERT 0 1"


async def tokens_of(db: Db, person_id: UUID, *, now: datetime, limit: int) -> list[TokenRow]:
    """Live tokens of a person, the newest first."""
    rows = await db.fetch(
        """
        select id, name, permissions, created_at, expires_at, used_at from api_tokens
        where person_id = $1 and revoked_at is null and expires_at > $2
        order by created_at desc, id desc limit $3
        """,
        person_id,
        now,
        limit,
    )
    return [msgspec.convert(dict(row), TokenRow) for row in rows]


async def revoke_token(db: Db, person_id: UUID, token_id: UUID, *, now: datetime) -> bool:
    """End a token; False when it is not theirs, not there or ended before."""
    done = await db.execute(
        """
        update api_tokens set revoked_at = $3
        where id = $2 and person_id = $1 and revoked_at is null
        """,
        person_id,
        token_id,
        now,
    )
    return done == "UPDATE 1"


# --- what has expired --------------------------------------------------------------------------


async def delete_expired(db: Db, *, now: datetime, attempts_before: datetime, most: int) -> int:
    """Delete sessions that are over, attempts and tokens that matter no more; how many."""
    deleted: int = await db.fetchval(
        """
        with old_sessions as (
            delete from sessions where id in (
                select id from sessions
                where expires_at <= $1 or seen_at <= $1::timestamptz - $2::interval limit $4)
            returning 1
        ), old_attempts as (
            delete from sign_in_attempts where id in (
                select id from sign_in_attempts where at <= $3 limit $4)
            returning 1
        ), old_tokens as (
            delete from api_tokens where id in (
                select id from api_tokens
                where least(expires_at, revoked_at) <= $1::timestamptz - interval '30 days'
                limit $4)
            returning 1
        )
        select (select count(*) from old_sessions) + (select count(*) from old_attempts)
             + (select count(*) from old_tokens)
        """,
        now,
        SESSION_IDLE,
        attempts_before,
        most,
    )
    return deleted

"""What people do with their own account: password, sessions, API tokens."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gongdao.accounts import store
from gongdao.accounts.fields import TOKEN_NAME_MAX, check_name, check_password
from gongdao.accounts.passwords import HASHING
from gongdao.accounts.principal import Principal
from gongdao.accounts.session import (
    SESSIONS_MAX,
    TOKEN_LIFE_MAX,
    TOKEN_PREFIX,
    TOKENS_MAX,
    SessionRow,
    TokenRow,
    hash_secret,
    passes_of,
)
from gongdao.accounts.sign_in import prove_password
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_token
from gongdao.base.live import changed


class IssuedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A new API token. The secret is shown this once and cannot be asked for again."""

    secret: str
    token: TokenRow


async def change_password(
    pool: Pool,
    principal: Principal,
    *,
    current: str,
    new: str,
    now: datetime,
    keep_session: UUID | None,
    ip: str | None = None,
) -> None:
    """Set a new password, knowing the current one; every other session ends."""
    account = await store.load_account(pool, principal.person_id)
    assert account is not None, "a principal is a person, and people are never deleted"
    checked = check_password(new, sign_in_name=account.sign_in_name)
    # Whoever holds a stolen session guesses no faster than whoever signs in.
    await prove_password(pool, account.sign_in_name, current, now=now, ip=ip)
    password_hash = await HASHING.hash(checked)
    async with pool.acquire() as connection, connection.transaction():
        await store.set_password_hash(connection, principal.person_id, password_hash)
        await store.end_sessions(connection, principal.person_id, keep=keep_session)
    changed([passes_of(principal.person_id)])


async def list_sessions(pool: Pool, principal: Principal, *, now: datetime) -> list[SessionRow]:
    """Where a person is signed in, the last used first."""
    return await store.sessions_of(pool, principal.person_id, now=now, limit=SESSIONS_MAX)


async def end_session(pool: Pool, principal: Principal, session_id: UUID) -> None:
    """Sign out on one other device."""
    if not await store.end_session_of(pool, principal.person_id, session_id):
        raise Refusal("not_found", N_("There is no such session."))
    changed([passes_of(principal.person_id)])


async def end_other_sessions(pool: Pool, principal: Principal, *, keep: UUID | None) -> None:
    """Sign out everywhere but here."""
    await store.end_sessions(pool, principal.person_id, keep=keep)
    changed([passes_of(principal.person_id)])


async def issue_token(
    pool: Pool,
    principal: Principal,
    *,
    token_id: UUID,
    name: str,
    permissions: Iterable[str],
    life: timedelta,
    now: datetime,
) -> IssuedToken:
    """A secret with which a program does some of what its person may do."""
    wanted = frozenset(permissions)
    if not wanted or not wanted <= principal.permissions:
        raise Refusal(
            "invalid", N_("A token needs at least one permission, and only ones you have.")
        )
    if not timedelta(hours=1) <= life <= TOKEN_LIFE_MAX:
        raise Refusal(
            "invalid", N_("A token lives from 1 hour to {days} days."), days=TOKEN_LIFE_MAX.days
        )
    row = TokenRow(
        id=token_id,
        name=check_name(name, most=TOKEN_NAME_MAX),
        permissions=tuple(sorted(wanted)),
        created_at=now,
        expires_at=now + life,
    )
    secret = new_token(TOKEN_PREFIX)
    async with pool.acquire() as connection, connection.transaction():
        kept = await store.add_token(
            connection,
            row,
            person_id=principal.person_id,
            token_hash=hash_secret(secret),
            most=TOKENS_MAX,
        )
    if not kept:
        raise Refusal("invalid", N_("There are {most} tokens already."), most=TOKENS_MAX)
    return IssuedToken(secret=secret, token=row)


async def list_tokens(pool: Pool, principal: Principal, *, now: datetime) -> list[TokenRow]:
    """The live tokens of a person, the newest first."""
    return await store.tokens_of(pool, principal.person_id, now=now, limit=TOKENS_MAX)


async def revoke_token(pool: Pool, principal: Principal, token_id: UUID, *, now: datetime) -> None:
    """End a token; the next request that carries it is refused."""
    if not await store.revoke_token(pool, principal.person_id, token_id, now=now):
        raise Refusal("not_found", N_("There is no such token."))
    changed([passes_of(principal.person_id)])

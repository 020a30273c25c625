"""Signing in and out, and who a secret belongs to."""

from datetime import datetime
from math import ceil
from typing import Literal

from gongdao.accounts import pass_store, store
from gongdao.accounts.fields import SIGN_IN_NAME_MAX, clean_user_agent, fold_name
from gongdao.accounts.lockout import (
    NAME_LIMIT,
    NETWORK_LIMIT,
    locked_until,
    network_of,
    parse_address,
)
from gongdao.accounts.passwords import HASHING
from gongdao.accounts.session import (
    SECRET_MAX,
    SESSION_LIFE,
    SESSION_PREFIX,
    SESSIONS_MAX,
    Pass,
    SignedIn,
    csrf_token_of,
    hash_secret,
    passes_of,
)
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id, new_token
from gongdao.base.live import changed


async def sign_in(
    pool: Pool,
    name: str,
    password: str,
    *,
    now: datetime,
    ip: str | None = None,
    user_agent: str = "",
    replaces: str | None = None,
) -> SignedIn:
    """Begin a session with a new secret; the one it replaces in the same browser ends.

    Refuses with `rate_limited` after too many failures, and with one and the same
    `unauthenticated` for an unknown name and a wrong password.
    """
    account = await prove_password(pool, name, password, now=now, ip=ip)
    if account.disabled:
        # Said only to who knows the password, so it tells a stranger nothing.
        raise Refusal("unauthenticated", N_("This account has been disabled."))
    secret = new_token(SESSION_PREFIX)
    signed_in = SignedIn(
        secret=secret,
        session_id=new_id(),
        principal=account.principal,
        expires_at=now + SESSION_LIFE,
    )
    replaced = None
    async with pool.acquire() as connection, connection.transaction():
        if replaces is not None:
            replaced = await store.end_session(connection, hash_secret(replaces))
        await store.add_session(
            connection,
            signed_in.session_id,
            token_hash=hash_secret(secret),
            person_id=account.principal.person_id,
            now=now,
            expires_at=signed_in.expires_at,
            user_agent=clean_user_agent(user_agent),
            ip=parse_address(ip),
        )
        await store.end_oldest_sessions(connection, account.principal.person_id, keep=SESSIONS_MAX)
    changed(passes_of(who) for who in (account.principal.person_id, replaced) if who)
    return signed_in


async def prove_password(
    pool: Pool, name: str, password: str, *, now: datetime, ip: str | None = None
) -> store.Account:
    """The person of a name, if this is their password; every failure counts to the lock-out."""
    name_key = fold_name(name)[:SIGN_IN_NAME_MAX]
    attempt = await _count_attempt(pool, name_key, ip, now=now)
    account = await store.find_account(pool, name_key)
    stored = None if account is None else account.password_hash
    verdict = await HASHING.verify(stored, password)
    if account is None or not verdict.right:
        raise Refusal("unauthenticated", N_("The name or the password is wrong."))
    async with pool.acquire() as connection, connection.transaction():
        await store.mark_success(connection, attempt, now=now)
        if verdict.fresh_hash is not None:
            await store.replace_password_hash(
                connection, account.principal.person_id, old=stored, new=verdict.fresh_hash
            )
    return account


async def sign_out(pool: Pool, secret: str) -> None:
    """End the session of a secret, if there is one, and the lines that it opened."""
    if person_id := await store.end_session(pool, hash_secret(secret)):
        changed([passes_of(person_id)])


async def find_pass(
    pool: Pool, how: Literal["session", "token"], secret: str, *, now: datetime
) -> Pass | None:
    """Who a secret stands for, in one statement; None when it is unknown, over or disabled."""
    if not 0 < len(secret) <= SECRET_MAX:
        return None
    found = await pass_store.find_by_secret(pool, how, hash_secret(secret), now=now)
    if found is None:
        return None
    csrf_token = csrf_token_of(secret) if how == "session" else ""
    return Pass(how=how, id=found[0], principal=found[1], csrf_token=csrf_token)


async def _count_attempt(pool: Pool, name_key: str, ip: str | None, *, now: datetime) -> int:
    """Write a try down before the password is looked at, or refuse it while there is a lock."""
    network = network_of(ip)
    async with pool.acquire() as connection, connection.transaction():
        await store.lock_attempts(connection, name_key, network)
        by_name = await store.tally_of_name(
            connection, name_key, network, since=now - NAME_LIMIT.window
        )
        by_network = await store.tally_of_network(
            connection, network, since=now - NETWORK_LIMIT.window
        )
        locks = (
            locked_until(NAME_LIMIT, by_name.failures, by_name.last),
            locked_until(NETWORK_LIMIT, by_network.failures, by_network.last),
        )
        until = max((lock for lock in locks if lock is not None and lock > now), default=None)
        if until is None:
            return await store.add_attempt(connection, name_key, network, now=now)
    seconds = ceil((until - now).total_seconds())
    raise Refusal(
        "rate_limited",
        N_("Too many failed attempts. Try again in {minutes} min, after {until}."),
        minutes=ceil(seconds / 60),
        seconds=seconds,
        until=until,
    )

"""Whose a session or a token is, in SQL: one statement for all who show theirs at the same time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.accounts.session import SEEN_EVERY, SESSION_IDLE
from gongdao.accounts.store import PRINCIPAL_COLUMNS, Db, principal_from
from gongdao.base.db import Connection, Record
from gongdao.base.together import Together


async def find_by_secret(
    db: Db, how: Literal["session", "token"], token_hash: bytes, *, now: datetime
) -> tuple[UUID, Principal] | None:
    """The id of a live session or token and its person, in one statement, noting the use."""
    return await (_sessions if how == "session" else _tokens)(db, (token_hash, now))


_Shown: TypeAlias = tuple[bytes, datetime]
_Found: TypeAlias = tuple[UUID, Principal] | None


async def _find_sessions(db: Connection, shown: Sequence[_Shown]) -> list[_Found]:
    rows = await db.fetch(_BY_SESSION, *zip(*shown, strict=True), SEEN_EVERY, SESSION_IDLE)
    return _placed(shown, [(row["place"], row["id"], principal_from(row)) for row in rows])


async def _find_tokens(db: Connection, shown: Sequence[_Shown]) -> list[_Found]:
    rows = await db.fetch(_BY_TOKEN, *zip(*shown, strict=True), SEEN_EVERY)
    return _placed(shown, [(row["place"], row["id"], _bearer_from(row)) for row in rows])


def _placed(shown: Sequence[_Shown], found: list[tuple[int, UUID, Principal]]) -> list[_Found]:
    answers: list[_Found] = [None] * len(shown)
    for place, pass_id, principal in found:
        answers[place - 1] = (pass_id, principal)
    return answers


def _bearer_from(row: Record) -> Principal:
    """A token may do what both it and its person may."""
    principal = principal_from(row)
    held = principal.permissions & frozenset(row["token_permissions"])
    return msgspec.structs.replace(principal, permissions=held)


_sessions, _tokens = Together(_find_sessions), Together(_find_tokens)

_BY_SESSION = f"""
    with live as (
        select s.id, s.person_id, s.seen_at, asked.now, asked.place
        from unnest($1::bytea[], $2::timestamptz[]) with ordinality
            as asked (token_hash, now, place)
        join sessions s on s.token_hash = asked.token_hash
            and s.expires_at > asked.now and s.seen_at > asked.now - $4::interval
    ), seen as (
        update sessions s set seen_at = live.now from live
        where s.id = live.id and live.seen_at < live.now - $3::interval
    )
    select live.place, live.id, {PRINCIPAL_COLUMNS}
    from live join people p on p.id = live.person_id and p.disabled_at is null
    left join roles r on r.id = p.role_id
"""  # noqa: S608  constants only

# A buyer has no row in roles.
_BY_TOKEN = f"""
    with live as (
        select t.id, t.person_id, t.permissions, t.used_at, asked.now, asked.place
        from unnest($1::bytea[], $2::timestamptz[]) with ordinality
            as asked (token_hash, now, place)
        join api_tokens t on t.token_hash = asked.token_hash
            and t.expires_at > asked.now and t.revoked_at is null
    ), seen as (
        update api_tokens t set used_at = live.now from live
        where t.id = live.id and coalesce(live.used_at, '-infinity') < live.now - $3::interval
    )
    select live.place, live.id, live.permissions as token_permissions, {PRINCIPAL_COLUMNS}
    from live join people p on p.id = live.person_id and p.disabled_at is null
    left join roles r on r.id = p.role_id
"""  # noqa: S608  constants only

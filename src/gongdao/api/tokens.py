"""API tokens of the person behind the request."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from gongdao.accounts import own
from gongdao.accounts.fields import TOKEN_NAME_MAX
from gongdao.accounts.gate import Asked, principal_of, signed_in
from gongdao.accounts.session import TOKEN_LIFE_MAX, TokenRow
from gongdao.base.clock import utc_now
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id

_Permission = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class NewToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a new token is for, what it may do and how long it lives."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=TOKEN_NAME_MAX)]
    permissions: Annotated[list[_Permission], msgspec.Meta(min_length=1, max_length=64)]
    days: Annotated[int, msgspec.Meta(ge=1, le=TOKEN_LIFE_MAX.days)] = 90


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token without its secret."""

    id: UUID
    name: str
    permissions: list[str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class MadeToken(msgspec.Struct, frozen=True, kw_only=True):
    """A new token. Its secret is in this answer and nowhere else, ever."""

    secret: str
    token: Token


@post("/tokens", guards=[signed_in], summary="Make an API token", tags=["accounts"])
async def make_token(request: Asked, data: JSONBody[NewToken]) -> MadeToken:
    """Make a token that may do some of what you may do; only in a session, not with a token."""
    if request.auth is None or request.auth.how != "session":
        # Else a token could outlive itself by making its successor.
        raise Refusal("wrong_role", N_("A token cannot make tokens: sign in with a password."))
    issued = await own.issue_token(
        request.app.state.pool,
        principal_of(request),
        token_id=new_id(),
        name=data.name,
        permissions=data.permissions,
        life=timedelta(days=data.days),
        now=utc_now(),
    )
    return MadeToken(secret=issued.secret, token=_shown(issued.token))


@get("/tokens", guards=[signed_in], summary="My API tokens", tags=["accounts"])
async def read_tokens(request: Asked) -> list[Token]:
    """Your live tokens, the newest first; there are never more than twenty."""
    rows = await own.list_tokens(request.app.state.pool, principal_of(request), now=utc_now())
    return [_shown(row) for row in rows]


@delete(
    "/tokens/{token_id:uuid}", guards=[signed_in], summary="Revoke an API token", tags=["accounts"]
)
async def revoke_token(request: Asked, token_id: FromPath[UUID]) -> None:
    """End a token; the next request that carries it is refused."""
    await own.revoke_token(request.app.state.pool, principal_of(request), token_id, now=utc_now())


def _shown(row: TokenRow) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        permissions=list(row.permissions),
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )

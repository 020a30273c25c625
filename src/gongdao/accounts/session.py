"""A session of a browser and a token of a program: the two ways to be somebody."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal

#: A session ends this long after sign-in, and earlier when nobody uses it.
SESSION_LIFE = timedelta(days=30)
SESSION_IDLE = timedelta(days=14)
#: `seen_at` moves at most this often, so that reading a page does not become writing.
SEEN_EVERY = timedelta(hours=1)
#: Older sessions of a person end when they sign in on one device more.
SESSIONS_MAX = 20

TOKEN_LIFE_MAX = timedelta(days=366)
TOKENS_MAX = 20

SESSION_PREFIX = "gds"
TOKEN_PREFIX = "gdt"  # noqa: S105  not a secret: it only tells the two kinds apart
#: No secret of ours is longer; anything longer is not looked up.
SECRET_MAX = 100


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """By what a request is somebody: a session with its CSRF token, or an API token."""

    how: Literal["session", "token"]
    id: UUID
    principal: Principal
    csrf_token: str = ""


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A session that has just begun; the secret is known here and in the cookie only."""

    secret: str
    session_id: UUID
    principal: Principal
    expires_at: datetime


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its owner sees it."""

    id: UUID
    created_at: datetime
    seen_at: datetime
    user_agent: str
    ip: str


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """An API token as its owner sees it, without the secret."""

    id: UUID
    name: str
    permissions: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


def hash_secret(secret: str) -> bytes:
    """What is stored of a secret. 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def passes_of(person_id: UUID) -> str:
    """The name told when a session or token of a person may be over, or good for other things."""
    return f"passes:{person_id}"


def csrf_token_of(secret: str) -> str:
    """The token that forms of a session carry: made from its secret, and tells nothing of it."""
    digest = hmac.digest(secret.encode(), b"gongdao csrf", "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")

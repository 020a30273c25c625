"""Makers of identifiers and secrets; the only module that asks for chance."""

import secrets
import time
from random import Random
from typing import TypeAlias
from uuid import UUID

#: Throws that a seed decides; what only simulations go by.
Chance: TypeAlias = Random


def new_id() -> UUID:
    """A UUID of version 7: unique, and in this process ordered by the time of its making.

    The twelve bits after the milliseconds hold the fraction of the millisecond (RFC 9562, 6.2,
    method 3), so that what is made together is also listed as it was made.
    """
    unix_ms, rest_ns = divmod(time.time_ns(), 1_000_000)
    fraction = (rest_ns << 12) // 1_000_000
    value = unix_ms << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62
    return UUID(int=value | secrets.randbits(62))


def new_token(prefix: str) -> str:
    """A secret of 256 random bits that names its own kind, for cookies and bearer tokens."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def new_secret(size: int) -> bytes:
    """Random bytes, for keys."""
    return secrets.token_bytes(size)


def chance_of(seed: int) -> Chance:
    """Chance that can be had again: the same seed gives the same throws. Never for secrets."""
    return Random(seed)  # noqa: S311 - for simulations

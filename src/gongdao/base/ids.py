"""Makers of identifiers and secrets; the only module that asks for chance."""

import secrets
import time
from random import Random
from typing import TypeAlias
from uuid import UUID

#: Throws that a seed decides; what only simulations go by.
Chance: TypeAlias = Random


def new_id() -> UUID:
    """A UUID of version 7: unique, and roughly ordered by the time of its making."""
    unix_ms = time.time_ns() // 1_000_000
    random_bits = secrets.randbits(74)
    value = unix_ms << 80 | 0x7 << 76 | (random_bits >> 62) << 64 | 0b10 << 62
    return UUID(int=value | random_bits & (1 << 62) - 1)


def new_token(prefix: str) -> str:
    """A secret of 256 random bits that names its own kind, for cookies and bearer tokens."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def new_secret(size: int) -> bytes:
    """Random bytes, for keys."""
    return secrets.token_bytes(size)


def chance_of(seed: int) -> Chance:
    """Chance that can be had again: the same seed gives the same throws. Never for secrets."""
    return Random(seed)  # noqa: S311 - for simulations

"""Turns whatever a decoder throws at hostile bytes into one refusal."""

from collections.abc import Generator
from contextlib import contextmanager

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_


@contextmanager
def refusing_broken() -> Generator[None]:
    """Refuse content that a decoder cannot read."""
    try:
        yield
    except Refusal:
        raise
    # Decoders promise nothing about what they raise on bytes that somebody has forged: struct,
    # zlib, recursion, memory, index and assertion errors have all been seen. All mean one thing.
    except Exception as error:
        raise Refusal(
            "invalid", N_("The file is damaged or cut short and cannot be read.")
        ) from error

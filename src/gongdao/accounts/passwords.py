"""Argon2id over passwords, away from the event loop and never more than two at a time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TypeVar

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gongdao.accounts.fields import PASSWORD_MAX, fold_password
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_

T = TypeVar("T")

#: Above OWASP's least (19 MiB, two rounds), and two at once leave a small server its memory.
_MEMORY_KIB = 32768
_ROUNDS = 2
_LANES = 1
#: Hashing is the one thing here that burns a core, so a flood of sign-ins must queue elsewhere.
_AT_ONCE = 2
_WAITING_MAX = 64


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a password was right, and a new hash if the stored one has old parameters."""

    right: bool
    fresh_hash: str | None = None


class Hashing:
    """The few threads that hash, and how many callers wait for them."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="argon2")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """A new hash of a password that has been checked."""
        return await self._run(lambda: self._hasher.hash(fold_password(password)))

    async def verify(self, stored: str | None, password: str) -> Verdict:
        """Compare a password with the hash of a person, or with nobody's if there is none.

        An unknown name costs exactly the same work as a known one, so time tells nothing.
        """
        return await self._run(lambda: self._verdict(stored, fold_password(password)))

    def _verdict(self, stored: str | None, password: str) -> Verdict:
        too_long = len(password) > PASSWORD_MAX
        nobody = self._nobody
        try:
            self._hasher.verify(stored or nobody, password[:PASSWORD_MAX])
        except (VerificationError, InvalidHashError):
            return Verdict(right=False)
        if stored is None or too_long:
            return Verdict(right=False)
        if self._hasher.check_needs_rehash(stored):
            return Verdict(right=True, fresh_hash=self._hasher.hash(password))
        return Verdict(right=True)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("the password of nobody")

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= _WAITING_MAX:
            raise Refusal("rate_limited", N_("Too many people sign in right now. Try again soon."))
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


#: The one of this program.
HASHING = Hashing(PasswordHasher(time_cost=_ROUNDS, memory_cost=_MEMORY_KIB, parallelism=_LANES))

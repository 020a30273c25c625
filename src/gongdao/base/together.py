"""What many ask at the same time goes to the database as one statement.

A statement has costs of its own, whatever it is about: a round trip, a connection taken, plans and
checks made ready, and on a commit the wait for the disk. Under load they are most of what a request
costs, and requests that come together share them. Nobody waits for company: a question goes out at
once unless one of its kind is under way, and then with all that have come meanwhile.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence
from typing import Generic, TypeVar, cast

import asyncpg

from gongdao.base.db import Connection, Pool, Queryable

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")

#: How many go out in one statement at most.
COMPANY_MAX = 64


class Together(Generic[Ask, Answer]):
    """A question of the database that is asked for many at once: one answer for each, in order.

    `apart` names what two that go together must not have in common. When the database refuses the
    whole, each is asked by itself, so that nobody is refused for what another has asked.
    """

    def __init__(
        self,
        many: Callable[[Connection, Sequence[Ask]], Awaitable[Sequence[Answer]]],
        *,
        apart: Callable[[Ask], Collection[Hashable]] = lambda _: (),
    ) -> None:
        self.many = many
        self.apart = apart

    async def __call__(self, database: Queryable, ask: Ask) -> Answer:
        """The answer to one; on a connection of one's own it is asked at once and alone."""
        if not isinstance(database, Pool):
            return (await self.many(database, [ask]))[0]
        queue = database.queues.get(self)
        if queue is None:
            queue = database.queues[self] = _Queue(database, self)
        return await cast("_Queue[Ask, Answer]", queue).join(ask)


class _Queue(Generic[Ask, Answer]):
    """Who waits, in one pool, for the answer to one kind of question."""

    def __init__(self, pool: Pool, together: Together[Ask, Answer]) -> None:
        self._pool = pool
        self._together = together
        self._waiting: deque[tuple[Ask, asyncio.Future[Answer]]] = deque()
        self._run: asyncio.Task[None] | None = None

    def join(self, ask: Ask) -> "asyncio.Future[Answer]":
        """Stand in line; the future is the answer."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((ask, future))
        if self._run is None:
            self._run = asyncio.create_task(self._ask_all())
        return future

    async def _ask_all(self) -> None:
        """Ask for those who wait until nobody does."""
        company: list[tuple[Ask, asyncio.Future[Answer]]] = []
        try:
            while self._waiting:
                company = self._next_company()
                if company:
                    await self._ask(company)
        finally:
            # Only a loop that ends leaves somebody here.
            for _, future in (*company, *self._waiting):
                future.cancel()
            self._waiting.clear()
            self._run = None

    def _next_company(self) -> list[tuple[Ask, "asyncio.Future[Answer]"]]:
        """The first who wait, as far as they go together; the others keep their order."""
        company: list[tuple[Ask, asyncio.Future[Answer]]] = []
        others: list[tuple[Ask, asyncio.Future[Answer]]] = []
        taken: set[Hashable] = set()
        while self._waiting and len(company) < COMPANY_MAX:
            one = self._waiting.popleft()
            if one[1].done():
                continue  # they left before they were asked for
            marks = self._together.apart(one[0])
            (company if taken.isdisjoint(marks) else others).append(one)
            taken.update(marks)
        self._waiting.extendleft(reversed(others))
        return company

    async def _ask(self, company: list[tuple[Ask, "asyncio.Future[Answer]"]]) -> None:
        try:
            async with self._pool.acquire() as connection:
                answers = await self._together.many(connection, [ask for ask, _ in company])
        except Exception as error:
            if len(company) > 1 and _is_refusal(error):
                for one in company:
                    await self._ask([one])
                return
            for _, future in company:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(company, answers, strict=True):
            if not future.done():
                future.set_result(answer)


def _is_refusal(error: Exception) -> bool:
    """Whether nothing has been done for sure; a lost connection leaves that open."""
    if isinstance(error, asyncpg.PostgresError):
        return not (error.sqlstate or "08").startswith(("08", "57P"))
    return not isinstance(error, OSError | asyncpg.InterfaceError) or isinstance(error, ValueError)

"""The whole application in this process, alive as long as a test needs it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from litestar import Litestar


@asynccontextmanager
async def alive(app: Litestar) -> AsyncGenerator[None]:
    """Begin and end it in a task of its own: pytest enters and leaves a fixture in two others."""
    begun, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            begun.set()
            await over.wait()

    living = asyncio.create_task(live())
    await begun.wait()
    try:
        yield
    finally:
        over.set()
        await living

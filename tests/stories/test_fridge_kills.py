"""Between any two steps of the refrigerator story something is killed, and nothing is lost."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle

import pytest

from gongdao.base.db import Pool, open_pool
from gongdao.base.embedded import running_url

from .fridge_tale import Tale, let_the_clocks_run_out, settle_in
from .test_fridge_api import check_the_end
from .test_supervision import Product, eventually, product

__all__ = ["product"]


@asynccontextmanager
async def pool_of(product: Product) -> AsyncIterator[Pool]:
    url = running_url(product.home)
    assert url
    pool = await open_pool(url, size=2, name="test")
    yield pool
    await pool.close()


def kill(product: Product, name: str) -> None:
    """Kill one of the processes, and wait until the product answers again."""
    eventually(lambda: name in product.members())
    before = product.members()
    os.kill(before[name], signal.SIGKILL)
    if name == "supervisor":
        product.start()
    else:
        eventually(lambda: product.members().get(name, before[name]) != before[name])
    eventually(lambda: len(product.members()) == 4)
    product.await_answer()


async def test_nothing_is_lost(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGDAO_CHANNEL_DAY", "1")
    # A dozen starts: what Python compiled for one of them serves the next.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    product.start()
    async with pool_of(product) as pool:
        order_id = await settle_in(pool)
    tale = Tale(f"http://127.0.0.1:{product.port}", order_id)
    victims = cycle(("web", "worker", "postgres", "supervisor"))
    for step in tale.before_time_passes:
        await step()
        kill(product, next(victims))
        await says_it_was_done(tale)
    async with pool_of(product) as pool:
        await let_the_clocks_run_out(pool, tale.case_id)
    kill(product, "postgres")
    await tale.rule()
    kill(product, "supervisor")
    await says_it_was_done(tale)
    async with pool_of(product) as pool:
        await check_the_end(pool, tale)


async def says_it_was_done(tale: Tale) -> None:
    """Sent again after the kill, the last command changes nothing."""
    if tale.last:
        version = (await tale.look())["version"]
        assert (await tale.again())["repeated"]
        assert (await tale.look())["version"] == version

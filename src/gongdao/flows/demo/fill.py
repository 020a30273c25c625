"""Fills an empty database with the demo, step by step; begun again, it goes on where it was.

Everything is named after what it is (demo_id, the keys of the actions), so a step that was done is
done only once. The operator's row says when the demo was begun, and the auditor's that it is whole.
"""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.files.objects import Objects
from gongdao.flows.demo.cast import BUYERS, FIRST, LAST, RING, SHOPS
from gongdao.flows.demo.complaints import complaints
from gongdao.flows.demo.customers import play_customers
from gongdao.flows.demo.endings import endings
from gongdao.flows.demo.found import PAST, Found
from gongdao.flows.demo.fridge import new_refrigerator, refrigerator
from gongdao.flows.demo.knowledge import write_knowledge
from gongdao.flows.demo.names import demo_id
from gongdao.flows.demo.orders import everyday
from gongdao.flows.demo.parcels import tell_parcels
from gongdao.flows.demo.perform import perform
from gongdao.flows.demo.register_entries import register_entries
from gongdao.flows.demo.requests import requests
from gongdao.flows.demo.reviews import play_reviews
from gongdao.flows.demo.rulings import rulings
from gongdao.flows.demo.script import Done, Step
from gongdao.flows.demo.settle_in import add_cast, add_platform_person, find_people
from gongdao.flows.demo.stage import Stage
from gongdao.flows.demo.swindle import bought_praise, look_around, suits, tie_ring
from gongdao.flows.demo.talks import play_talks
from gongdao.flows.demo.team import play_team
from gongdao.flows.demo.when import When
from gongdao.shops.purchase import Remarks

LetTimePass = Callable[[datetime], Awaitable[None]]
Tell = Callable[[int, int], None]


def all_steps(when: When) -> Iterator[Step]:
    """Every step of the demo, in no order."""
    yield from everyday(when)
    yield from refrigerator(when)
    yield from new_refrigerator(when)
    for stories in (complaints, requests, endings, rulings):
        for story in stories(when):
            yield from story
    yield from suits(when)
    yield from bought_praise(when)
    yield from register_entries(when)


async def fill(
    pool: Pool,
    objects: Objects,
    found: Found,
    *,
    now: datetime,
    let_time_pass: LetTimePass,
    tell: Tell,
) -> None:
    """Make the demo, or what is missing of it. Refuses a database with anything else in it.

    `let_time_pass` does what falls due before an instant; `tell` hears how many steps are done.
    """
    if found.state == "foreign":
        raise Refusal(
            "not_eligible",
            N_("This database holds other orders and people already; the demo wants an empty one."),
        )
    begun_at = found.begun_at or now
    opened_at = begun_at - PAST
    async with pool.acquire() as connection, connection.transaction():
        await add_platform_person(connection, FIRST, "运营 周行", "operator", now=opened_at)
    await add_cast(pool, now=opened_at)
    stage = await _play(pool, objects, When(begun_at), let_time_pass, tell)
    await let_time_pass(now)
    await write_knowledge(stage, now=opened_at)
    await play_talks(stage, When(begun_at), opened_at=opened_at)
    await play_team(stage, When(begun_at))
    await play_customers(stage, When(begun_at))
    await play_reviews(stage, When(begun_at))
    await tie_ring(stage, now=begun_at)
    await look_around(stage, now=now)
    await add_platform_person(pool, LAST, "审计 何清", "auditor", now=opened_at)


async def _play(
    pool: Pool, objects: Objects, when: When, let_time_pass: LetTimePass, tell: Tell
) -> Stage:
    stage = Stage(
        pool,
        objects,
        shops={house.key: demo_id("shop", house.key) for house in SHOPS},
        people=await find_people(pool),
        receivers={b.key: Remarks(buyer_name=b.name, receiver=b.address) for b in (*BUYERS, *RING)},
    )
    steps = sorted(all_steps(when), key=lambda step: step.at)
    for number, step in enumerate(steps):
        tell(number, len(steps))
        if isinstance(step, Done):
            # Whoever acts finds everything as it is at that instant.
            await let_time_pass(step.at)
        await perform(stage, step)
    await tell_parcels(pool, steps, now=when.now)
    tell(len(steps), len(steps))
    return stage

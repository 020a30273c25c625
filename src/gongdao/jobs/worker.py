"""The worker: a process that does, again and again, what is due without anybody asking."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import structlog

from gongdao.accounts.expiry import purge_expired
from gongdao.base.bus import open_bus
from gongdao.base.clock import utc_now
from gongdao.base.config import Config, read_config
from gongdao.base.db import Pool, open_pool
from gongdao.base.live import Hub, gather_changes
from gongdao.base.logs import write_logs
from gongdao.base.weather import is_weather
from gongdao.cases.store import forget_old_keys
from gongdao.channels.secrets import open_keyring
from gongdao.flows.customers.list_customers import keep_names_findable
from gongdao.flows.guard.traits import forget_traits_of_old
from gongdao.flows.register_notices import tell_of_late
from gongdao.flows.talk.visitors import forget_visitors
from gongdao.jobs.bills import look_at_bills
from gongdao.jobs.debts import repay_what_came_in
from gongdao.jobs.desks import look_after_desks
from gongdao.jobs.dispatches import tell_parcels, tell_what_is_there
from gongdao.jobs.follow import follow
from gongdao.jobs.followers import FOLLOWERS
from gongdao.jobs.guard import (
    look_at_messages,
    look_at_receivers,
    look_at_records,
    look_at_watched,
)
from gongdao.jobs.mail import MailRounds
from gongdao.jobs.payouts import pay_out
from gongdao.jobs.retrials import judge_again
from gongdao.jobs.sweep import sweep
from gongdao.jobs.team import look_after_teams
from gongdao.jobs.tracking import ask_carrier
from gongdao.register.store import forget_old_keys as forget_old_register_keys

_log = structlog.get_logger()

#: Silence is decided within a second: half of it passes at most before somebody looks.
SWEEP_EVERY = timedelta(milliseconds=400)
#: A command that is sent again after this is a new one.
KEYS_LIVE = timedelta(days=30)
#: How often followers look at the log: news are a second old at most.
FOLLOW_EVERY = timedelta(seconds=1)


class Periodic(NamedTuple):
    """A piece of work that is done every so often; `run` is told what time it is."""

    name: str
    every: timedelta
    run: Callable[[datetime], Awaitable[object]]


def periodic_work(pool: Pool, config: Config, hub: Hub) -> tuple[Periodic, ...]:
    """What the worker does. A job calls one function of a room or a flow."""
    day = timedelta(seconds=config.channel_seconds_per_day)
    often = min(timedelta(seconds=5), day / 20)
    mail = MailRounds(pool, config)
    keyring = open_keyring(config.home, config.secret)
    return (
        Periodic("sweep", SWEEP_EVERY, partial(sweep, pool)),
        Periodic("payouts", often, partial(pay_out, pool)),
        Periodic("debts", timedelta(seconds=2), partial(repay_what_came_in, pool)),
        Periodic("bills", often, partial(look_at_bills, pool)),
        Periodic("tracking", often, partial(ask_carrier, pool)),
        *(
            Periodic(follower.name, FOLLOW_EVERY, partial(follow, pool, follower))
            for follower in FOLLOWERS
        ),
        Periodic("retrials", timedelta(seconds=1), partial(judge_again, pool, tell=hub.tell)),
        Periodic("desks", timedelta(seconds=2), partial(look_after_desks, pool)),
        Periodic("mail in", timedelta(seconds=2), mail.bring_in),
        Periodic("mail told", timedelta(seconds=1), mail.tell),
        Periodic("mail out", timedelta(seconds=1), mail.send),
        Periodic("parcels", timedelta(seconds=1), partial(tell_parcels, pool)),
        Periodic("restock", timedelta(seconds=5), partial(tell_what_is_there, pool)),
        Periodic("customers", timedelta(seconds=5), partial(_keep_customers, pool)),
        Periodic("register", timedelta(minutes=1), partial(tell_of_late, pool)),
        Periodic("team", timedelta(minutes=1), partial(look_after_teams, pool)),
        Periodic("guard traits", timedelta(minutes=1), partial(look_at_receivers, pool, keyring)),
        Periodic("guard watched", timedelta(seconds=30), partial(look_at_watched, pool)),
        Periodic("guard messages", timedelta(seconds=10), partial(look_at_messages, pool)),
        Periodic("guard records", timedelta(minutes=1), partial(look_at_records, pool)),
        Periodic("expiry", timedelta(hours=1), partial(_forget, pool)),
    )


async def _keep_customers(pool: Pool, now: datetime) -> None:
    while await keep_names_findable(pool, now=now):
        continue


async def _forget(pool: Pool, now: datetime) -> None:
    await purge_expired(pool, now=now)
    await forget_old_keys(pool, before=now - KEYS_LIVE)
    await forget_old_register_keys(pool, before=now - KEYS_LIVE)
    await forget_visitors(pool, now=now)
    await forget_traits_of_old(pool, now=now)


async def work(periodic: tuple[Periodic, ...], hub: Hub, stop: asyncio.Event) -> None:
    """Do the periodic work until told to stop; a round that began is finished."""
    async with asyncio.TaskGroup() as group:
        for piece in periodic:
            group.create_task(_repeat(piece, hub, stop))
        await stop.wait()


async def _repeat(piece: Periodic, hub: Hub, stop: asyncio.Event) -> None:
    while not stop.is_set():
        with gather_changes() as names:
            try:
                await piece.run(utc_now())
            except Exception as error:
                # The next round tries again; a worker that ended would stop the other work too.
                if is_weather(error):
                    _log.warning("periodic work interrupted", name=piece.name, reason=str(error))
                else:
                    _log.exception("periodic work failed", name=piece.name)
        hub.tell(names)
        try:
            await asyncio.wait_for(stop.wait(), piece.every.total_seconds())
        except TimeoutError:
            continue


async def main() -> None:
    """Work for the configured database until SIGTERM or Ctrl-C."""
    write_logs()
    config = read_config()
    if config.database_url is None:
        raise SystemExit("The worker needs GONGDAO_DATABASE_URL; gongdao serve sets it.")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    pool = await open_pool(config.database_url, size=8, name="gongdao worker")
    hub = Hub(open_bus(config))
    await hub.start_telling()
    await work(periodic_work(pool, config, hub), hub, stop)
    await hub.stop()
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main())

"""Who reads the log of cases; each follower keeps its name for ever."""

from collections.abc import Sequence
from datetime import datetime

from gongdao.base.db import Connection
from gongdao.cases.log import Deed
from gongdao.flows.notify_parties import notify_parties
from gongdao.flows.talk.tell_talks import tell_talks
from gongdao.jobs.follow import Follower


async def _tell(connection: Connection, deeds: Sequence[Deed], now: datetime) -> None:
    await notify_parties(connection, deeds, now)
    await tell_talks(connection, deeds, now)


FOLLOWERS = (Follower("notices", _tell),)

"""Jobs of the worker for channels: bring in what is new, tell it, and send what is due.

Each may be killed at any step and run by several workers at once.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from gongdao.base.clock import utc_now
from gongdao.base.config import Config
from gongdao.base.db import Pool
from gongdao.channels.channel import Account
from gongdao.channels.mail.mail import Mail
from gongdao.channels.secrets import LostKey, open_keyring
from gongdao.channels.store import AccountRow, note_trouble, take_due_accounts
from gongdao.files.objects import open_objects
from gongdao.flows.talk.receive_mail import take_in, tell_next
from gongdao.flows.talk.send_mail import (
    LOOK_BACK,
    UNSENT_MAX,
    find_unsent,
    put_answers,
    send_next,
)

_log = structlog.get_logger()

#: Accounts that are asked at the same time, and messages that one round reads or sends at most.
TOGETHER, ROUND_MAX = 4, 50
#: How long an account waits whose secret cannot be opened.
_LOST_WAIT = timedelta(minutes=10)
_BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


class MailRounds:
    """The mail of an installation, round after round; connections stay open in between."""

    def __init__(self, pool: Pool, config: Config) -> None:
        self._pool = pool
        self._objects = open_objects(config.files_url)
        self._keyring = open_keyring(config.home, config.secret)
        self._mail = Mail(self._keyring, networks=config.mail_networks)
        self._looked_at: datetime | None = None

    async def bring_in(self, now: datetime) -> None:
        """Store what is new in the mailboxes that are due."""
        rows = await take_due_accounts(self._pool, self._mail.name, now=now, limit=TOGETHER)
        async with asyncio.TaskGroup() as group:
            for row in rows:
                group.create_task(self._bring_in_of(row))

    async def tell(self, now: datetime) -> None:
        """Put what is stored into conversations."""
        for _ in range(ROUND_MAX):
            if not await tell_next(self._pool, self._objects, self._mail, now=utc_now()):
                return

    async def send(self, now: datetime) -> None:
        """Put what was said into the outbox, and try what is due."""
        await self._put(now)
        for _ in range(ROUND_MAX):
            sent = await send_next(
                self._pool, self._objects, self._mail, self._opened, now=utc_now()
            )
            if not sent:
                return

    async def close(self) -> None:
        """Sign out of the mailboxes."""
        await self._mail.close()

    async def _put(self, now: datetime) -> None:
        since = _BEGINNING if self._looked_at is None else self._looked_at - LOOK_BACK
        unsent = await find_unsent(self._pool, since=since)
        is_all = len(unsent) < UNSENT_MAX
        for conversation_id in unsent:
            try:
                await put_answers(self._pool, self._mail, conversation_id, now=now)
            except Exception:
                # One conversation must not keep the others waiting; it is tried again.
                _log.exception("answers not put", conversation=str(conversation_id))
                is_all = False
        if is_all:
            self._looked_at = now

    async def _bring_in_of(self, row: AccountRow) -> None:
        account = self._opened(row)
        if account is None:
            reason = "the password was sealed with another key; enter it again"
            await note_trouble(self._pool, row.id, reason, again=utc_now() + _LOST_WAIT)
            return
        try:
            await take_in(self._pool, self._objects, self._mail, row, account.secret, clock=utc_now)
        except Exception:
            # One mailbox must not keep the others waiting; the row says when it is tried again.
            _log.exception("mailbox failed", account=str(row.id))

    def _opened(self, row: AccountRow) -> Account | None:
        try:
            return row.opened(self._keyring.unseal(row.secret, owner=str(row.id)))
        except LostKey:
            return None

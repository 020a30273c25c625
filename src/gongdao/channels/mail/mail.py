"""E-mail as a channel (channels/channel.py)."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from gongdao.base.i18n import N_
from gongdao.channels.channel import (
    Account,
    Arrival,
    Delivery,
    Incoming,
    Moved,
    Outgoing,
    Unavailable,
)
from gongdao.channels.mail.compose import CannotWrite, write_mail
from gongdao.channels.mail.imap import ImapSession, Position
from gongdao.channels.mail.read_apart import read_apart
from gongdao.channels.mail.settings import MailSettings
from gongdao.channels.mail.smtp import send_mail, sign_in
from gongdao.channels.reason import write_reason
from gongdao.channels.secrets import Keyring

#: A mark: an id of 16 bytes and 10 bytes that only our key makes, in letters that survive anything.
_MARK = re.compile(r"(?:^|[<+])gd([a-z2-7]{42})@", re.IGNORECASE)
_ID_BYTES, _PROOF_BYTES = 16, 10


class Mail:
    """Mailboxes of shops. Connections for reading stay open from one round to the next."""

    name = "mail"

    def __init__(self, keyring: Keyring, *, networks: tuple[str, ...] = ()) -> None:
        self._keyring = keyring
        self._networks = networks
        self._sessions: dict[UUID, tuple[MailSettings, str, ImapSession]] = {}

    async def fetch(
        self, account: Account, folder: Path, *, now: datetime
    ) -> AsyncIterator[Arrival | Moved]:
        """What is new in the mailbox; see Channel."""
        session = await self._session(account)
        before = msgspec.convert(account.position, Position)
        try:
            position, found = await asyncio.to_thread(
                session.find_new, before, checked_at=account.checked_at or now
            )
            if position != before:
                yield Moved(position=msgspec.to_builtins(position))
            for uid in found:
                yield await asyncio.to_thread(session.take, uid, folder, position)
        except BaseException:
            # Where a conversation with a server stopped half-way, nobody can go on from there.
            await self._drop(account.id)
            raise

    async def read(self, account: Account, raw: Path, folder: Path) -> Incoming:
        """Take a mail apart; see Channel."""
        settings = msgspec.convert(account.settings, MailSettings)
        return await read_apart(
            raw, folder, own_address=account.address, auth_server=settings.auth_server
        )

    def name_letter(self, account: Account, outbox_id: UUID) -> str:
        """A Message-ID with a mark that only this installation can make."""
        proof = bytes.fromhex(self._keyring.mark(account.id.hex, outbox_id.hex))[:_PROOF_BYTES]
        mark = base64.b32encode(outbox_id.bytes + proof).decode("ascii").rstrip("=").lower()
        domain = account.address.rpartition("@")[2]
        return f"<gd{mark}@{domain}>"

    def answers(self, account: Account, incoming: Incoming) -> tuple[UUID, ...]:
        """The letters whose marks a mail carries, the nearest first, as far as they are genuine."""
        ids: dict[UUID, None] = {}
        for name in reversed(incoming.refers_to):
            found = _MARK.search(name)
            if found is None:
                continue
            content = base64.b32decode(found[1].upper() + "=" * 6)
            outbox_id = UUID(bytes=content[:_ID_BYTES])
            made = bytes.fromhex(self._keyring.mark(account.id.hex, outbox_id.hex))
            if self._keyring.is_same(content[_ID_BYTES:], made[:_PROOF_BYTES]):
                ids[outbox_id] = None
        return tuple(ids)

    async def send(self, account: Account, outgoing: Outgoing) -> Delivery:
        """Try once to send a letter; see Channel."""
        settings = msgspec.convert(account.settings, MailSettings)
        try:
            mail = write_mail(account, settings, outgoing)
        except CannotWrite as error:
            return Delivery(
                outcome="refused",
                reason=write_reason(N_("The letter cannot be written: {said}"), error),
            )
        return await send_mail(account, settings, mail, networks=self._networks)

    async def check(self, account: Account) -> None:
        """Sign in for reading and for sending; see Channel."""
        settings = msgspec.convert(account.settings, MailSettings)
        session = await asyncio.to_thread(ImapSession, account, settings, self._networks)
        try:
            await asyncio.to_thread(session.look)
        finally:
            await asyncio.to_thread(session.close)
        client = await sign_in(account, settings, networks=self._networks)
        client.close()

    async def close(self) -> None:
        """Sign out everywhere."""
        for account_id in list(self._sessions):
            await self._drop(account_id)

    async def _session(self, account: Account) -> ImapSession:
        """The open session of a mailbox; a new one where its settings have changed."""
        try:
            settings = msgspec.convert(account.settings, MailSettings)
        except msgspec.ValidationError as error:
            raise Unavailable(
                N_("The settings of the mailbox cannot be read: {said}"), error
            ) from error
        kept = self._sessions.get(account.id)
        if kept is not None and kept[:2] == (settings, account.secret):
            return kept[2]
        await self._drop(account.id)
        session = await asyncio.to_thread(ImapSession, account, settings, self._networks)
        self._sessions[account.id] = (settings, account.secret, session)
        return session

    async def _drop(self, account_id: UUID) -> None:
        kept = self._sessions.pop(account_id, None)
        if kept is not None:
            await asyncio.to_thread(kept[2].close)

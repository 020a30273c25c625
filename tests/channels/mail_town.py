"""A shop with a mailbox on a real server, its people, and rounds of the worker by hand."""

import asyncio
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
from tests.mail_servers import PASSWORD, Dovecot, Postbox
from tests.web.chat.desk_town import DeskTown, build_desk_town

from gongdao.base.clock import utc_now
from gongdao.base.config import Config, read_config
from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.channels.channel import Account
from gongdao.channels.mail.settings import MailSettings
from gongdao.channels.secrets import open_keyring
from gongdao.channels.store import add_account
from gongdao.chat.conversation import Conversation
from gongdao.chat.message import Message
from gongdao.chat.store import load_conversations, messages_after
from gongdao.flows.talk.say import ToSay, say_in_talk
from gongdao.jobs.mail import MailRounds

ADDRESS = "kefu@shop.example"
BUYER = "lixiaomei@mail.example"


class MailTown(msgspec.Struct, kw_only=True):
    """Everybody, the two servers, and the worker's rounds."""

    desk: DeskTown
    dovecot: Dovecot
    postbox: Postbox
    rounds: MailRounds
    config: Config
    account: Account
    database_url: str

    @property
    def pool(self) -> Pool:
        return self.desk.pool

    @property
    def login(self) -> str:
        return str(self.account.settings["login"])

    def deliver(self, mail: bytes | EmailMessage) -> None:
        self.dovecot.deliver(self.login, mail)

    async def bring_in(self) -> None:
        """Look into the mailbox now, whenever it would be looked into."""
        await self.pool.execute("UPDATE channel_accounts SET wait_until = NULL")
        await self.rounds.bring_in(utc_now())
        await self.rounds.tell(utc_now())

    async def send(self) -> None:
        """Send what was said, without the time in which it may be taken back."""
        await self.rounds.send(utc_now())
        await self.pool.execute("UPDATE channel_outbox SET due_at = put_at WHERE state = 'waiting'")
        await self.rounds.send(utc_now())

    async def talks(self) -> list[Conversation]:
        """All conversations by mail, the oldest first."""
        rows = await self.pool.fetch(
            "SELECT id FROM chat_conversations WHERE channel = 'mail' ORDER BY opened_at, id"
        )
        found = await load_conversations(self.pool, [row["id"] for row in rows])
        return [found[row["id"]] for row in rows]

    async def said(self, conversation: Conversation) -> list[Message]:
        return [one.message for one in await messages_after(self.pool, [(conversation.id, 0)])]

    async def texts(self, conversation: Conversation) -> list[str]:
        """What people have written."""
        said = await self.said(conversation)
        return [one.body.text for one in said if one.kind == "text"]  # pyright: ignore

    async def answer(self, conversation: Conversation, text: str, who: str = "小安") -> int:
        """Somebody of the shop writes."""
        sent = ToSay(conversation_id=conversation.id, client_id=uuid4(), body={"text": text})
        said = await say_in_talk(self.pool, self.desk.people[who], sent, now=utc_now())
        return said.seq

    async def arrivals(self, state: str) -> list[Any]:
        return await self.pool.fetch(
            "SELECT * FROM channel_arrivals WHERE state = $1 ORDER BY arrived_at, id", state
        )

    async def letters(self) -> list[Any]:
        return await self.pool.fetch("SELECT * FROM channel_outbox ORDER BY put_at, seq")


async def build_mail_town(
    pool: Pool, database_url: str, dovecot: Dovecot, postbox: Postbox, home: Path
) -> MailTown:
    desk = await build_desk_town(pool)
    config = read_config(
        {
            "GONGDAO_HOME": str(home),
            "GONGDAO_DATABASE_URL": database_url,
            "GONGDAO_MAIL_NETWORKS": "127.0.0.0/8",
        }
    )
    settings = MailSettings(
        imap_host="127.0.0.1",
        imap_port=dovecot.port,
        imap_security="none",
        smtp_host="127.0.0.1",
        smtp_port=postbox.port,
        smtp_security="none",
        login=f"user{uuid4().hex[:12]}",
        sender_name="公道小店",
    )
    account = Account(
        id=new_id(),
        shop_id=desk.shop_id,
        channel="mail",
        address=ADDRESS,
        settings=msgspec.to_builtins(settings),
    )
    sealed = open_keyring(home, None).seal(PASSWORD, owner=str(account.id))
    by = desk.people["老板"].person_id
    assert await add_account(pool, account, sealed=sealed, by=by, now=utc_now())
    town = MailTown(
        desk=desk, dovecot=dovecot, postbox=postbox, rounds=MailRounds(pool, config),
        config=config, account=account, database_url=database_url,
    )  # fmt: skip
    await town.bring_in()
    return town


def write(
    text: str = "我的订单还没到",
    *,
    subject: str = "催单",
    sender: str = f"李小美 <{BUYER}>",
    **headers: str,
) -> EmailMessage:
    """A mail of a buyer."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, ADDRESS, subject
    mail["Message-ID"] = f"<{uuid4().hex}@mail.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def answer_to(mail: EmailMessage, text: str, *, sender: str = BUYER) -> EmailMessage:
    """What a mail program makes of an answer."""
    quoted = "\n".join(f"> {line}" for line in mail.get_content().splitlines())
    own = mail["References"] or ""
    return write(
        f"{text}\n\n在 2026年11月22日，公道小店 <{ADDRESS}> 写道：\n{quoted}\n",
        subject=mail["Subject"],
        sender=sender,
        In_Reply_To=mail["Message-ID"],
        References=f"{own} {mail['Message-ID']}".strip(),
    )


async def until(holds: Any, seconds: float = 20.0) -> None:
    """Wait until something that others bring about is so."""
    end = asyncio.get_running_loop().time() + seconds
    while not await holds():
        assert asyncio.get_running_loop().time() < end, "it did not come about in time"
        await asyncio.sleep(0.1)


def later(**by: float) -> datetime:
    return utc_now() + timedelta(**by)


def talk_ids(talks: list[Conversation]) -> set[UUID]:
    return {talk.id for talk in talks}

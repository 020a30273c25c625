"""The mailboxes of a shop: set up, changed, paused; a password goes in and never comes out."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.channels.channel import Account, Channel, Unavailable
from gongdao.channels.mail.headers import fold_address, is_address
from gongdao.channels.mail.settings import MailSettings
from gongdao.channels.secrets import Keyring, LostKey
from gongdao.channels.store import (
    ACCOUNTS_MAX,
    AccountRow,
    accounts_of,
    add_account,
    change_account,
    pause_account,
)

PASSWORD_MAX = 200
#: With another value of these the password would go somewhere else: it has to be typed again.
_WHERE_IT_GOES = (
    "imap_host", "imap_port", "imap_security", "smtp_host", "smtp_port", "smtp_security", "login",
)  # fmt: skip


async def add_mailbox(
    pool: Pool,
    who: Principal,
    channel: Channel,
    keyring: Keyring,
    *,
    address: str,
    settings: MailSettings,
    password: str,
    account_id: UUID,
    now: datetime,
) -> None:
    """Set up a mailbox that opens both ways. Raises Refusal that says what does not work."""
    folded = fold_address(address)
    if not is_address(folded):
        raise Refusal("invalid", N_("This is not a mail address."))
    account = Account(
        id=account_id,
        shop_id=_shop_of(who),
        channel=channel.name,
        address=folded,
        settings=msgspec.to_builtins(settings),
        secret=_password(password),
    )
    await _try(channel, account)
    sealed = keyring.seal(account.secret, owner=str(account_id))
    if not await add_account(pool, account, sealed=sealed, by=who.person_id, now=now):
        raise Refusal(
            "duplicate",
            N_("This mailbox is set up already, or the shop has {most} of them."),
            most=ACCOUNTS_MAX,
        )


async def change_mailbox(
    pool: Pool,
    who: Principal,
    channel: Channel,
    keyring: Keyring,
    account_id: UUID,
    *,
    settings: MailSettings,
    password: str,
) -> None:
    """Change how a mailbox is reached. An empty password stays, while it goes where it went."""
    row = await find_mailbox(pool, who, account_id)
    new: dict[str, Any] = msgspec.to_builtins(settings)
    if not password and any(new[name] != row.settings.get(name) for name in _WHERE_IT_GOES):
        raise Refusal("invalid", N_("Enter the password again: it would go to another server."))
    try:
        kept = keyring.unseal(row.secret, owner=str(account_id)) if not password else ""
    except LostKey:
        raise Refusal("invalid", N_("Enter the password again: its key is lost.")) from None
    secret = _password(password) if password else kept
    await _try(channel, msgspec.structs.replace(row.opened(secret), settings=new))
    sealed = keyring.seal(secret, owner=str(account_id)) if password else None
    await change_account(pool, account_id, shop_id=row.shop_id, settings=new, sealed=sealed)


async def pause_mailbox(
    pool: Pool, who: Principal, account_id: UUID, *, at: datetime | None
) -> None:
    """Leave a mailbox alone, or begin again where it was left (`at` is None)."""
    if not await pause_account(pool, account_id, shop_id=_shop_of(who), at=at):
        raise _no_mailbox()


async def find_mailbox(pool: Pool, who: Principal, account_id: UUID) -> AccountRow:
    """A mailbox of the shop. Raises Refusal not_found."""
    for row in await accounts_of(pool, _shop_of(who)):
        if row.id == account_id:
            return row
    raise _no_mailbox()


async def _try(channel: Channel, account: Account) -> None:
    try:
        await channel.check(account)
    except Unavailable as error:
        raise Refusal("invalid", error.sentence, said=error.said) from error


def _password(text: str) -> str:
    if not 1 <= len(text) <= PASSWORD_MAX or any(c in text for c in "\0\r\n"):
        raise Refusal("invalid", N_("Enter the password of the mailbox."))
    return text


def _shop_of(who: Principal) -> UUID:
    if who.shop_id is None or not who.may("chat.manage"):
        raise Refusal("wrong_role", N_("Only who leads the desk may set up its mailboxes."))
    return who.shop_id


def _no_mailbox() -> Refusal:
    return Refusal("not_found", N_("There is no such mailbox."))

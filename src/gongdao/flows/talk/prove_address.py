"""A buyer proves that an address is theirs: its mail is then in their own conversations.

A code goes only to an address that has written to a shop here, so nobody can have strangers
written to; and whoever asks is not told whether it has.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, translate
from gongdao.base.ids import new_secret
from gongdao.channels.channel import Channel, Letter
from gongdao.channels.letter_store import put_letter
from gongdao.channels.mail.headers import fold_address, is_address
from gongdao.channels.people_store import (
    account_written_to,
    prove_address,
    start_proof,
    try_proof,
)
from gongdao.channels.store import find_accounts

#: A code is of eight digits, holds for half an hour and five tries; one may be asked for a minute.
CODE_LIFE, ASK_EVERY, TRIES_MAX = timedelta(minutes=30), timedelta(minutes=1), 5


async def ask_code(
    pool: Pool, who: Principal, channel: Channel, address: str, *, letter_id: UUID, now: datetime
) -> None:
    """Send a code to the address that a buyer says is theirs. Raises Refusal."""
    _require_buyer(who)
    folded = fold_address(address)
    if not is_address(folded):
        raise Refusal("invalid", N_("This is not a mail address."))
    code = f"{int.from_bytes(new_secret(8)) % 10**8:08}"
    async with pool.acquire() as connection, connection.transaction():
        started = await start_proof(
            connection,
            who.person_id,
            channel.name,
            folded,
            code_hash=_hash(who, code),
            now=now,
            not_after=now - ASK_EVERY,
        )
        if not started:
            raise Refusal("rate_limited", N_("A code was sent a moment ago; wait a minute."))
        account_id = await account_written_to(connection, channel.name, folded)
        if account_id is None:
            return
        account = (await find_accounts(connection, [account_id]))[account_id].opened("")
        await put_letter(
            connection,
            letter_id,
            account_id=account_id,
            letter=Letter(
                to=folded,
                subject=translate(who.locale, N_("Your code")),
                text=translate(
                    who.locale,
                    N_(
                        "{code} is the code with which this address becomes part of an account."
                        " If you have not asked for it, give it to nobody."
                    ),
                    {"code": code},
                ),
                is_automatic=True,
            ),
            reference=channel.name_letter(account, letter_id),
            now=now,
            due_at=now,
        )


async def enter_code(
    pool: Pool, who: Principal, channel: Channel, code: str, *, now: datetime
) -> str:
    """Take the address that the code went to; returns it. Raises Refusal for a wrong code."""
    _require_buyer(who)
    # Counted first, and in a transaction of its own: a hundred tries at once count as a hundred.
    waiting = await try_proof(
        pool, who.person_id, channel.name, tries_max=TRIES_MAX, asked_after=now - CODE_LIFE
    )
    typed = "".join(code.split())
    if waiting is None or not hmac.compare_digest(waiting[1], _hash(who, typed)):
        raise Refusal("invalid", N_("This is not the code, or it holds no more. Ask for another."))
    async with pool.acquire() as connection, connection.transaction():
        await prove_address(connection, who.person_id, channel.name, waiting[0], now=now)
    return waiting[0]


def _hash(who: Principal, code: str) -> bytes:
    return hashlib.sha256(f"{who.person_id}:{code}".encode()).digest()


def _require_buyer(who: Principal) -> None:
    if who.kind != "buyer":
        raise Refusal("wrong_role", N_("Only buyers have addresses of their own here."))

"""The accounts of shops in the database; the only SQL for `channel_accounts`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable, Record
from gongdao.channels.channel import Account
from gongdao.channels.reason import REASON_MAX

#: A worker that took something and died is given up for dead after this long.
LEASE = timedelta(minutes=5)
#: How many accounts a shop may have.
ACCOUNTS_MAX = 20


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """An account with how it fares; its secret is still sealed."""

    id: UUID
    shop_id: UUID
    channel: str
    address: str
    settings: Any
    secret: bytes
    position: Any
    checked_at: datetime | None
    failures: int
    wait_until: datetime | None
    trouble: str | None
    created_at: datetime
    paused_at: datetime | None

    def opened(self, secret: str) -> Account:
        """The account as its channel needs it."""
        return Account(
            id=self.id,
            shop_id=self.shop_id,
            channel=self.channel,
            address=self.address,
            settings=self.settings,
            secret=secret,
            position=self.position,
            checked_at=self.checked_at,
        )


_ACCOUNT = ", ".join(AccountRow.__struct_fields__)
_ADD_ACCOUNT = """
INSERT INTO channel_accounts
       (id, shop_id, channel, address, settings, secret, created_at, created_by)
SELECT $1, $2, $3, $4, $5, $6, $7, $8
 WHERE $9 > (SELECT count(*) FROM channel_accounts WHERE shop_id = $2)
ON CONFLICT DO NOTHING
"""
_CHANGE_ACCOUNT = """
UPDATE channel_accounts
   SET settings = $3, secret = coalesce($4, secret), failures = 0, wait_until = NULL, trouble = NULL
 WHERE id = $1 AND shop_id = $2
"""
_PAUSE = """
UPDATE channel_accounts SET paused_at = $3, failures = 0, wait_until = NULL, trouble = NULL
 WHERE id = $1 AND shop_id = $2
"""
_OF_SHOP = f"""
SELECT {_ACCOUNT} FROM channel_accounts WHERE shop_id = $1 ORDER BY address LIMIT {ACCOUNTS_MAX}
"""  # noqa: S608 - made of constants
_FIND = f"SELECT {_ACCOUNT} FROM channel_accounts WHERE id = ANY ($1)"  # noqa: S608
_TAKE_DUE = f"""
UPDATE channel_accounts SET wait_until = $2
 WHERE id IN (SELECT id FROM channel_accounts
               WHERE paused_at IS NULL AND channel = $3 AND coalesce(wait_until, $1) <= $1
               ORDER BY wait_until NULLS FIRST, id LIMIT $4 FOR UPDATE SKIP LOCKED)
RETURNING {_ACCOUNT}
"""  # noqa: S608 - made of constants
_NOTE_WELL = """
UPDATE channel_accounts
   SET checked_at = $2, failures = 0, trouble = NULL, wait_until = $3 WHERE id = $1
"""
_NOTE_TROUBLE = """
UPDATE channel_accounts SET failures = failures + 1, trouble = $2, wait_until = $3 WHERE id = $1
"""
_MOVE = "UPDATE channel_accounts SET position = $2 WHERE id = $1"


async def add_account(
    database: Queryable, account: Account, *, sealed: bytes, by: UUID, now: datetime
) -> bool:
    """Keep a new account; False where the shop has it already, or too many."""
    done = await database.execute(
        _ADD_ACCOUNT,
        account.id,
        account.shop_id,
        account.channel,
        account.address,
        msgspec.json.encode(account.settings),
        sealed,
        now,
        by,
        ACCOUNTS_MAX,
    )
    return done == "INSERT 0 1"


async def change_account(
    database: Queryable, account_id: UUID, *, shop_id: UUID, settings: Any, sealed: bytes | None
) -> bool:
    """Change how an account is reached; no secret means that it stays as it is."""
    encoded = msgspec.json.encode(settings)
    done = await database.execute(_CHANGE_ACCOUNT, account_id, shop_id, encoded, sealed)
    return done == "UPDATE 1"


async def pause_account(
    database: Queryable, account_id: UUID, *, shop_id: UUID, at: datetime | None
) -> bool:
    """Leave an account alone from now on, or begin again (`at` is None)."""
    return await database.execute(_PAUSE, account_id, shop_id, at) == "UPDATE 1"


async def accounts_of(database: Queryable, shop_id: UUID) -> list[AccountRow]:
    """The accounts of a shop."""
    return [_account(row) for row in await database.fetch(_OF_SHOP, shop_id)]


async def find_accounts(database: Queryable, ids: Sequence[UUID]) -> dict[UUID, AccountRow]:
    """Accounts by id."""
    return {row["id"]: _account(row) for row in await database.fetch(_FIND, list(ids))}


async def take_due_accounts(
    connection: Queryable, channel: str, *, now: datetime, limit: int
) -> list[AccountRow]:
    """Accounts that are due; nobody else gets them until they are noted or LEASE ends."""
    rows = await connection.fetch(_TAKE_DUE, now, now + LEASE, channel, limit)
    return [_account(row) for row in rows]


async def note_well(
    database: Queryable, account_id: UUID, *, now: datetime, again: datetime
) -> None:
    """The account answered; it is asked again later."""
    await database.execute(_NOTE_WELL, account_id, now, again)


async def note_trouble(
    database: Queryable, account_id: UUID, reason: str, *, again: datetime
) -> None:
    """The account did not answer."""
    await database.execute(_NOTE_TROUBLE, account_id, reason[:REASON_MAX], again)


async def move(connection: Queryable, account_id: UUID, position: Any) -> None:
    """Everything up to here is stored."""
    await connection.execute(_MOVE, account_id, msgspec.json.encode(position))


def _account(row: Record) -> AccountRow:
    fields = dict(row)
    fields["settings"] = msgspec.json.decode(fields["settings"])
    fields["position"] = msgspec.json.decode(fields["position"])
    return AccountRow(**fields)

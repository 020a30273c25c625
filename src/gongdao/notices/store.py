"""The tables of notices: adding them, and marking them as read."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gongdao.base.db import Connection, Queryable
from gongdao.notices.notice import Inbox, Notice

_ADD = """
INSERT INTO notices (side, owner_id, case_id, version, at, by_id, payout_id, order_id,
                     log_position)
SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::integer[], $5::timestamptz[],
                     $6::uuid[], $7::uuid[], $8::uuid[], $9::bigint[])
ON CONFLICT ON CONSTRAINT notices_are_told_once DO NOTHING
"""
# Whoever has read up to a notice has read every smaller id: none may come to light after it.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('notices', 0))"
_OPEN = """
INSERT INTO notices_opened (person_id, notice_id, at)
SELECT $3, n.id, $6 FROM notices n
 WHERE (n.case_id = $4 OR n.order_id = $4) AND n.side = $1 AND n.owner_id = $2 AND n.id <= $5
   AND n.id > coalesce((SELECT r.through FROM notice_readers r WHERE r.person_id = $3), 0)
ON CONFLICT DO NOTHING
"""
# Never back, and never past what the inbox holds: notices to come are not read yet.
_READ_THROUGH = """
INSERT INTO notice_readers AS r (person_id, through, at)
SELECT $3, n.id, $5 FROM notices n
 WHERE n.side = $1 AND n.owner_id = $2 AND n.id <= $4 ORDER BY n.id DESC LIMIT 1
ON CONFLICT (person_id) DO UPDATE SET through = excluded.through, at = excluded.at
 WHERE r.through < excluded.through
"""


async def add_notices(connection: Connection, notices: Sequence[Notice]) -> None:
    """Put notices into their inboxes, in this order; what was told before is not told again.

    Until its transaction ends, nobody else can: call it last.
    """
    await connection.execute(_ONE_AT_A_TIME)
    await connection.execute(
        _ADD,
        [notice.inbox.side for notice in notices],
        [notice.inbox.owner_id for notice in notices],
        [notice.case_id for notice in notices],
        [notice.version for notice in notices],
        [notice.at for notice in notices],
        [notice.by_id for notice in notices],
        [notice.payout_id for notice in notices],
        [notice.order_id for notice in notices],
        [notice.log_position for notice in notices],
    )


async def note_opened(
    database: Queryable,
    inbox: Inbox,
    person_id: UUID,
    *,
    about: UUID,
    notice_id: int,
    now: datetime,
) -> None:
    """Somebody has opened a notice: it and the earlier ones of its case or order are read."""
    await database.execute(_OPEN, inbox.side, inbox.owner_id, person_id, about, notice_id, now)


async def note_read_through(
    connection: Connection, inbox: Inbox, person_id: UUID, *, notice_id: int, now: datetime
) -> None:
    """Somebody has read everything of their inbox up to a notice."""
    await connection.execute(_READ_THROUGH, inbox.side, inbox.owner_id, person_id, notice_id, now)
    await connection.execute(
        "DELETE FROM notices_opened WHERE person_id = $1 AND notice_id <= $2", person_id, notice_id
    )

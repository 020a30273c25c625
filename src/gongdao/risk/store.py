"""Findings in the database, and what people say of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Queryable, Record
from gongdao.risk.finding import Evidence, Finding, Place, Verdict

#: How many findings one thing shows at once.
LIST_MAX = 200

_PLACE = tuple(Place.__struct_fields__)
_COLUMNS = ", ".join(("id", "code", "by", *_PLACE, "weight", "evidence", "pack", "at", "found_at"))
_KEEP = f"""
INSERT INTO risk_findings ({_COLUMNS})
SELECT {_COLUMNS} FROM jsonb_to_recordset($1) AS found (
    id uuid, code text, by text, subject text, subject_id uuid, occasion text, shop_id uuid,
    buyer_id uuid, conversation_id uuid, seq integer, order_id uuid, case_id uuid, about text,
    weight smallint, evidence jsonb, pack text, at timestamptz, found_at timestamptz)
ON CONFLICT DO NOTHING RETURNING {_COLUMNS}
"""  # noqa: S608 - made of constants
_LOCK = "SELECT * FROM risk_findings WHERE id = $1 FOR NO KEY UPDATE"
# The finding is locked: of two marks at once the later one counts. Where the platform has spoken,
# what a shop says is only kept.
_MARK = """
WITH kept AS (
    INSERT INTO risk_marks (id, finding_id, verdict, why, by_id, at, side)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING *
)
UPDATE risk_findings f SET verdict = kept.verdict FROM kept
 WHERE f.id = kept.finding_id AND (kept.side = 'platform' OR NOT EXISTS (
       SELECT FROM risk_marks m WHERE m.finding_id = f.id AND m.side = 'platform'))
"""
_SAME_MARK = """
SELECT EXISTS (SELECT FROM risk_marks WHERE id = $1 AND finding_id = $2 AND verdict = $3
                  AND why = $4 AND by_id = $5)
"""
# Two people who miss the same are one; the same id for something else is none.
_MISSED = """
INSERT INTO risk_missed (id, conversation_id, seq, code, why, by_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""
_IS_MISSED = """
SELECT EXISTS (SELECT FROM risk_missed WHERE conversation_id = $1 AND seq = $2 AND code = $3)
"""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A finding and what a person said of it that counts."""

    finding: Finding
    verdict: Verdict | None


async def keep(database: Queryable, findings: Sequence[Finding]) -> list[Finding]:
    """Keep them; those that were known are left out of what is returned."""
    if not findings:
        return []
    rows = [_row_of(each) for each in findings]
    return [finding_of(row) for row in await database.fetch(_KEEP, msgspec.json.encode(rows))]


async def mark(
    connection: Connection,
    mark_id: UUID,
    finding_id: UUID,
    verdict: Verdict,
    *,
    why: str,
    by_id: UUID,
    side: Literal["shop", "platform"],
    at: datetime,
) -> bool:
    """Somebody says that a finding is right or wrong; the same mark sent twice is one.

    The platform's newest counts; a shop's only where the platform has said nothing.
    False: something else stands under this id.
    """
    done = await connection.execute(_MARK, mark_id, finding_id, verdict, why, by_id, at, side)
    return done == "UPDATE 1" or bool(
        await connection.fetchval(_SAME_MARK, mark_id, finding_id, verdict, why, by_id)
    )


async def note_missed(
    connection: Connection,
    mark_id: UUID,
    conversation_id: UUID,
    seq: int,
    code: str,
    *,
    why: str,
    by_id: UUID,
    at: datetime,
) -> bool:
    """Somebody says what was missed in a message. False: something else stands under this id."""
    await connection.execute(_MISSED, mark_id, conversation_id, seq, code, why, by_id, at)
    return bool(await connection.fetchval(_IS_MISSED, conversation_id, seq, code))


async def lock_finding(connection: Connection, finding_id: UUID) -> Kept | None:
    """A finding that nobody else marks until the transaction ends."""
    row = await connection.fetchrow(_LOCK, finding_id)
    return kept_of(row) if row else None


def kept_of(row: Record) -> Kept:
    """A finding with what was said of it last, from a row with its columns."""
    return Kept(finding=finding_of(row), verdict=row["verdict"])


def finding_of(row: Record) -> Finding:
    """A finding from a row with its columns."""
    place = Place(**{name: row[name] for name in _PLACE})
    return Finding(
        id=row["id"], code=row["code"], by=row["by"], place=place, weight=row["weight"],
        evidence=msgspec.json.decode(row["evidence"], type=tuple[Evidence, ...]),
        pack=row["pack"], at=row["at"], found_at=row["found_at"],
    )  # fmt: skip


def _row_of(finding: Finding) -> dict[str, Any]:
    whole = msgspec.to_builtins(finding)
    return {**whole.pop("place"), **whole}

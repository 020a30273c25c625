"""Payouts that go to somebody under a grave suspicion wait for a person, once and not for long.

Only signs about who gets the money count: a victim's refund never waits for what the shop did. The
claim of the payouts, their being put off and the note of it are one transaction of the caller's.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Connection, Record
from gongdao.base.live import changed
from gongdao.flows.guard.access import channels_of_hold
from gongdao.flows.settings import current_pack
from gongdao.ledger.balance import MoneyLine
from gongdao.ledger.payout import Payout
from gongdao.ledger.payout_store import postpone
from gongdao.policy.guard import GuardRule
from gongdao.policy.pack import Pack
from gongdao.risk.hold_store import Hold, holds_of_payouts, keep_holds, let_run_out

#: So many findings of one payout are weighed, of each sign the newest first.
_FINDINGS_MAX = 100
_STANDING = """
SELECT asked.id AS payout_id, f.id, f.code, f.weight
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[])
       AS asked (id, person, case_id, order_id)
 CROSS JOIN LATERAL (
       SELECT r.*, row_number() OVER (PARTITION BY r.code ORDER BY r.found_at DESC) AS nth
         FROM risk_findings r
        WHERE r.buyer_id = asked.person AND r.about = 'buyer'
          AND r.verdict IS DISTINCT FROM 'wrong'
          AND (r.subject = 'buyer' OR r.order_id = asked.order_id OR r.case_id = asked.case_id)
        ORDER BY nth, r.found_at DESC LIMIT $5) AS f
"""


async def hold_back(
    connection: Connection, payouts: Sequence[Payout], *, now: datetime
) -> set[UUID]:
    """Put off those among claimed payouts that a person is to look at; returns which."""
    # What was tried before may be with the bank already: nobody keeps that back.
    payouts = [one for one in payouts if one.attempts == 1]
    if not payouts:
        return set()
    pack = await current_pack(connection)
    holding = {code: rule for code, rule in pack.guard.rules.items() if "hold" in rule.does}
    if not holding:
        return set()
    standing = await _standing(connection, payouts)
    suspected = [one for one in payouts if one.id in standing]
    if not suspected:
        return set()
    known = await holds_of_payouts(connection, [one.id for one in suspected])
    holds = [
        hold
        for one in suspected
        if one.id not in known and (hold := _hold(one, standing[one.id], holding, pack, now))
    ]
    kept = await keep_holds(connection, holds) if holds else set[UUID]()
    await postpone(connection, {one.payout_id: one.until for one in holds if one.payout_id in kept})
    for one in holds:
        changed(channels_of_hold(one))
    return kept


async def end_holds(connection: Connection, *, now: datetime) -> int:
    """Note which holds are over by themselves; their payouts are due. Returns how many."""
    ended = await let_run_out(connection, now=now)
    for one in ended:
        changed(channels_of_hold(one))
    return len(ended)


async def with_holds(connection: Connection, lines: list[MoneyLine]) -> list[MoneyLine]:
    """The money of a case, each line with until when its payout waits for a person."""
    waiting = [one.payout_id for one in lines if one.payout_id and one.payout_state == "queued"]
    if not waiting:
        return lines
    holds = await holds_of_payouts(connection, waiting)
    until = {each: one.until for each, one in holds.items() if one.released_at is None}
    return [
        msgspec.structs.replace(line, held_until=until.get(line.payout_id))
        if line.payout_id
        else line
        for line in lines
    ]


def _hold(
    payout: Payout,
    findings: Sequence[Record],
    holding: dict[str, GuardRule],
    pack: Pack,
    now: datetime,
) -> Hold | None:
    """The hold of a payout; None where the signs are no danger, or none of them holds."""
    ends = [
        pack.calendar.add(now, span)
        for code in {row["code"] for row in findings}
        if (rule := holding.get(code)) and (span := rule.hold)
    ]
    signs = ((row["code"], row["weight"]) for row in findings)
    if not ends or pack.guard.level_of(signs) != "danger":
        return None
    return Hold(
        payout_id=payout.id,
        case_id=payout.case_id,
        amount_fen=payout.amount_fen,
        findings=tuple(row["id"] for row in findings),
        since=now,
        until=max(ends),
    )


async def _standing(connection: Connection, payouts: Sequence[Payout]) -> dict[UUID, list[Record]]:
    found: dict[UUID, list[Record]] = defaultdict(list)
    rows = await connection.fetch(
        _STANDING,
        [one.id for one in payouts],
        [one.person for one in payouts],
        [one.case_id for one in payouts],
        [one.order_id for one in payouts],
        _FINDINGS_MAX,
    )
    for row in rows:
        found[row["payout_id"]].append(row)
    return found

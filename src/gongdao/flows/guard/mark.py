"""A person says of a finding that it is right or wrong; the platform's newest word counts.

A shop's word counts as long as nobody of the platform has said anything; after that it is kept.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool, Record
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.flows.guard.access import audience, channels_of, may_mark
from gongdao.flows.guard.see import Warned, is_tied, warned_of
from gongdao.flows.settings import current_pack
from gongdao.risk.finding import Place, Verdict, Why
from gongdao.risk.store import lock_finding, mark, note_missed

_SAID = """
SELECT m.id, m.shop_id, m.buyer_id, m.author,
       EXISTS (SELECT FROM risk_findings f WHERE f.subject = 'message' AND f.subject_id = m.id
                  AND f.code = $3) AS found
  FROM chat_messages m WHERE m.conversation_id = $1 AND m.seq = $2 AND m.kind = 'text'
   AND m.author IN ('buyer', 'shop')
"""


class MarkArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody says of a finding; `id` is made by the form, so that sent twice it is one."""

    id: UUID
    finding_id: UUID
    verdict: Verdict
    why: Why = ""


class MissedArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message in which nothing of a code was found, though it is there."""

    id: UUID
    conversation_id: UUID
    seq: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    code: Annotated[str, msgspec.Meta(max_length=40)]
    why: Why = ""


async def mark_finding(pool: Pool, who: Principal, args: MarkArgs, *, now: datetime) -> Warned:
    """Mark it, and see it as it stands then.

    Raises Refusal: wrong_role, not_found (also for who was never told of it), reason_required
    (what is wrong says why), idempotency_conflict.
    """
    if not may_mark(who):
        raise Refusal("wrong_role", N_("This is not yours to judge."))
    why = args.why.strip()
    if args.verdict == "wrong" and not why:
        raise Refusal("reason_required", N_("Say why it is wrong."))
    book = (await current_pack(pool)).guard
    async with pool.acquire() as connection, connection.transaction():
        kept = await lock_finding(connection, args.finding_id)
        if kept is None or warned_of(who, kept, book) is None:
            raise Refusal("not_found", N_("There is no such finding."))
        if await is_tied(connection, who, kept.finding.place):
            raise Refusal("not_found", N_("There is no such finding."))
        if not await mark(
            connection, args.id, args.finding_id, args.verdict,
            why=why, by_id=who.person_id, at=now,
            side="shop" if who.kind == "shop" else "platform",
        ):  # fmt: skip
            raise Refusal(
                "idempotency_conflict", N_("Something else stands under this id already.")
            )
        stands = await lock_finding(connection, args.finding_id)
    assert stands is not None, "what is locked stays"
    changed(channels_of(kept.finding.place, book.rules.get(kept.finding.code)))
    marked = warned_of(who, stands, book)
    assert marked is not None, "whoever marks is told of it"
    return marked


async def mark_missed(pool: Pool, who: Principal, args: MissedArgs, *, now: datetime) -> None:
    """Say that a message is a sign of a kind that was not found in it; said twice it is once.

    Raises Refusal: wrong_role, not_found (the message, or a code that one is not told of),
    duplicate (it was found), idempotency_conflict.
    """
    if not may_mark(who):
        raise Refusal("wrong_role", N_("This is not yours to judge."))
    rule = (await current_pack(pool)).guard.rules.get(args.code)
    if rule is None or rule.on != "message" or audience(who) not in rule.told:
        raise Refusal("not_found", N_("There is no such sign of messages."))
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(_SAID, args.conversation_id, args.seq, args.code)
        if row is None or not await _may_judge(connection, who, row):
            raise Refusal("not_found", N_("There is no message of that number."))
        if row["found"]:
            raise Refusal("duplicate", N_("This was found there already."))
        if not await note_missed(
            connection, args.id, args.conversation_id, args.seq, args.code,
            why=args.why.strip(), by_id=who.person_id, at=now,
        ):  # fmt: skip
            raise Refusal(
                "idempotency_conflict", N_("Something else stands under this id already.")
            )
    changed(["guard"])


async def _may_judge(connection: Connection, who: Principal, said: Record) -> bool:
    """A shop judges what buyers say to it; the platform's people what both say, untied."""
    if who.kind == "shop":
        return said["shop_id"] == who.shop_id and said["author"] == "buyer"
    sides = Place(
        subject="message", subject_id=said["id"], shop_id=said["shop_id"],
        buyer_id=said["buyer_id"],
    )  # fmt: skip
    return not await is_tied(connection, who, sides)

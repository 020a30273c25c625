"""A person says of a finding that it is right or wrong; the newest word counts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.flows.guard.access import channels_of, may_mark
from gongdao.flows.guard.see import Warned, is_tied, warned_of
from gongdao.flows.settings import current_pack
from gongdao.risk.finding import Verdict
from gongdao.risk.store import Kept, lock_finding, mark

WHY_MAX = 500


class MarkArgs(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says of a finding; `id` is made by the form, so that sent twice it is one."""

    id: UUID
    finding_id: UUID
    verdict: Verdict
    why: Annotated[str, msgspec.Meta(max_length=WHY_MAX, pattern="^[^\\x00]*$")] = ""


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
        ):  # fmt: skip
            raise Refusal(
                "idempotency_conflict", N_("Something else stands under this id already.")
            )
    changed(channels_of(kept.finding.place, book.rules.get(kept.finding.code)))
    marked = warned_of(who, Kept(finding=kept.finding, verdict=args.verdict), book)
    assert marked is not None, "whoever marks is told of it"
    return marked

"""A supervisor lifts a sanction or takes points back: an event of the case that brought them."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.cases.case import Case
from gongdao.cases.discipline import lift_by_hand, take_back_by_hand
from gongdao.cases.draft import Draft
from gongdao.cases.store import ConflictError, Decided, commit
from gongdao.flows.act import TRIES_MAX, channels_of, pack_of
from gongdao.flows.case_reads import see_case
from gongdao.flows.conflicts import tie_in

NOTE_MAX = 500


async def lift_sanction(
    pool: Pool, who: Principal, case_id: UUID, number: int, *, note: str, now: datetime
) -> Case:
    """End a sanction before its time. Raises Refusal."""
    return await _restore(pool, who, case_id, lambda d: lift_by_hand(d, number, note=note), now)


async def take_points_back(
    pool: Pool, who: Principal, case_id: UUID, entry: int, *, note: str, now: datetime
) -> Case:
    """Take points off a shop's record. Raises Refusal."""
    return await _restore(pool, who, case_id, lambda d: take_back_by_hand(d, entry, note=note), now)


async def _restore(
    pool: Pool, who: Principal, case_id: UUID, step: Callable[[Draft], None], now: datetime
) -> Case:
    if who.kind != "platform" or not who.may("case.review"):
        raise Refusal("wrong_role", N_("Only a supervisor restores a shop."))
    if conflict := await tie_in(pool, who, case_id):
        raise conflict
    for _ in range(TRIES_MAX):
        seen = await see_case(pool, case_id)
        if seen is None:
            raise Refusal("not_found", N_("There is no such case."))
        case = seen.stored.case
        draft = Draft(
            case,
            facts=seen.facts,
            pack=pack_of(case),
            now=max(now, case.changed_at or now),
            by="supervisor",
            person_id=who.person_id,
        )
        step(draft)
        try:
            decided = Decided(outcome=draft.outcome(), before=case.version, head=seen.stored.head)
            await commit(pool, [decided], now=now)
        except ConflictError:
            continue
        changed(channels_of(draft.case))
        return draft.case
    raise Refusal("version_conflict", N_("Too much is happening at once; please try again."))

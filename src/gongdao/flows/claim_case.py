"""Arbiters share the queue: one takes a case into their hands, and the others see it."""

from datetime import datetime
from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.live import changed
from gongdao.cases.claims import drop_claim, read_claim, write_claim
from gongdao.cases.store import load_case
from gongdao.flows.conflicts import conflict_in


async def claim_case(
    pool: Pool, who: Principal, case_id: UUID, *, taken_from: UUID | None = None, now: datetime
) -> None:
    """Take a case into one's hands, from a colleague only by naming them. Raises Refusal."""
    await _require_open(pool, who, case_id)
    me = who.person_id
    if await write_claim(pool, case_id, person_id=me, taken_from=taken_from or me, now=now):
        _tell(case_id)
        return
    holder = await read_claim(pool, case_id)
    if holder is None or holder.person_id != me:
        name = holder.name if holder else ""
        raise Refusal("duplicate", N_("{name} has claimed this case meanwhile."), name=name)


async def release_case(pool: Pool, who: Principal, case_id: UUID) -> None:
    """Take a case out of one's hands, so that another one claims it. Raises Refusal."""
    _require_arbiter(who)
    await drop_claim(pool, case_id, person_id=who.person_id)
    _tell(case_id)


async def _require_open(pool: Pool, who: Principal, case_id: UUID) -> None:
    _require_arbiter(who)
    stored = await load_case(pool, case_id)
    if stored is None:
        raise Refusal("not_found", N_("There is no such case."))
    if not stored.case.is_open:
        raise Refusal("not_allowed_in_stage", N_("This case is closed; nobody has to rule on it."))
    if conflict := await conflict_in(pool, who, case_id):
        raise conflict


def _require_arbiter(who: Principal) -> None:
    if who.role != "arbiter" or not who.may("case.judge"):
        raise Refusal("wrong_role", N_("Arbiters claim cases; your role reads along."))


def _tell(case_id: UUID) -> None:
    changed(("platform", f"case:{case_id}"))

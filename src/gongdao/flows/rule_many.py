"""One ruling for many cases of one shop: each decided by itself, with its own version and key."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.cases.commands import AdjudicateArgs
from gongdao.flows.act import act_on_case

#: So many cases are ruled on at a time.
CASES_MAX = 200


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """A case that a ruling is applied to, and the version in which it was looked at."""

    case_id: UUID
    version: int


class Ruled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one of them: ruled, or refused with the reason."""

    case_id: UUID
    number: int = 0
    refusal: Refusal | None = None


async def rule_many(
    pool: Pool,
    who: Principal,
    chosen: Sequence[Chosen],
    args: AdjudicateArgs,
    *,
    key: str,
    now: datetime,
) -> list[Ruled]:
    """Rule the same on each case. One that refuses changes nothing for the others."""
    if not 0 < len(chosen) <= CASES_MAX:
        raise Refusal("invalid", N_("Choose 1 to {n} cases."), n=CASES_MAX)
    results: list[Ruled] = []
    # One after the other: they draw on the same accounts of one shop.
    for one in chosen:
        try:
            acted = await act_on_case(
                pool,
                who,
                one.case_id,
                "adjudicate",
                args,
                now=now,
                version=one.version,
                key=f"{key}.{one.case_id.hex}",
            )
            results.append(Ruled(case_id=one.case_id, number=acted.number))
        except Refusal as refusal:
            results.append(Ruled(case_id=one.case_id, refusal=refusal))
    return results

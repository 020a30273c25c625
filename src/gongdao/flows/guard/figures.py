"""How well each sign serves, counted from what people said of its findings."""

from datetime import datetime, timedelta
from math import sqrt

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Queryable
from gongdao.flows.guard.access import require_reader
from gongdao.flows.settings import current_pack
from gongdao.policy.written import Text

#: What is counted where nobody says since when.
COUNTED = timedelta(days=90)
#: The quantile of the normal distribution of an interval of 95 %.
_Z = 1.959964

_COUNTS = """
SELECT code, count(*) AS found, count(*) FILTER (WHERE verdict = 'right') AS right,
       count(*) FILTER (WHERE verdict = 'wrong') AS wrong
  FROM risk_findings WHERE found_at >= $1 AND found_at < $2 GROUP BY code
"""
_MISSED = (
    "SELECT code, count(*) AS missed FROM risk_missed WHERE at >= $1 AND at < $2 GROUP BY code"
)


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a whole, with the interval in which the true one lies in 19 of 20 cases."""

    part: int
    whole: int
    share: float
    low: float
    high: float


class SignFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One sign: what was found, and what became of it."""

    code: str
    say: Text | None
    found: int
    right: int
    wrong: int
    unmarked: int
    missed: int
    precision: Share | None
    """Of those that were judged, the right ones; None: nobody has judged any."""
    recall: Share | None
    """Of those that are there for certain, the found ones; None: nobody has named a missed one."""


async def guard_figures(
    database: Queryable,
    who: Principal,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    now: datetime,
) -> list[SignFigures]:
    """Every sign that was found or missed in that time. Raises Refusal wrong_role."""
    require_reader(who)
    until = until or now
    period = (since or until - COUNTED, until)
    found = {row["code"]: row for row in await database.fetch(_COUNTS, *period)}
    missed = {row["code"]: row["missed"] for row in await database.fetch(_MISSED, *period)}
    book = (await current_pack(database)).guard
    figures: list[SignFigures] = []
    for code in sorted(found.keys() | missed.keys()):
        row = found.get(code)
        count, right, wrong = (row["found"], row["right"], row["wrong"]) if row else (0, 0, 0)
        rule = book.rules.get(code)
        unseen = missed.get(code, 0)
        figures.append(
            SignFigures(
                code=code,
                say=rule.say if rule else None,
                found=count,
                right=right,
                wrong=wrong,
                unmarked=count - right - wrong,
                missed=unseen,
                precision=share_of(right, right + wrong),
                recall=share_of(right, right + unseen) if unseen else None,
            )
        )
    return figures


def share_of(part: int, whole: int) -> Share | None:
    """A share with Wilson's interval; None of nothing."""
    if not whole:
        return None
    share, square = part / whole, _Z * _Z
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    half = _Z * sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    half /= 1 + square / whole
    return Share(
        part=part, whole=whole, share=share, low=max(0.0, middle - half),
        high=min(1.0, middle + half),
    )  # fmt: skip

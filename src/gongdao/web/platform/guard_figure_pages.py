"""How well the signs serve.

Who: an operator at the end of a month, whoever trains the model anew. Question: which sign warns
for nothing, and does it get better? Next: change its weight in the rule book, look at its unmarked
findings, or take the training set away.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Stream

from gongdao.accounts.gate import Asked, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.db import Queryable
from gongdao.flows.guard.figures import guard_figures
from gongdao.flows.guard.training import training_set
from gongdao.web.guard.words import sign_name
from gongdao.web.platform.guard_pages import READERS, shared
from gongdao.web.shell import locale_of, page

#: The times that are offered, in days.
PERIODS = (30, 90, 365)
_WEEKS, _WEEK = 13, timedelta(days=7)
_HIGH = 120.0

_BY_WEEK = """
SELECT floor(extract(epoch FROM ($1 - found_at)) / 604800)::integer AS ago, count(*) AS found,
       count(*) FILTER (WHERE verdict = 'right') AS right,
       count(*) FILTER (WHERE verdict = 'wrong') AS wrong
  FROM risk_findings WHERE found_at > $2 AND found_at <= $1 AND ($3 = '' OR code = $3) GROUP BY 1
"""


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """Seven days: what was found in them, and what people said of that."""

    begins: datetime
    found: int
    right: int
    wrong: int

    @property
    def unmarked(self) -> int:
        """Those that nobody has looked at."""
        return self.found - self.right - self.wrong


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a column as it is drawn."""

    kind: str
    y: float
    height: float


@get("/platform/guard/figures", guards=READERS, include_in_schema=False)
async def show_figures(
    request: Asked, days: FromQuery[str] = "", code: FromQuery[str] = ""
) -> Response[str]:
    """Each sign with how often it was right, and the weeks behind."""
    pool, now = request.app.state.pool, utc_now()
    period = int(days) if days in {str(each) for each in PERIODS} else PERIODS[1]
    figures = await guard_figures(
        pool, principal_of(request), since=now - timedelta(days=period), now=now
    )
    chosen = code if code in {each.code for each in figures} else ""
    weeks = await _weeks(pool, chosen, now)
    most = max((week.found for week in weeks), default=0)
    return page(
        request,
        "platform/guard_figures.html",
        figures=figures,
        names={
            each.code: sign_name(each.say, locale_of(request)) if each.say else ""
            for each in figures
        },
        period=period,
        periods=PERIODS,
        chosen=chosen,
        weeks=[(week, bars(week, most)) for week in weeks],
        **shared(request),
    )


@get("/platform/guard/training.jsonl", guards=READERS, include_in_schema=False)
async def send_training_set(request: Asked) -> Stream:
    """What was marked, a line each, without the people in it."""
    lines = await training_set(request.app.state.pool, principal_of(request))
    headers = {
        "Content-Disposition": 'attachment; filename="guard-training.jsonl"',
        "Cache-Control": "no-store",
    }
    return Stream(lines, media_type="application/x-ndjson", headers=headers)


def bars(week: Week, most: int) -> list[Bar]:
    """The column of a week from below: right, wrong, and what nobody has looked at."""
    drawn: list[Bar] = []
    foot = _HIGH
    for kind, count in (("right", week.right), ("wrong", week.wrong), ("unmarked", week.unmarked)):
        if count:
            height = _HIGH * count / most
            foot -= height
            drawn.append(Bar(kind=kind, y=round(foot, 1), height=round(height, 1)))
    return drawn


async def _weeks(database: Queryable, code: str, now: datetime) -> list[Week]:
    """The last weeks, the oldest first, those without findings too."""
    rows = await database.fetch(_BY_WEEK, now, now - _WEEKS * _WEEK, code)
    known = {row["ago"]: row for row in rows}
    return [
        Week(
            begins=now - (ago + 1) * _WEEK,
            found=known[ago]["found"] if ago in known else 0,
            right=known[ago]["right"] if ago in known else 0,
            wrong=known[ago]["wrong"] if ago in known else 0,
        )
        for ago in reversed(range(_WEEKS))
    ]


figure_routes: list[Any] = [show_figures, send_training_set]

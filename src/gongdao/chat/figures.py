"""The figures of a desk, as the marketplaces count them; every number, table and card is this.

A round (轮) is a buyer's question and the first answer of a person to it: text, a picture or a
file; a card alone, a note, and what the product says by itself answer nothing. Letters and the
talks of cases are not timed. The reply rates count the rounds that were asked between 8:00 and
23:00 in Shanghai; a question that still waits counts as soon as it has waited for too long.
Sources: Taobao's 3-minute human reply rate is rounds answered within 3 minutes by rounds, from 8:00
to 23:00 (TM 20009524); Pinduoduo counts 30 seconds, too.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from gongdao.base.days import day_of, next_midnight
from gongdao.base.db import Queryable

ZONE = ZoneInfo("Asia/Shanghai")
#: Questions asked in these hours count for the reply rates: from the first, before the second.
COUNTED_FROM, COUNTED_UNTIL = time(8), time(23)
SOON, AT_ONCE = timedelta(minutes=3), timedelta(seconds=30)
#: From this grade on a buyer was content.
CONTENT_FROM = 4
#: A period is at most so long, and a table has at most so many lines.
PERIOD_MAX, LINES_MAX = timedelta(days=100), 500
By = Literal["all", "agent", "group", "hour", "day"]

_KEYS: dict[By, str] = {
    "all": "''",
    "agent": "coalesce(agent_id::text, '')",
    "group": "coalesce(group_id::text, '')",
    "hour": "to_char(at AT TIME ZONE 'Asia/Shanghai', 'HH24')",
    "day": "to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')",
}
# $1 shop, $2 from, $3 until, $4 now. Rounds that are open are those of open conversations.
ROUNDS = """
SELECT asked_at AS at, answered_at, group_id, agent_id, conversation_id, asked_seq
  FROM chat_turns WHERE shop_id = $1 AND asked_at >= $2 AND asked_at < $3
UNION ALL
SELECT asked_at, NULL, group_id, agent_id, id, asked_seq
  FROM chat_conversations
 WHERE shop_id = $1 AND state <> 'closed' AND asked_at >= $2 AND asked_at < $3
"""
_FIGURES = """
WITH rounds AS (
    SELECT *, answered_at - at AS took, nth = 1
           -- Of a talk that began before, the first answer was given then.
           AND NOT EXISTS (SELECT FROM chat_turns t
                            WHERE t.conversation_id = numbered.conversation_id
                              AND t.asked_seq < numbered.asked_seq) AS is_first,
           (at AT TIME ZONE 'Asia/Shanghai')::time >= time '08:00'
           AND (at AT TIME ZONE 'Asia/Shanghai')::time < time '23:00' AS counts
      FROM (SELECT found.*,
                   row_number() OVER (PARTITION BY found.conversation_id ORDER BY asked_seq) AS nth
              FROM ({rounds}) AS found
              -- A talk goes on until its question at least: only talks of this time are read.
              JOIN (SELECT id FROM chat_conversations
                     WHERE shop_id = $1 AND last_at >= $2
                       AND case_id IS NULL AND channel = 'chat') AS timed
                ON timed.id = found.conversation_id) AS numbered
), counted AS (
    SELECT {key} AS key,
           count(*) AS rounds,
           count(*) FILTER (WHERE counts AND (answered_at IS NOT NULL
                                  OR at <= $4::timestamptz - $5::interval)) AS due_soon,
           count(*) FILTER (WHERE counts AND took <= $5::interval) AS soon,
           count(*) FILTER (WHERE counts AND (answered_at IS NOT NULL
                                  OR at <= $4::timestamptz - $6::interval)) AS due_at_once,
           count(*) FILTER (WHERE counts AND took <= $6::interval) AS at_once,
           count(took) AS answered,
           extract(epoch FROM sum(took)) AS took_s,
           count(took) FILTER (WHERE is_first) AS first_answered,
           extract(epoch FROM sum(took) FILTER (WHERE is_first)) AS first_s,
           extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY took)) AS median_s
      FROM rounds GROUP BY 1
), talks AS (
    SELECT {key} AS key, count(*) AS talks,
           count(*) FILTER (WHERE answered_seq > 0) AS served,
           count(*) FILTER (WHERE answered_seq = 0 AND said AND (state = 'closed' OR (
                  channel = 'chat' AND asked_at <= $4::timestamptz - $5::interval))) AS unserved,
           count(*) FILTER (WHERE invited_at IS NOT NULL) AS invited,
           count(grade) AS graded, sum(grade) AS grades,
           count(*) FILTER (WHERE grade >= $7) AS content
      FROM (SELECT *, opened_at AS at, asked_at IS NOT NULL OR answered_seq > 0
                   OR EXISTS (SELECT FROM chat_turns t WHERE t.conversation_id = c.id) AS said
              FROM chat_conversations c
             WHERE shop_id = $1 AND opened_at >= $2 AND opened_at < $3 AND case_id IS NULL
               -- Nothing is said before a talk begins: only talks of this time are read.
               AND last_at >= $2) AS own
     GROUP BY 1
)
SELECT * FROM counted FULL JOIN talks USING (key) ORDER BY key LIMIT $8
"""


class Period(msgspec.Struct, frozen=True):
    """From an instant up to, without, another."""

    since: datetime
    until: datetime


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted; rates are shares from 0 to 1, None where there is nothing to count."""

    key: str = ""
    """An agent's or group's id, an hour (08), a day (2026-11-22); empty: of all, or of nobody."""
    talks: int = 0
    """Conversations that began."""
    served: int = 0
    unserved: int = 0
    """Conversations in which the buyer said something and no person ever answered."""
    rounds: int = 0
    answered: int = 0
    due_soon: int = 0
    soon: int = 0
    due_at_once: int = 0
    at_once: int = 0
    took_s: float = 0.0
    median_s: float | None = None
    first_answered: int = 0
    first_s: float = 0.0
    invited: int = 0
    graded: int = 0
    grades: int = 0
    content: int = 0

    @property
    def three_minutes(self) -> float | None:
        """The share of rounds answered within 3 minutes, 8:00 to 23:00."""
        return _share(self.soon, self.due_soon)

    @property
    def thirty_seconds(self) -> float | None:
        """The share of rounds answered within 30 seconds, 8:00 to 23:00."""
        return _share(self.at_once, self.due_at_once)

    @property
    def average_s(self) -> float | None:
        """The mean time to an answer, in seconds."""
        return _share(self.took_s, self.answered)

    @property
    def first_average_s(self) -> float | None:
        """The mean time to the first answer of a conversation, in seconds."""
        return _share(self.first_s, self.first_answered)

    @property
    def not_served(self) -> float | None:
        """The share of conversations with a question in which nobody answered."""
        return _share(self.unserved, self.served + self.unserved)

    @property
    def grade(self) -> float | None:
        """The mean grade, 1 to 5."""
        return _share(self.grades, self.graded)

    @property
    def content_share(self) -> float | None:
        """The share of grades that are 4 or 5."""
        return _share(self.content, self.graded)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def days_until(day: datetime, *, days: int) -> Period:
    """The last so many days in Shanghai, the day of this instant included."""
    end = next_midnight(day)
    return Period(end - timedelta(days=days), end)


async def read_figures(
    database: Queryable, shop_id: UUID, period: Period, *, by: By = "all", now: datetime
) -> list[Figures]:
    """The figures of a shop's desk in a period, one line for each key, in their order."""
    statement = _FIGURES.format(rounds=ROUNDS, key=_KEYS[by])
    rows = await database.fetch(
        statement,
        shop_id,
        period.since,
        min(period.until, period.since + PERIOD_MAX),
        now,
        SOON,
        AT_ONCE,
        CONTENT_FROM,
        LINES_MAX,
    )
    return [_figures(row) for row in rows]


async def read_total(
    database: Queryable, shop_id: UUID, period: Period, *, now: datetime
) -> Figures:
    """The figures of the whole shop; zeros where nothing happened."""
    lines = await read_figures(database, shop_id, period, now=now)
    return lines[0] if lines else Figures()


def filled_days(lines: Sequence[Figures], period: Period) -> list[Figures]:
    """One line for each day of the period, also for those on which nothing happened."""
    found = {line.key: line for line in lines}
    day, until = day_of(period.since), day_of(period.until)
    days: list[Figures] = []
    while day < until:
        days.append(found.get(day.isoformat(), Figures(key=day.isoformat())))
        day += timedelta(days=1)
    return days


def _figures(row: Any) -> Figures:
    found = {name: value for name, value in dict(row).items() if value is not None}
    for name in ("took_s", "first_s", "median_s"):
        if name in found:
            found[name] = float(found[name])
    return Figures(**found)

"""Which conversations of a week are worth a look: what a rule found in them, or a lot drew."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.days import day_of, start_of
from gongdao.base.db import Queryable
from gongdao.base.i18n import N_
from gongdao.cases.seen_by import masked_in_sql
from gongdao.chat.figures import COUNTED_FROM, COUNTED_UNTIL, SOON, Period
from gongdao.chat.store import recalled_in_sql
from gongdao.flows.talk.desk_figures import led_by
from gongdao.flows.talk.promises import read_promises
from gongdao.settings.setting import QualityForm
from gongdao.settings.store import load_setting

Reason = Literal[
    "low_grade", "slow", "not_served", "promise_broken", "warned", "handed_over", "case_opened",
    "drawn",
]  # fmt: skip
#: Why a conversation is shown, as a lead reads it.
REASONS: dict[Reason, str] = {
    "low_grade": N_("Graded 2 or less"),
    "slow": N_("First answer after more than 3 minutes"),
    "not_served": N_("Never answered"),
    "promise_broken": N_("A promise was not kept"),
    "warned": N_("A warning was ignored"),
    "handed_over": N_("Handed over twice or more"),
    "case_opened": N_("A case was opened within 24 hours"),
    "drawn": N_("Drawn by lot"),
}
TALKS_MAX = 300
#: From the end of a conversation.
CASE_WITHIN = timedelta(hours=24)
#: A promise of the week may have been due so long after it.
_PROMISED_FOR, _PROMISES_MAX = timedelta(days=45), 5000

# $1 shop, $2 and $3 the week, $4 those in which a promise was broken, $5 how many are drawn for
# each agent, $6 the seed, $7 to $9 which first answers count as slow, $10 case within, $11 at most.
# A conversation ends in one week only, and once a week is over its lot falls the same for ever.
# Each rule is asked once of the whole week, from the side on which there is least to read.
_IN_ORDER = ", ".join(f"'{reason}'" for reason in REASONS)
_TALKS = f"""
WITH talks AS MATERIALIZED (
    SELECT c.id, c.number, c.buyer_id, c.opened_at, c.closed_at, c.grade, c.answered_seq, c.channel,
           coalesce(c.answered_by, c.agent_id) AS judged
      FROM chat_conversations c
     WHERE c.shop_id = $1 AND c.last_at >= $2 AND c.closed_at >= $2 AND c.closed_at < $3
       AND c.case_id IS NULL AND coalesce(c.answered_by, c.agent_id) IS NOT NULL
), week AS MATERIALIZED (
    SELECT min(opened_at) AS opened_at FROM talks
), checked AS (
    SELECT DISTINCT ON (k.conversation_id) k.conversation_id, k.score
      FROM chat_checks k WHERE k.shop_id = $1 AND k.at >= (SELECT opened_at FROM week)
     ORDER BY k.conversation_id, k.at DESC, k.id DESC
), found (id, reason) AS (
    SELECT id, 'low_grade' FROM talks WHERE grade <= 2
     UNION ALL
    SELECT f.conversation_id, 'slow'
      FROM chat_turns f JOIN talks t ON t.id = f.conversation_id AND t.channel = 'chat'
     WHERE f.shop_id = $1 AND f.asked_at >= (SELECT opened_at FROM week) AND f.asked_at < $3
       AND f.answered_at - f.asked_at > $7::interval
       AND (f.asked_at AT TIME ZONE 'Asia/Shanghai')::time >= $8::time
       AND (f.asked_at AT TIME ZONE 'Asia/Shanghai')::time < $9::time
       AND NOT EXISTS (SELECT FROM chat_turns e
                        WHERE e.conversation_id = f.conversation_id AND e.asked_seq < f.asked_seq)
     UNION ALL
    SELECT t.id, 'not_served' FROM talks t WHERE t.answered_seq = 0 AND EXISTS (
           SELECT FROM chat_turns u WHERE u.conversation_id = t.id)
     UNION ALL
    SELECT DISTINCT promised.id, 'promise_broken' FROM unnest($4::uuid[]) AS promised (id)
     UNION ALL
    SELECT DISTINCT w.conversation_id, 'warned'
      FROM chat_warnings w JOIN talks t ON t.id = w.conversation_id
     WHERE NOT {recalled_in_sql("w")}
     UNION ALL
    SELECT h.conversation_id, 'handed_over' FROM chat_routings h
     WHERE h.shop_id = $1 AND h.why = 'handed_over' AND h.at >= (SELECT opened_at FROM week)
     GROUP BY h.conversation_id HAVING count(*) >= 2
     UNION ALL
    SELECT DISTINCT t.id, 'case_opened'
      FROM cases k JOIN talks t ON t.buyer_id = k.buyer_id
       AND k.opened_at >= t.opened_at AND k.opened_at <= t.closed_at + $10::interval
     WHERE k.shop_id = $1 AND k.opened_at >= (SELECT opened_at FROM week)
       AND k.opened_at < $3::timestamptz + $10::interval
       AND NOT {masked_in_sql("k.state", "seller")}
     UNION ALL
    SELECT id, 'drawn' FROM (
        SELECT id, row_number() OVER (PARTITION BY judged ORDER BY md5($6 || id::text)::uuid) AS lot
          FROM talks WHERE $5 > 0 AND answered_seq > 0) AS lots
     WHERE lot <= $5
), reasoned AS (
    SELECT id, array_agg(reason ORDER BY array_position(ARRAY[{_IN_ORDER}], reason)) AS reasons
      FROM found GROUP BY id
)
SELECT t.id, t.number, t.judged AS agent_id, a.name AS agent, b.name AS buyer, t.opened_at,
       t.closed_at, t.grade, t.reasons, t.score,
       EXISTS (SELECT FROM chat_objections j WHERE j.conversation_id = t.id) AS objected
  FROM (SELECT t.*, coalesce(r.reasons, ARRAY[]::text[]) AS reasons, k.score
          FROM talks t LEFT JOIN reasoned r ON r.id = t.id
          LEFT JOIN checked k ON k.conversation_id = t.id
         WHERE r.id IS NOT NULL OR k.score IS NOT NULL
         ORDER BY k.score IS NOT NULL, cardinality(coalesce(r.reasons, ARRAY[]::text[])) DESC,
                  t.closed_at DESC, t.id LIMIT $11) AS t
  JOIN people a ON a.id = t.judged
  JOIN people b ON b.id = t.buyer_id
 ORDER BY t.score IS NOT NULL, cardinality(t.reasons) DESC, t.closed_at DESC, t.id
"""  # noqa: S608 - made of constants


class FoundTalk(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation to look at, why, and how it was judged if it was."""

    id: UUID
    number: int
    agent_id: UUID
    agent: str
    buyer: str
    opened_at: datetime
    closed_at: datetime
    grade: int | None
    reasons: tuple[Reason, ...]
    score: int | None
    objected: bool


def week_of(now: datetime, *, ago: int = 0) -> Period:
    """A week in Shanghai, from its Monday; so many weeks ago."""
    day = day_of(now)
    monday = day - timedelta(days=day.weekday() + 7 * ago)
    since = start_of(monday)
    return Period(since, since + timedelta(days=7))


async def find_talks(
    database: Queryable, who: Principal, week: Period, *, now: datetime
) -> list[FoundTalk]:
    """What is to be judged of a week, then what was. Lots are drawn once the week is over.

    Raises Refusal wrong_role.
    """
    shop_id = led_by(who)
    form = (await load_setting(database, QualityForm, of=shop_id)).value
    promises = await read_promises(
        database,
        shop_id,
        since=week.since,
        until=week.until + _PROMISED_FOR,
        limit=_PROMISES_MAX,
        now=now,
    )
    rows = await database.fetch(
        _TALKS,
        shop_id,
        week.since,
        week.until,
        list({each.conversation_id for each in promises if each.state == "broken"}),
        form.per_week if week.until <= now else 0,
        form.seed,
        SOON,
        COUNTED_FROM,
        COUNTED_UNTIL,
        CASE_WITHIN,
        TALKS_MAX,
    )
    return [msgspec.convert(dict(row), FoundTalk) for row in rows]

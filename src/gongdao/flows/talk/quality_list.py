"""Which conversations of a week are worth a look: what a rule found in them, or a lot drew."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.days import day_of, start_of
from gongdao.base.db import Queryable
from gongdao.base.i18n import N_
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
_TALKS = f"""
WITH talks AS (
    SELECT c.*, coalesce(c.answered_by, c.agent_id) AS judged,
           row_number() OVER (PARTITION BY coalesce(c.answered_by, c.agent_id),
                              c.answered_seq > 0 ORDER BY md5($6 || c.id::text)) AS lot
      FROM chat_conversations c
     WHERE c.shop_id = $1 AND c.last_at >= $2 AND c.closed_at >= $2 AND c.closed_at < $3
       AND c.case_id IS NULL AND coalesce(c.answered_by, c.agent_id) IS NOT NULL
), found AS (
    SELECT t.*, array_remove(ARRAY[
        CASE WHEN t.grade <= 2 THEN 'low_grade' END,
        CASE WHEN EXISTS (
            SELECT FROM chat_turns f WHERE f.conversation_id = t.id
               AND f.asked_seq = (
                   SELECT min(asked_seq) FROM chat_turns WHERE conversation_id = t.id)
               AND f.answered_at - f.asked_at > $7::interval
               AND (f.asked_at AT TIME ZONE 'Asia/Shanghai')::time >= $8::time
               AND (f.asked_at AT TIME ZONE 'Asia/Shanghai')::time < $9::time) THEN 'slow' END,
        CASE WHEN t.answered_seq = 0 AND EXISTS (
            SELECT FROM chat_turns u WHERE u.conversation_id = t.id) THEN 'not_served' END,
        CASE WHEN t.id = ANY ($4::uuid[]) THEN 'promise_broken' END,
        CASE WHEN EXISTS (
            SELECT FROM chat_warnings w WHERE w.conversation_id = t.id
               AND NOT {recalled_in_sql("w")}) THEN 'warned' END,
        CASE WHEN (SELECT count(*) FROM chat_routings h
                    WHERE h.conversation_id = t.id AND h.why = 'handed_over') >= 2
             THEN 'handed_over' END,
        CASE WHEN EXISTS (
            SELECT FROM cases k WHERE k.shop_id = t.shop_id AND k.buyer_id = t.buyer_id
               AND k.opened_at >= t.opened_at AND k.opened_at <= t.closed_at + $10::interval)
             THEN 'case_opened' END,
        CASE WHEN t.lot <= $5 AND t.answered_seq > 0 THEN 'drawn' END], NULL) AS reasons
      FROM talks t
)
SELECT f.id, f.number, f.judged AS agent_id, a.name AS agent, b.name AS buyer, f.opened_at,
       f.closed_at, f.grade, f.reasons, k.score,
       EXISTS (SELECT FROM chat_objections j WHERE j.conversation_id = f.id) AS objected
  FROM found f
  JOIN people a ON a.id = f.judged
  JOIN people b ON b.id = f.buyer_id
  LEFT JOIN LATERAL (
       SELECT score FROM chat_checks k WHERE k.conversation_id = f.id
        ORDER BY at DESC, id DESC LIMIT 1) AS k ON TRUE
 WHERE cardinality(f.reasons) > 0 OR k.score IS NOT NULL
 ORDER BY k.score IS NOT NULL, cardinality(f.reasons) DESC, f.closed_at DESC, f.id LIMIT $11
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

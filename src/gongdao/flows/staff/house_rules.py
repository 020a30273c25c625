"""The house rules: off unless the owner turns them on; only a record, contested and decided openly.

Fines on employees, and dismissal that "follows by itself", may break labour law (C-18): nothing
here takes money from anybody, and a flag is a word to a person, no consequence.
"""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool, Queryable, require_same
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL
from gongdao.flows.staff.access import led_by, mate_of, shop_of
from gongdao.settings.setting import Version
from gongdao.settings.store import load_setting
from gongdao.settings.team import HouseRule, HouseRules
from gongdao.staff import mark_store as store
from gongdao.staff.days import day_of, month_of, next_month
from gongdao.staff.house_rule import Decision, Mark, Weighed, weigh
from gongdao.staff.shift_store import join_team

#: Nothing older is noted any more.
BACK_MAX = timedelta(days=62)
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=NO_NUL)]


class MarkArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happened, when, and under which rule; `id` is made by whoever sends it."""

    id: UUID
    person_id: UUID
    rule: Annotated[str, msgspec.Meta(max_length=30)]
    happened_on: date
    text: _Text


class ContestArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is wrong, in the words of whom it is about."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=NO_NUL)]


class DecisionArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether it stays, and why."""

    decision: Decision
    why: _Text


async def house_rules(database: Queryable, shop_id: UUID) -> Version[HouseRules]:
    """The rules of a shop, and whether they are on."""
    return await load_setting(database, HouseRules, of=shop_id)


async def see_marks(database: Queryable, who: Principal, month: date) -> list[Weighed]:
    """What was noted in a month, the last first: a lead sees everybody's, others their own."""
    shop_id, first = shop_of(who), month_of(month)
    if who.may("staff.lead"):
        marks = await store.marks_of_shop(database, shop_id, first, next_month(first))
    else:
        marks = await store.marks_of_person(database, who.person_id, first, next_month(first))
    weighed = weigh(marks)
    return [weighed[mark.id] for mark in marks]


async def note_mark(pool: Pool, who: Principal, args: MarkArgs, *, now: datetime) -> Mark:
    """Note something of somebody.

    Raises Refusal: wrong_role, not_eligible while the rules are off, not_found, invalid.
    """
    shop_id, today = led_by(who), day_of(now)
    rule = _rule_of((await house_rules(pool, shop_id)).value, args.rule)
    if args.person_id == who.person_id:
        raise Refusal("wrong_role", N_("Nobody notes something of themselves."))
    await mate_of(pool, shop_id, args.person_id)
    if not today - BACK_MAX <= args.happened_on <= today:
        raise Refusal("invalid", N_("The day lies in the last {n} days."), n=BACK_MAX.days)
    mark = Mark(
        id=args.id, person_id=args.person_id, rule=rule.code, title=rule.title,
        monthly=rule.monthly, amount_fen=rule.amount_fen, flag_at=rule.flag_at,
        happened_on=args.happened_on, text=_said(args.text), by_id=who.person_id, at=now,
    )  # fmt: skip
    await join_team(pool, shop_id)
    await store.add_mark(pool, shop_id, mark)
    kept = await _again(pool, shop_id, mark.id)
    require_same(kept, mark, "person_id", "rule", "happened_on", "text")
    return kept


async def contest_mark(
    pool: Pool, who: Principal, mark_id: UUID, args: ContestArgs, *, now: datetime
) -> Mark:
    """Say once why it is wrong; a lead then decides."""
    shop_id = shop_of(who)
    async with pool.acquire() as connection, connection.transaction():
        mark = await store.find_mark(connection, shop_id, mark_id)
        if mark is None or mark.person_id != who.person_id:
            raise Refusal("not_found", N_("There is no such entry."))
        if not await store.contest_mark(connection, mark_id, _said(args.text), now=now):
            raise Refusal("not_allowed_in_stage", N_("This was contested or decided already."))
        return await _again(connection, shop_id, mark_id)


async def decide_mark(
    pool: Pool, who: Principal, mark_id: UUID, args: DecisionArgs, *, now: datetime
) -> Mark:
    """Let it stay or remove it; removed, it stays to be seen as removed."""
    shop_id = led_by(who)
    async with pool.acquire() as connection, connection.transaction():
        mark = await _again(connection, shop_id, mark_id)
        if mark.person_id == who.person_id:
            raise Refusal("wrong_role", N_("Somebody else decides about what was noted of you."))
        if args.decision == "kept" and mark.contested_at is None:
            raise Refusal("not_eligible", N_("Nobody contests this; there is nothing to decide."))
        if not await store.decide_mark(
            connection, mark_id, args.decision, why=_said(args.why), by_id=who.person_id, now=now
        ):
            raise Refusal("not_allowed_in_stage", N_("This was decided already."))
        return await _again(connection, shop_id, mark_id)


async def _again(database: Queryable, shop_id: UUID, mark_id: UUID) -> Mark:
    mark = await store.find_mark(database, shop_id, mark_id)
    if mark is None:
        raise Refusal("not_found", N_("There is no such entry."))
    return mark


def _rule_of(rules: HouseRules, code: str) -> HouseRule:
    if not rules.on:
        raise Refusal("not_eligible", N_("The house rules are off in this shop."))
    for rule in rules.rules:
        if rule.code == code:
            return rule
    raise Refusal("not_found", N_("There is no such rule in this house."))


def _said(text: str) -> str:
    said = text.strip()
    if not said:
        raise Refusal("invalid", N_("Write something first."))
    return said

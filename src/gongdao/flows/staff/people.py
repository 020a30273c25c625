"""The people of a team: what they bring along, what they were trained on, who brings up whom."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool, Queryable, require_same
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL
from gongdao.flows.staff.access import Mate, led_by, mate_of, shop_of, team_of
from gongdao.staff import profile_store as store
from gongdao.staff.days import day_of
from gongdao.staff.profile import Education, Mentoring, Profile, Training

_Words = Annotated[str, msgspec.Meta(max_length=1000, pattern=NO_NUL)]
_PASSES = """
SELECT t.title, max(a.at) AS at FROM knowledge_attempts a
  JOIN knowledge_trainings t ON t.id = a.training_id
 WHERE a.shop_id = $1 AND a.person_id = $2 AND a.passed
 GROUP BY t.id, t.title ORDER BY max(a.at) DESC LIMIT 100
"""


class ProfileArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody's qualifications, all of them; `hiring` is for leads only."""

    in_trade_since: date | None = None
    education: Education = ""
    knows: _Words = ""
    traits: _Words = ""
    hiring: Annotated[str, msgspec.Meta(max_length=2000, pattern=NO_NUL)] = ""


class TrainingArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Trained on what, by whom, when; `id` is made by whoever sends it."""

    id: UUID
    held_on: date
    topic: Annotated[str, msgspec.Meta(min_length=1, max_length=120, pattern=NO_NUL)]
    trainer: Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=NO_NUL)]


class MentorArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who brings up whom, from which day on; `id` is made by whoever sends it."""

    id: UUID
    mentor_id: UUID
    trainee_id: UUID
    began_on: date


class PassedArgs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which day on the trainee works alone."""

    passed_on: date


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """A training of the knowledge base whose questions somebody answered well enough."""

    title: str
    at: datetime


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with everything that is known of their work."""

    mate: Mate
    profile: Profile
    years: int | None
    trainings: list[Training]
    passed: list[Passed]


async def see_people(
    database: Queryable, who: Principal
) -> tuple[list[Mate], dict[UUID, Profile], list[Mentoring]]:
    """The team with its profiles, and who brings up whom. Raises Refusal wrong_role."""
    shop_id = led_by(who)
    team = await team_of(database, shop_id)
    profiles = await store.profiles_of(database, shop_id)
    return list(team.values()), profiles, await store.mentorings_of(database, shop_id)


async def see_person(
    database: Queryable, who: Principal, person_id: UUID, *, now: datetime
) -> Person:
    """Oneself, or for a lead anybody of the team; how they were hired is for leads only."""
    shop_id = shop_of(who)
    leads = who.may("staff.lead")
    mate = (await team_of(database, shop_id)).get(person_id)
    if mate is None or (person_id != who.person_id and not leads):
        raise Refusal("not_found", N_("There is no such person among your staff."))
    profile = await store.find_profile(database, shop_id, person_id)
    if not leads:
        profile = msgspec.structs.replace(profile, hiring="")
    passes = await database.fetch(_PASSES, shop_id, person_id)
    return Person(
        mate=mate,
        profile=profile,
        years=profile.years(day_of(now)),
        trainings=await store.trainings_of(database, shop_id, person_id),
        passed=[Passed(title=row["title"], at=row["at"]) for row in passes],
    )


async def save_profile(
    database: Queryable, who: Principal, person_id: UUID, args: ProfileArgs, *, now: datetime
) -> Profile:
    """Keep somebody's qualifications as a lead knows them."""
    shop_id = led_by(who)
    mate = await mate_of(database, shop_id, person_id)
    if args.in_trade_since and args.in_trade_since > day_of(now):
        raise Refusal("invalid", N_("Nobody has been in the trade since a day to come."))
    profile = Profile(person_id=mate.id, **{f: getattr(args, f) for f in args.__struct_fields__})
    await store.save_profile(database, shop_id, profile, by_id=who.person_id, now=now)
    return profile


async def note_training(
    database: Queryable, who: Principal, person_id: UUID, args: TrainingArgs, *, now: datetime
) -> Training:
    """Note that somebody was trained; each notes their own, a lead everybody's."""
    shop_id = shop_of(who) if person_id == who.person_id else led_by(who)
    mate = await mate_of(database, shop_id, person_id)
    if args.held_on > day_of(now):
        raise Refusal("invalid", N_("A training is noted once it was held."))
    training = Training(
        id=args.id, person_id=mate.id, held_on=args.held_on, topic=args.topic.strip() or "-",
        trainer=args.trainer.strip() or "-", by_id=who.person_id, at=now,
    )  # fmt: skip
    kept = await store.add_training(database, shop_id, training)
    require_same(kept, training, "person_id", "held_on", "topic", "trainer")
    return kept or training


async def begin_mentoring(
    pool: Pool, who: Principal, args: MentorArgs, *, now: datetime
) -> Mentoring:
    """Let one bring up another. Raises Refusal: wrong_role, not_found, invalid, duplicate."""
    shop_id = led_by(who)
    if args.mentor_id == args.trainee_id:
        raise Refusal("invalid", N_("Nobody is their own mentor."))
    for person_id in (args.mentor_id, args.trainee_id):
        await mate_of(pool, shop_id, person_id)
    mentoring = Mentoring(
        id=args.id, mentor_id=args.mentor_id, trainee_id=args.trainee_id, began_on=args.began_on,
        passed_on=None,
    )  # fmt: skip
    try:
        async with pool.acquire() as connection:
            kept = await store.add_mentoring(
                connection, shop_id, mentoring, by_id=who.person_id, now=now
            )
    except asyncpg.UniqueViolationError:
        raise Refusal("duplicate", N_("This trainee has a mentor already.")) from None
    require_same(kept, mentoring, "mentor_id", "trainee_id", "began_on")
    return kept or mentoring


async def end_mentoring(
    database: Queryable, who: Principal, mentoring_id: UUID, args: PassedArgs, *, now: datetime
) -> None:
    """The trainee works alone. Raises Refusal: wrong_role, invalid, not_found."""
    shop_id = led_by(who)
    for mentoring in await store.mentorings_of(database, shop_id):
        if mentoring.id == mentoring_id:
            if not mentoring.began_on <= args.passed_on <= day_of(now):
                raise Refusal("invalid", N_("The day lies between the beginning and today."))
            if not await store.pass_trainee(database, shop_id, mentoring_id, args.passed_on):
                raise Refusal("not_allowed_in_stage", N_("This was decided already."))
            return
    raise Refusal("not_found", N_("There is no such request."))

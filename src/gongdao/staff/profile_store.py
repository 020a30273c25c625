"""Profiles, trainings and mentorings in SQL."""

from datetime import date, datetime
from uuid import UUID

from gongdao.base.db import Connection, Queryable
from gongdao.staff.profile import Mentoring, Profile, Training

LIST_MAX = 500
_PROFILE = "person_id, in_trade_since, education, knows, traits, hiring"
_SAVE = """
INSERT INTO staff_profiles
    (person_id, shop_id, in_trade_since, education, knows, traits, hiring, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (person_id) DO UPDATE SET in_trade_since = $3, education = $4, knows = $5, traits = $6,
    hiring = $7, changed_at = $8, changed_by = $9
"""
_PROFILES = f"SELECT {_PROFILE} FROM staff_profiles WHERE shop_id = $1 LIMIT $2"  # noqa: S608
_FIND = f"SELECT {_PROFILE} FROM staff_profiles WHERE shop_id = $1 AND person_id = $2"  # noqa: S608
_TRAIN = """
INSERT INTO staff_trainings (id, shop_id, person_id, held_on, topic, trainer, by_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING
"""
_TRAININGS = """
SELECT id, person_id, held_on, topic, trainer, by_id, at FROM staff_trainings
 WHERE shop_id = $1 AND person_id = $2 ORDER BY held_on DESC, id DESC LIMIT $3
"""
_TRAINING = """
SELECT id, person_id, held_on, topic, trainer, by_id, at FROM staff_trainings
 WHERE shop_id = $1 AND id = $2
"""
_MENTOR = """
INSERT INTO staff_mentorings (id, shop_id, mentor_id, trainee_id, began_on, by_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING
"""
_READY = """
UPDATE staff_mentorings SET passed_on = $3
 WHERE shop_id = $1 AND id = $2 AND passed_on IS NULL
"""
_MENTORINGS = """
SELECT id, mentor_id, trainee_id, began_on, passed_on FROM staff_mentorings
 WHERE shop_id = $1 ORDER BY passed_on DESC NULLS FIRST, began_on DESC, id LIMIT $2
"""
_MENTORING = """
SELECT id, mentor_id, trainee_id, began_on, passed_on FROM staff_mentorings
 WHERE shop_id = $1 AND id = $2
"""
_PASSED = """
SELECT id, mentor_id, trainee_id, began_on, passed_on FROM staff_mentorings
 WHERE shop_id = $1 AND passed_on >= $2 AND passed_on < $3 ORDER BY passed_on, id LIMIT $4
"""


async def save_profile(
    database: Queryable, shop_id: UUID, profile: Profile, *, by_id: UUID, now: datetime
) -> None:
    """Keep somebody's qualifications as they are now."""
    await database.execute(
        _SAVE, profile.person_id, shop_id, profile.in_trade_since, profile.education,
        profile.knows, profile.traits, profile.hiring, now, by_id,
    )  # fmt: skip


async def profiles_of(database: Queryable, shop_id: UUID) -> dict[UUID, Profile]:
    """The qualifications of a team, by person."""
    rows = await database.fetch(_PROFILES, shop_id, LIST_MAX)
    return {row["person_id"]: Profile(**dict(row)) for row in rows}


async def find_profile(database: Queryable, shop_id: UUID, person_id: UUID) -> Profile:
    """Somebody's qualifications; nothing is known of them yet where there are none."""
    row = await database.fetchrow(_FIND, shop_id, person_id)
    return Profile(**dict(row)) if row else Profile(person_id=person_id)


async def add_training(database: Queryable, shop_id: UUID, training: Training) -> Training | None:
    """Keep that somebody was trained; what stands under its id then, if it is the shop's."""
    await database.execute(
        _TRAIN, training.id, shop_id, training.person_id, training.held_on, training.topic,
        training.trainer, training.by_id, training.at,
    )  # fmt: skip
    row = await database.fetchrow(_TRAINING, shop_id, training.id)
    return Training(**dict(row)) if row else None


async def trainings_of(database: Queryable, shop_id: UUID, person_id: UUID) -> list[Training]:
    """What somebody was trained on, the last first."""
    rows = await database.fetch(_TRAININGS, shop_id, person_id, LIST_MAX)
    return [Training(**dict(row)) for row in rows]


async def add_mentoring(
    connection: Connection, shop_id: UUID, mentoring: Mentoring, *, by_id: UUID, now: datetime
) -> Mentoring | None:
    """Keep who brings up whom; what stands under its id then, if it is the shop's."""
    await connection.execute(
        _MENTOR, mentoring.id, shop_id, mentoring.mentor_id, mentoring.trainee_id,
        mentoring.began_on, by_id, now,
    )  # fmt: skip
    row = await connection.fetchrow(_MENTORING, shop_id, mentoring.id)
    return Mentoring(**dict(row)) if row else None


async def pass_trainee(
    database: Queryable, shop_id: UUID, mentoring_id: UUID, passed_on: date
) -> bool:
    """The trainee works alone from now on; False where that was said before."""
    return await database.execute(_READY, shop_id, mentoring_id, passed_on) == "UPDATE 1"


async def mentorings_of(database: Queryable, shop_id: UUID) -> list[Mentoring]:
    """Who brings up whom in a team, those who still learn first."""
    return [Mentoring(**dict(row)) for row in await database.fetch(_MENTORINGS, shop_id, LIST_MAX)]


async def passed_between(
    database: Queryable, shop_id: UUID, since: date, until: date
) -> list[Mentoring]:
    """Whose trainees were ready in a time."""
    rows = await database.fetch(_PASSED, shop_id, since, until, LIST_MAX)
    return [Mentoring(**dict(row)) for row in rows]

"""The tables of trainings: as they are, their versions, every attempt, and who was schooled."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.cursor import Cursor
from gongdao.base.db import Connection, Queryable, Record
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.knowledge.training import Attempt, Question, Training

#: So many trainings a shop has, attempts somebody makes at one in a day, and are shown.
TRAININGS_MAX, ATTEMPTS_A_DAY, ATTEMPTS_SHOWN = 500, 20, 200

_NAMES = (
    "id", "shop_id", "state", "title", "body", "picture_ids", "product_ids", "required",
    "pass_mark", "quiz", "version", "quiz_version", "changed_at", "changed_by",
)  # fmt: skip
_COLUMNS = ", ".join(f"t.{name}" for name in _NAMES)
_ADD = f"""
INSERT INTO knowledge_trainings ({", ".join(_NAMES)})
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
 WHERE (SELECT count(*) FROM knowledge_trainings WHERE shop_id = $2) < {TRAININGS_MAX}
ON CONFLICT (id) DO NOTHING
"""  # noqa: S608 - made of constants
_CHANGE = """
UPDATE knowledge_trainings SET version = version + 1, state = $3, title = $4, body = $5,
       picture_ids = $6, product_ids = $7, required = $8, pass_mark = $9, quiz = $10,
       quiz_version = quiz_version + $11, changed_at = $12, changed_by = $13
 WHERE id = $1 AND version = $2
"""
_NOTE_VERSION = """
INSERT INTO knowledge_training_versions
       (training_id, version, shop_id, quiz_version, state, title, body, picture_ids, product_ids,
        required, pass_mark, quiz, by_id, at)
SELECT id, version, shop_id, quiz_version, state, title, body, picture_ids, product_ids, required,
       pass_mark, quiz, changed_by, changed_at FROM knowledge_trainings WHERE id = $1
"""
_LIST = f"""
SELECT {_COLUMNS},
       EXISTS (SELECT FROM knowledge_attempts a WHERE a.training_id = t.id
                  AND a.quiz_version = t.quiz_version AND a.person_id = $2 AND a.passed) AS passed
  FROM knowledge_trainings t
 WHERE t.shop_id = $1 AND ($3 OR t.state = 'published') AND (t.changed_at, t.id) < ($4, $5)
 ORDER BY t.changed_at DESC, t.id DESC LIMIT $6
"""  # noqa: S608 - made of constants
_ATTEMPTS = """
SELECT id, training_id, shop_id, person_id, quiz_version, answers, score, passed, at
  FROM knowledge_attempts
 WHERE training_id = $1 AND ($2::uuid IS NULL OR person_id = $2) ORDER BY at DESC, id DESC LIMIT $3
"""
_ADD_ATTEMPT = """
INSERT INTO knowledge_attempts
       (id, training_id, shop_id, person_id, quiz_version, answers, score, passed, at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
 WHERE (SELECT count(*) FROM knowledge_attempts
         WHERE training_id = $2 AND person_id = $4 AND quiz_version = $5
           AND at > $9::timestamptz - interval '1 day') < $10
ON CONFLICT (id) DO NOTHING
"""
# For each product: whether a training is required, and who has passed all of those.
_SCHOOLED = """
SELECT p.id, count(t.id) AS required, coalesce((
       SELECT array_agg(w.person_id ORDER BY w.person_id) FROM (
              SELECT a.person_id FROM knowledge_attempts a
                JOIN knowledge_trainings n ON n.id = a.training_id
                 AND n.quiz_version = a.quiz_version
               WHERE n.shop_id = $1 AND n.product_ids @> ARRAY[p.id] AND n.required
                 AND n.state = 'published' AND a.passed
               GROUP BY a.person_id HAVING count(DISTINCT n.id) = count(DISTINCT t.id)) AS w),
       '{}') AS agents
  FROM unnest($2::uuid[]) AS p (id)
  LEFT JOIN knowledge_trainings t ON t.shop_id = $1 AND t.product_ids @> ARRAY[p.id]
   AND t.required AND t.state = 'published'
 GROUP BY p.id
"""
_QUIZ = msgspec.json.Decoder(tuple[Question, ...])
_ANSWERS = msgspec.json.Decoder(tuple[tuple[int, ...], ...])


async def add_training(connection: Connection, training: Training) -> bool:
    """Keep a new training with its first version; False where this id is there already."""
    async with connection.transaction():
        values = [_column(training, name) for name in _NAMES]
        if await connection.execute(_ADD, *values) == "INSERT 0 1":
            await connection.execute(_NOTE_VERSION, training.id)
            return True
    if await find_training(connection, training.id, shop_id=training.shop_id) is None:
        raise Refusal("too_large", N_("A shop has at most {n} trainings."), n=TRAININGS_MAX)
    return False


async def change_training(connection: Connection, training: Training, *, again: bool) -> None:
    """Another version; its `version` is the one that was seen. `again`: all have to pass anew.

    Raises Refusal version_conflict.
    """
    async with connection.transaction():
        changed = await connection.execute(
            _CHANGE, training.id, training.version, training.state, training.title, training.body,
            list(training.picture_ids), list(training.product_ids), training.required,
            training.pass_mark, msgspec.json.encode(training.quiz), int(again),
            training.changed_at, training.changed_by,
        )  # fmt: skip
        if changed != "UPDATE 1":
            raise Refusal(
                "version_conflict", N_("Somebody else has changed this meanwhile; look again.")
            )
        await connection.execute(_NOTE_VERSION, training.id)


async def find_training(
    database: Queryable, training_id: UUID, *, shop_id: UUID
) -> Training | None:
    """One training of a shop."""
    row = await database.fetchrow(
        f"SELECT {_COLUMNS} FROM knowledge_trainings t WHERE id = $1 AND shop_id = $2",  # noqa: S608
        training_id,
        shop_id,
    )
    return _training(dict(row)) if row else None


async def list_trainings(
    database: Queryable,
    shop_id: UUID,
    person_id: UUID,
    *,
    with_drafts: bool,
    before: Cursor,
    limit: int,
) -> list[tuple[Training, bool]]:
    """A page of trainings, the newest first, each with whether this person has passed it."""
    rows = await database.fetch(_LIST, shop_id, person_id, with_drafts, before.at, before.id, limit)
    found: list[tuple[Training, bool]] = []
    for row in rows:
        told = dict(row)
        passed = bool(told.pop("passed"))
        found.append((_training(told), passed))
    return found


async def add_attempt(connection: Connection, attempt: Attempt) -> bool:
    """Keep a try; False where there were too many in a day, or this one is kept already."""
    done = await connection.execute(
        _ADD_ATTEMPT, attempt.id, attempt.training_id, attempt.shop_id, attempt.person_id,
        attempt.quiz_version, msgspec.json.encode(attempt.answers), attempt.score, attempt.passed,
        attempt.at, ATTEMPTS_A_DAY,
    )  # fmt: skip
    return done == "INSERT 0 1"


async def attempts_at(
    database: Queryable, training_id: UUID, *, person_id: UUID | None = None
) -> list[Attempt]:
    """Who tried, the newest first; of one person, or of all."""
    rows = await database.fetch(_ATTEMPTS, training_id, person_id, ATTEMPTS_SHOWN)
    return [_attempt(row) for row in rows]


async def find_attempt(database: Queryable, attempt_id: UUID) -> Attempt | None:
    """One try."""
    row = await database.fetchrow("SELECT * FROM knowledge_attempts WHERE id = $1", attempt_id)
    return _attempt(row) if row else None


async def has_passed(database: Queryable, training: Training, person_id: UUID) -> bool:
    """Whether somebody passed the quiz as it is asked now."""
    return await database.fetchval(
        "SELECT EXISTS (SELECT FROM knowledge_attempts WHERE training_id = $1"
        " AND quiz_version = $2 AND person_id = $3 AND passed)",
        training.id,
        training.quiz_version,
        person_id,
    )


async def schooled_for(
    database: Queryable, shop_id: UUID, product_ids: Sequence[UUID]
) -> Mapping[UUID, list[UUID] | None]:
    """Who has passed everything that is required for a product; None: nothing is."""
    rows = await database.fetch(_SCHOOLED, shop_id, list(product_ids))
    return {row["id"]: list(row["agents"]) if row["required"] else None for row in rows}


def _column(training: Training, name: str) -> Any:
    value = getattr(training, name)
    if name == "quiz":
        return msgspec.json.encode(value)
    return list(value) if name in ("picture_ids", "product_ids") else value


def _training(row: dict[str, Any]) -> Training:
    told: dict[str, Any] = row | {
        "quiz": _QUIZ.decode(row["quiz"]),
        "picture_ids": tuple(row["picture_ids"]),
        "product_ids": tuple(row["product_ids"]),
    }
    return Training(**told)


def _attempt(row: Record) -> Attempt:
    told: dict[str, Any] = dict(row) | {"answers": _ANSWERS.decode(row["answers"])}
    return Attempt(**told)

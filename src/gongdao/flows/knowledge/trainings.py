"""Trainings: written, taken, passed; and routing hears who was schooled for what."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.cursor import NEWEST, Cursor, read_cursor
from gongdao.base.db import Connection, Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.chat.routing.place import serve
from gongdao.chat.routing.schooled_store import keep_schooled
from gongdao.chat.routing.store import lock_desk
from gongdao.files.store import find_files
from gongdao.flows.knowledge.leave import (
    edited_by,
    id_under,
    shop_of,
    used_for_else,
)
from gongdao.flows.knowledge.products import require_products
from gongdao.knowledge.training import (
    Attempt,
    Training,
    TrainingWritten,
    grade,
    require_quiz,
)
from gongdao.knowledge.training_store import (
    ATTEMPTS_A_DAY,
    add_attempt,
    add_training,
    attempts_at,
    change_training,
    find_attempt,
    find_training,
    has_passed,
    list_trainings,
    schooled_for,
)

PAGE_MAX = 50


class TrainingsListed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of trainings, each with whether one has passed it, and where the next one begins."""

    trainings: list[tuple[Training, bool]]
    after: str | None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A training as somebody may see it: what is right only after passing, or to change it."""

    training: Training
    passed: bool
    attempts: list[Attempt]
    """One's own, the newest first."""

    @property
    def shows_answers(self) -> bool:
        """Whether what is right may be seen."""
        return self.passed


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a try."""

    attempt: Attempt
    pass_mark: int


async def write_training(
    pool: Pool, who: Principal, written: TrainingWritten, *, key: str | None = None, now: datetime
) -> Training:
    """A new training. Under a key that was used for the same, the one that is there."""
    shop_id = edited_by(who)
    require_quiz(written)
    training = Training(
        **{name: getattr(written, name) for name in TrainingWritten.__struct_fields__},
        id=id_under(who, "training", key),
        shop_id=shop_id,
        version=1,
        quiz_version=1,
        changed_at=now,
        changed_by=who.person_id,
    )
    async with pool.acquire() as connection, connection.transaction():
        await require_products(connection, shop_id, written.product_ids)
        await _require_pictures(connection, who, written.picture_ids, known=())
        if await add_training(connection, training):
            await _school(connection, shop_id, training.product_ids, now=now)
            return training
        known = await _training_of(connection, shop_id, training.id)
        if (known.title, known.body, known.quiz) != (written.title, written.body, written.quiz):
            raise used_for_else()
        return known


async def rewrite_training(
    pool: Pool,
    who: Principal,
    training_id: UUID,
    written: TrainingWritten,
    *,
    seen: int,
    again: bool = False,
    now: datetime,
) -> Training:
    """Another version, decided on the one that was seen; `again`: everybody has to pass anew."""
    shop_id = edited_by(who)
    require_quiz(written)
    async with pool.acquire() as connection, connection.transaction():
        before = await _training_of(connection, shop_id, training_id)
        await require_products(connection, shop_id, written.product_ids)
        await _require_pictures(connection, who, written.picture_ids, known=before.picture_ids)
        after = msgspec.structs.replace(
            before,
            **{name: getattr(written, name) for name in TrainingWritten.__struct_fields__},
            version=seen,
            changed_at=now,
            changed_by=who.person_id,
        )
        await change_training(connection, after, again=again)
        touched = {*before.product_ids, *after.product_ids}
        await _school(connection, shop_id, touched, now=now)
        return await _training_of(connection, shop_id, training_id)


async def browse_trainings(
    database: Queryable, who: Principal, *, after: str = "", limit: int = PAGE_MAX
) -> TrainingsListed:
    """A page of the trainings of one's shop; drafts and retired ones for who writes them."""
    before = read_cursor(after) if after else NEWEST
    found = await list_trainings(
        database, shop_of(who), who.person_id, with_drafts=who.may("knowledge.edit"),
        before=before, limit=limit + 1,
    )  # fmt: skip
    shown = found[:limit]
    last = shown[-1][0] if len(found) > limit else None
    place = Cursor(last.changed_at, last.id).text() if last else None
    return TrainingsListed(trainings=shown, after=place)


async def see_training(database: Queryable, who: Principal, training_id: UUID) -> Seen:
    """A training, whether one passed it, and one's own tries. Raises Refusal not_found."""
    training = await _training_of(database, shop_of(who), training_id)
    if training.state != "published" and not who.may("knowledge.edit"):
        raise Refusal("not_found", N_("There is no such training."))
    return Seen(
        training=training,
        passed=await has_passed(database, training, who.person_id),
        attempts=await attempts_at(database, training_id, person_id=who.person_id),
    )


async def see_training_to_edit(
    database: Queryable, who: Principal, training_id: UUID
) -> tuple[Training, list[Attempt]]:
    """A training with what is right, and everybody's tries, for who writes it."""
    training = await _training_of(database, edited_by(who), training_id)
    return training, await attempts_at(database, training_id)


async def take_quiz(
    pool: Pool,
    who: Principal,
    training_id: UUID,
    answers: tuple[tuple[int, ...], ...],
    *,
    seen: int,
    key: str | None = None,
    now: datetime,
) -> Tried:
    """A try at a quiz, graded here; whoever passes gets the questions of its products from now on.

    Raises Refusal: version_conflict where the quiz is another by now, rate_limited after too many
    tries in a day, invalid where a question is left out.
    """
    shop_id = shop_of(who)
    async with pool.acquire() as connection, connection.transaction():
        training = (await see_training(connection, who, training_id)).training
        attempt_id = id_under(who, f"attempt {training_id}", key)
        if known := await find_attempt(connection, attempt_id):
            if known.answers != answers:
                raise used_for_else()
            return Tried(attempt=known, pass_mark=training.pass_mark)
        if training.state != "published":
            raise Refusal("not_allowed_in_stage", N_("This training is not published."))
        if training.version != seen:
            raise Refusal(
                "version_conflict", N_("The quiz has been changed meanwhile; look again.")
            )
        score = grade(training.quiz, answers)
        attempt = Attempt(
            id=attempt_id, training_id=training_id, shop_id=shop_id, person_id=who.person_id,
            quiz_version=training.quiz_version, answers=answers, score=score,
            passed=score >= training.pass_mark, at=now,
        )  # fmt: skip
        if not await add_attempt(connection, attempt):
            raise Refusal(
                "rate_limited",
                N_("At most {n} tries at a quiz within 24 hours; read the text once more."),
                n=ATTEMPTS_A_DAY,
            )
        if attempt.passed:
            await _school(connection, shop_id, training.product_ids, now=now)
    return Tried(attempt=attempt, pass_mark=training.pass_mark)


async def _school(
    connection: Connection, shop_id: UUID, product_ids: Iterable[UUID], *, now: datetime
) -> None:
    """Tell routing who was schooled, and serve who waited for one of them."""
    products = list(dict.fromkeys(product_ids))
    if not products:
        return
    # Under the lock of the desk: two who pass at once both count.
    desk = await lock_desk(connection, shop_id)
    await keep_schooled(connection, shop_id, await schooled_for(connection, shop_id, products))
    await serve(connection, desk, now=now)


async def _require_pictures(
    database: Queryable, who: Principal, wanted: Iterable[UUID], *, known: Iterable[UUID]
) -> None:
    """Pictures are one's own uploads, or were in the training before. Raises Refusal."""
    new = [each for each in wanted if each not in set(known)]
    files = await find_files(database, new) if new else {}  # pyright: ignore[reportArgumentType]
    for file_id in new:
        file = files.get(file_id)
        if file is None or file.uploaded_by != who.person_id:
            raise Refusal("not_found", N_("One of the files is not there, or is not yours."))
        if not file.media_type.startswith("image/"):
            raise Refusal("invalid", N_("A training shows pictures only."))


async def _training_of(database: Queryable, shop_id: UUID, training_id: UUID) -> Training:
    training = await find_training(database, training_id, shop_id=shop_id)
    if training is None:
        raise Refusal("not_found", N_("There is no such training."))
    return training

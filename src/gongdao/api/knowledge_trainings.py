"""Trainings with a quiz that is graded here: nobody reads what is right before they passed."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.params import FromPath, JSONBody

from gongdao.accounts.gate import Asked, principal_of
from gongdao.api.headers import Key
from gongdao.api.knowledge import EDITS, READS, TAGS, After, Limit
from gongdao.api.knowledge import Seen as SeenVersion
from gongdao.base.clock import utc_now
from gongdao.flows.knowledge import trainings as desk
from gongdao.knowledge.article import State
from gongdao.knowledge.training import Answers, Question, Training, TrainingWritten


class QuestionAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A question; `right` and `why` are there only for those who passed or who write it."""

    prompt: str
    choices: tuple[str, ...]
    several: bool
    right: tuple[int, ...] | None = None
    why: str | None = None


class TrainingShown(msgspec.Struct, frozen=True, kw_only=True):
    """A training, and whether one has passed it."""

    id: UUID
    title: str
    body: str
    state: State
    required: bool
    pass_mark: int
    products: tuple[UUID, ...]
    pictures: tuple[UUID, ...]
    version: int
    quiz_version: int
    passed: bool
    quiz: list[QuestionAsked]


class TrainingsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Trainings, the newest first; `after` is where the next page begins."""

    trainings: list[TrainingShown]
    after: str | None


class TrainingBody(TrainingWritten, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A training as somebody writes it; without products it is on any topic."""


class ChangedTraining(TrainingBody, frozen=True, kw_only=True):
    """Another version; `again`: everybody has to pass anew."""

    version: SeenVersion
    again: bool = False


class TryBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was chosen for each question, counted from 0, and the version that was read."""

    answers: Answers
    version: SeenVersion


class TryShown(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a try; which questions were right is not told before one passes."""

    score: int
    pass_mark: int
    passed: bool
    at: datetime


@get("/knowledge/trainings", guards=[READS], summary="Trainings", tags=TAGS)
async def read_trainings(request: Asked, after: After = "", limit: Limit = 50) -> TrainingsPage:
    """Those of the shop, and which of them one has passed."""
    who = principal_of(request)
    listed = await desk.browse_trainings(request.app.state.pool, who, after=after, limit=limit)
    return TrainingsPage(
        trainings=[_shown(each, passed=passed) for each, passed in listed.trainings],
        after=listed.after,
    )


@get("/knowledge/trainings/{training_id:uuid}", guards=[READS], summary="One", tags=TAGS)
async def read_training(request: Asked, training_id: FromPath[UUID]) -> TrainingShown:
    """A training with its quiz."""
    seen = await desk.see_training(request.app.state.pool, principal_of(request), training_id)
    return _shown(seen.training, passed=seen.passed)


@post("/knowledge/trainings", guards=[EDITS], summary="Write a training", tags=TAGS)
async def write_training(
    request: Asked, data: JSONBody[TrainingBody], key: Key = None
) -> TrainingShown:
    """A new one. Published and required, routing minds who passed it."""
    training = await desk.write_training(
        request.app.state.pool, principal_of(request), data, key=key, now=utc_now()
    )
    return _shown(training, passed=False, shows=True)


@put("/knowledge/trainings/{training_id:uuid}", guards=[EDITS], summary="Change it", tags=TAGS)
async def change_training(
    request: Asked, training_id: FromPath[UUID], data: JSONBody[ChangedTraining]
) -> TrainingShown:
    """Another version, decided on the one that was seen."""
    training = await desk.rewrite_training(
        request.app.state.pool, principal_of(request), training_id, data, seen=data.version,
        again=data.again, now=utc_now(),
    )  # fmt: skip
    return _shown(training, passed=False, shows=True)


@post(
    "/knowledge/trainings/{training_id:uuid}/attempts",
    guards=[READS], summary="Try its quiz", tags=TAGS,
)  # fmt: skip
async def try_quiz(
    request: Asked, training_id: FromPath[UUID], data: JSONBody[TryBody], key: Key = None
) -> TryShown:
    """Every try is kept; whoever passes once has passed."""
    tried = await desk.take_quiz(
        request.app.state.pool, principal_of(request), training_id, data.answers,
        seen=data.version, key=key, now=utc_now(),
    )  # fmt: skip
    attempt = tried.attempt
    return TryShown(
        score=attempt.score, pass_mark=tried.pass_mark, passed=attempt.passed, at=attempt.at
    )


def _shown(training: Training, *, passed: bool, shows: bool = False) -> TrainingShown:
    return TrainingShown(
        id=training.id, title=training.title, body=training.body, state=training.state,
        required=training.required, pass_mark=training.pass_mark,
        products=training.product_ids, pictures=training.picture_ids,
        version=training.version, quiz_version=training.quiz_version, passed=passed,
        quiz=[_question(each, shows=passed or shows) for each in training.quiz],
    )  # fmt: skip


def _question(question: Question, *, shows: bool) -> QuestionAsked:
    return QuestionAsked(
        prompt=question.prompt, choices=question.choices, several=question.several,
        right=question.right if shows else None, why=question.why if shows else None,
    )  # fmt: skip


routes = [read_trainings, read_training, write_training, change_training, try_quiz]

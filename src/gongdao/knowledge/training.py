"""A training: a short text with pictures, and a quiz that is passed or not. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.texts import NO_NUL
from gongdao.knowledge.article import Products, State, Title

BODY_MAX, PROMPT_MAX, CHOICE_MAX, WHY_MAX = 8_000, 300, 200, 500
QUESTIONS_MAX, CHOICES_MAX, PICTURES_MAX = 30, 8, 10

_Body = Annotated[str, msgspec.Meta(min_length=1, max_length=BODY_MAX, pattern=NO_NUL)]
_Prompt = Annotated[str, msgspec.Meta(min_length=1, max_length=PROMPT_MAX, pattern=NO_NUL)]
_Choice = Annotated[str, msgspec.Meta(min_length=1, max_length=CHOICE_MAX, pattern=NO_NUL)]
_Why = Annotated[str, msgspec.Meta(max_length=WHY_MAX, pattern=NO_NUL)]
Index = Annotated[int, msgspec.Meta(ge=0, lt=CHOICES_MAX)]
PassMark = Annotated[int, msgspec.Meta(ge=1, le=100)]
#: What somebody chose, question by question.
Answers = Annotated[
    tuple[Annotated[tuple[Index, ...], msgspec.Meta(max_length=CHOICES_MAX)], ...],
    msgspec.Meta(max_length=QUESTIONS_MAX),
]


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question with choices; `right` counts from 0. `several`: any number of them is right."""

    prompt: _Prompt
    choices: Annotated[tuple[_Choice, ...], msgspec.Meta(min_length=2, max_length=CHOICES_MAX)]
    right: Annotated[tuple[Index, ...], msgspec.Meta(min_length=1, max_length=CHOICES_MAX)]
    several: bool = False
    why: _Why = ""
    """Why that is right; shown to those who passed."""


Quiz = Annotated[tuple[Question, ...], msgspec.Meta(min_length=1, max_length=QUESTIONS_MAX)]


class TrainingWritten(msgspec.Struct, frozen=True, kw_only=True):
    """A training as somebody writes it; without products it is on any topic."""

    title: Title
    body: _Body
    quiz: Quiz
    pass_mark: PassMark = 80
    product_ids: Products = ()
    picture_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=PICTURES_MAX)] = ()
    required: bool = True
    state: State = "draft"


class Training(TrainingWritten, frozen=True, kw_only=True):
    """A training as it is kept. Whoever passed its `quiz_version` has passed."""

    id: UUID
    shop_id: UUID
    version: int
    quiz_version: int
    changed_at: datetime
    changed_by: UUID


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try at a quiz."""

    id: UUID
    training_id: UUID
    shop_id: UUID
    person_id: UUID
    quiz_version: int
    answers: tuple[tuple[int, ...], ...]
    score: int
    passed: bool
    at: datetime


def require_quiz(written: TrainingWritten) -> None:
    """Refuse a quiz that cannot be answered. Raises Refusal invalid with its question."""
    if not written.title.strip() or not written.body.strip():
        raise Refusal("invalid", N_("A training needs a title and a text."))
    for number, question in enumerate(written.quiz, 1):
        right = set(question.right)
        if max(right) >= len(question.choices) or len(right) != len(question.right):
            raise Refusal(
                "invalid", N_("Question {n}: what is right is not among the choices."), n=number
            )
        if not question.several and len(right) != 1:
            raise Refusal("invalid", N_("Question {n}: exactly one choice is right."), n=number)
        if len({choice.strip() for choice in question.choices}) < len(question.choices):
            raise Refusal("invalid", N_("Question {n}: two choices say the same."), n=number)


def grade(quiz: Sequence[Question], answers: Sequence[Sequence[int]]) -> int:
    """How many of a hundred: a question counts when exactly what is right was chosen.

    Raises Refusal invalid where the answers are not to these questions.
    """
    if len(answers) != len(quiz):
        raise Refusal("invalid", N_("Answer every question."))
    for number, (question, chosen) in enumerate(zip(quiz, answers, strict=True), 1):
        if not chosen:
            raise Refusal("invalid", N_("Question {n} is not answered yet."), n=number)
        fits = max(chosen) < len(question.choices) and len(set(chosen)) == len(chosen)
        if not fits or (len(chosen) > 1 and not question.several):
            raise Refusal("invalid", N_("Question {n}: that is no possible answer."), n=number)
    right = sum(
        set(question.right) == set(chosen) for question, chosen in zip(quiz, answers, strict=True)
    )
    return right * 100 // len(quiz)


def read_quiz(typed: str) -> tuple[Question, ...]:
    """A quiz as people type it: a question, its choices each after - or, if right, after +.

    A line that begins with = says why. Questions are parted by an empty line; one that ends in
    (多选) or (several) may have several right. Raises Refusal invalid with the question.
    """
    blocks = [block for block in typed.replace("\r", "").split("\n\n") if block.strip()]
    return tuple(_read_question(number, block) for number, block in enumerate(blocks, 1))


_SEVERAL = ("(多选)", "（多选）", "(several)")


def _read_question(number: int, block: str) -> Question:
    prompt, choices, right, why = "", list[str](), list[int](), ""
    for line in (each.strip() for each in block.split("\n") if each.strip()):
        mark, said = line[0], line[1:].strip()
        if mark in "+＋":
            right.append(len(choices))
            choices.append(said)
        elif mark in "-－":
            choices.append(said)
        elif mark in "=＝":
            why = said
        else:
            prompt = f"{prompt} {line}".strip()
    several = prompt.endswith(_SEVERAL)
    for ending in _SEVERAL:
        prompt = prompt.removesuffix(ending).strip()
    told = {"prompt": prompt, "choices": choices, "right": right, "several": several, "why": why}
    try:
        return msgspec.convert(told, Question)
    except msgspec.ValidationError:
        raise Refusal(
            "invalid",
            N_("Question {n}: the question on a line, then choices after -, right ones after +."),
            n=number,
        ) from None


def write_quiz(quiz: Sequence[Question]) -> str:
    """A quiz as it is typed."""
    return "\n\n".join(_write_question(question) for question in quiz)


def _write_question(question: Question) -> str:
    lines = [f"{question.prompt}{'（多选）' if question.several else ''}"]
    for n, choice in enumerate(question.choices):
        lines.append(f"{'+' if n in question.right else '-'} {choice}")
    if question.why:
        lines.append(f"= {question.why}")
    return "\n".join(lines)

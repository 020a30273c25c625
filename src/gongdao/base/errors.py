"""The one exception with which the product says no, and its stable codes."""

from datetime import datetime
from typing import Literal, get_args

Code = Literal[
    "not_found",
    "invalid",
    "wrong_role",
    "version_conflict",
    "idempotency_conflict",
    "duplicate",
    "too_late",
    "too_early",
    "not_allowed_in_stage",
    "not_your_turn",
    "not_eligible",
    "reason_required",
    "evidence_required",
    "not_aware",
    "amount_above_limit",
    "insufficient_funds",
    "unauthenticated",
    "rate_limited",
    "too_large",
]

#: Every code, in the order in which a command is checked; the last three belong to the edge.
CODES: tuple[str, ...] = get_args(Code)

#: The HTTP status of each code; one that is not named is a 409: the state of things says no.
_STATUS_OF_CODE: dict[Code, int] = {
    "unauthenticated": 401,
    "wrong_role": 403,
    "not_found": 404,
    "too_large": 413,
    "invalid": 422,
    "reason_required": 422,
    "evidence_required": 422,
    "amount_above_limit": 422,
    "rate_limited": 429,
}

#: A text may be a message id; several of them are listed in the language of the sentence.
Param = str | int | datetime | tuple[str, ...]


class Refusal(Exception):
    """An action is refused: a stable code, and a sentence a person can read.

    `sentence` is an English message id with named fields; the Chinese text stands in the
    catalogues of base/locale, or in `chinese` where a rule pack brings its own. `rules` are the
    ids of the pack rules that refuse it.
    """

    def __init__(
        self,
        code: Code,
        sentence: str,
        *,
        chinese: str | None = None,
        rules: tuple[str, ...] = (),
        **params: Param,
    ) -> None:
        super().__init__(code, sentence, params)
        self.code: Code = code
        self.sentence = sentence
        self.chinese = chinese
        self.rules = rules
        self.params = params

    @property
    def status(self) -> int:
        """The HTTP status with which pages and API say it."""
        return _STATUS_OF_CODE.get(self.code, 409)

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence.format(**self.params)}"

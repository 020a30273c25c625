"""How the first step of applying lays out what can go wrong: the usual in view, the rest folded.

A phone shows some ten lines at once. What most buyers come with stands open; what few come with
waits under a heading that says enough to skip it.
"""

import msgspec

from gongdao.base.i18n import N_
from gongdao.policy.pack import Pack
from gongdao.web.buyer.problems import Problem, Situation, choices_for, problems_in

_FOLDS: tuple[tuple[str, frozenset[str]], ...] = (
    (N_("It may be a fake"), frozenset({"counterfeit", "pirated"})),
    (
        N_("The price, a promise, or what we agreed on"),
        frozenset({"price_drop", "promise_broken", "shipped_late", "agreed"}),
    ),
    (
        N_("The shop or its customer service breaks the rules"),
        frozenset(
            {
                "staff_conduct",
                "prohibited_goods",
                "ip_infringement",
                "fake_trade",
                "off_platform",
                "market_disruption",
            }
        ),
    ),
)
_FOLDED = frozenset(key for _, keys in _FOLDS for key in keys)
_LAST = "other"


class Fold(msgspec.Struct, frozen=True):
    """Problems behind a heading, open only where one of them was chosen."""

    title: str
    problems: list[Problem]

    def holds(self, key: str) -> bool:
        """Whether the problem of this key stands in it."""
        return any(problem.key == key for problem in self.problems)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, for one situation of the goods."""

    where: Situation
    usual: list[Problem]
    folds: list[Fold]
    last: list[Problem]
    """Something else: in view below the folds, for whom nothing fitted."""


def question_in(where: Situation, pack: Pack) -> Question:
    """The problems that the rule book knows a request for; a fold without any is left out."""
    known = [problem for problem in problems_in(where) if choices_for(problem, pack)]
    folds = [Fold(title, [p for p in known if p.key in keys]) for title, keys in _FOLDS]
    return Question(
        where=where,
        usual=[p for p in known if p.key not in _FOLDED and p.key != _LAST],
        folds=[fold for fold in folds if fold.problems],
        last=[p for p in known if p.key == _LAST],
    )

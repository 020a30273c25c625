"""What a caller may do now, and why not the rest: the same checks as the decision itself."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from gongdao.base.errors import Refusal
from gongdao.cases.actions import ACTIONS
from gongdao.cases.actions.review import require_appealable
from gongdao.cases.case import Case
from gongdao.cases.commands import ARGS, NoArgs
from gongdao.cases.decide import find_move
from gongdao.cases.draft import Draft
from gongdao.cases.facts import Facts
from gongdao.policy.pack import Pack
from gongdao.policy.words import Role


class Available(msgspec.Struct, frozen=True, kw_only=True):
    """One action of a caller: allowed, or refused with the reason."""

    action: str
    refusal: Refusal | None = None

    @property
    def allowed(self) -> bool:
        """Whether it can be done now."""
        return self.refusal is None


def available_actions(
    case: Case, role: Role, *, facts: Facts, pack: Pack, now: datetime
) -> list[Available]:
    """Every action that this role can ever do in this procedure, allowed or with the reason."""
    draft = Draft(case, facts=facts, pack=pack, now=now, by=role)
    return list(_judge_all(draft, pack, role))


def _judge_all(draft: Draft, pack: Pack, role: Role) -> Iterator[Available]:
    seen: set[str] = set()
    for stage in draft.procedure.stage:
        for move in stage.action:
            if role not in move.by or move.do in seen:
                continue
            seen.add(move.do)
            try:
                _try_out(draft, move.do)
                yield Available(action=move.do)
            except Refusal as refusal:
                yield Available(action=move.do, refusal=refusal)


def _try_out(draft: Draft, action: str) -> None:
    """Raise what refuses the action; one that takes no arguments is done on a copy."""
    find_move(draft, action)
    if action == "appeal":
        require_appealable(draft)
    if ARGS[action] is NoArgs:
        ACTIONS[action](draft.copy(), NoArgs())

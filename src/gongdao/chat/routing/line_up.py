"""The waiting queue: whoever has waited longest is served first, as far as somebody fits."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from gongdao.chat.routing.desk import Board
from gongdao.chat.routing.pick import Affinity, Pick, Request, after, pick


def serve_queue(
    queue: Iterable[Request],
    board: Board,
    *,
    affinities: Mapping[UUID, Affinity],
    now: datetime,
) -> tuple[list[Pick], Board]:
    """Pick for everybody who waits, in their order (`queued_at`, then id), and the desk after it.

    Whoever cannot be served yet keeps their place and stops nobody behind them who wants others.
    """
    picks: list[Pick] = []
    in_vain: set[object] = set()
    for request in queue:
        affinity = affinities.get(request.conversation_id)
        # Serving only fills the desk up: what found nobody finds nobody later in the same round.
        wants = (
            request.topic, request.locale, request.group_id, request.agent_id, request.schooled,
            affinity,
        )  # fmt: skip
        if wants in in_vain:
            continue
        found = pick(request, board, affinity=affinity, now=now)
        if found is None:
            in_vain.add(wants)
            continue
        picks.append(found)
        board = after(board, found)
    return picks, board

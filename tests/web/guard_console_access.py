"""Who reaches the guard's pages of the platform: its people read, two of them watch and let go."""

_READERS = frozenset({"arbiter", "supervisor", "operator", "auditor"})
_WATCHERS = frozenset({"supervisor", "operator"})

GUARD_CONSOLE_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        _READERS,
        """
        GET /platform/guard, GET /platform/guard/links, GET /platform/guard/watch
        GET /platform/guard/holds, GET /platform/guard/figures
        """,
    ),
    (_WATCHERS, "GET /platform/guard/training.jsonl, POST /platform/guard/watch"),
    (_WATCHERS | {"arbiter"}, "POST /platform/guard/missed"),
    # Of findings, payouts and lines of the watch list that are not there.
    (
        frozenset(),
        """
        GET /platform/guard/findings/{finding_id}, POST /platform/guard/findings/{finding_id}/mark
        POST /platform/guard/watch/{watched_id}/off
        POST /platform/guard/holds/{payout_id}/release
        """,
    ),
)

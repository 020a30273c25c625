"""Who reaches the votes of a jury over the API."""

VOTE_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"juror"}), "GET /api/v1/votes"),
    # The town has no case before a jury.
    (frozenset(), "GET /api/v1/votes/{case_id}, POST /api/v1/votes/{case_id}"),
)
VOTE_BODIES = {
    "/api/v1/votes/{case_id}": {"liability": "none", "remedy": "no_action", "note": "x"},
}

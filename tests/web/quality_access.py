"""Who reaches promises and the quality of conversations."""

_AT_THE_DESK = frozenset({"owner", "agent", "foreign owner"})
_LEADS = frozenset({"owner", "foreign owner"})

QUALITY_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        _AT_THE_DESK,
        """
        GET /desk/promises, GET /desk/quality, GET /api/v1/desk/promises
        GET /api/v1/desk/quality/figures, GET /api/v1/desk/quality/form
        """,
    ),
    (_LEADS, "GET /api/v1/desk/quality, PUT /api/v1/desk/quality/form"),
    # Nobody looks over their own talk, and the one that is there is nobody's yet.
    (
        frozenset({"owner"}),
        """
        GET /desk/quality/{conversation_id}, POST /desk/quality/{conversation_id}
        POST /desk/quality/{conversation_id}/objection
        GET /api/v1/conversations/{conversation_id}/checks
        POST /api/v1/conversations/{conversation_id}/checks
        POST /api/v1/conversations/{conversation_id}/checks/objection
        """,
    ),
)

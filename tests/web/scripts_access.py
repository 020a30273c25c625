"""Who reaches the scripts of the desk, bargains, and what a lead lays down."""

from typing import Any

from gongdao.base.ids import new_id

_AT_THE_DESK = frozenset({"owner", "agent", "foreign owner"})
_LEADS = frozenset({"owner", "foreign owner"})

SCRIPT_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        _AT_THE_DESK,
        """
        GET /desk/scripts, POST /desk/scripts, GET /desk/scripts/new, GET /desk/scripts/export.csv
        POST /desk/scripts/import
        GET /api/v1/desk/scripts, POST /api/v1/desk/scripts, POST /api/v1/desk/check-text
        POST /api/v1/desk/suggestions, GET /api/v1/desk/script-figures, POST /api/v1/desk/bargains
        GET /api/v1/desk/asks, GET /api/v1/desk/words, GET /api/v1/desk/bargain-rules
        """,
    ),
    (
        _LEADS,
        """
        PUT /api/v1/desk/words, PUT /api/v1/desk/costs, PUT /api/v1/desk/bargain-rules
        """,
    ),
    # Of scripts, questions and conversations that are not there.
    (
        frozenset(),
        """
        GET /desk/scripts/{ref}, POST /desk/scripts/{script_id}/wording
        POST /desk/scripts/{script_id}/archive
        GET /api/v1/desk/scripts/{ref}/filled, PUT /api/v1/desk/scripts/{script_id}
        DELETE /api/v1/desk/scripts/{script_id}, POST /api/v1/desk/asks/{ask_id}/answer
        POST /api/v1/desk/script-uses, POST /api/v1/desk/asks
        """,
    ),
)
SCRIPT_BODIES: dict[str, Any] = {
    "/api/v1/desk/scripts": {"step": "greet", "title": "x", "text": "x"},
    "/api/v1/desk/check-text": {"text": "x"},
    "/api/v1/desk/suggestions": {"text": "x"},
    "/api/v1/desk/bargains": {"goods": [{"price": "1"}], "asked": "1"},
    "/api/v1/desk/asks": {
        "id": str(new_id()), "conversation": str(new_id()), "what": "price", "gives": "1",
        "why": "x",
    },
    "/api/v1/desk/asks/{ask_id}/answer": {"answer": "refused"},
    "/api/v1/desk/script-uses": {
        "script": "greet.hello", "conversation": str(new_id()), "client_id": str(new_id()),
    },
}  # fmt: skip

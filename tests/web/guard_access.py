"""Who reaches what the guard found: the sides what they are told of, the platform's people all."""

from typing import Any

from gongdao.base.ids import new_id

_PLATFORM = frozenset({"arbiter", "supervisor", "operator", "auditor"})
_CASE = frozenset({"buyer", "owner", "agent"}) | _PLATFORM

GUARD_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        _CASE,
        """
        GET /api/v1/conversations/{conversation_id}/warnings
        GET /api/v1/orders/{order_id}/warnings, GET /api/v1/cases/{case_id}/warnings
        """,
    ),
    (
        _PLATFORM,
        """
        GET /api/v1/guard/findings, GET /api/v1/guard/links, GET /api/v1/guard/watched
        GET /api/v1/guard/holds, GET /api/v1/guard/figures
        """,
    ),
    (frozenset({"supervisor", "operator"}), "POST /api/v1/guard/watched"),
    # Of a finding, a message, a watched one and a payout that are not there.
    (
        frozenset(),
        """
        POST /api/v1/guard/marks, POST /api/v1/guard/missed
        POST /api/v1/guard/watched/{watched_id}/end
        POST /api/v1/guard/holds/{payout_id}/release
        """,
    ),
)

GUARD_BODIES: dict[str, Any] = {
    "/api/v1/guard/marks": {
        "id": str(new_id()), "finding_id": str(new_id()), "verdict": "right",
    },
    "/api/v1/guard/missed": {
        "id": str(new_id()), "conversation_id": str(new_id()), "seq": 1,
        "code": "remote-control",
    },
    "/api/v1/guard/watched/{watched_id}/end": {"why": "x"},
    "/api/v1/guard/holds/{payout_id}/release": {"why": "x"},
}  # fmt: skip

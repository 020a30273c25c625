"""Who reaches customers, what is kept on them, and one's own data."""

from typing import Any

from gongdao.base.ids import new_id

_AGENTS = frozenset({"owner", "agent", "foreign owner"})
_LEADS = frozenset({"owner", "foreign owner"})
_BUYERS = frozenset({"buyer", "foreign buyer"})

CUSTOMER_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        _AGENTS,
        """
        GET /shop/customers, POST /shop/customers/grouped
        GET /api/v1/customers, GET /api/v1/customer-groups, POST /api/v1/customer-groups/members
        """,
    ),
    (
        _LEADS,
        """
        POST /shop/customers/groups, GET /shop/customers/requests, GET /shop/customers/looks
        POST /api/v1/customer-groups, GET /api/v1/customer-requests, GET /api/v1/customer-looks
        """,
    ),
    # The buyer of the first shop is its customer, and nobody else's.
    (
        frozenset({"owner", "agent"}),
        """
        GET /shop/customers/{buyer_id}, POST /shop/customers/{buyer_id}/notes
        POST /shop/customers/{buyer_id}/preferences, POST /shop/customers/{buyer_id}/reveal
        GET /api/v1/customers/{buyer_id}, POST /api/v1/customers/{buyer_id}/notes
        PUT /api/v1/customers/{buyer_id}/preferences, POST /api/v1/customers/{buyer_id}/looks
        """,
    ),
    (
        frozenset({"owner"}),
        "POST /shop/customers/{buyer_id}/copy, POST /api/v1/customers/{buyer_id}/copy",
    ),
    (
        _BUYERS,
        """
        GET /privacy, POST /privacy/requests
        GET /api/v1/me/privacy, POST /api/v1/me/privacy/requests
        """,
    ),
    # Of notes, groups and requests that are not there.
    (
        frozenset(),
        """
        POST /shop/customers/{buyer_id}/notes/{note_id}/done, POST /shop/customers/groups/{group_id}
        POST /shop/customers/requests/{request_id}/answer
        POST /privacy/requests/{request_id}/withdraw, GET /privacy/requests/{request_id}/copy
        POST /api/v1/customer-notes/{note_id}/done
        POST /api/v1/customer-requests/{request_id}/answer
        POST /api/v1/me/privacy/requests/{request_id}/withdrawal
        GET /api/v1/me/privacy/requests/{request_id}/copy
        """,
    ),
)
CUSTOMER_BODIES: dict[str, Any] = {
    "/api/v1/customer-groups/members": {"group": "regular", "customers": [str(new_id())]},
    "/api/v1/customer-groups": {"id": str(new_id()), "name": "x"},
    "/api/v1/customers/{buyer_id}/notes": {"id": str(new_id()), "text": "x"},
    "/api/v1/customers/{buyer_id}/preferences": {"name": "x", "value": "x"},
    "/api/v1/customers/{buyer_id}/looks": {
        "id": str(new_id()), "order": str(new_id()), "why": "calling",
    },
    "/api/v1/customers/{buyer_id}/copy": {"id": str(new_id())},
    "/api/v1/customer-requests/{request_id}/answer": {"answer": "refuse", "ground": "x"},
    "/api/v1/me/privacy/requests": {"id": str(new_id()), "shop": str(new_id()), "what": "copy"},
    "/api/v1/me/privacy/requests/{request_id}/withdrawal": {},
}  # fmt: skip

"""Who reaches the day around orders: its lists, what is written about an order, and the stock."""

from typing import Any

_ALL_OF_SHOP = frozenset({"owner", "agent", "foreign owner"})
_SIDES = frozenset({"owner", "agent"})

#: Bodies that the API accepts, so that what refuses a stranger is who they are.
CARE_BODIES: dict[str, Any] = {
    "/api/v1/orders/{order_id}/remarks": {"reason": "x"},
    "/api/v1/orders/{order_id}/calls": {"result": "refused", "note": "x"},
    "/api/v1/orders/{order_id}/contacts": {"kind": "late_parcel"},
    "/api/v1/orders/{order_id}/additions": {"what": "x"},
    "/api/v1/orders/merges": {"order_ids": []},
    "/api/v1/restock-wishes": {
        "product_id": "00000000-0000-0000-0000-000000000000",
        "buyer_id": "00000000-0000-0000-0000-000000000000",
    },
}
CARE_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        _ALL_OF_SHOP,
        """
        GET /shop/orders/care, GET /api/v1/orders/day, GET /api/v1/orders/day/{name}
        GET /api/v1/orders/day-rules
        POST /shop/orders/care/look, POST /shop/orders/merges, POST /shop/restock
        POST /shop/stock/import
        POST /api/v1/orders/merges, POST /api/v1/stock/import
        """,
    ),
    (
        frozenset({"owner", "foreign owner"}),
        """
        GET /shop/orders/care/rules, POST /shop/orders/care/rules, PUT /api/v1/orders/day-rules
        """,
    ),
    (
        _SIDES,
        """
        GET /api/v1/orders/{order_id}/remarks, GET /api/v1/orders/{order_id}/calls
        GET /api/v1/orders/{order_id}/additions
        POST /api/v1/orders/{order_id}/remarks, POST /api/v1/orders/{order_id}/calls
        POST /api/v1/orders/{order_id}/contacts, POST /api/v1/orders/{order_id}/closure
        POST /api/v1/orders/{order_id}/additions, POST /api/v1/orders/{order_id}/receiver-checks
        PUT /api/v1/orders/{order_id}/making, DELETE /api/v1/orders/{order_id}/merge
        POST /shop/orders/{order_id}/remarks, POST /shop/orders/{order_id}/calls
        POST /shop/orders/{order_id}/contacts, POST /shop/orders/{order_id}/close
        POST /shop/orders/{order_id}/additions, POST /shop/orders/{order_id}/receiver-check
        POST /shop/orders/{order_id}/making, POST /shop/orders/{order_id}/split
        """,
    ),
    # Of lists, questions, additions, wishes and products that are not there.
    (
        frozenset(),
        """
        GET /api/v1/receiver-checks/{check_id}
        PUT /api/v1/receiver-checks/{check_id}/answer
        PUT /api/v1/order-additions/{addition_id}/completion, POST /api/v1/restock-wishes
        PUT /api/v1/restock-wishes/{wish_id}/told
        GET /api/v1/products/{product_id}/stock, PUT /api/v1/products/{product_id}/stock
        POST /shop/orders/{order_id}/additions/{addition_id}/done
        POST /shop/products/{product_id}/stock, POST /shop/restock/{wish_id}/told
        POST /shop/restock/{wish_id}/drop, DELETE /api/v1/restock-wishes/{wish_id}
        PUT /api/v1/orders/{order_id}/restock-wishes/{product_id}
        DELETE /api/v1/orders/{order_id}/restock-wishes/{product_id}
        POST /orders/{order_id}/restock/{product_id}
        POST /orders/{order_id}/restock/{product_id}/drop
        """,
    ),
)

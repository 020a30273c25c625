"""Who reaches what changes an order, asks for money, or tells products and tracking."""

#: Everybody who sees the case of the walk, and so its order.
_SEERS = frozenset({"buyer", "owner", "agent", "arbiter", "supervisor", "operator", "auditor"})

ORDER_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset({"owner", "operator"}),
        "POST /api/v1/shops/{shop_id}/orders/import, PUT /api/v1/shops/{shop_id}/products",
    ),
    (
        frozenset({"operator"}),
        "GET /api/v1/bills, POST /api/v1/shops/{shop_id}/top-ups, POST /api/v1/tracking/import",
    ),
    (
        _SEERS,
        "GET /api/v1/orders/{order_id}/bills, GET /api/v1/orders/{order_id}/lines/{line}/variants",
    ),
    (
        frozenset({"buyer"}),
        """
        POST /api/v1/cases/{case_id}/difference, POST /cases/{case_id}/difference
        PUT /api/v1/orders/{order_id}/lines/{line}/variant, PUT /api/v1/orders/{order_id}/payment
        PUT /api/v1/orders/{order_id}/receiver, POST /api/v1/orders/{order_id}/urgings
        POST /orders/{order_id}/cancel, POST /orders/{order_id}/lines/{line}/variant
        POST /orders/{order_id}/receiver, POST /orders/{order_id}/payment
        POST /orders/{order_id}/urge
        """,
    ),
    (
        frozenset({"buyer", "owner", "agent"}),
        "POST /api/v1/orders/{order_id}/cancellation",
    ),
    (
        frozenset({"owner", "agent"}),
        "POST /api/v1/orders/{order_id}/bills, POST /shop/orders/{order_id}/bills",
    ),
    # Of bills that are not there.
    (
        frozenset(),
        """
        POST /api/v1/bills/{bill_id}/payment, POST /api/v1/bills/{bill_id}/receipt
        DELETE /api/v1/bills/{bill_id}, POST /orders/{order_id}/bills/{bill_id}/pay
        POST /orders/{order_id}/bills/{bill_id}/decline
        POST /shop/orders/{order_id}/bills/{bill_id}/drop
        """,
    ),
)

"""Who reaches the agent's window and the settings of a shop's desk."""

_AT_THE_DESK = frozenset({"owner", "agent", "foreign owner"})
_LEADS = frozenset({"owner", "foreign owner"})

DESK_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        _AT_THE_DESK,
        "GET /desk, GET /desk/list, GET /desk/asks, POST /desk/presence, POST /desk/take",
    ),
    (
        _LEADS,
        """
        GET /desk/settings, GET /desk/log, POST /desk/settings/rules, POST /desk/settings/groups
        GET /desk/rules, POST /desk/rules/bargain, POST /desk/rules/costs
        POST /desk/rules/words, POST /desk/rules/form
        """,
    ),
    (
        frozenset({"owner", "agent"}),
        """
        GET /desk/talks/{conversation_id}, POST /desk/talks/{conversation_id}/close
        GET /desk/talks/{conversation_id}/hand-over, POST /desk/talks/{conversation_id}/hand-over
        GET /desk/talks/{conversation_id}/ask, POST /desk/talks/{conversation_id}/ask
        GET /desk/talks/{conversation_id}/orders/{order_id}/goodwill
        GET /desk/talks/{conversation_id}/orders/{order_id}/dispatch
        GET /desk/talks/{conversation_id}/orders/{order_id}/receiver
        GET /desk/talks/{conversation_id}/orders/{order_id}/difference
        GET /desk/talks/{conversation_id}/products, GET /desk/talks/{conversation_id}/bargain
        POST /desk/talks/{conversation_id}/bargain
        GET /desk/talks/{conversation_id}/orders/{order_id}/apply
        POST /desk/talks/{conversation_id}/orders/{order_id}/apply
        POST /desk/talks/{conversation_id}/orders/{order_id}/apply/preview
        """,
    ),
    (frozenset({"owner"}), "GET /desk/talks/{conversation_id}/routing"),
    # Of groups, agents and questions that are not there.
    (
        frozenset(),
        """
        POST /desk/asks/{ask_id}/answer, POST /desk/settings/groups/{group_id}
        POST /desk/settings/groups/{group_id}/retire, POST /desk/settings/agents/{agent_id}
        """,
    ),
)

"""Who reaches the mailboxes of a shop; of those that are not there, nobody."""

MAIL_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"owner", "foreign owner"}), "GET /shop/mailboxes, POST /shop/mailboxes"),
    (
        frozenset({"buyer", "foreign buyer"}),
        "GET /addresses, POST /addresses, POST /addresses/code",
    ),
    (
        frozenset(),
        """
        GET /shop/mailboxes/{account_id}, POST /shop/mailboxes/{account_id}
        POST /shop/mailboxes/{account_id}/pause, GET /shop/mails/{arrival_id}
        POST /shop/mails/{arrival_id}/tell, POST /shop/mails/{arrival_id}/seen
        POST /shop/letters/{letter_id}/again
        """,
    ),
)

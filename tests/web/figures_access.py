"""Who reaches the figures of a shop, each their own."""

FIGURE_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset({"owner", "foreign owner"}),
        "GET /shop/figures, GET /shop/figures.csv, GET /api/v1/figures",
    ),
)

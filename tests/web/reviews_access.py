"""Who reaches reviews: the buyer's own, a shop's, and what is done about them."""

from typing import Any

from tests.api.conftest import Town

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.reviews.review import Review
from gongdao.reviews.store import add_reviews

_SERVERS = frozenset({"owner", "agent", "foreign owner"})
_ITS_SERVERS = frozenset({"owner", "agent"})
_BUYERS = frozenset({"buyer", "foreign buyer"})

REVIEW_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (_SERVERS, "GET /shop/reviews, GET /shop/reviews/trends, GET /api/v1/reviews/trends"),
    (
        frozenset({"owner", "foreign owner"}),
        "GET /shop/reviews/import, POST /shop/reviews/import",
    ),
    (frozenset({"owner", "operator"}), "POST /api/v1/shops/{shop_id}/reviews/import"),
    (_SERVERS | _BUYERS, "GET /api/v1/reviews"),
    (
        _ITS_SERVERS,
        """
        GET /shop/reviews/{review_id}, POST /shop/reviews/{review_id}/reply/check
        POST /shop/reviews/{review_id}/cause, POST /shop/reviews/{review_id}/contacts
        POST /shop/reviews/{review_id}/reply, POST /shop/reviews/{review_id}/proof
        POST /shop/orders/{order_id}/rating
        GET /api/v1/reviews/{review_id}/log, POST /api/v1/reviews/{review_id}/cause
        POST /api/v1/reviews/{review_id}/contacts, POST /api/v1/reviews/{review_id}/reply/check
        POST /api/v1/reviews/{review_id}/reply, POST /api/v1/orders/{order_id}/buyer-rating
        """,
    ),
    (_ITS_SERVERS | {"buyer"}, "GET /api/v1/reviews/{review_id}"),
    (
        frozenset({"buyer"}),
        """
        GET /orders/{order_id}/reviews, POST /orders/{order_id}/reviews
        POST /reviews/{review_id}/change, POST /reviews/{review_id}/append
        POST /api/v1/orders/{order_id}/reviews, PUT /api/v1/reviews/{review_id}
        POST /api/v1/reviews/{review_id}/addition
        """,
    ),
    # Of a conversation that is not there.
    (frozenset(), "POST /api/v1/reviews/{review_id}/excerpts"),
)

_KEY = {"id": str(new_id())}
REVIEW_BODIES: dict[str, Any] = {
    "/api/v1/orders/{order_id}/reviews": _KEY | {"review": {"stars": 5}},
    "/api/v1/reviews/{review_id}/addition": _KEY | {"addition": {"text": "x"}},
    "/api/v1/reviews/{review_id}/cause": _KEY | {"decision": {"cause": "mood"}},
    "/api/v1/reviews/{review_id}/contacts": _KEY | {"contact": {"outcome": "no_answer"}},
    "/api/v1/reviews/{review_id}/reply/check": {"text": "x"},
    "/api/v1/reviews/{review_id}/reply": _KEY | {"answer": {"text": "x"}},
    "/api/v1/reviews/{review_id}/excerpts": {"conversation": str(new_id()), "messages": [1]},
    "/api/v1/orders/{order_id}/buyer-rating": {"mark": "good"},
}


async def keep_review(town: Town) -> Any:
    """A negative review of the first shop's order."""
    order_id, now = town.ids["open order"], utc_now()
    review = Review(
        id=new_id(),
        shop_id=town.ids["shop_id"],
        order_id=order_id,
        line=1,
        order_number="1",
        buyer_id=town.people["buyer"].person_id,
        product_id=None,
        product="Lamp",
        stars=1,
        text="broken",
        at=now,
        cause="quality",
        suggested="quality",
        due_at=now,
    )
    async with town.pool.acquire() as connection:
        await add_reviews(connection, [review])
    return review.id

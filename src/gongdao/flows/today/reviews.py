"""Reviews whose writers are to be contacted today."""

from gongdao.base.db import Queryable
from gongdao.flows.reviews.see import due_today
from gongdao.flows.today.line import SHOWN, Day, Line, Lot
from gongdao.reviews.review import CAUSE_LABELS

_SAID_MAX = 80


async def reviews(database: Queryable, day: Day) -> list[Lot]:
    """Neutral and negative reviews, by the time at which their writers are best contacted."""
    count, found = await due_today(database, day.shop_id, now=day.now, limit=SHOWN)
    lines = tuple(
        Line(
            href=f"/shop/reviews/{review.id}",
            title=review.product or review.order_number,
            note=CAUSE_LABELS[review.cause] if review.cause else "",
            said=review.text[:_SAID_MAX],
            due_at=review.due_at,
        )
        for review in found
    )
    return [Lot(work="reviews", count=count, lines=lines, href="/shop/reviews?view=due")]

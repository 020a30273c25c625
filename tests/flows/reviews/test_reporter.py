"""Neither the sorting nor the answer of a review tells that its buyer reported the shop."""

from datetime import timedelta

import pytest
from tests.flows.market import START, Market, open_market, place_order

from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.cases.commands import OpenArgs
from gongdao.flows.act import open_case
from gongdao.flows.reviews.known import Asked, facts_of_reviews
from gongdao.flows.reviews.reply import check_reply, record_of
from gongdao.flows.reviews.write import ReviewArgs, write_review
from gongdao.policy.load import load_pack
from gongdao.reviews.review import Review
from gongdao.shops.order import Order

HOUR = timedelta(hours=1)
THEN = START + timedelta(days=4)
SOLVED = "问题已经解决，感谢您的反馈。"


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


async def reviewed(market: Market) -> tuple[Order, Review]:
    order = await place_order(market, confirmed=True)
    args = ReviewArgs(stars=1, text="失望")
    review = await write_review(
        market.pool, market.buyer, order.id, args, review_id=new_id(), now=THEN + 9 * HOUR
    )
    return order, review


async def report(market: Market, order: Order, kind: str) -> None:
    """Report the shop with a reason that counts as one of quality."""
    args = OpenArgs(procedure="report", kind=kind, reason="counterfeit", claim="假货")
    opened = await open_case(
        market.pool, market.buyer, order.id, args, pack=load_pack("cn-standard"), now=THEN
    )
    assert opened.case.reason == "counterfeit"
    assert opened.case.anonymous is (kind == "counterfeit_listing")


async def quality_cases(market: Market, order: Order, review: Review) -> int:
    asked = Asked(review_id=review.id, order_id=order.id, at=review.at, stars=1, text=review.text)
    async with market.pool.acquire() as connection:
        (facts,) = await facts_of_reviews(connection, [asked])
    return facts.quality_cases


async def test_a_report_sorts_no_review(market: Market) -> None:
    order, review = await reviewed(market)
    await report(market, order, "counterfeit_listing")
    assert await quality_cases(market, order, review) == 0
    # What the shop knows of does.
    await report(market, order, "ip_infringement")
    assert await quality_cases(market, order, review) == 1


async def test_a_report_that_ended_answers_no_review(market: Market) -> None:
    order, review = await reviewed(market)
    before = await record_of(market.pool, review)
    said = await check_reply(market.pool, market.owner, review.id, SOLVED)
    assert [each.id for each in said] == ["settled"]
    await report(market, order, "counterfeit_listing")
    # No rule book of today settles such a report; whoever writes one that does tells no more.
    end = (
        "UPDATE cases SET closed_at = $2, due_at = NULL,"
        """ state = state || '{"stage": "closed", "ended": "settled"}' WHERE order_id = $1"""
    )
    await market.pool.execute(end, order.id, THEN + HOUR)
    assert await record_of(market.pool, review) == before
    assert await check_reply(market.pool, market.owner, review.id, SOLVED) == said

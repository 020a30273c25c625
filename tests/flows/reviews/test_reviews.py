"""Reviews end to end without a page: written, sorted, followed up, answered, proved."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.flows.market import START, Market, open_market, person, place_order

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.flows.reviews.attend import (
    CauseArgs,
    ContactArgs,
    RatingArgs,
    decide_cause,
    note_contact,
    rate_buyer,
)
from gongdao.flows.reviews.reply import ReplyArgs, check_reply, reply_to_review
from gongdao.flows.reviews.see import due_today, read_trends, see_list, see_order, see_review
from gongdao.flows.reviews.write import (
    AdditionArgs,
    ChangeArgs,
    ReviewArgs,
    append_to_review,
    change_review,
    write_review,
)
from gongdao.reviews.lists import Wanted
from gongdao.reviews.review import Review
from gongdao.reviews.store import events_of
from gongdao.shops.order import Line

DAY = timedelta(days=1)
#: A day after receipt was confirmed, in the afternoon of Shanghai.
NOW = START + 4 * DAY + timedelta(hours=5)


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


async def written(
    market: Market, text: str = "穿一次就开线，质量太差", stars: int = 1, **order: Any
) -> Review:
    placed = await place_order(market, confirmed=True, **order)
    args = ReviewArgs(stars=stars, text=text)
    return await write_review(
        market.pool, market.buyer, placed.id, args, review_id=new_id(), now=NOW
    )


async def refused(doing: Any) -> Refusal:
    with pytest.raises(Refusal) as found:
        await doing
    return found.value


async def test_a_review_stands_once_and_is_sorted(market: Market) -> None:
    order = await place_order(market, confirmed=True)
    review_id, args = new_id(), ReviewArgs(stars=1, text="做工太差，还开线")
    first = await write_review(
        market.pool, market.buyer, order.id, args, review_id=review_id, now=NOW
    )
    again = await write_review(
        market.pool, market.buyer, order.id, args, review_id=review_id, now=NOW + DAY
    )
    assert first == again and first.cause == first.suggested == "quality" and first.due_at == NOW
    other = write_review(market.pool, market.buyer, order.id, args, review_id=new_id(), now=NOW)
    assert (await refused(other)).code == "duplicate"


@pytest.mark.parametrize(
    ("order", "at", "code"),
    [
        ({"confirmed": False}, NOW, "too_early"),
        ({"confirmed": True}, START + 3 * DAY + 15 * DAY, "too_late"),
    ],
)
async def test_a_review_has_its_time(
    market: Market, order: dict[str, Any], at: datetime, code: str
) -> None:
    placed = await place_order(market, **order)
    writing = write_review(
        market.pool, market.buyer, placed.id, ReviewArgs(stars=5), review_id=new_id(), now=at
    )
    refusal = await refused(writing)
    assert refusal.code == code and refusal.rules


async def test_the_last_instant_is_in_time(market: Market) -> None:
    placed = await place_order(market, confirmed=True)
    at = START + 3 * DAY + 15 * DAY - timedelta(microseconds=1)
    review = await write_review(
        market.pool, market.buyer, placed.id, ReviewArgs(stars=5), review_id=new_id(), now=at
    )
    assert review.cause is None and review.due_at is None


async def test_nothing_is_reviewed_that_is_not_there_or_not_theirs(market: Market) -> None:
    placed = await place_order(market, confirmed=True)
    stranger = await person(market.pool, "buyer", "stranger")

    async def write(who: Any, order_id: UUID, **args: Any) -> Review:
        fields: dict[str, Any] = {"stars": 1} | args
        return await write_review(
            market.pool, who, order_id, ReviewArgs(**fields), review_id=new_id(), now=NOW
        )

    assert (await refused(write(market.buyer, new_id()))).code == "not_found"
    assert (await refused(write(stranger, placed.id))).code == "not_found"
    assert (await refused(write(market.owner, placed.id))).code == "wrong_role"
    assert (await refused(write(market.buyer, placed.id, line=7))).code == "not_found"
    assert (await refused(write(market.buyer, placed.id, pictures=[new_id()]))).code == "invalid"
    assert (await refused(write(market.buyer, placed.id, stars=2))).code == "invalid"


async def test_a_mark_is_changed_once_and_added_to_once(market: Market) -> None:
    review = await written(market)
    pool, buyer = market.pool, market.buyer
    key = new_id()
    change = ChangeArgs(stars=5, text="换货后没有问题了", seen=1)
    after = await change_review(pool, buyer, review.id, change, key=key, now=NOW + DAY)
    assert after.stars == 5 and after.cause is None and after.due_at is None
    assert await change_review(pool, buyer, review.id, change, key=key, now=NOW + DAY) == after
    second = ChangeArgs(stars=1, seen=after.version)
    refusal = await refused(
        change_review(pool, buyer, review.id, second, key=new_id(), now=NOW + 2 * DAY)
    )
    assert refusal.code == "not_eligible"
    added = await append_to_review(
        pool, buyer, review.id, AdditionArgs(text="用了一个月，挺好"), key=new_id(), now=NOW + DAY
    )
    assert added.added_text == "用了一个月，挺好"
    more = append_to_review(
        pool, buyer, review.id, AdditionArgs(text="再说一句"), key=new_id(), now=NOW + DAY
    )
    assert (await refused(more)).code == "duplicate"
    events = await events_of(pool, review.id)
    assert [event.what for event in events] == ["written", "changed", "appended"]
    assert events[1].detail["text"] == "穿一次就开线，质量太差"


async def test_a_change_comes_too_late_after_thirty_days(market: Market) -> None:
    review = await written(market)
    late = change_review(
        market.pool, market.buyer, review.id, ChangeArgs(stars=5, seen=1),
        key=new_id(), now=NOW + 30 * DAY,
    )  # fmt: skip
    assert (await refused(late)).code == "too_late"


@pytest.mark.fact("S0-47")
async def test_a_call_that_nobody_answers_is_tried_three_times(market: Market) -> None:
    review = await written(market)
    assert (await due_today(market.pool, market.shop_id, now=NOW, limit=5))[0] == 1
    at = NOW
    for tried in range(3):
        review = await note_contact(
            market.pool, market.owner, review.id, ContactArgs(outcome="no_answer"),
            key=new_id(), now=at,
        )  # fmt: skip
        at += DAY
        assert review.due_at == (at if tried < 2 else None)
    assert "never-reached" in {sign.id for sign in review.signs}


async def test_what_is_settled_needs_words_and_is_due_no_more(market: Market) -> None:
    review = await written(market)

    async def contact(**args: Any) -> Review:
        return await note_contact(
            market.pool, market.owner, review.id, ContactArgs(**args), key=new_id(), now=NOW
        )

    assert (await refused(contact(outcome="solved"))).code == "reason_required"
    past = contact(outcome="reached", again_at=NOW - DAY)
    assert (await refused(past)).code == "invalid"
    both = contact(outcome="solved", note="换货", again_at=NOW + DAY)
    assert (await refused(both)).code == "invalid"
    waits = await contact(outcome="reached", note="周五答复", again_at=NOW + 3 * DAY)
    assert waits.due_at == NOW + 3 * DAY
    done = await contact(outcome="solved", note="同意换货，运费由店里出")
    assert done.due_at is None and done.solved_at == NOW
    assert await due_today(market.pool, market.shop_id, now=NOW + 9 * DAY, limit=5) == (0, ())


async def test_a_corrected_cause_needs_a_reason_stays_and_is_counted(market: Market) -> None:
    review = await written(market)
    args = CauseArgs(cause="courier")
    deciding = decide_cause(market.pool, market.owner, review.id, args, key=new_id(), now=NOW)
    assert (await refused(deciding)).code == "reason_required"
    args = CauseArgs(cause="courier", reason="买家说是运输压坏的")
    after = await decide_cause(market.pool, market.owner, review.id, args, key=new_id(), now=NOW)
    assert after.cause == "courier" and after.suggested == "quality"
    after = await note_contact(
        market.pool, market.owner, review.id, ContactArgs(outcome="no_answer"), key=new_id(),
        now=NOW,
    )  # fmt: skip
    assert after.cause == "courier"
    trends = await read_trends(market.pool, market.owner, now=NOW + DAY)
    assert [(a.suggested, a.sorted, a.corrected) for a in trends.agreement] == [("quality", 1, 1)]


@pytest.mark.fact("S1-16", "S0-46")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("亲，改成好评给您返现 20 元哦", "not_eligible"),
        ("您已经签收，签收即视为对商品无异议", "not_eligible"),
        ("货款早已退还给您了", "not_eligible"),
        ("这是同行的差评", "reason_required"),
        ("", "reason_required"),
        ("好" * 1001, "too_large"),
    ],
)
async def test_an_answer_is_checked_for_manners_and_truth(
    market: Market, text: str, code: str
) -> None:
    review = await written(market)
    answering = reply_to_review(
        market.pool, market.owner, review.id, ReplyArgs(text=text), key=new_id(), now=NOW
    )
    assert (await refused(answering)).code == code


async def test_an_answer_stands_once_and_for_ever(market: Market) -> None:
    review, key = await written(market), new_id()
    args = ReplyArgs(text="非常抱歉让您失望，已经在订单里给您留言，一定处理好。")
    pool, owner = market.pool, market.owner
    after = await reply_to_review(pool, owner, review.id, args, key=key, now=NOW)
    assert after.reply == args.text
    assert await reply_to_review(pool, owner, review.id, args, key=key, now=NOW) == after
    again = reply_to_review(pool, owner, review.id, args, key=new_id(), now=NOW)
    assert (await refused(again)).code == "duplicate"
    other = await written(market, "质量差")
    late = reply_to_review(pool, owner, other.id, args, key=new_id(), now=NOW + 30 * DAY)
    assert (await refused(late)).code == "too_late"


async def test_of_many_answers_at_once_one_stands(market: Market) -> None:
    review = await written(market)
    ends = await asyncio.gather(
        *(
            reply_to_review(
                market.pool, market.owner, review.id,
                ReplyArgs(text=f"非常抱歉让您失望，第 {number} 位同事会尽快联系您处理。"),
                key=new_id(), now=NOW,
            )
            for number in range(1, 6)
        ),
        return_exceptions=True,
    )  # fmt: skip
    refused_ones = [end for end in ends if isinstance(end, Refusal)]
    assert [end.code for end in refused_ones] == ["duplicate"] * 4
    (stands,) = [end for end in ends if not isinstance(end, BaseException)]
    events = await events_of(market.pool, review.id)
    assert [each.detail["text"] for each in events if each.what == "replied"] == [stands.reply]


async def test_a_warning_is_explained_away_and_the_reason_kept(market: Market) -> None:
    review = await written(market)
    args = ReplyArgs(text="平台已认定这条评价属于恶意评价。", reason="平台认定书 100123")
    minded = await check_reply(market.pool, market.owner, review.id, args.text)
    assert [(each.id, each.level) for each in minded] == [("accusing", "warn")]
    await reply_to_review(market.pool, market.owner, review.id, args, key=new_id(), now=NOW)
    event = (await events_of(market.pool, review.id))[-1]
    assert event.detail["minded"] == ["accusing"]
    assert event.detail["reason"] == "平台认定书 100123"


async def test_a_buyer_is_rated_once(market: Market) -> None:
    order = await place_order(market, confirmed=True)

    async def rate(**args: Any) -> Any:
        return await rate_buyer(market.pool, market.owner, order.id, RatingArgs(**args), now=NOW)

    assert (await refused(rate(mark="negative"))).code == "reason_required"
    first = await rate(mark="good", text="沟通愉快")
    assert await rate(mark="good", text="沟通愉快") == first
    assert (await refused(rate(mark="negative", text="反悔"))).code == "duplicate"


async def test_other_shops_and_buyers_see_and_do_nothing(market: Market, pool: Pool) -> None:
    review, foreign = await written(market), await open_market(pool)
    for who in (foreign.owner, foreign.buyer, market.arbiter):
        args = ReplyArgs(text="好")
        doing = reply_to_review(pool, who, review.id, args, key=new_id(), now=NOW)
        assert (await refused(doing)).code in ("not_found", "wrong_role")
    page = await see_list(pool, foreign.owner, Wanted(view="all"), now=NOW)
    assert page.reviews == ()


async def test_a_list_goes_on_where_a_page_ended(market: Market) -> None:
    for text in ("质量差", "客服不理人", "快递慢", "还行"):
        await written(market, text, stars=3)
    seen: list[str] = []
    after = ""
    while True:
        page = await see_list(
            market.pool, market.owner, Wanted(view="all"), now=NOW, after=after, limit=3
        )
        seen += [review.text for review in page.reviews]
        if not (after := page.following):
            break
    assert sorted(seen) == sorted(("质量差", "客服不理人", "快递慢", "还行"))
    causes = await see_list(market.pool, market.owner, Wanted(view="all", cause="service"), now=NOW)
    assert [review.text for review in causes.reviews] == ["客服不理人"]


async def test_the_page_of_a_review_and_of_an_order(market: Market) -> None:
    lines = (Line(line=1, title="灯", price_fen=5_000), Line(line=2, title="罩", price_fen=900))
    order = await place_order(market, confirmed=True, lines=lines)
    args = ReviewArgs(line=2, stars=1, text="开线了")
    review = await write_review(
        market.pool, market.buyer, order.id, args, review_id=new_id(), now=NOW
    )
    seen = await see_review(market.pool, market.owner, review.id, locale="zh", now=NOW)
    assert seen.reasons == ["评价说的是商品本身：开线"]
    assert seen.answers[0].ref == "review.answer-quality" and seen.calls and seen.may_reply
    found, scale, _ = await see_order(market.pool, market.buyer, order.id, now=NOW)
    assert [(each.line.line, each.review is not None) for each in found] == [(1, False), (2, True)]
    assert scale == "marks" and found[0].refused is None and found[1].may_change

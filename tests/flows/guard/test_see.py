"""Who is told of what the guard found, who may contradict it, and what that changes."""

from datetime import timedelta

import pytest
from tests.flows.guard.watchful import NOW, begin, finding, found_in, kept, moved, operator
from tests.flows.market import Market, open_market, person, place_order

from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.cases.commands import OpenArgs
from gongdao.flows.act import open_case
from gongdao.flows.guard.list_findings import FindingFilter, list_findings
from gongdao.flows.guard.mark import MarkArgs, mark_finding
from gongdao.flows.guard.see import seen_in_case, seen_in_talk, seen_on_order
from gongdao.policy.load import load_pack
from gongdao.risk.finding import Place


@pytest.fixture
async def market(pool: Pool) -> Market:
    return await open_market(pool)


@pytest.mark.fact("S0-36")
async def test_a_buyer_is_told_what_the_shop_says_and_what_to_do(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    one = await kept(pool, found_in(talk))
    seen = await seen_in_talk(pool, market.buyer, talk.id)
    assert seen.level == "danger"
    (warned,) = seen.signs
    assert warned.finding_id == one.id and warned.seq == 1
    assert "AnyDesk" in warned.say.zh and "AnyDesk" in warned.say.en
    assert warned.advice and "远程" in warned.advice.zh
    assert (await seen_in_talk(pool, market.buyer, talk.id, after_seq=1)).signs == ()


async def test_a_shop_is_never_told_about_itself_nor_a_buyer_about_themselves(
    market: Market,
) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    await kept(pool, found_in(talk))
    await kept(pool, moved(found_in(talk, seq=2), about="buyer"))
    assert (await seen_in_talk(pool, market.owner, talk.id)).signs == ()
    seen = await seen_in_talk(pool, market.buyer, talk.id)
    assert [one.seq for one in seen.signs] == [1]
    everything = await seen_in_talk(pool, market.arbiter, talk.id)
    assert [one.seq for one in everything.signs] == [1, 2]


async def test_nobody_else_sees_anything(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    await kept(pool, found_in(talk))
    order = await place_order(market)
    other = await open_market(pool)
    juror = await person(pool, "platform", "juror")
    for who in (other.owner, other.buyer, juror):
        with pytest.raises(Refusal) as refused:
            await seen_in_talk(pool, who, talk.id)
        assert refused.value.code == "not_found"
        with pytest.raises(Refusal) as refused:
            await seen_on_order(pool, who, order.id)
        assert refused.value.code == "not_found"
        with pytest.raises(Refusal) as refused:
            await list_findings(pool, who, FindingFilter())
        assert refused.value.code == "wrong_role"


async def test_an_order_knows_what_was_said_around_it(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    order = await place_order(market)
    elsewhere = await place_order(market)
    await kept(pool, found_in(talk))
    await kept(pool, moved(found_in(talk, seq=2, code="other-order"), order_id=elsewhere.id))
    place = Place(subject="shop", subject_id=market.shop_id, shop_id=market.shop_id, about="shop")
    await kept(pool, finding(place))
    long_ago = found_in(talk, seq=3, at=order.placed_at - timedelta(days=40))
    await kept(pool, long_ago)
    seen = await seen_on_order(pool, market.buyer, order.id)
    assert {(one.subject, one.seq) for one in seen.signs} == {("message", 1), ("shop", None)}
    assert (await seen_on_order(pool, market.owner, order.id)).signs == ()


async def test_a_mark_takes_the_weight_away_and_the_newest_counts(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    one = await kept(pool, found_in(talk))
    boss = await operator(pool)
    wrong = MarkArgs(id=new_id(), finding_id=one.id, verdict="wrong", why="a game's name")
    for _ in range(2):
        marked = await mark_finding(pool, boss, wrong, now=NOW)
        assert marked.verdict == "wrong"
    assert await pool.fetchval("SELECT count(*) FROM risk_marks") == 1
    assert (await seen_in_talk(pool, market.buyer, talk.id)).level == "calm"
    assert (await seen_in_talk(pool, boss, talk.id)).signs[0].verdict == "wrong"
    other = MarkArgs(id=wrong.id, finding_id=one.id, verdict="right")
    with pytest.raises(Refusal) as refused:
        await mark_finding(pool, boss, other, now=NOW)
    assert refused.value.code == "idempotency_conflict"
    right = MarkArgs(id=new_id(), finding_id=one.id, verdict="right")
    await mark_finding(pool, market.arbiter, right, now=NOW + timedelta(hours=1))
    assert (await seen_in_talk(pool, market.buyer, talk.id)).level == "danger"


async def test_who_marks_what(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    one = await kept(pool, found_in(talk))
    args = MarkArgs(id=new_id(), finding_id=one.id, verdict="right")
    auditor = await person(pool, "platform", "auditor")
    for who, code in (
        (market.buyer, "wrong_role"),
        (auditor, "wrong_role"),
        (market.owner, "not_found"),
    ):
        with pytest.raises(Refusal) as refused:
            await mark_finding(pool, who, args, now=NOW)
        assert refused.value.code == code
    silent = MarkArgs(id=new_id(), finding_id=one.id, verdict="wrong")
    with pytest.raises(Refusal) as refused:
        await mark_finding(pool, market.arbiter, silent, now=NOW)
    assert refused.value.code == "reason_required"
    assert await pool.fetchval("SELECT count(*) FROM risk_marks") == 0


async def test_the_list_is_narrowed_and_goes_on(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    boss = await operator(pool)
    for n in range(5):
        await kept(pool, found_in(talk, seq=n + 1, found_at=NOW + timedelta(minutes=n)))
    await kept(pool, found_in(talk, seq=9, code="other"))
    wanted = FindingFilter(code="remote-control", shop_id=market.shop_id, verdict="unmarked")
    first = await list_findings(pool, boss, wanted, limit=3)
    assert [one.warned.seq for one in first.findings] == [5, 4, 3] and first.following
    rest = await list_findings(pool, boss, wanted, after=first.following, limit=3)
    assert [one.warned.seq for one in rest.findings] == [2, 1] and rest.following is None
    assert first.findings[0].shop.startswith("Shop") and first.findings[0].talk_number


async def test_the_other_side_of_an_anonymous_report_is_told_nothing(market: Market) -> None:
    pool = market.pool
    order = await place_order(market)
    opened = await open_case(
        pool, market.buyer, order.id,
        OpenArgs(procedure="complaint", kind="damaged", claim="broken"),
        pack=load_pack("taobao-classic"), now=NOW,
    )  # fmt: skip
    case_id = opened.case.id
    sides = {"shop_id": market.shop_id, "buyer_id": market.buyer.person_id, "case_id": case_id}
    place = Place(subject="case", subject_id=case_id, about="buyer", **sides)
    await kept(pool, finding(place, code="review-threats"))
    assert len((await seen_in_case(pool, market.owner, case_id)).signs) == 1
    await pool.execute(
        "UPDATE cases SET state = state || '{\"anonymous\": true}' WHERE id = $1", case_id
    )
    assert (await seen_in_case(pool, market.owner, case_id)).signs == ()
    assert (await seen_on_order(pool, market.owner, order.id)).signs == ()
    assert len((await seen_in_case(pool, market.arbiter, case_id)).signs) == 1

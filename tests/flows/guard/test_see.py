"""Who is told of what the guard found, who may contradict it, and what that changes."""

from datetime import timedelta

import pytest
from tests.flows.guard.watchful import NOW, begin, finding, found_in, kept, moved, operator
from tests.flows.market import Market, open_market, person, place_order

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.cases.commands import OpenArgs
from gongdao.flows.act import open_case
from gongdao.flows.guard.figures import guard_figures
from gongdao.flows.guard.list_findings import FindingFilter, list_findings
from gongdao.flows.guard.mark import MarkArgs, mark_finding
from gongdao.flows.guard.see import seen_in_case, seen_in_talk, seen_on_order
from gongdao.flows.verify_guard import verify_guard
from gongdao.policy.load import load_pack
from gongdao.risk.finding import Finding, Place, Verdict
from gongdao.risk.store import LIST_MAX, keep


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


async def test_a_shop_contradicts_nobody_of_the_platform(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    boss = await operator(pool)
    threat = moved(found_in(talk, code="review-threat", weight=30), about="buyer")
    other = moved(threat, seq=2, subject_id=new_id())
    for one in (threat, other):
        await kept(pool, one)

    async def say(who: Principal, one: Finding, verdict: Verdict, hours: int) -> Verdict | None:
        args = MarkArgs(id=new_id(), finding_id=one.id, verdict=verdict, why="read it")
        at = NOW + timedelta(hours=hours)
        marked = await mark_finding(pool, who, args, now=at)
        assert await mark_finding(pool, who, args, now=at) == marked
        return marked.verdict

    assert await say(market.owner, threat, "wrong", 1) == "wrong"
    assert await say(boss, threat, "right", 2) == "right"
    # An opinion is kept, and changes neither what is shown nor what is counted.
    assert await say(market.owner, threat, "wrong", 3) == "right"
    assert (await seen_in_talk(pool, market.owner, talk.id)).signs[0].verdict == "right"
    assert await pool.fetchval("SELECT count(*) FROM risk_marks") == 3
    assert await say(market.owner, other, "right", 4) == "right"
    assert await say(market.owner, other, "wrong", 5) == "wrong"
    (figures,) = await guard_figures(pool, boss, now=NOW + timedelta(hours=6))
    assert (figures.right, figures.wrong) == (1, 1)
    async with pool.acquire() as connection:
        faults = [one async for one in verify_guard(connection, now=NOW)]
    assert not [one for one in faults if "mark says" in one.message]
    assert await say(boss, threat, "wrong", 6) == "wrong"


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


async def test_the_grave_ones_are_listed_by_time_whatever_each_weighs(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    boss = await operator(pool)
    weights = (60, 10, 35, 60, 30, 100, 29, 35)
    for seq, weight in enumerate(weights, 1):
        code = "urgency" if seq == 3 else "remote-control"
        at = NOW + timedelta(minutes=seq)
        await kept(pool, found_in(talk, seq=seq, code=code, weight=weight, found_at=at))
    for least, code in ((30, None), (60, None), (35, "remote-control"), (31, "urgency")):
        wanted = FindingFilter(weight=least, code=code)
        listed: list[int | None] = []
        page = await list_findings(pool, boss, wanted, limit=2)
        while True:
            listed += [one.warned.seq for one in page.findings]
            if page.following is None:
                break
            page = await list_findings(pool, boss, wanted, after=page.following, limit=2)
        assert listed == [
            seq
            for seq, weight in reversed(list(enumerate(weights, 1)))
            if weight >= least and code in (None, "urgency" if seq == 3 else "remote-control")
        ]


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


async def test_many_small_signs_push_no_grave_one_out_of_sight(market: Market) -> None:
    pool, talk = market.pool, await begin(market.pool, market)
    order = await place_order(market)
    await kept(pool, found_in(talk))
    small = [
        found_in(talk, seq=seq, code="urgency", weight=10, at=NOW + timedelta(seconds=seq))
        for seq in range(2, LIST_MAX + 60)
    ]
    assert len(await keep(pool, small)) == len(small)
    loud = [moved(one, about="buyer", subject_id=new_id()) for one in small]
    assert len(await keep(pool, loud)) == len(loud)
    for seen in (
        await seen_on_order(pool, market.buyer, order.id),
        await seen_in_talk(pool, market.buyer, talk.id),
    ):
        assert seen.level == "danger"
        assert "remote-control" in {sign.code for sign in seen.signs}
    newest = await seen_in_talk(pool, market.buyer, talk.id, after_seq=1)
    assert [sign.seq for sign in newest.signs] == sorted(sign.seq or 0 for sign in newest.signs)

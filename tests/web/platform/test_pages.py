"""The platform's pages over HTTP: what each role sees and does, and what changes nothing."""

import re
from uuid import UUID

import pytest

from gongdao.base.cursor import read_place
from gongdao.cases.store import load_case
from gongdao.flows.settings import current_choice, current_pack
from gongdao.jobs.sweep import sweep
from gongdao.ledger.store import funds_for
from gongdao.web.platform import reads
from gongdao.web.platform.log_pages import TYPES
from gongdao.web.platform.log_reads import read_log
from gongdao.web.platform.words import EVENTS

from .conftest import Staff
from .desk import Desk

ADDRESSES = {
    "/platform/cases": ("arbiter", "supervisor", "operator", "auditor"),
    "/platform/cases/{fridge}": ("arbiter", "supervisor", "operator", "auditor"),
    "/platform/policy": ("arbiter", "supervisor", "operator", "auditor"),
    "/platform/policy/taobao-classic@1": ("arbiter", "supervisor", "operator", "auditor"),
    "/platform/money": ("operator", "auditor"),
    "/platform/money/shops": ("operator", "auditor"),
    "/platform/money/totals": ("operator", "auditor"),
    "/platform/money/check": ("operator", "auditor"),
    "/platform/trouble": ("operator", "auditor"),
    "/platform/log": ("supervisor", "auditor"),
}


@pytest.mark.parametrize("who", ["arbiter", "supervisor", "operator", "auditor", "buyer", "owner"])
async def test_everybody_sees_what_is_theirs(desk: Desk, as_: Staff, who: str) -> None:
    visitor = await as_(who)
    for address, readers in ADDRESSES.items():
        status = 200 if who in readers else 403
        await visitor.get(address.format(fridge=desk.fridge), status)
    if who in ("buyer", "owner"):
        return
    queue = await visitor.get("/platform/cases")
    for place, readers in (("money", ("operator", "auditor")), ("log", ("supervisor", "auditor"))):
        assert (f'href="/platform/{place}"' in queue) == (who in readers)


async def test_a_stranger_is_sent_to_sign_in(desk: Desk, as_: Staff) -> None:
    visitor = await as_("arbiter")
    visitor.client.cookies.clear()
    answer = await visitor.client.get("/platform/cases")
    assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in")


async def test_a_changed_choice_computes_and_changes_nothing(desk: Desk, as_: Staff) -> None:
    arbiter = await as_("arbiter")
    before = await load_case(desk.pool, desk.fridge)
    preview = f"/platform/cases/{desk.fridge}/preview"
    assert "这里会按规则算出金额" in (await arbiter.post(preview, liability="seller")).text
    chosen = {"liability": "seller", "remedy": "return_and_refund"}
    found = (await arbiter.post(preview, **chosen)).text
    for sum_ in ("¥2,680.00", "¥975.00", "¥3,655.00", "¥975.00 → ¥575.00", "¥400.00", "C-14"):
        assert sum_ in found, sum_
    assert "¥5,000.00 → <b>¥4,025.00</b>" in found
    assert "LAW-24" in found
    departed = (await arbiter.post(preview, **chosen, refund="￥2,000")).text
    assert "按规则应退 ¥2,680.00，您填写的是 ¥2,000.00" in departed
    assert '<button type="submit"' not in departed
    reasoned = (await arbiter.post(preview, **chosen, refund="2000", note="已使用")).text
    assert '<button type="submit"' in reasoned
    too_much = (await arbiter.post(preview, **chosen, refund="2681", note="多赔")).text
    assert "2680.00" in too_much
    assert "¥2,681.00" not in too_much
    wrong = (await arbiter.post(preview, **chosen, refund="2.681")).text
    assert "500" in wrong
    assert await load_case(desk.pool, desk.fridge) == before


async def test_an_arbiter_rules_and_takes_the_next_case(desk: Desk, as_: Staff) -> None:
    case_id = await desk.before_the_arbiter("蒸汽熨斗", price=29_900)
    arbiter = await as_("arbiter")
    stored = await load_case(desk.pool, case_id)
    assert stored
    address = f"/platform/cases/{case_id}"
    fields = {"liability": "seller", "remedy": "full_refund", "note": "商家未举证。"}
    stale = await arbiter.post(f"{address}/adjudicate", **fields, expected_version="1")
    assert (stale.status_code, "version_conflict" in stale.text) == (409, True)
    sent = await arbiter.post(
        f"{address}/adjudicate", **fields, expected_version=str(stored.case.version)
    )
    assert sent.headers["location"] == f"{address}?done=adjudicate"
    after = await load_case(desk.pool, case_id)
    assert after
    assert (after.case.ended, after.case.paid_from_fen("escrow")) == ("decided", 29_900)
    async with desk.pool.acquire() as connection:
        funds = (await funds_for(connection, {after.case.order_id: after.case.shop_id}))[
            after.case.order_id
        ]
    assert funds.escrow_fen == 0
    done = await arbiter.get(f"{address}?done=adjudicate")
    assert "商家未举证。" in done
    assert f"/platform/cases/next?not_this={case_id}" in done
    following = await arbiter.client.get(f"/platform/cases/next?not_this={case_id}")
    me = desk.staff["arbiter"].person_id
    urgent = await reads.next_waiting(desk.pool, me=me, not_this=case_id)
    assert following.headers["location"] == f"/platform/cases/{urgent}"


async def test_the_desk_asks_extends_pauses_and_proposes(desk: Desk, as_: Staff) -> None:
    case_id = await desk.before_the_arbiter("吸尘器", price=49_900)
    address, arbiter = f"/platform/cases/{case_id}", await as_("arbiter")
    for action, fields, found in (
        ("propose_settlement", {"remedy": "partial_refund", "refund": "200"}, "¥200.00"),
        ("extend_deadline", {"number": "2", "unit": "d", "note": "等检测报告"}, "等检测报告"),
        ("pause", {"cause": "joint_request", "note": "双方正在协商"}, "计时已停止"),
        ("resume", {}, "案件恢复"),
        ("note", {"note": "仅内部：商家近期投诉多", "private": "yes"}, "仅内部：商家近期投诉多"),
        ("request_evidence", {"from_": "seller", "kind": "appraisal_report"}, "检测/鉴定报告"),
    ):
        sent = await arbiter.post(f"{address}/{action}", **fields)
        assert sent.status_code == 303, (action, sent.text[:3000])
        shown = await arbiter.get(address)
        assert found in shown or action in ("pause", "resume"), action
    after = await load_case(desk.pool, case_id)
    assert after and after.case.stage == "evidence"
    for who in ("buyer", "owner"):
        where = "/cases" if who == "buyer" else "/shop/cases"
        assert "仅内部" not in await (await as_(who)).get(f"{where}/{case_id}")


@pytest.mark.parametrize(
    ("action", "fields", "status"),
    [
        ("extend_deadline", {"number": "x", "unit": "h", "note": "x"}, 422),
        ("extend_deadline", {"number": "24", "unit": "h"}, 422),
        ("pause", {"cause": "holiday"}, 422),
        ("adjudicate", {"liability": "seller"}, 422),
        ("adjudicate", {"liability": "seller", "remedy": "repair"}, 409),
        ("adjudicate", {"liability": "both", "remedy": "full_refund", "seller_share": "x"}, 422),
        ("propose_settlement", {"remedy": "partial_refund", "refund": "1.234"}, 422),
        ("approve", {}, 403),
        ("nothing", {}, 404),
    ],
)
async def test_a_wrong_form_is_refused_and_changes_nothing(
    desk: Desk, as_: Staff, action: str, fields: dict[str, str], status: int
) -> None:
    before = await load_case(desk.pool, desk.fridge)
    answer = await (await as_("arbiter")).post(f"/platform/cases/{desk.fridge}/{action}", **fields)
    assert answer.status_code == status, answer.text[:2000]
    assert await load_case(desk.pool, desk.fridge) == before


@pytest.mark.parametrize("who", ["supervisor", "operator", "auditor"])
async def test_only_an_arbiter_rules(desk: Desk, as_: Staff, who: str) -> None:
    before = await load_case(desk.pool, desk.fridge)
    visitor, address = await as_(who), f"/platform/cases/{desk.fridge}"
    assert "判定由平台小二作出" in await visitor.get(address)
    for action, fields in (
        ("adjudicate", {"liability": "buyer", "remedy": "no_action"}),
        ("request_evidence", {"from_": "seller"}),
        ("propose_settlement", {"remedy": "full_refund"}),
    ):
        assert (await visitor.post(f"{address}/{action}", **fields)).status_code == 403
    preview = await visitor.post(f"{address}/preview", liability="seller", remedy="full_refund")
    assert "¥2,680.00" not in preview.text
    assert await load_case(desk.pool, desk.fridge) == before


async def test_the_queue_is_narrowed_and_searched(desk: Desk, as_: Staff) -> None:
    waiting = await desk.before_the_arbiter("羊毛大衣", price=128_000, reason="not_as_described")
    coming = await desk.escalated("电热水壶")
    filed = await desk.filed("保温杯套装")
    arbiter = await as_("arbiter")
    number = await desk.pool.fetchval("SELECT number FROM cases WHERE id = $1", filed)
    order = await desk.pool.fetchval(
        "SELECT o.number FROM orders o JOIN cases c ON c.order_id = o.id WHERE c.id = $1", coming
    )
    for query, there in (
        ("tab=waiting", waiting),
        ("tab=coming", coming),
        ("tab=parties", filed),
        ("stage=evidence", coming),
        ("reason=not_as_described", waiting),
        (f"tab=waiting&shop={desk.shop_id}&kind=refund_only", waiting),
        (f"tab=parties&buyer={desk.buyer.person_id}&procedure=after_sale", filed),
        (f"q={number}", filed),
        (f"q={order[:12]}", coming),
        ("q=林小", filed),
        ("q=海川家电旗舰店", waiting),
        ("q=buyer", waiting),
    ):
        assert f"case-{there}" in await arbiter.get(f"/platform/cases?{query}"), query
    for query in (
        "tab=closed",
        "q=nobody",
        "reason=price_drop",
        "kind=nonsense",
        "shop=x&tab=y&q=%00",
    ):
        assert f"case-{coming}" not in await arbiter.get(f"/platform/cases?{query}"), query
    await arbiter.get("/platform/cases?after=nonsense", 422)


async def test_pages_of_the_queue_follow_each_other(desk: Desk) -> None:
    wanted = reads.Wanted(tab="parties")
    for number in range(3):
        await desk.filed(f"杯子 {number}", days=2)
    whole = await reads.read_queue(desk.pool, wanted)
    seen: list[UUID] = []
    place = None
    while True:
        queue = await reads.read_queue(desk.pool, wanted, after=place, limit=2)
        seen += [row.case.id for row in queue.rows]
        if queue.following is None:
            break
        place = read_place(queue.following.text(), reads.RowPlace)
    assert seen == [row.case.id for row in whole.rows]
    dues = [row.due_at for row in whole.rows if row.due_at]
    assert dues == sorted(dues)


async def test_the_operator_sets_a_switch_for_cases_of_the_future(desk: Desk, as_: Staff) -> None:
    address = "/platform/policy/taobao-classic@1"
    for who in ("arbiter", "auditor"):
        answer = await (await as_(who)).post(
            f"{address}/switch", switch="C-10", value="goods_and_freight", reason="x",
            expected_version="0",
        )  # fmt: skip
        assert answer.status_code == 403
        assert "/switch" not in await (await as_(who)).get(address)
    operator = await as_("operator")
    seen = (await current_choice(desk.pool)).version
    fields = {"switch": "C-10", "value": "goods_and_freight", "expected_version": str(seen)}
    assert (await operator.post(f"{address}/switch", **fields)).status_code == 422
    sent = await operator.post(f"{address}/switch", **fields, reason="按新口径试行")
    assert sent.status_code == 303
    assert (await current_pack(desk.pool)).switches["C-10"] == "goods_and_freight"
    again = await operator.post(f"{address}/switch", **fields, reason="按新口径试行")
    assert again.status_code == 409
    packs = await operator.get("/platform/policy")
    assert "按新口径试行" in packs
    assert "商品金额加运费" in packs
    assert "钱峰" in packs
    await operator.get("/platform/policy/nothing", 404)
    law = await operator.post(
        "/platform/policy/cn-law@1/choose", reason="x", expected_version=str(seen + 1)
    )
    assert law.status_code == 409


async def test_the_books_add_up_and_failed_payouts_go_out_again(desk: Desk, as_: Staff) -> None:
    case_id = await desk.before_the_arbiter("投影仪", price=199_900)
    arbiter = desk.staff["arbiter"]
    await desk.act(
        arbiter, case_id, "adjudicate", desk.now, liability="seller", remedy="full_refund"
    )
    payout = await desk.pool.fetchval(
        "UPDATE payouts SET state = 'failed', failed_at = $2, next_attempt_at = NULL,"
        " channel = 'card', last_error = 'the account at the bank is closed'"
        " WHERE case_id = $1 RETURNING id",
        case_id,
        desk.now,
    )
    operator, auditor = await as_("operator"), await as_("auditor")
    for address in ("/platform/money", "/platform/watch"):
        shown = await operator.get(address)
        assert str(payout) in shown and "收款账户已注销" in shown and "银行卡" in shown
    told = await (await as_("buyer")).get(f"/cases/{case_id}")
    assert "打款失败，平台处理中" in told and "平台将换一种方式打款" in told
    assert f"payout-{payout}" in await auditor.get("/platform/money")
    assert "¥1,999.00" in await auditor.get("/platform/money/totals")
    assert "账目平衡" in await auditor.get("/platform/money/check")
    assert "海川家电旗舰店" in await auditor.get("/platform/money/shops?q=海川")
    assert "没有这个店铺" in await auditor.get("/platform/money/shops?q=nobody")
    retry = f"/platform/money/payouts/{payout}/retry"
    assert (await auditor.post(retry)).status_code == 403
    assert (await operator.post(retry, channel="cod")).status_code == 422
    assert (await operator.post(retry, channel="balance")).status_code == 303
    after = await desk.pool.fetchrow("SELECT state, channel FROM payouts WHERE id = $1", payout)
    assert tuple(after) == ("queued", "balance")
    assert (await operator.post(retry)).status_code == 404


async def test_the_log_is_read_by_case_person_and_type(desk: Desk, as_: Staff) -> None:
    auditor = await as_("auditor")
    number = await desk.pool.fetchval("SELECT number FROM cases WHERE id = $1", desk.fridge)
    whole = await auditor.get(f"/platform/log?case={number}")
    assert "上下楼搬运费" in whole
    assert "发起" in whole
    by_buyer = await auditor.get(
        f"/platform/log?case={number}&person={desk.buyer.person_id}&type=escalated"
    )
    assert by_buyer.count('id="event-') == 1
    assert by_buyer.count("林小雨") >= 2
    assert "没有这个编号的纠纷单" in await auditor.get("/platform/log?case=1")
    assert "没有找到记录" in await auditor.get("/platform/log?type=withdrawn")
    await auditor.get("/platform/log?before=x", 422)
    await auditor.get("/platform/log?case=99999999999999999999&person=y&type=z")
    first = await read_log(desk.pool)
    assert first.following
    second = await read_log(desk.pool, before=first.following)
    places = [(e.place.xid, e.place.position) for e in (*first.entries, *second.entries)]
    assert places == sorted(places, reverse=True)
    assert len(set(places)) == len(places)
    found = await read_log(desk.pool, type_="case_opened")
    assert {e.record.type for e in found.entries} == {"case_opened"}


async def test_what_is_late_is_marked(desk: Desk, as_: Staff) -> None:
    case_id = await desk.before_the_arbiter("逾期的台灯", days=14)
    await sweep(desk.pool, desk.now)
    supervisor = await as_("supervisor")
    queue = await supervisor.get("/platform/cases")
    assert re.search(r"\d+ 单曾逾期", queue)
    row = re.search(rf'id="case-{case_id}".*?</li>', queue, re.S)
    assert row and "平台曾逾期" in row[0]
    assert "平台曾逾期" in await supervisor.get(f"/platform/cases/{case_id}")


def test_the_log_has_a_name_for_every_event() -> None:
    assert set(TYPES) == set(EVENTS)

"""Who decides what: conflicts of interest, the next case, juries, mass cases, the watch."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from gongdao.accounts.ties import list_ties
from gongdao.base.errors import Refusal
from gongdao.base.i18n import ZONE, say_date
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.cases.store import load_case
from gongdao.flows.act import open_case
from gongdao.flows.claim_case import claim_case
from gongdao.ledger.store import post, top_up
from gongdao.ledger.transfer import Account, Transfer, TransferKind
from gongdao.policy.load import load_pack
from gongdao.policy.pack import Pack
from gongdao.shops.shop import Shop
from gongdao.shops.store import insert_shops

from .conftest import Staff
from .desk import Desk, person
from .test_queue import row_of

STANDARD = load_pack("cn-standard")
BY_JURY = STANDARD.with_switches({"jury": "on", "mediation": "off"})
AFTER_CLOSE = STANDARD.with_switches({"appeal": "after_close", "mediation": "off"})
BY_REVIEW = STANDARD.with_switches({"supervisor_review": "always", "mediation": "off"})


async def before_deciders(desk: Desk, pack: Pack, title: str, *, price: int = 9_900) -> UUID:
    """A case whose evidence is over: before an arbiter, or before a jury."""
    days = 7 if pack is STANDARD else 4
    at = desk.now - timedelta(days=days)
    order = await desk.order(title, price=price, at=at - timedelta(days=3))
    args = c.OpenArgs(
        procedure="after_sale", kind="refund_only", reason="quality", received=True, claim="坏的。"
    )
    opened = await open_case(desk.pool, desk.buyer, order.id, args, pack=pack, now=at)
    case_id, hour = opened.case.id, timedelta(hours=1)
    await desk.act(
        desk.owner, case_id, "reject", at + hour, reason="not_liable",
        evidence=[{"kind": "proof_of_delivery", "note": "完好"}],
    )  # fmt: skip
    await desk.act(desk.buyer, case_id, "escalate", at + 2 * hour)
    await desk.act(desk.staff["arbiter"], case_id, "note", desk.now, note="已收齐。", private=True)
    return case_id


async def test_nobody_who_is_tied_to_a_side_claims_or_rules(desk: Desk, as_: Staff) -> None:
    case_id = await before_deciders(desk, STANDARD, "台灯")
    arbiter, operator = await as_("arbiter"), await as_("operator")
    sent = await operator.post("/platform/ties", person="arbiter", tied_to="海川家电旗舰店")
    assert sent.status_code == 303
    assert "海川家电旗舰店" in await operator.get("/platform/ties")
    page = await arbiter.get(f"/platform/cases/{case_id}")
    assert "须由他人判定" in page
    for offered in ("request_evidence", "propose_settlement", "extend_deadline", "pause", "note"):
        assert f'action="/platform/cases/{case_id}/{offered}"' not in page, offered
    row = row_of(await arbiter.get("/platform/cases"), case_id)
    assert "需回避" in row and "/claim" not in row
    claimed = await arbiter.post(f"/platform/cases/{case_id}/claim")
    ruled = await arbiter.post(
        f"/platform/cases/{case_id}/adjudicate", liability="none", remedy="no_action"
    )
    assert (claimed.status_code, ruled.status_code) == (409, 409)
    assert (await arbiter.post("/platform/cases/next/claim")).headers["location"].endswith("cases")
    (tie,) = await list_ties(desk.pool)
    await operator.post(f"/platform/ties/{tie.id}/drop")
    assert (await arbiter.post("/platform/cases/next/claim")).headers["location"].count("/") == 3
    assert await desk.pool.fetchval("SELECT count(*) FROM case_claims") >= 1


async def test_an_appeal_is_heard_by_another_one(desk: Desk, as_: Staff) -> None:
    case_id = await before_deciders(desk, STANDARD, "风扇")
    first = desk.staff["arbiter"]
    await desk.act(first, case_id, "adjudicate", desk.now, liability="none", remedy="no_action")
    buyer = await as_("buyer")
    open_to_appeal = await buyer.get(f"/cases/{case_id}")
    assert "申诉截止时间" in open_to_appeal and "如有异议可在截止前申诉" in open_to_appeal
    sent = await buyer.post(f"/cases/{case_id}/appeal", grounds="没有看我的照片。")
    assert sent.status_code == 303, sent.text[:2000]
    with pytest.raises(Refusal) as refused:
        await claim_case(desk.pool, first, case_id, now=desk.now)
    assert "appealed against" in refused.value.sentence
    page = await (await as_("arbiter")).get(f"/platform/cases/{case_id}")
    assert "没有看我的照片。" in page and "须由他人审理" in page
    deeds = ("claim", "request_evidence", "propose_settlement", "extend_deadline", "pause")
    for side, its in (("buyer", f"/cases/{case_id}"), ("owner", f"/shop/cases/{case_id}")):
        shown = await (await as_(side)).get(its)
        assert "此前的判定" in shown and "申诉审理中，将由另一位平台小二重新判定" in shown, side
    hands_on = [f'action="/platform/cases/{case_id}/{deed}"' for deed in deeds]
    for offered in ('id="ruling-note"', "现在轮到您处理", *hands_on):
        assert offered not in page, "it is not theirs to hear"
    row = row_of(await (await as_("arbiter")).get("/platform/cases"), case_id)
    assert "需回避" in row and "/claim" not in row
    with pytest.raises(Refusal) as refused:
        await desk.act(first, case_id, "extend_deadline", desk.now, by="24h", note="再等等。")
    assert "appealed against" in refused.value.sentence
    await desk.act(first, case_id, "note", desk.now, note="说明一下。", private=True)
    assert "不能进行此操作" not in await buyer.get(f"/cases/{case_id}")


async def test_a_ruling_on_appeal_that_is_sent_back_is_thought_over_by_whom_made_it(
    desk: Desk,
) -> None:
    case_id = await before_deciders(desk, BY_REVIEW, "烤箱")
    first, supervisor = desk.staff["arbiter"], desk.staff["supervisor"]
    second = msgspec.structs.replace(
        first,
        person_id=(await person(desk.pool, "buyer", "arbiter3", "复审员", now=desk.now)).person_id,
    )
    ruling = {"liability": "none", "remedy": "no_action"}
    await desk.act(first, case_id, "adjudicate", desk.now, **ruling)
    await desk.act(supervisor, case_id, "concur", desk.now)
    await desk.act(desk.buyer, case_id, "appeal", desk.now, grounds="没有看我的照片。")
    await desk.act(second, case_id, "adjudicate", desk.now, **ruling)
    await desk.act(supervisor, case_id, "send_back", desk.now, note="照片呢？")
    with pytest.raises(Refusal) as refused:
        await desk.act(first, case_id, "adjudicate", desk.now, **ruling)
    assert "appealed against" in refused.value.sentence
    with pytest.raises(Refusal) as refused:
        await claim_case(desk.pool, first, case_id, now=desk.now)
    assert "appealed against" in refused.value.sentence
    over = {"liability": "seller", "remedy": "full_refund"}
    await desk.act(second, case_id, "adjudicate", desk.now, **over)
    await desk.act(supervisor, case_id, "concur", desk.now)


async def test_a_jury_is_blind_and_its_votes_decide(desk: Desk, as_: Staff) -> None:
    case_id = await before_deciders(desk, BY_JURY, "加湿器")
    stored = await load_case(desk.pool, case_id)
    assert stored and stored.case.stage == "jury"
    juror, supervisor = await as_("juror"), await as_("supervisor")
    assert str(case_id) in await juror.get("/platform/jury")
    ballot = await juror.get(f"/platform/jury/{case_id}")
    assert "坏的。" in ballot
    number = await desk.pool.fetchval(
        "SELECT number FROM orders WHERE id = $1", stored.case.order_id
    )
    for kept in ("林小雨", "海川家电旗舰店", "周明", number):
        assert kept not in ballot, kept
    await juror.get("/platform/cases", 403)
    await juror.get(f"/platform/cases/{case_id}", 403)
    vote = {"liability": "seller", "remedy": "full_refund"}
    address = f"/platform/jury/{case_id}/vote"
    assert (await juror.post(address, **vote)).status_code == 422, "a vote has its reasons"
    assert (await juror.post(address, **vote, note="照片清楚。")).status_code == 303
    assert (await juror.post(address, **vote, note="再投一次。")).status_code == 409
    assert str(case_id) not in await juror.get("/platform/jury")
    assert "已有 1 票" in await supervisor.get("/platform/jury")
    await (await as_("arbiter")).get("/platform/jury", 403)
    for n in range(2):
        other = await person(desk.pool, "buyer", f"juror{n}", f"评审员{n}", now=desk.now)
        member = desk.staff["juror"].__class__(
            person_id=other.person_id, kind="platform", role="juror", name=other.name,
            permissions=desk.staff["juror"].permissions,
        )  # fmt: skip
        await desk.act(member, case_id, "adjudicate", desk.now, **vote, note="同意。")
    after = await load_case(desk.pool, case_id)
    assert after and after.case.ruling and after.case.ruling.remedy == "full_refund"


async def test_one_ruling_for_many_tells_what_became_of_each(desk: Desk, as_: Staff) -> None:
    first, ids = desk.buyer, []
    for n in range(4):
        desk.buyer = await person(desk.pool, "buyer", f"many{n}", f"买家{n}", now=desk.now)
        ids.append(await before_deciders(desk, STANDARD, "电热毯 批次七", price=5_000))
    desk.buyer = first
    arbiter = await as_("arbiter")
    listed = await arbiter.get("/platform/clusters")
    found = re.search(
        r'href="(/platform/clusters/[^"]+product=%E7%94%B5%E7%83%AD%E6%AF%AF[^"]*)"', listed
    )
    assert found, "four buyers, one shop, one thing"
    page = await arbiter.get(found[1].replace("&amp;", "&"))
    chosen = re.findall(r'name="case" value="([^"]+)"', page)
    assert {text[:36] for text in chosen} == {str(each) for each in ids}
    await desk.act(desk.staff["arbiter"], ids[0], "note", desk.now, note="等等。")
    sent = await arbiter.post(
        f"/platform/clusters/{desk.shop_id}/rule", case=chosen[:3], liability="seller",
        remedy="full_refund", note="同一批次，经查有缺陷。",
    )  # fmt: skip
    assert 'id="cluster-confirm"' in page, "it is asked before many are ruled on"
    assert sent.status_code == 200, sent.text[:2000]
    assert "已判定 2 件，未判定 1 件" in sent.text
    stages = [(await load_case(desk.pool, each)) for each in ids]
    ruled = [each.case.ruling is not None for each in stages if each]
    assert ruled.count(True) == 2 and not ruled[0] and not ruled[3]
    nothing = await arbiter.post(
        f"/platform/clusters/{desk.shop_id}/rule", liability="seller", remedy="full_refund"
    )
    assert nothing.status_code == 422
    watch = await (await as_("operator")).get("/platform/watch")
    assert "执行前的申诉期随之结束" in watch, "who carries it out early reads what is over with it"
    execute = re.search(r'action="(/platform/cases/[0-9a-f-]+/execute)"', watch)
    assert execute
    assert (await (await as_("operator")).post(execute[1])).status_code == 303
    await arbiter.get("/platform/watch", 403)


async def test_who_rules_anew_sees_why_the_ruling_came_back(desk: Desk, as_: Staff) -> None:
    case_id = await before_deciders(desk, BY_REVIEW, "台扇")
    arbiter, supervisor = await as_("arbiter"), await as_("supervisor")
    address, why = f"/platform/cases/{case_id}", "请写明为何不采信签收凭证。"
    seen = await arbiter.post(f"{address}/preview", liability="seller", remedy="full_refund")
    assert "判定执行时从以下账户支付" in seen.text, "after the review, and no goods are waited for"
    for note in ("", "另附理由。"):
        ruled = await arbiter.post(
            f"{address}/adjudicate", liability="none", remedy="no_action", note=note
        )
        assert ruled.status_code == 303, ruled.text[:2000]
        assert "复核已退回" not in await arbiter.get(address), "not yet, or answered"
        assert (await supervisor.post(f"{address}/send_back", note="")).status_code in (
            400,
            409,
            422,
        )
        assert (await supervisor.post(f"{address}/send_back", note=why)).status_code == 303
        page = await arbiter.get(address)
        assert "复核已退回" in page and why in page and "此前的判定" in page
        for side, its in (("buyer", f"/cases/{case_id}"), ("owner", f"/shop/cases/{case_id}")):
            shown = await (await as_(side)).get(its)
            assert "此前的判定" in shown and "复核已退回该判定" in shown, side


async def test_who_was_asked_for_proof_reads_what_the_platform_wants(
    desk: Desk, as_: Staff
) -> None:
    case_id = await before_deciders(desk, STANDARD, "电热水壶")
    sent = await (await as_("arbiter")).post(
        f"/platform/cases/{case_id}/request_evidence", from_="buyer", kind="unboxing_video"
    )
    assert sent.status_code == 303, sent.text[:2000]
    assert "平台要求补充：开箱视频" in await (await as_("arbiter")).get(
        f"/platform/cases/{case_id}"
    )
    assert "平台要求补充：开箱视频" in await (await as_("buyer")).get(f"/cases/{case_id}")
    assert "平台要求补充" not in await (await as_("owner")).get(f"/shop/cases/{case_id}")


async def test_a_proposal_says_who_has_accepted_it(desk: Desk, as_: Staff) -> None:
    case_id = await desk.escalated("暖风机", days=4, pack=STANDARD)
    await desk.act(desk.staff["arbiter"], case_id, "note", desk.now, note="请稍候。", private=True)
    stored = await load_case(desk.pool, case_id)
    assert stored and stored.case.stage == "mediation"
    arbiter, buyer, owner = await as_("arbiter"), await as_("buyer"), await as_("owner")
    pages = {buyer: f"/cases/{case_id}", owner: f"/shop/cases/{case_id}"}
    for who, page in pages.items():
        assert "结束调解" in await who.get(page), "the platform has stepped in already"
    proposed = await arbiter.post(
        f"/platform/cases/{case_id}/propose_settlement", remedy="partial_refund", refund="50.00"
    )
    assert proposed.status_code == 303, proposed.text[:2000]
    for who, page in pages.items():
        assert "不接受则调解结束，由平台作出判定" in await who.get(page), page
    assert (await buyer.post(f"/cases/{case_id}/accept_offer")).status_code == 303
    for who, page in [*pages.items(), (arbiter, f"/platform/cases/{case_id}")]:
        assert "买家已接受，另一方也接受后生效" in await who.get(page), page
    assert (await owner.post(f"/shop/cases/{case_id}/accept_offer")).status_code == 303
    for who, page in pages.items():
        shown = await who.get(page)
        assert "另一方也接受后生效" not in shown and "和解" in shown


async def test_who_overturns_a_paid_ruling_reads_what_it_costs_the_platform(
    desk: Desk, as_: Staff
) -> None:
    case_id = await before_deciders(desk, AFTER_CLOSE, "电饭煲")
    paid: dict[str, Any] = {"liability": "seller", "remedy": "full_refund"}
    other = await person(desk.pool, "buyer", "arbiter2", "第二位", now=desk.now)
    first = msgspec.structs.replace(desk.staff["arbiter"], person_id=other.person_id)
    await desk.act(first, case_id, "adjudicate", desk.now, **paid)
    await desk.act(desk.owner, case_id, "appeal", desk.now, grounds="有签收照片。")
    seen = await (await as_("arbiter")).post(
        f"/platform/cases/{case_id}/preview", liability="none", remedy="no_action"
    )
    assert seen.text.count("平台将补还商家 ¥99.00；买家已收到的款项不再追回") == 2, (
        "and asked again"
    )


async def test_what_a_shop_owes_is_told_by_whom_it_is_owed_to(desk: Desk, as_: Staff) -> None:
    shop_id, nil = new_id(), UUID(int=0)
    debtor = Shop(id=shop_id, name="欠款专营店", opened_at=desk.now)
    buyer = Account("buyer_refund", desk.buyer.person_id)
    owed: list[tuple[TransferKind, Account, int]] = [
        ("refund", buyer, 1_100),
        ("clawback", Account("platform_advance", nil), 2_200),
        ("fine", Account("platform_income", nil), 3_300),
    ]
    debts = [
        Transfer(
            kind=kind, source=Account("shop_debt", shop_id), target=target, amount_fen=fen,
            pending=True,
        )
        for kind, target, fen in owed
    ]  # fmt: skip
    async with desk.pool.acquire() as connection, connection.transaction():
        await insert_shops(connection, [debtor])
        await post(connection, debts, now=desk.now - timedelta(days=9))
        # What is left of a debt that was paid in part is as old as all of it.
        await top_up(connection, shop_id=shop_id, amount_fen=1_100 + 200, now=desk.now)
        await post(connection, debts[:1], now=desk.now - timedelta(days=9))
    page = await (await as_("operator")).get("/platform/watch")
    old = say_date((desk.now - timedelta(days=9)).astimezone(ZONE), "zh", with_year=False)
    told = [row for row in page.split("<li>") if str(shop_id) in row]
    for sum_, to in (("¥11.00", "欠买家"), ("¥20.00", "先行垫付"), ("¥33.00", "欠平台（罚款")):
        assert any(sum_ in row and to in row and old in row for row in told), (sum_, to, told)

"""The case page: previews that say what will happen, actions that happen once, and leave."""

import re
from io import BytesIO

import pytest
from PIL import Image

from gongdao.cases import commands as c

from .conftest import Desk, Visitor, signed_in


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(out, "JPEG")
    return out.getvalue()


def text_of(page: str, element: str) -> str:
    """What stands in an element, up to the buttons below it."""
    found = re.search(rf'id="{element}"[^>]*>(.*?)(<progress|<section|$)', page, re.DOTALL)
    assert found, element
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found[1]))


async def test_a_preview_says_what_then_happens(desk: Desk, owner: Visitor):
    case = await desk.filed(kind="refund_only")
    page = await owner.get(f"/shop/cases/{case.id}")
    foreseen = text_of(page, "do-approve-preview")
    assert "退还买家 ¥2,680.00（来自担保货款）" in foreseen
    sent = await owner.post(
        f"/shop/cases/{case.id}/approve",
        page=f"/shop/cases/{case.id}",
        amount="2680.00",
        expected_version=case.version,
    )
    assert (sent.status_code, sent.headers["location"]) == (303, f"/shop/cases/{case.id}")
    paid = await desk.pool.fetch("SELECT source_kind, amount_fen FROM ledger_transfers "
                                 "WHERE case_id = $1", case.id)  # fmt: skip
    assert [tuple(row) for row in paid] == [("order_escrow", 268_000)]
    assert "已关闭" in await owner.get(f"/shop/cases/{case.id}")


async def test_a_return_costs_the_refund_and_the_carriage(desk: Desk, owner: Visitor):
    case = await desk.filed()
    page = await owner.get(f"/shop/cases/{case.id}")
    assert "收到退货后将退还买家 ¥2,680.00" in text_of(page, "do-approve-preview")
    assert "退货运费由店铺承担" in text_of(page, "do-approve-preview")
    await desk.does("owner", case, "approve", c.ApproveArgs())
    sent = c.ShipBackArgs(carrier="德邦", tracking="DP1", freight="575.00")
    await desk.does("buyer", case, "ship_back", sent)
    foreseen = text_of(await owner.get(f"/shop/cases/{case.id}"), "do-confirm_receipt-preview")
    assert "退还买家 ¥2,680.00（来自担保货款），从店铺余额支付运费 ¥575.00" in foreseen
    assert "¥10,000.00 →变为 ¥9,425.00" in foreseen


async def test_a_preview_follows_the_form_and_changes_nothing(desk: Desk, owner: Visitor):
    case = await desk.filed()
    url = f"/shop/cases/{case.id}"
    offer = {"remedy": "partial_refund", "refund": "￥1,200", "compensation": "30"}
    shown = await owner.post(f"{url}/preview/offer", page=url, **offer)
    assert "买家接受后将退还买家 ¥1,200.00（来自担保货款），从店铺余额支付赔付 ¥30.00" in text_of(
        shown.text, "do-offer-preview"
    )
    much = await owner.post(f"{url}/preview/offer", page=url, **offer | {"refund": "9999"})
    assert much.status_code == 200
    assert "2680.00" in much.text
    wrong = await owner.post(f"{url}/preview/offer", page=url, **offer | {"refund": "1.234"})
    assert "金额" in wrong.text
    assert (await desk.state(case))["version"] == case.version


@pytest.mark.fact("S0-03")
async def test_paying_in_time_costs_no_points(desk: Desk, owner: Visitor):
    case = await desk.filed(procedure="complaint", kind="late_shipment", shipped=False)
    page = await owner.get(f"/shop/cases/{case.id}")
    assert "违规扣分：0 分" in text_of(page, "do-compensate-preview")
    assert "S0-03" in page


async def test_sent_twice_it_happens_once(desk: Desk, owner: Visitor):
    case = await desk.filed()
    url = f"/shop/cases/{case.id}"
    note = {"note": "您好，正在核实", "idempotency_key": "one-and-the-same"}
    for _ in range(2):
        assert (await owner.post(f"{url}/note", page=url, **note)).status_code == 303
    assert (await desk.state(case))["version"] == case.version + 1
    other = await owner.post(f"{url}/note", page=url, **note | {"note": "别的"})
    assert (other.status_code, 'data-code="idempotency_conflict"' in other.text) == (409, True)


async def test_what_changed_meanwhile_is_refused(desk: Desk, owner: Visitor):
    case = await desk.filed()
    url = f"/shop/cases/{case.id}"
    await desk.does("buyer", case, "note", c.NoteArgs(note="还在吗"))
    late = await owner.post(f"{url}/approve", page=url, expected_version=case.version)
    assert 'data-code="version_conflict"' in late.text


@pytest.mark.fact("S4-01")
async def test_a_refusal_needs_its_reason_and_its_proof(desk: Desk, owner: Visitor):
    case = await desk.filed()
    url = f"/shop/cases/{case.id}"
    bare = await owner.post(f"{url}/reject", page=url)
    assert 'data-code="reason_required"' in bare.text
    unproven = await owner.post(f"{url}/reject", page=url, reason="signed")
    assert 'data-code="evidence_required"' in unproven.text
    files = {"reject-files": ("签收单.jpg", photo(), "image/jpeg")}
    unnamed = await owner.post(f"{url}/reject", page=url, reason="signed", files=files)
    assert unnamed.status_code == 422
    proven = await owner.post(
        f"{url}/reject", page=url, reason="signed", evidence_kind="proof_of_delivery",
        note="本人已签收", files=files,
    )  # fmt: skip
    assert proven.status_code == 303
    page = await owner.get(url)
    assert "签收凭证" in page
    assert "本人已签收" in page
    picture = re.search(r'href="(/files/[^"]+)"', page)
    assert picture
    assert (await owner.client.get(picture[1])).headers["content-type"] == "image/jpeg"


async def test_a_sub_account_sees_what_it_may_not_do_and_who_may(desk: Desk):
    case = await desk.filed(kind="refund_only")
    url = f"/shop/cases/{case.id}"
    async with signed_in(desk, "agent") as agent:
        page = await agent.get(url)
        assert 'id="do-approve"' not in page
        assert "许静（客服主管），陈伯年（店主）" in page, text_of(page, "limit-approve")
        assert 'data-code="wrong_role"' in (await agent.post(f"{url}/approve", page=url)).text
        assert (await agent.post(f"{url}/note", page=url, note="在查")).status_code == 303
    async with signed_in(desk, "lead") as lead:
        page = await lead.get(url)
        assert "500.00" in text_of(page, "limit-approve")
        assert "陈伯年（店主）" in page
        assert "许静（客服主管）" not in page
        much = await lead.post(f"{url}/approve", page=url)
        assert 'data-code="amount_above_limit"' in much.text


async def test_a_private_note_stays_in_the_house(desk: Desk, owner: Visitor):
    case = await desk.filed()
    url = f"/shop/cases/{case.id}"
    await owner.post(f"{url}/note", page=url, note="仓库在查", private="yes")
    assert "仓库在查" in await owner.get(url)
    async with signed_in(desk, "buyer") as buyer:
        assert "仓库在查" not in await buyer.get(f"/cases/{case.id}")


async def test_the_procedure_is_drawn_with_the_cases_place(desk: Desk, owner: Visitor):
    case = await desk.filed()
    page = await owner.get(f"/shop/cases/{case.id}")
    assert "<svg" in page
    assert "gd-here" in page


async def test_nonsense_is_refused(desk: Desk, owner: Visitor):
    case = await desk.filed()
    url = f"/shop/cases/{case.id}"
    assert (await owner.post(f"{url}/adjudicate", page=url)).status_code == 404
    assert (await owner.post(f"{url}/offer", page=url, remedy="gold")).status_code == 422
    assert (
        await owner.post(f"{url}/offer", page=url, remedy="repair", refund="-1")
    ).status_code == 422
    await owner.get("/shop/cases/nothing", 404)

"""One place for what is complained of and reported: seen, answered with papers, and decided."""

import re
from datetime import timedelta

import pytest
from tests.files.samples import image
from tests.flows.market import person
from tests.web.shop.conftest import Desk, Visitor

from gongdao.base.clock import utc_now
from gongdao.cases import commands as c
from gongdao.cases.case import Case
from gongdao.flows.act import act_on_case
from gongdao.jobs.sweep import sweep


async def answer_with_papers(owner: Visitor, case: Case) -> str:
    """A refusal with the dispatch note, then the chat; the page of the case after it."""
    url = f"/shop/cases/{case.id}"
    photo = image("JPEG")
    refused = await owner.post(
        f"{url}/reject", page=url, reason="not_liable", evidence_kind="proof_of_delivery",
        note="3 月 2 日已发出，单号见图",
        files={"reject-files": ("发货单.jpg", photo, "image/jpeg")},
    )  # fmt: skip
    assert refused.status_code == 303, refused.text[:500]
    sent = await owner.post(
        f"{url}/submit_evidence", page=url, kind="chat_transcript", note="买家说地址写错了",
        files={"submit_evidence-files": ("聊天.jpg", photo, "image/jpeg")},
    )  # fmt: skip
    assert sent.status_code == 303, sent.text[:500]
    return await owner.get(url)


@pytest.mark.fact("S4-01")
async def test_complaints_and_reports_are_answered_in_one_place(desk: Desk, owner: Visitor) -> None:
    complaint = await desk.filed(kind="not_received", procedure="complaint")
    report = await desk.filed(kind="prohibited_goods", procedure="report")
    inbox = await owner.get("/shop/inbox")
    for case in (complaint, report):
        assert f"/shop/cases/{case.id}" in inbox, "one list holds both"

    page = await answer_with_papers(owner, complaint)
    for words in ("发货凭证", "3 月 2 日已发出，单号见图", "聊天记录", "买家说地址写错了"):
        assert words in page
    pictures = re.findall(r'href="(/files/[^"]+)"', page)
    assert len(set(pictures)) >= 2
    url = f"/shop/cases/{complaint.id}"
    long = await owner.post(f"{url}/note", page=url, note="长" * 2001)
    assert long.status_code == 422, "text is kept brief"

    # The platform decides by the rules, and the shop reads which.
    await sweep(desk.pool, utc_now() + timedelta(days=5))
    arbiter = await person(desk.pool, "platform", "arbiter")
    ruling = c.AdjudicateArgs(liability="none", remedy="no_action", note="物流记录显示已发出")
    at = utc_now() + timedelta(days=5)
    await act_on_case(desk.pool, arbiter, complaint.id, "adjudicate", ruling, now=at)
    after = await owner.get(url)
    assert "物流记录显示已发出" in after
    assert "S4-02" in after


@pytest.mark.fact("S4-01")
async def test_what_was_found_is_appealed_in_the_same_place(desk: Desk, owner: Visitor) -> None:
    report = await desk.filed(kind="fake_trade", procedure="report")
    url = f"/shop/cases/{report.id}"
    before = utc_now()
    arbiter = await person(desk.pool, "platform", "arbiter")
    sent = await owner.post(
        f"{url}/submit_evidence", page=url, kind="proof_of_delivery", note="每单都有物流",
        files={"submit_evidence-files": ("物流.jpg", image("JPEG"), "image/jpeg")},
    )  # fmt: skip
    assert sent.status_code == 303
    assert "每单都有物流" in await owner.get(url)
    at = before + timedelta(days=10)
    ruling = c.AdjudicateArgs(liability="seller", remedy="no_action", note="多单异常")
    await act_on_case(desk.pool, arbiter, report.id, "adjudicate", ruling, now=at)
    assert "多单异常" in await owner.get(url)
    record = await owner.get("/shop/record")
    assert f"/shop/cases/{report.id}" in record, "the sanction leads back to its case"

"""Following a case and acting in it, without scripts; then in a real browser with them."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect
from tests.web.readable import barriers

from gongdao.base.bus import PostgresBus
from gongdao.base.live import Hub
from gongdao.cases import commands as c
from gongdao.cases.chain import decode_state
from gongdao.flows.act import channels_of

from .conftest import PASSWORD, House, Visitor, name_of, photo

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@pytest.mark.fact("S1-01")
async def test_the_platform_can_be_asked_in_exactly_after_a_refusal(
    house: House, visitor: Visitor
) -> None:
    case = await house.filed()
    path = f"/cases/{case.id}"
    shown = await visitor.get(path)
    assert "等待商家处理" in shown and "视为同意" in shown
    assert "商家拒绝后即可申请平台介入" in shown and 'data-opens="escalate"' not in shown
    early = await visitor.post(f"{path}/escalate", page=path)
    assert early.status_code == 409
    await house.shop_does(case.id, "offer", c.OfferArgs(remedy="partial_refund", refund="10.00"))
    assert "商家拒绝后才能申请平台介入" in await visitor.get(path)
    await visitor.post(f"{path}/decline_offer", page=path)
    await house.shop_does(case.id, "reject", c.RejectArgs(reason="not_liable"))
    shown = await visitor.get(path)
    assert "商家拒绝了您的申请" in shown and 'data-opens="escalate"' in shown and "举证期" in shown
    assert (await visitor.post(f"{path}/escalate", page=path)).status_code == 303
    shown = await visitor.get(path)
    assert "平台已介入，请补充凭证" in shown and 'data-opens="escalate"' not in shown


async def test_an_offer_is_answered(house: House, visitor: Visitor) -> None:
    case = await house.filed("refund_only", "missing_item")
    path = f"/cases/{case.id}"
    await house.shop_does(case.id, "offer", c.OfferArgs(remedy="partial_refund", refund="20.00"))
    shown = await visitor.get(path)
    assert "收到新的协商方案" in shown and "¥20.00" in shown
    counter = {"remedy": "partial_refund", "refund": "45", "note": "少了两件"}
    assert (await visitor.post(f"{path}/counter_offer", page=path, **counter)).status_code == 303
    assert "等待商家处理" in await visitor.get(path)
    await house.shop_does(case.id, "accept_offer", c.NoArgs())
    shown = await visitor.get(path)
    assert "双方已达成和解" in shown and "¥45.00" in shown and "资金" in shown
    assert "您共获得 ¥45.00" in shown


@pytest.mark.fact("S0-12")
async def test_the_note_for_the_parcel_says_whose_it_is_and_why(
    house: House, visitor: Visitor
) -> None:
    case = await house.filed()
    path = f"/cases/{case.id}"
    assert 'id="return-note"' not in await visitor.get(path), "nothing goes back yet"
    await house.shop_does(case.id, "approve", c.ApproveArgs())
    note = (await visitor.get(path)).partition('id="return-note"')[2].partition("</div>")[0]
    row = await house.case_of(case.order_id)
    order = await house.pool.fetchval("SELECT number FROM orders WHERE id = $1", case.order_id)
    for said in (f"订单 {order}", f"纠纷单 {row['number']}", "林小雨", "质量问题", "姓名和手机号"):
        assert said in note


async def test_sending_back_with_receipts(house: House, visitor: Visitor) -> None:
    case = await house.filed()
    path = f"/cases/{case.id}"
    await house.shop_does(case.id, "approve", c.ApproveArgs())
    assert "青岛市 3 号仓" in await visitor.get(path)
    incomplete = await visitor.post(f"{path}/ship_back", page=path, carrier="德邦", tracking="")
    assert incomplete.status_code == 422
    sent = await visitor.post(
        f"{path}/ship_back", page=path, carrier="德邦快递", tracking="DPK1", freight="57.5",
        handling="40.00",
        files=[
            ("files-carriage", ("运费.jpg", photo("red"), "image/jpeg")),
            ("files-handling", ("搬运.jpg", photo("blue"), "image/jpeg")),
        ],
    )  # fmt: skip
    assert sent.status_code == 303, sent.text[:1500]
    stored = decode_state((await house.case_of(case.order_id))["state"])
    assert stored.parcel and (stored.parcel.tracking, stored.parcel.freight_fen) == ("DPK1", 5_750)
    assert [(p.amount_fen, p.cost) for p in stored.evidence] == [
        (5_750, "carriage"), (4_000, "handling"),
    ]  # fmt: skip
    fields = {"tracking": "DPK2", "carrier": "德邦快递"}
    assert (await visitor.post(f"{path}/refill_tracking", page=path, **fields)).status_code == 303
    assert "DPK2" in await visitor.get(path)


async def test_talking_changing_and_withdrawing(house: House, visitor: Visitor) -> None:
    case = await house.filed()
    path = f"/cases/{case.id}"
    assert (await visitor.post(f"{path}/note", page=path, text="在吗？<b>")).status_code == 303
    assert "在吗？&lt;b&gt;" in await visitor.get(path)
    page = await visitor.get(f"{path}/modify")
    assert 'id="kind-refund_only"' in page and 'value="100.00"' in page
    fields = {"kind": "refund_only", "reason": "missing_item", "amount": "30", "claim": "少一件"}
    sent = await visitor.post(f"{path}/modify", page=f"{path}/modify", **fields)
    assert sent.status_code == 303, sent.text[:1500]
    stored = decode_state((await house.case_of(case.order_id))["state"])
    assert (stored.kind, stored.asked_fen, stored.claim) == ("refund_only", 3_000, "少一件")
    stale = await visitor.post(f"{path}/withdraw", page=path, expected_version="1")
    assert stale.status_code == 409 and 'data-code="version_conflict"' in stale.text
    assert (await visitor.post(f"{path}/withdraw", page=path)).status_code == 303
    assert "您已撤销申请" in await visitor.get(path)
    assert "已完结" in await visitor.get("/cases?which=closed")
    assert str(case.id) in await visitor.get("/cases?which=closed")
    assert str(case.id) not in await visitor.get("/cases?which=open")


@pytest.mark.parametrize(
    ("action", "fields", "status"),
    [
        ("adjudicate", {}, 404),
        ("approve", {}, 404),
        ("counter_offer", {"remedy": "gold"}, 422),
        ("submit_evidence", {"kind": "photo_of_item"}, 422),
        ("submit_evidence", {"kind": "wish", "note": "x"}, 422),
        ("submit_evidence", {"kind": "freight_receipt", "note": "x", "amount": "1.234"}, 422),
        ("note", {"text": "  "}, 422),
        ("note", {"text": "x" * 2001}, 422),
        ("confirm", {}, 403),
    ],
)
async def test_bad_forms_change_nothing(
    house: House, visitor: Visitor, action: str, fields: dict[str, str], status: int
) -> None:
    case = await house.filed()
    path = f"/cases/{case.id}"
    sent = await visitor.post(f"{path}/{action}", page=path, **fields)
    assert sent.status_code == status
    assert (await house.case_of(case.order_id))["version"] == case.version


async def test_the_words_of_an_empty_start(house: House, visitor: Visitor) -> None:
    assert "您还没有订单" in await visitor.get("/orders")
    assert "您还没有售后记录" in await visitor.get("/cases")
    await visitor.client.get("/locale/en")
    assert "You have no cases" in await visitor.get("/cases")


async def entered(context: BrowserContext, house: House, size: dict[str, int]) -> Page:
    page = await context.new_page()
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    await page.goto(f"{house.url}/sign-in")
    await page.fill("#name", name_of(house.buyer.person_id, "buyer"))
    await page.fill("#password", PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await page.wait_for_url("**/orders")
    return page


@pytest.mark.browser
async def test_from_the_order_to_the_case_in_a_browser(
    house: House, context: BrowserContext, tmp_path: Path
) -> None:
    order = await house.order(title="冰箱")
    page = await entered(context, house, PHONE)
    await page.get_by_role("link", name="申请售后 / 投诉").click()
    await page.get_by_text("商品有质量问题").click()
    await page.get_by_role("button", name="下一步：选择诉求").click()
    await expect(page.locator("#want-return_refund")).to_be_checked()
    await page.fill("#amount-return_refund", "88")
    await page.get_by_role("button", name="下一步：上传凭证").click()
    picture = {"name": "门缝.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    await page.locator("#upload-files-photo_of_item").set_input_files([picture])  # type: ignore[arg-type]
    await expect(page.locator(".gd-uploaded")).to_contain_text("门缝.jpg")
    await page.fill("#claim", "不制冷，客服让我等。")
    # Back and forth: what was said, sent and typed is all there.
    await page.go_back()
    await expect(page.locator("#amount-return_refund")).to_have_value("88")
    await page.go_back()
    await expect(page.locator("#received-quality")).to_be_checked()
    await page.go_forward()
    await page.go_forward()
    await expect(page.locator("#claim")).to_have_value("不制冷，客服让我等。")
    await expect(page.locator(".gd-uploaded")).to_contain_text("门缝.jpg")
    await no_serious_finding(page, tmp_path / "apply.png")
    await page.get_by_role("button", name="提交申请").click()
    await page.wait_for_url("**/cases/*")
    await expect(page.locator(".gd-toast")).to_contain_text("已提交")
    case = decode_state((await house.case_of(order.id))["state"])
    assert (case.asked_fen, case.claim) == (8_800, "不制冷，客服让我等。")
    assert len(case.evidence[0].file_ids) == 1
    await no_serious_finding(page, tmp_path / "case.png")


@pytest.mark.browser
async def test_the_page_follows_the_seller_and_keeps_half_a_sentence(
    house: House, shared_database_url: str, context: BrowserContext, tmp_path: Path
) -> None:
    case = await house.filed()
    page = await entered(context, house, DESK)
    async with page.expect_response(lambda answer: "/live/case" in answer.url):
        await page.goto(f"{house.url}/cases/{case.id}")
    await page.fill("#message-form-text", "我还没写完")
    await house.shop_does(case.id, "reject", c.RejectArgs(reason="not_liable"))
    # Acting outside a request tells nobody by itself.
    hub = Hub(PostgresBus(shared_database_url))
    await hub.start_telling()
    hub.tell(channels_of(case))
    await hub.stop()
    await expect(page.locator(".gd-turn-title")).to_contain_text("商家拒绝了您的申请")
    await expect(page.locator("#message-form-text")).to_have_value("我还没写完")
    await no_serious_finding(page, tmp_path / "refused.png")
    await page.get_by_role("button", name="申请平台介入").first.click()
    await page.locator("#escalate").get_by_role("button", name="申请平台介入").click()
    await expect(page.locator(".gd-turn-title")).to_contain_text("平台已介入")
    await page.goto(f"{house.url}/cases")
    await no_serious_finding(page, tmp_path / "cases.png")
    await expect(page.locator(f"#case-{case.id} .gb-new")).to_be_hidden()


async def no_serious_finding(page: Page, picture: Path) -> None:
    await page.screenshot(path=picture, full_page=True)
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert (await barriers(page), wide) == ([], 0)

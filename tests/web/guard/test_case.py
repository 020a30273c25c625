"""The arbiter's section of a case: what was noticed, what shows it, and right or wrong."""

import pytest
from playwright.async_api import expect
from tests.flows.guard.watchful import finding, kept
from tests.web.chat.desk_town import DeskTown
from tests.web.desk.window_town import order_of
from tests.web.guard.conftest import DESK, Visit
from tests.web.guard.test_kit import shoot
from tests.web.readable import require_readable

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.flows.act import open_case
from gongdao.policy.load import load_pack
from gongdao.risk.finding import Place

pytestmark = pytest.mark.browser


@pytest.mark.fact("S0-36")
async def test_an_arbiter_reads_it_and_the_sides_do_not(visit: Visit, town: DeskTown) -> None:
    order = await order_of(town, "李梅")
    buyer = town.people["李梅"]
    args = c.OpenArgs(procedure="complaint", kind="not_as_described")
    pack = load_pack("taobao-classic")
    case = (await open_case(town.pool, buyer, order.id, args, pack=pack, now=utc_now())).case
    said = Place(
        subject="message", subject_id=new_id(), about="shop", shop_id=town.shop_id,
        buyer_id=buyer.person_id, order_id=order.id, conversation_id=new_id(), seq=1,
    )  # fmt: skip
    sign = await kept(town.pool, finding(said, at=utc_now()))

    page = await visit(f"/platform/cases/{case.id}", "仲裁员", viewport=DESK)
    section = page.locator("#guard")
    await expect(section).to_contain_text("远程控制")
    await expect(section).to_contain_text("不决定任何结果")
    around = section.get_by_role("link", name="前后对话")
    await expect(around).to_have_attribute("href", f"/platform/guard/findings/{sign.id}#talk")
    await require_readable(page)
    await shoot(page, "case-signs")
    await section.locator("summary").click()
    await section.get_by_label("哪里不对？").fill("是买家请师傅远程看设置")
    await section.get_by_role("button", name="保存").click()
    await expect(section).to_contain_text("已标记为误报")
    await expect(section.locator(".gs-level-calm")).to_be_visible()

    for name, path in (("李梅", f"/cases/{case.id}"), ("小安", f"/shop/cases/{case.id}")):
        party = await visit(path, name)
        await expect(party.locator("main")).to_contain_text(str(order.number))
        await expect(party.locator("#guard")).to_have_count(0)

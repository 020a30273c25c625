"""A shop's record on the platform's pages: who sees it, and what a supervisor takes back."""

import re
from datetime import timedelta

from tests.flows.market import open_market
from tests.flows.test_restore import record, ruled

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.jobs.sweep import sweep

from .conftest import Staff
from .desk import Desk


async def test_a_record_is_seen_and_put_right(desk: Desk, as_: Staff) -> None:
    market = await open_market(desk.pool, balance_fen=10_000_000)
    (case_id,), end = await ruled(market, 1)
    await sweep(desk.pool, end)
    before = (await record(market)).record
    address = f"/platform/shops/{market.shop_id}"
    for who in ("arbiter", "operator"):
        shown = await (await as_(who)).get(address)
        assert "店铺状态" in shown
        assert "/lift" not in shown
    supervisor = await as_("supervisor")
    shown = await supervisor.get(address)
    assert f"/platform/cases/{case_id}" in shown
    assert "24" in shown
    restore = f"{address}/points/{case_id}/{before.charges[0].entry}/restore"
    assert restore in shown
    empty = await supervisor.post(restore, note=" ")
    assert 'data-code="reason_required"' in empty.text
    arbiter = await (await as_("arbiter")).post(restore, note="why not")
    assert arbiter.status_code == 403
    assert (await supervisor.post(restore, note="it was genuine")).status_code == 303
    for lift in re.findall(rf'action="({address}/sanctions/[^"]+)"', await supervisor.get(address)):
        assert (await supervisor.post(lift, note="as well")).status_code == 303
    after = (await record(market)).record
    assert after.charges == ()
    assert after.in_force(utc_now() + timedelta(days=1)) == ()
    await supervisor.get(f"/platform/shops/{new_id()}", 404)

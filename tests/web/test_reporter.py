"""Whoever reports a shop stays unknown to it, at every address that answers."""

from datetime import timedelta
from uuid import UUID

import httpx
from tests.flows.market import Market, place_order
from tests.web.walk import URL, Walk

from gongdao.accounts.gate import session_cookie_name
from gongdao.base.clock import utc_now
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.policy.load import load_pack
from gongdao.shops.order import Line

CLAIM = "口令七四一：店里卖的是没有批文的药"
PROOF = "口令九五二：药盒照片上没有批准文号"
NAME = "口令三六八先生"


async def report(walk: Walk) -> dict[str, str]:
    """A report by a buyer of one order, with words and proof, as far as a ruling."""
    town = walk.town
    now, people = utc_now(), town.people
    market = Market(
        pool=town.pool,
        shop_id=town.ids["shop_id"],
        buyer=people["buyer"],
        owner=people["owner"],
        arbiter=people["arbiter"],
    )
    line = Line(line=1, title="跌打药酒", price_fen=48_600)
    order = await place_order(market, lines=(line,))
    await town.pool.execute("UPDATE orders SET buyer_name = $2 WHERE id = $1", order.id, NAME)
    args = c.OpenArgs(
        procedure="report",
        kind="prohibited_goods",
        claim=CLAIM,
        evidence=[c.EvidenceItem(kind="statement", note=PROOF)],
    )
    pack = load_pack("cn-standard")
    opened = await open_case(town.pool, people["buyer"], order.id, args, pack=pack, now=now)
    case_id = opened.case.id
    for who, action, said in (
        ("arbiter", "approve", c.ApproveArgs()),
        ("buyer", "note", c.NoteArgs(note=CLAIM)),
        ("buyer", "submit_evidence", c.SubmitEvidenceArgs(kind="statement", note=PROOF)),
    ):
        await act_on_case(town.pool, people[who], case_id, action, said, now=now)
    return {
        "case": str(case_id),
        "number": str(opened.number),
        "order": str(order.id),
        "order number": order.number,
    }


async def test_the_shop_learns_nothing_at_any_address(walk: Walk) -> None:
    told = await report(walk)
    walk.ids |= {"case_id": told["case"], "order_id": told["order"]}
    read = 0
    for path, method in walk.routes():
        if method != "GET":
            continue
        answer = await walk.ask("owner", method, path)
        if answer is None or answer.status_code >= 400:
            continue
        read += 1
        require_nothing_told(answer.text, told, path)
    assert read > 25, "the walk reached the shop's own pages"


async def test_the_shop_finds_nothing_by_searching(walk: Walk) -> None:
    told = await report(walk)
    for address in (
        f"/shop/inbox?q={told['order number']}",
        f"/shop/inbox?q={NAME}",
        f"/shop/inbox?q={told['number']}",
        f"/shop/orders?q={told['order number']}",
        "/shop/inbox?procedure=report",
        "/shop/inbox?turn=us",
        f"/api/v1/cases?order_id={told['order']}",
        f"/shop/cases/{told['case']}?since=1",
        f"/shop/orders/{told['order']}/report",
    ):
        answer = await ask(walk, "owner", address)
        assert answer.status_code == 200, (address, answer.status_code)
        text = answer.text.replace(f'value="{told["order number"]}"', "").replace(NAME, "")
        if NAME not in address:
            text = answer.text.replace(f'value="{told["order number"]}"', "")
        require_nothing_told(text, told, address)
    for q in (told["order number"], NAME):
        found = (await ask(walk, "owner", f"/shop/inbox?q={q}")).text
        assert told["case"] not in found, "a search by order or buyer would tell which case it is"


def require_nothing_told(text: str, told: dict[str, str], where: str) -> None:
    """No word of the report, and nothing that ties the case to its order or its buyer."""
    assert CLAIM not in text, where
    assert PROOF not in text, where
    if told["case"] not in text:
        return
    # The shop knows its own orders; what it must not know is which of them the case is about.
    for secret in ("order", "order number"):
        assert told[secret] not in text, (where, secret)
    assert NAME not in text, where


async def test_a_ruled_report_leaves_no_trace_on_its_order(walk: Walk) -> None:
    told = await report(walk)
    # The time for proof is over by then.
    now, town = utc_now() + timedelta(days=5), walk.town
    ruling = c.AdjudicateArgs(liability="seller", remedy="no_action")
    case_id = UUID(told["case"])
    ruled = await act_on_case(
        town.pool, town.people["arbiter"], case_id, "adjudicate", ruling, now=now
    )
    assert ruled.case.ruling
    pages = (f"/shop/orders/{told['order']}", f"/api/v1/orders/{told['order']}")
    for address in (*pages, "/shop/money", "/shop/orders", "/api/v1/orders"):
        answer = await ask(walk, "owner", address)
        if address in pages:
            assert answer.status_code == 200, address
        for mark in (told["case"], told["number"], CLAIM, PROOF, "prohibited_goods"):
            assert mark not in body_of(answer.text), (address, mark)
    mine = await ask(walk, "buyer", f"/orders/{told['order']}")
    assert told["case"] in mine.text, "whoever reported sees it on the order"
    orders = await town.pool.fetch(
        "SELECT order_id FROM ledger_transfers"
        " WHERE case_id = $1 AND target_kind <> 'buyer_refund'",
        case_id,
    )
    assert all(row["order_id"] is None for row in orders), "a fine names no order"


def body_of(page: str) -> str:
    """What a page says of its own, without the navigation that every page has."""
    start = page.find("<main")
    return page[start:] if start >= 0 else page


async def test_the_reporter_and_the_platform_see_it(walk: Walk) -> None:
    told = await report(walk)
    for who, address, marks in (
        ("buyer", f"/cases/{told['case']}", (CLAIM, PROOF, told["order number"])),
        ("arbiter", f"/platform/cases/{told['case']}", (CLAIM, PROOF, told["order number"], NAME)),
        ("buyer", f"/orders/{told['order']}", (told["case"],)),
        ("supervisor", f"/api/v1/cases/{told['case']}", (CLAIM, told["order"])),
    ):
        text = (await ask(walk, who, address)).text
        for mark in marks:
            assert mark in text, (who, address, mark)


async def ask(walk: Walk, who: str, address: str) -> httpx.Response:
    """What somebody is answered at an address."""
    headers = {"origin": URL, "cookie": f"{session_cookie_name(URL)}={walk.secrets[who]}"}
    async with httpx.AsyncClient(transport=walk.transport, base_url=URL) as client:
        return await client.get(address, headers=headers)

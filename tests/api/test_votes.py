"""Jurors vote over the API as on the pages: blind, once, with a reason, and only jurors."""

from datetime import timedelta
from uuid import UUID

from tests.flows.market import Market, place_order

from gongdao.base.clock import utc_now
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.policy.load import load_pack

from .conftest import Callers, Town

PACK = load_pack("cn-standard").with_switches({"jury": "on"})
VOTE = {"liability": "seller", "remedy": "full_refund", "note": "照片清楚"}


async def before_a_jury(town: Town) -> UUID:
    """A complaint about a broken kettle that a jury is asked about by now."""
    people = town.people
    market = Market(
        pool=town.pool,
        shop_id=town.ids["shop_id"],
        buyer=people["buyer"],
        owner=people["owner"],
        arbiter=people["arbiter"],
    )
    at = utc_now() - timedelta(days=5)
    order = await place_order(market, paid_at=at - timedelta(days=3))
    proof: c.EvidenceList = [c.EvidenceItem(kind="photo_of_item", note="壶底裂了")]
    args = c.OpenArgs(procedure="complaint", kind="damaged", claim="到货就漏水", evidence=proof)
    opened = await open_case(town.pool, people["buyer"], order.id, args, pack=PACK, now=at)
    case_id = opened.case.id
    for name, action, said, hours in (
        ("owner", "reject", c.RejectArgs(reason="not_liable", note="出厂完好"), 2),
        ("buyer", "escalate", c.NoArgs(), 110),
    ):
        now = at + timedelta(hours=hours)
        acted = await act_on_case(town.pool, people[name], case_id, action, said, now=now)
    assert acted.case.stage == "jury"
    return case_id


async def test_a_juror_reads_and_votes_once(callers: Callers) -> None:
    town = callers.town
    case_id = await before_a_jury(town)
    address = f"/api/v1/votes/{case_id}"
    async with callers["juror"] as client:
        listed = (await client.get("/api/v1/votes")).json()["votes"]
        assert [one["case_id"] for one in listed] == [str(case_id)]
        ballot = (await client.get(address)).json()
        assert ballot["may_vote"] is True
        assert ballot["buyer"]["words"] == ["到货就漏水"]
        assert [one["note"] for one in ballot["buyer"]["evidence"]] == ["壶底裂了"]
        assert ballot["goods"][0]["price"] == "100.00"
        assert "full_refund" in ballot["remedies"]
        for body, code in (
            (VOTE | {"note": ""}, "invalid"),
            (VOTE | {"refund": "1.00"}, "invalid"),
            (VOTE | {"remedy": "partial_refund"}, "invalid"),
        ):
            refused = await client.post(address, json=body)
            assert refused.json()["code"] == code, refused.text
        key = {"Idempotency-Key": "one vote"}
        for _ in range(2):
            voted = await client.post(address, json=VOTE, headers=key)
            assert voted.status_code == 200, voted.text
        again = await client.post(address, json=VOTE)
        assert again.json()["code"] == "not_eligible"
        assert (await client.get("/api/v1/votes")).json()["votes"] == []
        assert (await client.get(address)).json()["why_not"] == "not_eligible"
    kept = await town.pool.fetchval(
        "SELECT state -> 'votes' -> 0 ->> 'note' FROM cases WHERE id = $1", case_id
    )
    assert kept == "照片清楚"


async def test_a_ballot_names_nobody(callers: Callers) -> None:
    town = callers.town
    case_id = await before_a_jury(town)
    async with callers["juror"] as client:
        text = (await client.get(f"/api/v1/votes/{case_id}")).text
    row = await town.pool.fetchrow(
        "SELECT o.id, o.number, o.buyer_id, o.shop_id, s.name FROM cases c"
        " JOIN orders o ON o.id = c.order_id JOIN shops s ON s.id = o.shop_id WHERE c.id = $1",
        case_id,
    )
    assert row
    for told in row:
        assert str(told) not in text


async def test_only_jurors_vote(callers: Callers) -> None:
    case_id = await before_a_jury(callers.town)
    for name in ("buyer", "owner", "arbiter", "supervisor", "operator", "auditor"):
        async with callers[name] as client:
            for method, address in (
                ("GET", "/api/v1/votes"),
                ("GET", f"/api/v1/votes/{case_id}"),
                ("POST", f"/api/v1/votes/{case_id}"),
            ):
                body = VOTE if method == "POST" else None
                answer = await client.request(method, address, json=body)
                assert answer.status_code == 403, (name, method, address)
    async with callers["juror"] as client:
        other = callers.town.ids["judged case"]
        assert (await client.get(f"/api/v1/votes/{other}")).status_code == 404
        assert (await client.post(f"/api/v1/votes/{other}", json=VOTE)).status_code in (403, 404)

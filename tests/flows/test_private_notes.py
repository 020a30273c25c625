"""A private note is read on its own side: by colleagues and superiors, never across parties."""

from datetime import timedelta

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.case_view import view_case
from gongdao.policy.load import load_pack

from .market import START, open_market, person, place_order

PACK = load_pack("taobao-classic")
LATER = START + timedelta(days=4)


async def test_who_reads_whose_private_notes(pool: Pool) -> None:
    market = await open_market(pool)
    agent = await person(pool, "shop", "agent", shop_id=market.shop_id)
    lead = await person(pool, "shop", "lead", shop_id=market.shop_id)
    stranger = await person(pool, "shop", "lead", shop_id=(await open_market(pool)).shop_id)
    staff = [await person(pool, "platform", r) for r in ("supervisor", "operator", "auditor")]
    order = await place_order(market)
    args = c.OpenArgs(procedure="complaint", kind="not_as_described")
    opened = await open_case(pool, market.buyer, order.id, args, pack=PACK, now=LATER)
    await act_on_case(
        pool, market.owner, opened.case.id, "reject", c.RejectArgs(reason="not_liable"), now=LATER
    )
    for who in (market.buyer, agent, market.arbiter):
        note = c.NoteArgs(note=f"of {who.role}", private=True)
        await act_on_case(pool, who, opened.case.id, "note", note, now=LATER)

    async def read_by(who: Principal) -> list[str]:
        view = await view_case(pool, who, opened.case.id, now=LATER)
        return [told.body.text for told in view.timeline if told.private]  # type: ignore[union-attr]

    assert await read_by(market.buyer) == ["of buyer"]
    for who in (agent, lead, market.owner):
        assert await read_by(who) == ["of agent"]
    for who in (market.arbiter, *staff):
        assert await read_by(who) == ["of arbiter"]
    assert stranger.shop_id != market.shop_id

"""A case in which everything happens that a dossier must tell or keep, written for each side."""

from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from tests.files.samples import image
from tests.flows.market import START, Market, open_market, person, place_order

from gongdao.base.db import Pool
from gongdao.base.ids import new_id
from gongdao.cases import commands as c
from gongdao.dossier.contents import Audience
from gongdao.files.objects import Objects, open_objects
from gongdao.files.receive_file import receive_file
from gongdao.flows.act import act_on_case, open_case
from gongdao.flows.export_dossier import export_dossier
from gongdao.policy.load import load_pack

PACK = load_pack("taobao-classic")
FILED = START + timedelta(days=4)
EXPORTED = START + timedelta(days=30)
TELEPHONE = "13812345678"
CLAIM = f"灯不亮，请打 {TELEPHONE} 联系我"
SHOP_SECRET = "这个买家上个月也来过"
BUYER_SECRET = "店家可能会赖账"
AUDIENCES: tuple[Audience, ...] = ("platform", "buyer", "seller")


class Written(msgspec.Struct, kw_only=True):
    """A case, and its dossiers by audience."""

    market: Market
    objects: Objects
    case_id: UUID
    by: dict[Audience, bytes]


@pytest.fixture(scope="session")
async def written(shared_pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The case of this room's tests."""
    folder: Path = tmp_path_factory.mktemp("objects")
    objects = open_objects(f"file://{folder}")
    market = await open_market(shared_pool, balance_fen=20_000)
    case_id = await _dispute(market, objects)
    made = {
        audience: await export(market.pool, objects, case_id, audience) for audience in AUDIENCES
    }
    return Written(market=market, objects=objects, case_id=case_id, by=made)


async def export(
    pool: Pool, objects: Objects, case_id: UUID, audience: Audience, now: timedelta = timedelta()
) -> bytes:
    """The bytes of a dossier."""
    file = BytesIO()
    await export_dossier(pool, objects, case_id, audience=audience, now=EXPORTED + now, file=file)
    return file.getvalue()


async def _dispute(market: Market, objects: Objects) -> UUID:
    pool, buyer, owner = market.pool, market.buyer, market.owner

    async def pieces() -> AsyncIterator[bytes]:
        yield image("JPEG")

    file = await receive_file(
        pool, objects, pieces(), file_id=new_id(), name="../灯.jpg",
        uploaded_by=buyer.person_id, now=FILED,
    )  # fmt: skip
    args = c.OpenArgs(
        procedure="after_sale",
        kind="refund_only",
        reason="quality",
        claim=CLAIM,
        evidence=[c.EvidenceItem(kind="photo_of_item", files=[file.id], note="灯头烧黑")],
    )
    order = await place_order(market)
    opened = await open_case(pool, buyer, order.id, args, pack=PACK, now=FILED)
    case_id = opened.case.id
    arbiter = await person(pool, "platform", "arbiter")
    steps = [
        (owner, "note", c.NoteArgs(note=SHOP_SECRET, private=True)),
        (buyer, "note", c.NoteArgs(note=BUYER_SECRET, private=True)),
        (owner, "note", c.NoteArgs(note="您好，请拍一段视频")),
        (owner, "reject", c.RejectArgs(reason="no_evidence")),
        (buyer, "escalate", {}),
    ]
    for hour, (who, action, given) in enumerate(steps, start=1):
        now = FILED + timedelta(hours=hour)
        await act_on_case(pool, who, case_id, action, given, now=now)
    ruling = c.AdjudicateArgs(liability="seller", remedy="full_refund", note="商家未能举证")
    # Proof and the shop's own proposal have their time; then the arbiter decides.
    await act_on_case(pool, arbiter, case_id, "adjudicate", ruling, now=FILED + timedelta(days=5))
    return case_id

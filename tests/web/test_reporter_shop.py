"""Where a rule book lets a shop report unknown, the reported buyer does not learn who it was."""

import copy
from uuid import UUID

import msgspec
import pytest
from tests.flows.market import Market, place_order
from tests.web.test_reporter_unknown import readable
from tests.web.walk import Walk

from gongdao.base.clock import utc_now
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.jobs.follow import follow
from gongdao.jobs.followers import FOLLOWERS
from gongdao.policy.load import load_pack
from gongdao.policy.pack import Pack
from gongdao.shops.order import Line

CLAIM, PROOF, TITLE = "密语五一七：差评要钱", "密语六六四：记录在这里", "密语八八一号药酒"


def with_unknown_shops() -> Pack:
    """The standard book, but a shop that reports extortion stays unknown."""
    book = copy.copy(load_pack("cn-standard"))
    key = ("report", "review_extortion")
    book.kinds = book.kinds | {key: msgspec.structs.replace(book.kinds[key], anonymous=True)}
    return book


async def report(walk: Walk) -> dict[str, str]:
    town, now, people = walk.town, utc_now(), walk.town.people
    market = Market(
        pool=town.pool,
        shop_id=town.ids["shop_id"],
        buyer=people["buyer"],
        owner=people["owner"],
        arbiter=people["arbiter"],
    )
    order = await place_order(market, lines=(Line(line=1, title=TITLE, price_fen=4_861_357),))
    args = c.OpenArgs(
        procedure="report",
        kind="review_extortion",
        claim=CLAIM,
        evidence=[c.EvidenceItem(kind="statement", note=PROOF)],
    )
    opened = await open_case(
        town.pool, people["owner"], order.id, args, pack=with_unknown_shops(), now=now
    )
    case_id: UUID = opened.case.id
    await act_on_case(town.pool, people["arbiter"], case_id, "approve", c.ApproveArgs(), now=now)
    await act_on_case(town.pool, people["owner"], case_id, "note", c.NoteArgs(note=CLAIM), now=now)
    for follower in FOLLOWERS:
        await follow(town.pool, follower, now)
    walk.ids |= {"case_id": case_id, "order_id": order.id, "number": opened.number}
    return {
        "case": str(case_id),
        "order": str(order.id),
        "order number": order.number,
        "owner": str(people["owner"].person_id),
    }


@pytest.mark.fact("S3-12")
async def test_every_answer_that_the_reported_buyer_gets(walk: Walk) -> None:
    told = await report(walk)
    read: set[str] = set()
    for path, method in walk.routes():
        if method != "GET":
            continue
        answer = await walk.ask("buyer", method, path)
        if answer is None:
            continue
        if answer.status_code < 400:
            read.add(path)
        for text in readable(answer.content):
            assert CLAIM not in text and PROOF not in text, path
            # Lists of one's own orders and cases name both; what speaks of the case alone must not.
            if told["case"] in text and "{case_id}" in path:
                for key in ("order", "order number", "owner"):
                    assert told[key] not in text, (path, key)
        if "{order_id}" in path:
            assert told["case"] not in answer.text, path
    assert read >= {"/cases/{case_id}", "/api/v1/cases/{case_id}", "/notices"}

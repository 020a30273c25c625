"""The guard's pages over HTTP: who reads them, what they say, and what marks and releases do."""

import json
import re

import pytest

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.risk.finding import Evidence, Finding, Place
from gongdao.risk.store import keep

from .conftest import Staff
from .desk import Desk
from .guard_scene import RING, SCAM, Scene, build_scene

PAGES = ("", "/links", "/watch", "/holds", "/figures")


@pytest.fixture(scope="session")
async def scene(desk: Desk) -> Scene:
    return await build_scene(desk)


@pytest.mark.parametrize(
    "who", ["arbiter", "supervisor", "operator", "auditor", "juror", "buyer", "owner"]
)
async def test_the_platforms_people_read_and_nobody_else(
    scene: Scene, as_: Staff, who: str
) -> None:
    visitor = await as_(who)
    reads = who in ("arbiter", "supervisor", "operator", "auditor")
    for page in (*PAGES, f"/findings/{scene.scam}", f"/links?person={scene.ring[0]}"):
        await visitor.get(f"/platform/guard{page}", 200 if reads else 403)
    watches = who in ("supervisor", "operator")
    await visitor.get("/platform/guard/training.jsonl", 200 if watches else 403)
    mark = await visitor.post(f"/platform/guard/findings/{new_id()}/mark", verdict="right")
    assert mark.status_code == (404 if watches or who == "arbiter" else 403)
    let_go = await visitor.post(f"/platform/guard/holds/{new_id()}/release", why="ok")
    assert let_go.status_code == (404 if watches else 403)
    put_on = await visitor.post(
        "/platform/guard/watch", kind="shop", subject_id=str(new_id()), why="ok"
    )
    assert put_on.status_code == (404 if watches else 403)
    off = await visitor.post(f"/platform/guard/watch/{new_id()}/off", why="ok")
    assert off.status_code == (404 if watches else 403)


@pytest.mark.parametrize("who", ["juror", "buyer", "owner"])
async def test_who_reads_no_findings_does_not_hear_of_them(as_: Staff, who: str) -> None:
    await (await as_(who)).get("/live/guard", 404)
    await (await as_(who)).get("/live/guard:1", 404)


async def test_a_finding_says_what_whom_where_and_how_bad(scene: Scene, as_: Staff) -> None:
    page = await (await as_("operator")).get("/platform/guard")
    row = page.partition(f'id="finding-{scene.scam}"')[2].partition("</li>")[0]
    for said in (
        '<q class="gg-said">AnyDesk</q>',
        "林小雨",
        "海川家电旗舰店",
        "店铺行为",
        "待核实",
    ):
        assert said in row, said
    assert "gg-level-danger" in row
    one = await (await as_("operator")).get(f"/platform/guard/findings/{scene.scam}")
    assert SCAM in one
    assert "好的，我试一下" in one
    marked = await (await as_("auditor")).get("/platform/guard")
    assert '/mark"' not in marked


async def test_filters_narrow_and_pages_go_on(scene: Scene, as_: Staff) -> None:
    visitor = await as_("operator")

    async def found(query: str) -> set[str]:
        page = await visitor.get(f"/platform/guard?{query}")
        return set(re.findall(r'id="finding-([0-9a-f-]{36})"', page))

    refunds = {str(one) for one in scene.refunds}
    for query in ("code=repeated-refunds", "about=buyer", "level=caution&about=buyer"):
        assert await found(query) >= refunds
        assert str(scene.scam) not in await found(query)
    assert await found(f"person={scene.ring[0]}") == {str(scene.refunds[0])}
    assert str(scene.scam) in await found("level=danger")
    assert not refunds & await found("level=danger")
    assert await found("code=nonsense&level=7&about=x&verdict=maybe&shop=1") >= refunds
    await visitor.get("/platform/guard?after=nonsense", 422)
    sent = await visitor.client.get("/platform/guard?whom=ring1&about=buyer")
    assert sent.headers["location"] == f"/platform/guard?about=buyer&person={scene.ring[1]}"
    assert "没有" in await visitor.get("/platform/guard?whom=nobody-of-this-name")


async def test_what_is_wrong_says_why_and_weighs_nothing(
    desk: Desk, scene: Scene, as_: Staff
) -> None:
    visitor, one = await as_("operator"), scene.refunds[2]
    path = f"/platform/guard/findings/{one}"
    links = f"/platform/guard/links?person={scene.ring[2]}"
    head = (await visitor.get(links)).partition("</header>")[2].partition("</header>")[0]
    assert "gg-level-caution" in head
    assert (await visitor.post(f"{path}/mark", verdict="wrong", why=" ")).status_code == 422
    assert (await visitor.post(f"{path}/mark", verdict="perhaps", why="x")).status_code == 422
    sent = await visitor.post(f"{path}/mark", verdict="wrong", why="换季退货，都有凭证。")
    assert (sent.status_code, sent.headers["location"]) == (303, path)
    page = await visitor.get(path)
    assert "换季退货，都有凭证。" in page
    assert "gg-level-calm" in page
    head = (await visitor.get(links)).partition("</header>")[2].partition("</header>")[0]
    assert "gg-level-caution" not in head
    await visitor.post(f"{path}/mark", verdict="right")
    assert "gg-level-caution" in await visitor.get(path)
    kept = await desk.pool.fetchval("SELECT count(*) FROM risk_marks WHERE finding_id = $1", one)
    assert kept == 2


async def test_what_was_missed_is_named_where_it_was_read(
    desk: Desk, scene: Scene, as_: Staff
) -> None:
    visitor, path = await as_("operator"), f"/platform/guard/findings/{scene.scam}"
    page = await visitor.get(path)
    # Of each party's words, and only what was not found in them.
    forms = re.findall(r'<form[^>]* id="missed-(\d+)".*?</form>', page, re.DOTALL)
    assert len(forms) == 3
    seq = await desk.pool.fetchval("SELECT seq FROM risk_findings WHERE id = $1", scene.scam)
    form = page.partition(f'id="missed-{seq}"')[2].partition("</form>")[0]
    assert 'value="other-channel"' in form and 'value="remote-control"' not in form
    fields = {"conversation_id": str(scene.talk), "seq": str(seq), "back": f"{path}#talk"}
    missed = "/platform/guard/missed"
    for bad in ({"code": ""}, {"seq": "x"}, {"why": "x" * 501}):
        sent = await visitor.post(missed, **(fields | {"code": "other-channel"} | bad))
        assert sent.status_code == 422, bad
    for code, status in (("no-such", 404), ("remote-control", 409), ("many-victims", 404)):
        assert (await visitor.post(missed, **fields, code=code)).status_code == status
    for why in ("让加微信", "再说一遍"):
        sent = await visitor.post(missed, **fields, code="other-channel", why=why)
        assert (sent.status_code, sent.headers["location"]) == (303, f"{path}#talk")
    rows = await desk.pool.fetch(
        "SELECT code, seq, by_id FROM risk_missed WHERE conversation_id = $1", scene.talk
    )
    assert [tuple(row) for row in rows] == [
        ("other-channel", seq, desk.staff["operator"].person_id)
    ]
    line = (await visitor.get(path)).partition('class="gg-line-found"')[2].partition("</li>")[0]
    for said in ("漏报", "让加微信", "钱峰"):
        assert said in line, said
    assert 'value="other-channel"' not in line
    away = await visitor.post(missed, **(fields | {"back": "//x.com/"}), code="urgency")
    assert away.headers["location"] == "/platform/guard"
    for who in ("auditor", "juror", "buyer"):
        sent = await (await as_(who)).post(missed, **fields, code="prize-bait")
        assert sent.status_code == 403, who
    assert 'id="missed-' not in await (await as_("auditor")).get(path)


async def test_who_shares_a_payee_is_drawn_and_listed(scene: Scene, as_: Staff) -> None:
    visitor = await as_("operator")
    start = await visitor.get("/platform/guard/links")
    assert "6222 **** 8801" in start
    assert "5 个账号" in start
    page = await visitor.get(f"/platform/guard/links?person={scene.ring[0]}")
    drawing = page.partition('<svg class="gg-drawing"')[2].partition("</svg></div>")[0]
    table = page.partition('id="accounts"')[2]
    for name in RING:
        assert name in drawing
        assert name in table
    assert drawing.count("gg-edge-payee") == len(RING)
    node = re.search(r"node=(payee%3A[0-9a-f]{64})", page)
    assert node
    picked = await visitor.get(f"/platform/guard/links?person={scene.ring[0]}&node={node[1]}")
    assert "5 个账号使用过" in picked
    await visitor.get(f"/platform/guard/links?person={new_id()}", 404)
    await visitor.get(f"/platform/guard/links?person={scene.ring[0]}&node=nobody")


async def test_a_ring_stands_against_each_of_its_accounts(
    desk: Desk, scene: Scene, as_: Staff
) -> None:
    """It was found in a shop; the accounts that its evidence names are not called blameless."""
    visitor = await as_("operator")
    assert "5 个有预警" not in await visitor.get("/platform/guard/links")
    named = tuple(Evidence(shows="person", said=str(one), label="buyer") for one in scene.ring[3:])
    ring = Finding(
        id=new_id(), code="ring-orders", by="facts", weight=50, pack="cn-standard@1",
        place=Place(subject="shop", subject_id=desk.shop_id, shop_id=desk.shop_id, about="shop"),
        evidence=(Evidence(shows="count", said="2", label="buyers"), *named),
        at=utc_now(), found_at=utc_now(),
    )  # fmt: skip
    await keep(desk.pool, [ring])
    assert "5 个有预警" in await visitor.get("/platform/guard/links")
    for account, stands in ((scene.ring[0], False), (scene.ring[4], True)):
        page = await visitor.get(f"/platform/guard/links?person={account}")
        assert (str(ring.id) in page.partition('id="picked"')[2]) == stands
    marked = "UPDATE risk_findings SET verdict = 'wrong' WHERE id = $1"
    await desk.pool.execute(marked, ring.id)
    assert "5 个有预警" not in await visitor.get("/platform/guard/links")


async def test_a_trait_and_an_account_are_watched_and_taken_off(
    desk: Desk, scene: Scene, as_: Staff
) -> None:
    visitor = await as_("supervisor")
    links = f"/platform/guard/links?person={scene.ring[4]}"
    digest = await desk.pool.fetchval(
        "SELECT encode(digest, 'hex') FROM risk_traits WHERE kind = 'device' AND person_id = $1",
        scene.ring[0],
    )
    bad = {"kind": "device", "trait": digest, "why": "三个账号同一台手机"}
    assert (await visitor.post("/platform/guard/watch", **bad, days="8")).status_code == 422
    assert (await visitor.post("/platform/guard/watch", kind="device", trait="x", why="x")
            ).status_code == 422  # fmt: skip
    put_on = await visitor.post("/platform/guard/watch", **bad, days="30", back=links)
    assert (put_on.status_code, put_on.headers["location"]) == (303, links)
    elsewhere = await visitor.post(
        "/platform/guard/watch", whom="ring4", kind="person", why="收款账户重复", back="//x.com/"
    )
    assert elsewhere.headers["location"] == "/platform/guard/watch"
    assert (await visitor.post("/platform/guard/watch", whom="ring4", kind="person", why="又")
            ).status_code == 409  # fmt: skip
    page = await visitor.get("/platform/guard/watch")
    for said in ("三个账号同一台手机", "Android · a3f**", "冯磊", "收款账户重复", "吴静"):
        assert said in page, said
    assert "关注中" in await visitor.get(links)
    watched = await desk.pool.fetchval(
        "SELECT id FROM risk_watched WHERE subject_id = $1", scene.ring[4]
    )
    off = f"/platform/guard/watch/{watched}/off"
    assert (await visitor.post(off, why="")).status_code == 422
    assert (await visitor.post(off, why="核实是同一家人")).status_code == 303
    assert "核实是同一家人" not in await visitor.get("/platform/guard/watch")
    assert "核实是同一家人" in await visitor.get("/platform/guard/watch?past=1")


async def test_a_payout_waits_until_somebody_lets_it_go(
    desk: Desk, scene: Scene, as_: Staff
) -> None:
    visitor = await as_("operator")
    page = await visitor.get("/platform/guard/holds")
    assert "¥2,999.70" in page
    assert "待复核" in page
    assert "data-due=" in page
    assert f"/platform/guard/findings/{scene.scam}" in page
    path = f"/platform/guard/holds/{scene.payout}/release"
    assert (await visitor.post(path, why="")).status_code == 422
    assert (await visitor.post(path, why="与买家电话核实无误")).status_code == 303
    assert "与买家电话核实无误" not in await visitor.get("/platform/guard/holds")
    past = await visitor.get("/platform/guard/holds?past=1")
    assert "由 钱峰 放行" in past
    row = await desk.pool.fetchrow("SELECT * FROM risk_holds WHERE payout_id = $1", scene.payout)
    assert row["released_by"] == desk.staff["operator"].person_id


async def test_figures_count_marks_and_the_set_names_nobody(
    desk: Desk, scene: Scene, as_: Staff
) -> None:
    visitor = await as_("operator")
    await visitor.post(f"/platform/guard/findings/{scene.scam}/mark", verdict="right", why="属实")
    page = await visitor.get("/platform/guard/figures?days=30&code=remote-control")
    row = page.partition(">remote-control</a>")[2].partition("</tr>")[0]
    assert "100 %" in row
    assert "共 1 条" in row
    sent = await visitor.client.get("/platform/guard/training.jsonl")
    lines = [json.loads(line) for line in sent.text.splitlines()]
    scam = next(line for line in lines if line["code"] == "remote-control")
    assert (scam["verdict"], scam["on"], scam["author"]) == ("right", "message", "shop")
    assert "AnyDesk" in scam["text"]
    for secret in ("13912345678", "kefu_8899", "林小雨", str(scene.asks), *RING):
        assert secret not in sent.text, secret
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", sent.text)


async def test_who_is_tied_to_a_side_is_shown_nothing_of_it(
    desk: Desk, scene: Scene, as_: Staff
) -> None:
    tie = new_id()
    await desk.pool.execute(
        "INSERT INTO ties (id, person_id, tied_to, noted_by, noted_at) VALUES ($1, $2, $3, $4, $5)",
        tie, desk.staff["arbiter"].person_id, desk.shop_id,
        desk.staff["operator"].person_id, desk.now,
    )  # fmt: skip
    try:
        visitor = await as_("arbiter")
        assert str(scene.scam) not in await visitor.get("/platform/guard")
        await visitor.get(f"/platform/guard/findings/{scene.scam}", 404)
    finally:
        await desk.pool.execute("DELETE FROM ties WHERE id = $1", tie)

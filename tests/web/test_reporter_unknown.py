"""Who reported is nowhere where the reported can look: addresses, answers, files, live lines."""

import asyncio
import zipfile
from datetime import datetime, timedelta
from io import BytesIO

import httpx
import pytest
from pypdf import PdfReader
from tests.api.conftest import settle
from tests.conftest import Served
from tests.flows.market import Market, place_order
from tests.people import PASSWORD
from tests.web.walk import BODIES, URL, Walk

from gongdao.accounts.gate import CSRF_HEADER, session_cookie_name
from gongdao.accounts.session import csrf_token_of
from gongdao.accounts.sign_in import sign_in
from gongdao.base.clock import utc_now
from gongdao.cases import commands as c
from gongdao.flows.act import act_on_case, open_case
from gongdao.jobs.follow import follow
from gongdao.jobs.followers import FOLLOWERS
from gongdao.policy.load import load_pack
from gongdao.shops.order import Line

CLAIM = "密语七四一：没有批文"
PROOF = "密语九五二：盒子上没有文号"
NAME, PHONE, STREET = "密语三六八先生", "13900006621", "密语巷二十二号"
PRICE = "48613.57"

Secrets = dict[str, str]


async def report(walk: Walk, *, ruled: bool = False) -> Secrets:
    """A buyer whom nothing else ties to the shop reports it; the case as far as wanted."""
    town, now = walk.town, utc_now()
    await settle(town, NAME, kind="buyer")
    people = town.people | {"reporter": town.people[NAME]}
    market = Market(
        pool=town.pool,
        shop_id=town.ids["shop_id"],
        buyer=people["reporter"],
        owner=people["owner"],
        arbiter=people["arbiter"],
    )
    order = await place_order(market, lines=(Line(line=1, title="药酒", price_fen=4_861_357),))
    await town.pool.execute(
        "UPDATE orders SET buyer_name = $2, receiver_name = $2, receiver_phone = $3,"
        " receiver_address = $4 WHERE id = $1",
        order.id, NAME, PHONE, STREET,
    )  # fmt: skip
    args = c.OpenArgs(
        procedure="report",
        kind="prohibited_goods",
        claim=CLAIM,
        evidence=[c.EvidenceItem(kind="statement", note=PROOF)],
    )
    opened = await open_case(
        town.pool, people["reporter"], order.id, args, pack=load_pack("cn-standard"), now=now
    )
    later = now + timedelta(days=5)
    steps: list[tuple[str, str, c.Args, datetime]] = [
        ("arbiter", "approve", c.ApproveArgs(), now),
        ("reporter", "note", c.NoteArgs(note=CLAIM), now),
        ("reporter", "submit_evidence", c.SubmitEvidenceArgs(kind="statement", note=PROOF), now),
        ("owner", "submit_evidence", c.SubmitEvidenceArgs(kind="qualification"), now),
    ]
    if ruled:
        ruling = c.AdjudicateArgs(liability="seller", remedy="no_action")
        steps.append(("arbiter", "adjudicate", ruling, later))
    for who, action, said, at in steps:
        await act_on_case(town.pool, people[who], opened.case.id, action, said, now=at)
    for follower in FOLLOWERS:
        await follow(town.pool, follower, later if ruled else now)
    notice = await town.pool.fetchval("SELECT max(id) FROM notices")
    walk.ids |= {
        "case_id": opened.case.id,
        "order_id": order.id,
        "person_id": people["reporter"].person_id,
        "notice_id": notice,
        "number": opened.number,
    }
    return {
        "case": str(opened.case.id),
        "number": str(opened.number),
        "order": str(order.id),
        "order number": order.number,
        "reporter": str(people["reporter"].person_id),
        "reporter hex": people["reporter"].person_id.hex,
        "sign-in name": town.sign_in_names[NAME],
        "tracking": order.tracking,
    }


def require_unknown(content: bytes, told: Secrets, where: str) -> None:
    """No word of the report anywhere; and where the case is spoken of, nothing of who it was."""
    for text in readable(content):
        for words in (CLAIM, PROOF):
            assert words not in text, where
        if told["case"] not in text:
            continue
        secrets = {key: told[key] for key in told if key not in ("case", "number")}
        for key, secret in (secrets | {"name": NAME, "phone": PHONE, "street": STREET}).items():
            assert secret not in text, (where, key)
        assert PRICE not in text.replace(",", ""), (where, "what the order cost")


def readable(content: bytes) -> list[str]:
    """The texts in an answer: the files of an archive each, the words of a PDF."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            # One file of an archive speaks of the case as all of them do.
            inner = [text for name in archive.namelist() for text in readable(archive.read(name))]
        return ["\n".join(inner)]
    if content.startswith(b"%PDF"):
        return ["\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)]
    return [content.decode("utf-8", "replace")]


@pytest.mark.fact("S3-12")
@pytest.mark.parametrize("ruled", [False, True], ids=["open", "ruled"])
async def test_every_answer_that_the_reported_shop_gets(walk: Walk, ruled: bool) -> None:
    told = await report(walk, ruled=ruled)
    read: set[str] = set()
    for who in ("owner", "agent"):
        for path, method in walk.routes():
            if method != "GET":
                continue
            answer = await walk.ask(who, method, path)
            if answer is None:
                continue
            require_unknown(answer.content, told, f"{who} {path}")
            require_unknown(str(answer.headers).encode(), told, f"{who} {path}: headers")
            if answer.status_code < 400:
                read.add(path)
    for needed in (
        "/shop/cases/{case_id}",
        "/api/v1/cases/{case_id}",
        "/api/v1/cases/{case_id}/dossier",
        "/api/v1/cases/{case_id}/events",
        "/notices",
        "/api/v1/notices",
    ):
        assert needed in read, needed


async def test_what_the_shop_does_in_the_case_is_answered_without_them(walk: Walk) -> None:
    told = await report(walk)
    asked = 0
    for path in BODIES:
        if not path.startswith("/api/v1/cases/{case_id}/"):
            continue
        for address in (path, f"{path}/preview"):
            answer = await walk.ask("owner", "POST", address)
            assert answer is not None
            require_unknown(answer.content, told, address)
            asked += 1
    assert asked > 20


async def test_lists_as_the_shop_can_filter_them(walk: Walk) -> None:
    told = await report(walk, ruled=True)
    for address in (
        f"/shop/inbox?q={told['order number']}",
        f"/shop/inbox?q={told['number']}",
        f"/shop/inbox?q={PHONE}",
        "/shop/inbox?procedure=report",
        f"/api/v1/cases?order_id={told['order']}",
        "/api/v1/cases?procedure=report",
        f"/api/v1/cases/{told['case']}/dossier?for=platform",
        f"/api/v1/cases/{told['case']}/dossier?for=buyer",
        f"/shop/cases/{told['case']}?since=1",
    ):
        answer = await ask(walk, "owner", address)
        own_words = address.partition("=")[2]
        require_unknown(
            answer.text.replace(own_words, "").encode() if own_words else answer.content,
            told,
            address,
        )
        if told["order number"] in address or PHONE in address:
            assert told["case"] not in answer.text, (address, "a search would tell")


async def test_live_lines_only_say_that_something_changed(walk: Walk, served: Served) -> None:
    told = await report(walk)
    pool, people = walk.town.pool, walk.town.sign_in_names
    secrets = {
        who: (await sign_in(pool, name, PASSWORD, now=utc_now())).secret
        for who, name in {"owner": people["owner"], "reporter": told["sign-in name"]}.items()
    }
    cookie = {who: f"{session_cookie_name(served.url)}={secrets[who]}" for who in secrets}
    as_owner = {"cookie": cookie["owner"]}
    as_reporter = {
        "cookie": cookie["reporter"],
        "origin": served.url,
        CSRF_HEADER: csrf_token_of(secrets["reporter"]),
    }
    case, shop = f"case:{told['case']}", f"shop:{walk.town.ids['shop_id']}"
    async with (
        asyncio.timeout(30),
        httpx.AsyncClient(base_url=served.url, timeout=30) as client,
        client.stream("GET", f"/live/{case}", headers=as_owner) as of_case,
        client.stream("GET", f"/live/{shop}", headers=as_owner) as of_shop,
    ):
        address = f"/api/v1/cases/{told['case']}/notes"
        sent = await client.post(address, headers=as_reporter, json={"note": CLAIM})
        assert sent.status_code == 200, sent.text
        assert {await first_data(of_case), await first_data(of_shop)} == {"changed"}
        refused = await client.get(f"/live/buyer:{told['reporter']}", headers=as_owner)
        assert refused.status_code == 404


async def first_data(stream: httpx.Response) -> str:
    """The first line of a live stream that tells something."""
    async for line in stream.aiter_lines():
        # A stream opens, and stays open, with lines that say nothing.
        if word := line.removeprefix("data:").strip() if line.startswith("data:") else "":
            return word
    return ""


async def ask(
    walk: Walk, who: str, address: str, body: dict[str, str] | None = None
) -> httpx.Response:
    """What somebody is answered at an address."""
    secret = walk.secrets[who]
    headers = {
        "origin": URL,
        "cookie": f"{session_cookie_name(URL)}={secret}",
        CSRF_HEADER: csrf_token_of(secret),
    }
    async with httpx.AsyncClient(transport=walk.transport, base_url=URL) as client:
        if body is None:
            return await client.get(address, headers=headers)
        return await client.post(address, headers=headers, json=body)

"""Each side is shown what is its own, and what it is not shown still chains."""

import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from tests.flows.market import START as START_OF_MARKET
from tests.flows.market import place_order

from gongdao.cases import commands as c
from gongdao.cases import events as e
from gongdao.cases.case import Charge, Evidence
from gongdao.dossier.contents import (
    MANIFEST,
    Audience,
    EventLine,
    Manifest,
    TransferLine,
    encode,
)
from gongdao.dossier.redact import KEPT, OPEN, OPEN_TO_SHOP, SECRET, Viewpoint, line_of, told
from gongdao.dossier.seal import START, leaf_digest, leaves, prune, salt_of, seal
from gongdao.dossier.verify import verify_dossier
from gongdao.flows.act import act_on_case, open_case
from gongdao.policy.load import load_pack

from .conftest import AUDIENCES, BUYER_SECRET, CLAIM, SHOP_SECRET, TELEPHONE, Written, export


def texts(raw: bytes) -> str:
    """Everything that can be read in a dossier, its pages too."""
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        names = archive.namelist()
        plain = [archive.read(n).decode() for n in names if n.endswith((".json", ".jsonl"))]
        pages = [PdfReader(BytesIO(archive.read(n))) for n in names if n.startswith("dossier.")]
    return "\n".join([*plain, *(page.extract_text() for pdf in pages for page in pdf.pages)])


def manifest_of(raw: bytes) -> Manifest:
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        return msgspec.json.decode(archive.read(MANIFEST), type=Manifest)


def test_each_side_reads_its_own(written: Written) -> None:
    seen = {audience: texts(written.by[audience]) for audience in AUDIENCES}
    buyer, owner = str(written.market.buyer.person_id), str(written.market.owner.person_id)
    for secret in (SHOP_SECRET, BUYER_SECRET, CLAIM, TELEPHONE, buyer, owner):
        assert secret in seen["platform"]
    assert BUYER_SECRET in seen["buyer"]
    assert CLAIM in seen["buyer"]
    assert SHOP_SECRET not in seen["buyer"]
    assert SHOP_SECRET in seen["seller"]
    for secret in (BUYER_SECRET, TELEPHONE):
        assert secret not in seen["seller"]
    assert "灯不亮，请打" in seen["seller"]
    for side in ("buyer", "seller"):
        for person_id in (buyer, owner):
            assert person_id not in seen[side]


def test_all_copies_have_one_root(written: Written) -> None:
    manifests = [manifest_of(written.by[audience]) for audience in AUDIENCES]
    assert len({manifest.root for manifest in manifests}) == 1
    assert [manifest.head is None for manifest in manifests] == [False, True, True]


def test_pages_are_there_in_both_languages(written: Written) -> None:
    for audience in AUDIENCES:
        text = texts(written.by[audience])
        assert "处理经过" in text
        assert "What happened" in text


def test_every_event_is_open_or_kept() -> None:
    """Whoever adds an event says here what of it a party's dossier shows; until then, nothing."""
    known = {str(one.__struct_config__.tag): set(one.__struct_fields__) for one in e.Event.__args__}
    named = OPEN.keys() | OPEN_TO_SHOP.keys() | KEPT | SECRET
    assert named == known.keys(), (
        f"{sorted(named ^ known.keys())}: name each type of event in gongdao/dossier/redact.py,"
        " with the fields that a party may see, or in KEPT"
    )
    for table in (OPEN, OPEN_TO_SHOP):
        for kind, fields in table.items():
            assert fields <= known[kind], kind


REPORT = e.CaseOpened(
    case_id=UUID(int=4),
    procedure="report",
    kind="prohibited_goods",
    order_id=UUID(int=41),
    shop_id=UUID(int=42),
    buyer_id=UUID(int=43),
    pack="p@1",
    by="buyer",
    claim="what the reporter wrote",
    lines=(7,),
    asked_fen=9_876_543_210,
    anonymous=True,
)
AT = datetime(2026, 1, 1, tzinfo=UTC)
OF_REPORTER: tuple[e.Event, ...] = (
    e.Noted(text="what the reporter wrote"),
    e.EvidenceSubmitted(
        evidence=Evidence(
            number=1,
            kind="statement",
            by="buyer",
            at=AT,
            note="what the reporter wrote",
            sha256=("ab" * 32,),
            file_ids=(UUID(int=44),),
        )
    ),
    e.RequestModified(
        kind="prohibited_goods", claim="what the reporter wrote", asked_fen=9_876_543_210
    ),
    e.Escalated(),
    e.Reminded(by="buyer"),
    e.StageEntered(stage="evidence", waiting_on="both"),
)


def lines_for(audience: Audience, bodies: list[e.Event]) -> list[EventLine]:
    view = Viewpoint(audience=audience, opened_by="buyer", anonymous=True)
    before, lines = START, []
    for version, body in enumerate((REPORT, *bodies), start=1):
        record = e.Recorded(
            version=version, at=AT, by="buyer", pack="p@1", person_id=UUID(int=43), body=body
        )
        event = msgspec.json.decode(encode(record)) | {"hash": f"{version:064x}"}
        line, before = line_of(event, view, key=b"k" * 32, before=before)
        lines.append(line)
    return lines


@given(st.lists(st.sampled_from(OF_REPORTER), max_size=8))
@pytest.mark.fact("S3-12")
def test_the_reported_learn_nothing_of_the_reporter(bodies: list[e.Event]) -> None:
    whole, reported = lines_for("platform", bodies), lines_for("seller", bodies)
    assert [line.seal for line in whole] == [line.seal for line in reported]
    shown = encode(reported).decode()
    secrets = [
        "the reporter wrote",
        "ab" * 32,
        "9876543210",
        *(str(UUID(int=n)) for n in range(41, 45)),
    ]
    for secret in secrets:
        assert secret not in shown
    last: e.Recorded | None = None
    for line in reported:
        last = told(line, last)


@pytest.mark.parametrize("audience", ["buyer", "seller"])
def test_what_is_not_theirs_is_not_even_named(audience: Audience) -> None:
    """That something of a kind happened says too much where the kind itself is the secret."""
    discipline: list[e.Event] = [
        e.PointsCharged(charge=Charge(ledger="general", points=3, rule="R")),
        e.FundsFrozen(amount_fen=1, wanted_fen=2),
    ]
    suspicion: list[e.Event] = [e.SignalRaised(code="extortion")]
    view = Viewpoint(audience=audience, opened_by="seller", anonymous=False)
    named: list[str] = []
    for body in discipline + suspicion:
        record = e.Recorded(version=2, at=AT, by="system", pack="p@1", body=body)
        event = msgspec.json.decode(encode(record)) | {"hash": "0" * 64}
        line, _ = line_of(event, view, key=b"k" * 32, before=START)
        named += [line.event.get("body", {}).get("type", "")]
    told_to_shop = ["points_charged", "funds_frozen"] if audience == "seller" else ["", ""]
    assert named == [*told_to_shop, ""]


def test_the_reporter_s_doings_are_not_even_named() -> None:
    shown = [line.event for line in lines_for("seller", list(OF_REPORTER))]
    told_of = {"case_opened", "request_modified", "escalated", "stage_entered"}
    for event in shown:
        if event.get("body", {}).get("type") not in told_of:
            assert event.keys() == {"version"}


def moved(kind: str, source: str, target: str) -> TransferLine:
    return TransferLine(
        id=1, at=AT, kind=kind, state="posted", source=source, target=target, amount_fen=1
    )


REFUND = moved("refund", "order_escrow", "buyer_refund")
OWED = moved("compensation", "shop_debt", "buyer_refund")
FINE = moved("fine", "shop_deposit", "platform_income")
HELD = moved("hold", "shop_balance", "shop_frozen")
CLAWBACK = moved("clawback", "shop_balance", "platform_advance")


@pytest.mark.parametrize(
    ("audience", "anonymous", "seen"),
    [
        ("platform", False, [REFUND, OWED, FINE, HELD, CLAWBACK]),
        ("seller", False, [REFUND, OWED, FINE, HELD, CLAWBACK]),
        ("buyer", False, [REFUND, OWED]),
        ("buyer", True, [REFUND, OWED]),
        # What goes back to a reporter is what one order cost.
        ("seller", True, [FINE, HELD, CLAWBACK]),
    ],
)
def test_each_side_sees_its_own_money(
    audience: Audience, anonymous: bool, seen: list[TransferLine]
) -> None:
    view = Viewpoint(audience=audience, opened_by="buyer", anonymous=anonymous)
    every = [REFUND, OWED, FINE, HELD, CLAWBACK]
    assert [line for line in every if view.sees_money(line)] == seen


async def test_a_found_fake_in_the_words_of_each_copy(written: Written) -> None:
    """The buyer of a fake reads of the refund and the ten times, not of what befell the shop."""
    market, objects = written.market, written.objects
    order = await place_order(market, freight_fen=0)
    args = c.OpenArgs(procedure="counterfeit_claim", kind="counterfeit")
    pack, then = load_pack("pdd-2020"), START_OF_MARKET + timedelta(days=4)
    opened = await open_case(market.pool, market.buyer, order.id, args, pack=pack, now=then)
    ruling = c.AdjudicateArgs(liability="seller", remedy="punitive_compensation", counterfeit=True)
    later = then + timedelta(days=8)
    await act_on_case(market.pool, market.arbiter, opened.case.id, "adjudicate", ruling, now=later)
    seen = {
        audience: texts(await export(market.pool, objects, opened.case.id, audience))
        for audience in AUDIENCES
    }
    for audience in AUDIENCES:
        for befell in ("funds_frozen", '"kind":"hold"', "sanction_imposed", "delist"):
            assert (befell in seen[audience]) is (audience != "buyer"), (audience, befell)
    for audience in AUDIENCES:
        checked = verify_dossier(
            BytesIO(await export(market.pool, objects, opened.case.id, audience))
        )
        assert checked.fault is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab/~", max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)
trees = st.dictionaries(st.text("abc/~", max_size=3), json_values, max_size=4)


@settings(max_examples=200, deadline=None)
@given(trees, st.randoms(use_true_random=False))
def test_what_is_withheld_still_chains(tree: dict[str, Any], chance: Any) -> None:
    whole = dict(leaves(tree))
    hidden = frozenset(path for path in whole if chance.random() < 0.5)
    rest = dict(leaves(prune(tree, hidden)))
    assert rest == {path: value for path, value in whole.items() if path not in hidden}

    def digest(path: str, value: Any) -> str:
        return leaf_digest(salt_of(b"k" * 32, 1, path), path, value)

    everything = [digest(path, value) for path, value in whole.items()]
    in_parts = [digest(path, value) for path, value in rest.items()]
    in_parts += [digest(path, whole[path]) for path in hidden]
    assert seal(START, everything) == seal(START, in_parts)


def test_digests_cannot_be_tried_out() -> None:
    """Without the key nobody has the salt, so the same words look different every time."""
    one, other = (leaf_digest(salt_of(key * 32, 1, "/a"), "/a", "yes") for key in (b"k", b"l"))
    assert one != other
    assert salt_of(b"k" * 32, 1, "/a") != salt_of(b"k" * 32, 2, "/a")


@pytest.mark.parametrize(
    "text",
    [
        "打 138 1234 5678",
        "+86 13812345678",
        "0571-88158198",
        "mail me: li.lei+1@example.com.cn",
        "身份证 11010519491231002X",
        "卡号 6222020200112233445",
        "加微信号：lilei_1988",
        "QQ: 123456789",
        "打 １３８１２３４５６７８",
        "＋８６ 138.1234.5678",
        "写信到 li.lei＠example.com",
        "加我 vx:abc_12345",
        "加vx abc12345",
        "V信：abcde123",
        "薇 信 abcde99",
        "VX：ａｂｃ１２３４５",
        "加我v abc1234",
        "微信号是 abc12345",
        "wx13812345678",
        "扣扣 123456",
        "qq群：１２３４５６７８９",
        "1 3 8 1 2 3 4 5 6 7 8",
        "壹叁捌12345678",
        "０１０－６２３４５６７８",
        "１１０１０１１９９００３０７１２３Ｘ",
        "卡 6222 0212 3456 7890 123",
        "telegram @hello_me99",
    ],
)
def test_contact_details_are_masked(text: str) -> None:
    view = Viewpoint(audience="seller", opened_by="buyer", anonymous=False)
    event: dict[str, Any] = {"version": 2, "by": "buyer", "body": {"type": "noted", "text": text}}
    masked = view.masked(event)["/body/text"]
    assert "［＊＊＊］" in masked
    assert not any(c.isdigit() for c in masked)
    assert view.masked(event | {"by": "seller"}) == {}


def test_a_telephone_in_words_is_masked_and_the_text_about_it_stays() -> None:
    view = Viewpoint(audience="seller", opened_by="buyer", anonymous=False)
    text = "请打一三八一二三四五六七八，或 vx:lilei_1988，谢谢！"
    event: dict[str, Any] = {"version": 2, "by": "buyer", "body": {"type": "noted", "text": text}}
    assert view.masked(event)["/body/text"] == "请打［＊＊＊］，或 ［＊＊＊］，谢谢！"


@pytest.mark.parametrize(
    "piece", ["v", "vx", "1 3", "一", "微 ", "a", "8", "会", ".a", "a@", "138", "1-"]
)
def test_no_text_takes_for_ever(piece: str) -> None:
    """Looked for from each letter anew, a word of so many would keep the server for minutes."""
    view = Viewpoint(audience="seller", opened_by="buyer", anonymous=False)
    text = piece * (400_000 // len(piece))
    view.masked({"version": 2, "by": "buyer", "body": {"type": "noted", "text": text}})


@pytest.mark.parametrize(
    "text",
    ["订单 2026050412345", "退 2680.00 元", "SF1234567890123", "微信支付了 20 元", "v领的", ""],
)
def test_other_numbers_stay(text: str) -> None:
    view = Viewpoint(audience="seller", opened_by="buyer", anonymous=False)
    event: dict[str, Any] = {"version": 2, "by": "buyer", "body": {"type": "noted", "text": text}}
    assert view.masked(event) == {}

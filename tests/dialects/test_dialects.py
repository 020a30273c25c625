"""There and back: what a dialect says of a case comes back, or the dialect says what was lost."""

import json
import re
from itertools import product
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.world import case_at
from typer.testing import CliRunner

from gongdao.cases.case import Case, PaidLine
from gongdao.cli.app import make_app
from gongdao.dialects.check import faults, places
from gongdao.dialects.dialect import Dialect, Ours, ours_of
from gongdao.dialects.load import DIALECTS, UnknownDialectError, dialect_names, load_dialect
from gongdao.dialects.page import draw_page
from gongdao.dialects.translate import hear, read_document, speak, write_document
from gongdao.policy.pack import Ended
from gongdao.policy.toml_lines import WrittenError, convert, read_source
from gongdao.policy.words import Procedure, Reason, Stage

NAMES = ["douyin", "paypal", "pdd", "stripe", "taobao", "wechat"]
KINDS = ["", "refund_only", "return_refund", "exchange", "resend", "repair", "price_protection"]
KINDS += ["intercept_return", "freight_dispute", "late_shipment"]

ours = st.builds(
    msgspec.structs.replace,
    st.sampled_from(list(places())),
    kind=st.sampled_from(KINDS),
    reason=st.sampled_from([None, *get_args(Reason)]),
    granted=st.booleans(),
    favours=st.sampled_from([None, "buyer", "seller"]),
    advanced=st.booleans(),
)


def test_all_are_there() -> None:
    assert dialect_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_no_fault_is_found(name: str) -> None:
    dialect = convert(read_source(DIALECTS / f"{name}.toml"), Dialect)
    assert not list(faults(dialect))


@pytest.mark.parametrize("name", NAMES)
def test_every_stage_and_ending_of_every_procedure_is_said_or_refused(name: str) -> None:
    dialect = load_dialect(name)
    known = {place.place for place in places()}
    for procedure, stage, ended in product(
        get_args(Procedure), get_args(Stage), (None, *get_args(Ended))
    ):
        # A case that ended is closed, and one that is closed has ended.
        assert ((procedure, stage, ended) in known) == ((stage == "closed") == (ended is not None))
        if (procedure, stage, ended) not in known:
            continue
        spoken = speak(Ours(procedure=procedure, stage=stage, ended=ended), dialect)
        assert bool(spoken.words) != bool(spoken.no)
        if spoken.no:
            assert spoken.no.zh
            assert spoken.no.en


@pytest.mark.parametrize("name", NAMES)
@given(ours=ours)
def test_there_and_back(name: str, ours: Ours) -> None:
    dialect = load_dialect(name)
    spoken = speak(ours, dialect)
    if spoken.no:
        return
    heard = read_document(write_document(spoken.words, dialect), dialect)
    assert not heard.unknown
    assert heard.ours
    if not spoken.losses:
        assert heard.ours.place == ours.place
        if ours.reason and any(m.topic == "reason" for m in dialect.export) and heard.ours.reason:
            assert heard.ours.reason == ours.reason


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_back_and_there(name: str, data: st.DataObject) -> None:
    """Whatever they say is understood, refused with a reason, or not enough to know."""
    dialect = load_dialect(name)
    words = {
        field.id: data.draw(st.sampled_from([named.word for named in field.word]))
        for field in dialect.field
        if field.topic == "state"
    }
    heard = hear(words, dialect)
    if heard.ours is None:
        return
    spoken = speak(heard.ours, dialect)
    first = dialect.field[0].id
    assert spoken.words or spoken.no
    if not heard.losses and first not in heard.untold and spoken.words:
        assert spoken.words[first] == words[first]


@pytest.mark.parametrize("name", NAMES)
@given(st.data())
def test_foreign_documents_are_no_accident(name: str, data: st.DataObject) -> None:
    """Whatever stands where a word should: it is told that nobody knows it, and never guessed."""
    dialect = load_dialect(name)
    paths = [field.path for field in dialect.field]
    anything = st.recursive(
        st.text(max_size=5) | st.integers() | st.floats() | st.booleans() | st.none(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=4,
    )
    document = data.draw(
        st.dictionaries(st.sampled_from([p.split(".")[0] for p in paths]), anything)
    )
    heard = read_document(document, dialect)
    assert heard.ours is not None or heard.no, "without a place it says why"
    assert not set(heard.unknown) - set(paths)


def test_documents_of_theirs() -> None:
    paypal = load_dialect("paypal")
    heard = read_document(
        {
            "dispute_id": "PP-D-1",
            "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
            "status": "RESOLVED",
            "dispute_life_cycle_stage": "CHARGEBACK",
            "dispute_outcome": {"outcome_code": "RESOLVED_BUYER_FAVOUR"},
        },
        paypal,
    )
    assert heard.ours == Ours(
        stage="closed", ended="decided", favours="buyer", granted=True, reason="not_received"
    )
    stripe = read_document({"status": "lost", "reason": "fraudulent"}, load_dialect("stripe"))
    assert stripe.ours
    assert stripe.ours.reason == "other"
    assert [loss.id for loss in stripe.losses] == ["foreign"]
    pdd = read_document({"after_sales_status": "6", "after_sales_type": 99}, load_dialect("pdd"))
    assert pdd.ours
    assert pdd.ours.stage == "buyer_decision"
    assert pdd.unknown == {"after_sales_type": 99}
    taobao = load_dialect("taobao")
    evidence = {"status": "SELLER_REFUSE_BUYER", "cs_status": 10, "advance_status": 2}
    heard = read_document(evidence, taobao)
    assert heard.ours
    assert heard.ours.stage == "evidence"
    assert heard.untold == {"status": "SELLER_REFUSE_BUYER", "advance": 2}


def test_a_case_in_words() -> None:
    case: Case = case_at("after_sale", "return_refund", "seller_inspection", reason="quality")
    assert speak(ours_of(case), load_dialect("wechat")).words == {
        "status": "MERCHANT_WAIT_RECEIPT",
        "type": "RETURN",
    }
    paid = (PaidLine(name="refund", source="advance", amount_fen=100),)
    assert ours_of(msgspec.structs.replace(case, paid=paid)).advanced


def test_what_was_paid_or_awarded_is_granted() -> None:
    case: Case = case_at("after_sale", "return_refund", "seller_inspection", reason="quality")
    paid = (PaidLine(name="refund", source="escrow", amount_fen=100),)
    assert not ours_of(case).granted
    assert ours_of(msgspec.structs.replace(case, paid=paid)).granted
    assert ours_of(msgspec.structs.replace(case, award_fen={"refund": 100})).granted


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('say = { status = "won" }', 'say = { status = "gewonnen" }', "has no word 'gewonnen'"),
        ('say = { status = "won" }', 'say = { state = "won" }', "there is no field 'state'"),
        ('lossy = "ending"\n', "", "say in `lossy` what is lost"),
        ('lossy = "ending"\n', 'lossy = "finish"\n', "there is no loss 'finish'"),
        ('means = { stage = "evidence" }', 'means = { stage = "proof" }', "unknown word 'proof'"),
        ('source = "api"', 'source = "hearsay"', "there is no source 'hearsay'"),
        ('id = "stripe"', 'id = "strip"', "the file says"),
        ('[[export]]\nsay = { status = "under_review" }', "[[export]]\n", "write either `say`"),
        (
            'say = { status = "needs_response" }\n[[export]]',
            'say = { status = "needs_response" }\nlossy = "round"\n[[export]]',
            "nothing is lost here",
        ),
    ],
)
def test_a_wrong_file_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = (DIALECTS / "stripe.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "stripe.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(WrittenError) as wrong:
        load_dialect("stripe", tmp_path)
    assert message in str(wrong.value)
    assert re.match(r"stripe\.toml:\d+: ", str(wrong.value))


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(UnknownDialectError, match=r"there are: douyin, paypal"):
        load_dialect("../stripe")


def test_the_page_is_drawn_from_the_files() -> None:
    page = Path(__file__).parents[2] / "docs" / "dialects.md"
    drawn = draw_page([load_dialect(name) for name in dialect_names()])
    assert page.read_text("utf-8") == drawn, (
        "draw it again: gongdao dialect page > docs/dialects.md"
    )


def test_import_on_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "disputes.json"
    path.write_text(json.dumps([{"status": "won"}, {"status": "needs_response"}]))
    runner = CliRunner()
    done = runner.invoke(make_app("dialect"), ["dialect", "import", "--from", "stripe", str(path)])
    assert done.exit_code == 0, done.output
    heard = json.loads(done.output)
    assert [one["ours"].get("stage", "closed") for one in heard] == ["closed", "evidence"]
    path.write_text('{"status": "half won"}')
    done = runner.invoke(make_app("dialect"), ["dialect", "import", "--from", "stripe", str(path)])
    assert done.exit_code == 1
    assert json.loads(done.output)[0]["unknown"] == {"status": "half won"}
    for text in ("[[", "3", "[" * 100_000):
        path.write_text(text)
        wrong = runner.invoke(
            make_app("dialect"), ["dialect", "import", "--from", "stripe", str(path)]
        )
        assert wrong.exit_code == 2
    assert runner.invoke(make_app("dialect"), ["dialect", "show", "ebay"]).exit_code == 2
    assert "WAIT_SELLER_AGREE" in runner.invoke(
        make_app("dialect"), ["dialect", "show", "taobao"]
    ).output  # fmt: skip

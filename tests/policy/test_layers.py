"""What a pack says over the layer under it: changes of a stage, added kinds, and their faults."""

from pathlib import Path

import msgspec
import pytest

from gongdao.policy.load import WrittenError, load_folder, load_pack
from gongdao.policy.pack import Pack

HEAD = """
id = "over"
version = "1"
title = { zh = "试", en = "Trial" }
about = { zh = "试", en = "Trial" }
extends = "cn-market@1"
"""
SILENCE = """
[[change]]
procedure = "complaint"
stage = "seller_response"
resumes = true

[change.on_timeout]
to = [{ stage = "adjudication" }]
rule = "CM-RESPONSE"
say = { zh = "转判责。", en = "The platform rules." }

[[change.action]]
do = "reject"
by = ["seller"]
to = [{ stage = "adjudication" }]
"""
KIND = """
[[kind]]
procedure = "report"
id = "off_platform"
title = { zh = "引导线下交易", en = "Off the platform" }
remedies = ["no_action"]
rule = "CM-CONDUCT"
"""


def load(tmp_path: Path, text: str) -> Pack:
    """A pack of this one text over the common layer."""
    folder = tmp_path / "over" / "1"
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(HEAD, "utf-8")
    (folder / "own.toml").write_text(text, "utf-8")
    return load_folder(folder)


@pytest.mark.fact("S2-11")
def test_a_change_takes_the_place_of_what_the_stage_says(tmp_path: Path) -> None:
    under = load_pack("cn-market").stages["complaint", "seller_response"]
    stage = load(tmp_path, SILENCE).stages["complaint", "seller_response"]
    assert stage.resumes and not under.resumes
    assert stage.on_timeout and [to.stage for to in stage.on_timeout.to] == ["adjudication"]
    (reject,) = (move for move in stage.action if move.do == "reject")
    assert [to.stage for to in reject.to] == ["adjudication"]
    assert {move.do for move in stage.action} == {move.do for move in under.action}
    assert stage.clock == under.clock


def test_the_topmost_change_has_the_last_word(tmp_path: Path) -> None:
    under = load(tmp_path / "under", SILENCE)
    over = load(tmp_path / "over", SILENCE.replace('"adjudication"', '"evidence"'))
    # The tables of the upper layer come first, as the loader lays them.
    both = msgspec.structs.replace(over.body, change=over.body.change + under.body.change)
    timeout = Pack(over.head, both).stages["complaint", "seller_response"].on_timeout
    assert timeout and [to.stage for to in timeout.to] == ["evidence"]


@pytest.mark.fact("S2-11")
def test_a_kind_is_added_to_a_procedure(tmp_path: Path) -> None:
    pack = load(tmp_path, KIND)
    assert ("report", "off_platform") in pack.kinds
    assert {kind.id for kind in pack.procedures["report"].kind} >= {"off_platform", "fake_trade"}
    assert ("report", "off_platform") not in load_pack("cn-market").kinds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SILENCE.replace('"seller_response"', '"negotiation"'), "has no stage 'negotiation'"),
        (SILENCE.replace('"adjudication"', '"negotiation"'), "'negotiation' is no stage of this"),
        (SILENCE.replace('"adjudication"', '"closed"'), "says how the case ends"),
        (SILENCE.replace("CM-RESPONSE", "CM-NONE"), "there is no rule 'CM-NONE'"),
        (KIND.replace('"off_platform"', '"fake_trade"'), "report has a kind 'fake_trade' already"),
        (KIND.replace('"report"', '"register"'), "there is no procedure 'register'"),
    ],
)
def test_faults_are_found(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(WrittenError, match=said):
        load(tmp_path, text)

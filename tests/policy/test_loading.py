"""A pack that is wrong says where: file, line, key, and what is allowed."""

import shutil
from pathlib import Path

import pytest

from gongdao.policy.load import (
    PACKS,
    UnknownPackError,
    WrittenError,
    load_folder,
    load_pack,
    pack_names,
    readable_packs,
)
from gongdao.policy.toml_lines import Source

PACK = load_pack("taobao-classic")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the classic pack that a test may spoil."""
    target = tmp_path / "taobao-classic" / "1"
    shutil.copytree(PACKS / "taobao-classic" / "1", target, ignore=shutil.ignore_patterns("exam*"))
    return target


def spoil(folder: Path, file: str, old: str, new: str) -> str:
    """Change one text of a pack; the message of what is then wrong, and the line it names."""
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(WrittenError) as error:
        load_folder(folder)
    assert str(error.value).startswith(f"taobao-classic/1/{file}:{error.value.line}: ")
    return str(error.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("pack.toml", 'version = "1"', "version = 1", "version: Expected `str`"),
        ("pack.toml", 'id = "taobao-classic"', 'id = "other"', "the folder says taobao-classic@1"),
        ("pack.toml", "cn-law@1", "cn-law@9", "there is no pack 'cn-law@9'; there are:"),
        ("complaint.toml", "duplicate =", "duplicates =", "unknown key; allowed are: id, title"),
        ("complaint.toml", 'start = "seller_response"', 'start = "start"', "unknown word 'start'"),
        ("complaint.toml", 'start = "seller_response"', 'start = "jury"', "'jury' is no stage"),
        (
            "complaint.toml",
            'span = "24h"',
            'span = "24 hours"',
            "write 30m, 24h, 5d, 4wd, 4wh or 6mo",
        ),
        ("complaint.toml", 'rule = "S0-06"', 'rule = "S0-66"', "there is no rule 'S0-66'"),
        ("complaint.toml", 'do = "compensate"', 'do = "pay"', "unknown word 'pay'; allowed are:"),
        ("complaint.toml", ', ended = "withdrawn"', "", "says how the case ends"),
        ("money.toml", 'minimum = "3.00"', 'minimum = "3.001"', "not an amount in yuan"),
        ("money.toml", 'minimum = "3.00"', "minimum = 3.0", "expected text, got 3.0"),
        ("money.toml", 'liability = "seller"', 'liabilty = "seller"', "unknown fact 'liabilty'"),
        ("switches.toml", 'value = "goods"', 'value = "all"', "'all' is none of: goods"),
        ("rules.toml", 'id = "S2-03"', 'id = "S2-01"', "'S2-01' is written twice"),
        ("proof.toml", 'kinds = ["proof', 'kinds = ["proofs', "unknown word 'proofs_of_delivery'"),
        (
            "report.toml",
            'remedies = ["no_action", "apology"]',
            'remedies = ["no_action", "full_refund"]',
            "procedure[0].kind[0].remedies: full_refund: money on the order would say",
        ),
        ("pause.toml", 'cause = "court"', 'cause = "curt"', "allowed are: joint_request, court"),
        ("pause.toml", "[[pause]]", "[[pause]", "taobao-classic/1/pause.toml:3"),
    ],
)
def test_fault(folder: Path, file: str, old: str, new: str, said: str) -> None:
    assert said in spoil(folder, file, old, new)


def test_the_line_is_the_one_that_is_wrong(folder: Path) -> None:
    spoil(folder, "pause.toml", 'cause = "court"', 'cause = "curt"')
    with pytest.raises(WrittenError) as error:
        load_folder(folder)
    lines = (folder / "pause.toml").read_text("utf-8").splitlines()
    assert lines[error.value.line - 1] == 'cause = "curt"'
    assert error.value.key == "pause[2].cause"


def test_not_utf8_and_too_large(folder: Path) -> None:
    (folder / "odd.toml").write_bytes(b'a = "\xff"')
    with pytest.raises(WrittenError, match="not UTF-8"):
        load_folder(folder)
    (folder / "odd.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(WrittenError, match="more than 1,000,000 bytes"):
        load_folder(folder)


@pytest.mark.parametrize(
    "name", ["nope", "taobao-classic@9", "../packs", "", "taobao classic", "x" * 300]
)
def test_unknown_pack(name: str) -> None:
    with pytest.raises(UnknownPackError, match="taobao-classic@1"):
        load_pack(name)


def test_every_shipped_pack_loads_and_every_rule_has_a_source() -> None:
    assert "cn-law@1" in pack_names()
    for name in pack_names():
        for rule in load_pack(name).rules.values():
            assert rule.source
            assert rule.text.zh
            assert rule.text.en


def test_the_law_lies_under_the_pack() -> None:
    assert {"LAW-24", "S0-02"} <= set(PACK.rules)


def test_every_contradiction_is_a_switch() -> None:
    assert {f"C-{n}" for n in range(1, 25)} <= set(PACK.switches)


def test_switches() -> None:
    changed = PACK.with_switches({"C-1": "inside_evidence"})
    assert changed.switches["C-1"] == "inside_evidence"
    assert PACK.switches["C-1"] == "after_evidence"
    assert changed.with_switches({"C-10": "goods"}).changed_switches == {
        "C-1": "inside_evidence",
        "C-10": "goods",
    }
    with pytest.raises(ValueError, match="unknown switch 'C-99'; known are: C-1"):
        PACK.with_switches({"C-99": "x"})
    with pytest.raises(ValueError, match="takes one of: after_evidence, inside_evidence"):
        PACK.with_switches({"C-1": "x"})


def test_lines_are_found_in_nested_tables() -> None:
    source = Source("x", "a = 1\n[[b]]\nc = 1\n[b.d]\ne = 2\n[[b]]\n[[b.f]]\ng = 3\n")
    assert source.line_of(("b", 0, "c")) == 3
    assert source.line_of(("b", 0, "d", "e")) == 5
    assert source.line_of(("b", 1, "f", 0, "g")) == 8
    assert source.line_of(("b", 1, "f", 0, "unknown")) == 7


def test_what_was_read_stays_and_what_cannot_be_read_is_left_out(folder: Path) -> None:
    packs = folder.parent.parent
    for law in ("cn-law", "cn-standard", "cn-market"):
        shutil.copytree(PACKS / law, packs / law)
    shutil.copytree(folder, folder.parent / "2")
    broken = folder.parent / "2" / "pack.toml"
    broken.write_text("[[[", "utf-8")
    names = [pack.name for pack in readable_packs(packs)]
    assert "taobao-classic@1" in names
    assert "taobao-classic@2" not in names
    # Spoilt while it is in use: the old is gone on with.
    (folder / "pack.toml").write_text("[[[", "utf-8")
    assert [pack.name for pack in readable_packs(packs)] == names

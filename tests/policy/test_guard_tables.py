"""Tables of the guard: faults are named with file, line and key."""

from pathlib import Path

import pytest

from gongdao.policy.load import load_folder
from gongdao.policy.toml_lines import WrittenError

from .test_discipline_tables import HEAD

SIGN = """[[guard]]
code = "review-threats"
on = "buyer"
weight = 30
told = ["platform"]
say = { zh = "差评", en = "reviews" }
"""
RULE = 'rule = "LAW-24"\n'
FAULTS = {
    f"{SIGN}limits = {{ times = 3 }}\n{RULE}": "'review-threats' is counted by: hours",
    f"{SIGN}{RULE}": "guard[0].limits: 'review-threats' is counted by: hours",
    f'{SIGN}limits = {{ times = 3, hours = 9 }}\ndoes = ["hold"]\n{RULE}': "guard[0].hold: a span",
    f'{SIGN.replace("30", "101")}{RULE}': "guard[0].weight",
}  # fmt: skip


def written(folder: Path, table: str) -> Path:
    folder = folder / "p/1"
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(HEAD, "utf-8")
    (folder / "guard.toml").write_text(table, "utf-8")
    return folder


@pytest.mark.parametrize("table", list(FAULTS))
def test_a_fault_is_named(tmp_path: Path, table: str) -> None:
    with pytest.raises(WrittenError) as fault:
        load_folder(written(tmp_path, table))
    assert FAULTS[table] in str(fault.value)
    assert "p/1/guard.toml:" in str(fault.value)


def test_what_is_switched_off_needs_no_limits(tmp_path: Path) -> None:
    pack = load_folder(written(tmp_path, SIGN.replace("30", "0") + RULE))
    assert "review-threats" not in pack.guard.active("buyer")

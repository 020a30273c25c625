"""Tables of discipline that say nothing, or the impossible, are refused with their place."""

from pathlib import Path

import pytest

from gongdao.policy.load import load_folder, load_pack, pack_names
from gongdao.policy.toml_lines import WrittenError

HEAD = """
id = "p"
version = "1"
title = { zh = "一", en = "One" }
about = { zh = "一", en = "One" }
extends = "cn-law@1"
"""
FAULTS = {
    '[[clearing]]\nledger = "serious"\nkeep_from = 48\nkeep_below = 24': "keep_below",
    '[[clearing]]\nledger = "serious"\nkeep_below = 24': "keep_below",
    '[[node]]\nledger = "serious"\npoints = 12\nimpose = []': "impose",
    "[[lifting]]\nlift = []\nwhen = {}": "lift",
    "[[freeze]]\nnames = []\nwhen = {}": "names",
    "[[goodwill]]": "goodwill[0]",
    '[[sanction]]\nimpose = "flogging"\nwhen = {}': "impose",
    '[[points]]\nledger = "serious"\npoints = 0\nwhen = {}': "points",
}


@pytest.mark.parametrize("table", list(FAULTS))
def test_a_fault_is_named(tmp_path: Path, table: str) -> None:
    folder = tmp_path / "p/1"
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(HEAD)
    (folder / "rules.toml").write_text(f'{table}\nrule = "LAW-24"\n')
    with pytest.raises(WrittenError) as written:
        load_folder(folder)
    assert FAULTS[table] in str(written.value)


@pytest.mark.parametrize("name", sorted(pack_names()))
def test_a_finding_of_counterfeit_counts_in_whatever_case_it_is_made(name: str) -> None:
    charged = [rule for rule in load_pack(name).body.points if rule.ledger == "counterfeit"]
    assert not any({"procedure", "kind", "reason"} & set(rule.when.written) for rule in charged)

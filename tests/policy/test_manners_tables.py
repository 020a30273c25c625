"""Tables of manners that find nothing, or everything, are refused with their place."""

from pathlib import Path

import pytest

from gongdao.policy.load import load_folder, load_pack
from gongdao.policy.toml_lines import WrittenError

from .test_discipline_tables import HEAD

SAY = 'level = "warn"\nrule = "LAW-24"\nsay = { zh = "一", en = "One" }'
FAULTS = {
    f'[[manners]]\nid = "x-1"\n{SAY}': "manners[0].finds: words or patterns",
    f'[[manners]]\nid = "x-1"\n{SAY}\npatterns = ["(a"]': "manners[0].patterns[0]: this is no reg",
    f'[[manners]]\nid = "x-1"\n{SAY}\npatterns = ["a*"]': "patterns[0]: this pattern matches every",
    f'[[manners]]\nid = "x-1"\n{SAY}\nwords = ["一"]': "words",
    f'[[manners]]\nid = "X"\n{SAY}\nwords = ["一二"]': "id",
    f'[[manners]]\nid = "x-1"\n{SAY}\nfinds = "pronouns"': "manners[0].length: a length",
    f'[[manners]]\nid = "x-1"\n{SAY}\nfinds = "contact"\nabove = "1.00"': "manners[0].above: a sum",
    f'[[manners]]\nid = "x-1"\n{SAY.replace("LAW-24", "NO")}\nwords = ["一二"]': "no rule 'NO'",
    f'[[manners]]\nid = "x-1"\n{SAY.replace("warn", "shout")}\nwords = ["一二"]': "warn, block",
    f'[[manners]]\nid = "x-1"\n{SAY}\nwords = ["一二"]\n' * 2: "manners[1].id: 'x-1' is written",
}


def load(tmp_path: Path, table: str):
    folder = tmp_path / "p/1"
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(HEAD, "utf-8")
    (folder / "manners.toml").write_text(table, "utf-8")
    return load_folder(folder)


@pytest.mark.parametrize("table", list(FAULTS))
def test_a_fault_is_named(tmp_path: Path, table: str) -> None:
    with pytest.raises(WrittenError) as written:
        load(tmp_path, table)
    assert FAULTS[table] in str(written.value)
    assert "p/1/manners.toml:" in str(written.value)


def test_the_upper_layer_says_how_much_it_counts(tmp_path: Path) -> None:
    under = {one.id: one.level for one in load_pack("cn-law").manners}
    assert under["signing"] == "block" and under["contact"] == "warn"
    table = f'[[manners]]\nid = "contact"\nfinds = "contact"\n{SAY.replace("warn", "block")}'
    over = {one.id: one.level for one in load(tmp_path, table).manners}
    assert over == under | {"contact": "block"}

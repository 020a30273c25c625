"""Tables of reviews: faults are named with their place, and the upper layer counts first."""

from pathlib import Path

import pytest

from gongdao.policy.load import load_folder, load_pack
from gongdao.policy.reviews import review_rule
from gongdao.policy.toml_lines import WrittenError

from .test_discipline_tables import HEAD

RULE = 'within = "15d"\nrule = "LAW-24"'
FAULTS = {
    f'[[review]]\ndo = "write"\n{RULE}': "review[0].counts_from: nothing is written yet",
    f'[[review]]\ndo = "reply"\ncounts_from = "confirmed"\n{RULE}': "review[0].counts_from: reply",
    f'[[review]]\ndo = "append"\ntimes = 2\n{RULE}': "review[0].times: a number of times",
    f'[[review]]\ndo = "change"\nscale = "marks"\n{RULE}': "review[0].scale: this is named only",
    f'[[review]]\ndo = "change"\n{RULE}\n' * 2: "review[1].do: this never counts",
    '[[review]]\ndo = "change"\nwithin = "soon"\nrule = "LAW-24"': "review[0].within: not a span",
    '[[review]]\ndo = "change"\nwithin = "1d"\nrule = "NO"': "review[0].rule: there is no rule",
    f'[[review]]\ndo = "delete"\n{RULE}': "review[0].do",
}  # fmt: skip


@pytest.mark.parametrize("table", list(FAULTS))
def test_a_fault_is_named(tmp_path: Path, table: str) -> None:
    folder = tmp_path / "p/1"
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(HEAD, "utf-8")
    (folder / "reviews.toml").write_text(table, "utf-8")
    with pytest.raises(WrittenError) as written:
        load_folder(folder)
    assert FAULTS[table] in str(written.value)
    assert "p/1/reviews.toml:" in str(written.value)


def test_windows_of_the_platforms() -> None:
    def window(pack: str, do: str, *tags: str) -> str:
        rule = review_rule(load_pack(pack).body.review, do, tags)  # type: ignore[arg-type]
        return str(rule.within) if rule else ""

    assert window("taobao-2025", "write") == "15d"
    assert window("taobao-2025", "write", "travel") == "90d"
    assert window("tmall-2026", "append") == "180d"
    assert window("tmall-2026", "reply") == window("tmall-2026", "report") == "30d"
    assert window("taobao-classic", "change") == "30d"


def test_tmall_counts_three_a_month_and_changes_no_score() -> None:
    rules = load_pack("tmall-2026").body.review
    change, write = review_rule(rules, "change"), review_rule(rules, "write")
    assert change and change.times == 0
    assert write and write.counted_a_month == 3

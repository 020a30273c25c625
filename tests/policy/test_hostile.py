"""Files that were written to keep their reader busy."""

from pathlib import Path

from gongdao.policy.toml_lines import read_source


def test_a_text_that_looks_like_an_endless_header_is_read_at_once(tmp_path: Path) -> None:
    # Each of its lines begins like the header of a table and never ends one.
    line = "[[" + " " * 20_000
    path = tmp_path / "hostile.toml"
    path.write_text(f"[ a . b ]  # a table\ntext = '''\n{line}\n{line}x\n'''\nlast = 1\n")
    source = read_source(path)
    assert source.line_of(("a", "b")) == 1
    assert source.line_of(("a", "b", "last")) == 6

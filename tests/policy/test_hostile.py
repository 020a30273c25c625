"""Files that were written to keep their reader busy."""

from pathlib import Path

import pytest

from gongdao.policy.toml_lines import Source, WrittenError, read_source


def test_a_text_that_looks_like_an_endless_header_is_read_at_once(tmp_path: Path) -> None:
    # Each of its lines begins like the header of a table and never ends one.
    line = "[[" + " " * 20_000
    path = tmp_path / "hostile.toml"
    path.write_text(f"[ a . b ]  # a table\ntext = '''\n{line}\n{line}x\n'''\nlast = 1\n")
    source = read_source(path)
    assert source.line_of(("a", "b")) == 1
    assert source.line_of(("a", "b", "last")) == 6


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 100_000, "a = " + "{b=" * 50_000, "a = " + "9" * 200_000]
)
def test_what_is_too_deep_or_too_long_is_wrongly_written(text: str) -> None:
    with pytest.raises(WrittenError, match=r"hostile\.toml:1: (tables or lists|a number) "):
        Source("hostile.toml", text)

"""Files that were written to keep their reader busy."""

from pathlib import Path

import pytest

from gongdao.flows.story_files import story_files
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


@pytest.mark.parametrize("parts", [".".join("a" * 50_000), "'a b' . " * 70_000 + "b"])
@pytest.mark.parametrize("written", ["{} = 1", "[{}]", "[[ {} ]]", "a = {{ {} = 1 }}"])
def test_a_key_of_tens_of_thousands_of_names_is_refused_before_it_is_read(
    parts: str, written: str
) -> None:
    with pytest.raises(WrittenError, match=r"hostile\.toml:2: a key of more than 64 names"):
        Source("hostile.toml", "\n" + written.format(parts))


def test_looking_for_such_a_key_takes_one_way_through_any_text() -> None:
    texts = ("a" * 900_000, "a " * 400_000, "'" * 400_000, "a.'" * 300_000, ". " * 400_000)
    for text in texts:
        kept = Source("long.toml", f"# {text}\nlast = 'one. two. three ...... '").tables
        assert kept == {"last": "one. two. three ...... "}


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a." * 400_000 + "b = 1"])
def test_a_folder_with_such_files_is_listed_all_the_same(tmp_path: Path, text: str) -> None:
    # What is wrong with one is said when it is replayed.
    hostile = tmp_path / "hostile.toml"
    hostile.write_text(text)
    assert story_files(tmp_path).stories == [hostile]

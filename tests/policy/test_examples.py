"""Every scenario file that ships with a pack holds."""

from pathlib import Path

import pytest

from gongdao.flows.run_story import run_story
from gongdao.flows.scenario import read_story
from gongdao.policy.load import PACKS

EXAMPLES = sorted(PACKS.glob("*/*/examples/*.toml"))


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 60


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path: Path) -> None:
    replayed = run_story(read_story(path))
    assert [f"{path.name}:{f.line}: {f.message}" for f in replayed.failures] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_what_it_proves(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("# ")
    assert read_story(path).scenario.title

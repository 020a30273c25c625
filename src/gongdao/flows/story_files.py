"""The scenario files below a folder, told apart from whatever else is written in TOML there."""

import os
from pathlib import Path

import msgspec

from gongdao.flows.scenario import Scenario
from gongdao.policy.toml_lines import read_source

#: A folder holds at most this many TOML files.
FILES_MAX = 10_000
_KEYS = frozenset(Scenario.__struct_fields__)


class StoryFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder holds."""

    stories: list[Path]
    others: list[Path]
    """TOML files that were passed over: nothing of a scenario stands in them."""


def story_files(folder: Path) -> StoryFiles:
    """Every scenario file below a folder; the rule files of a pack lie beside its pack.toml."""
    # A folder that vanishes or may not be read is passed over, as os.walk does.
    found = sorted(
        Path(place) / name
        for place, _, names in os.walk(folder)
        for name in names
        if name.endswith(".toml")
    )
    asked = [path for path in found if not (path.parent / "pack.toml").exists()][:FILES_MAX]
    files = StoryFiles(stories=[], others=[])
    for path in asked:
        (files.stories if _speaks_of_a_story(path) else files.others).append(path)
    return files


def _speaks_of_a_story(path: Path) -> bool:
    """Whether any key of a scenario stands in it. Who cannot read it is told so by the replay."""
    try:
        tables = read_source(path).tables
    except (OSError, ValueError):
        return True
    return not tables or not _KEYS.isdisjoint(tables)

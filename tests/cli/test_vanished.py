"""A folder of stories of which a part vanishes, or may not be read."""

import os
from pathlib import Path

import pytest

from gongdao.flows.story_files import story_files
from gongdao.policy.load import PACKS


def test_what_cannot_be_entered_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = PACKS / "taobao-classic" / "1" / "examples" / "case-04-fridge-975.toml"
    (tmp_path / "a.toml").write_text(story.read_text("utf-8"), "utf-8")
    (tmp_path / "closed").mkdir()
    scan = os.scandir

    def closed(path: str) -> object:
        if Path(path).name == "closed":
            raise FileNotFoundError(2, "No such file or directory", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert [path.name for path in story_files(tmp_path).stories] == ["a.toml"]

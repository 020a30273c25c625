"""Who may import whom: the ladder of docs/architecture.md."""

import os
from pathlib import Path

import pytest
from importlinter.cli import lint_imports


def test_ladder(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(root)
    broken = lint_imports(config_filename=os.fspath(root / "pyproject.toml"), no_logo=True)
    assert not broken, (
        f"{capsys.readouterr().out}\n"
        "A room imports only from the rooms below it (docs/architecture.md). What two rooms side by"
        " side need of each other is a flow above them, or a fact handed in from above."
    )

"""A variable that is set wrongly: one line that names it, from every command, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gongdao.base.config import WrongSetting, read_config

_ASKED = (["verify"], ["db", "init"], ["db", "status"], ["dossier", "1"], ["demo"], ["serve"],
          ["import", "orders", __file__, "--shop", "x"])  # fmt: skip


@pytest.mark.parametrize("asked", _ASKED, ids=" ".join)
def test_one_line_names_the_variable(asked: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = subprocess.run(
        [sys.executable, "-m", "gongdao.cli.app", *asked],
        env=os.environ | {"GONGDAO_HOME": str(tmp_path / "file" / "home")},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert said.returncode in (1, 2)
    (line,) = said.stderr.strip().splitlines()
    assert line.startswith("GONGDAO_HOME must be a folder")


def test_a_home_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    home = tmp_path / "a" / "b"
    assert read_config({"GONGDAO_HOME": str(home)}).home == home
    with pytest.raises(WrongSetting, match="GONGDAO_HOME must be a folder"):
        read_config({"GONGDAO_HOME": "/dev/null/home"})

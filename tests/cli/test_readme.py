"""What the first page says must be what the demo has."""

from pathlib import Path

import pytest

from gongdao.flows.demo.cast import LOGINS, PASSWORD

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_whoever_the_demo_prints_stands_in_the_table_too(name: str) -> None:
    told = (ROOT / name).read_text("utf-8")
    rows = "\n".join(line for line in told.splitlines() if line.startswith("| `"))
    assert [login.name for login in LOGINS if f"`{login.name}`" not in rows] == []
    assert f"`{PASSWORD}`" in told

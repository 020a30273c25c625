"""The files that the house rules look at."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def tree() -> list[Path]:
    """Every text file of the project: what git tracks, and what it would."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = {ROOT / name for name in listed.split("\0") if name}
    return sorted(path for path in paths if path.is_file() and is_text(path))


@pytest.fixture(scope="session")
def package(tree: list[Path]) -> list[Path]:
    """The Python files of the product."""
    source = ROOT / "src" / "gongdao"
    return [path for path in tree if path.suffix == ".py" and path.is_relative_to(source)]


def is_text(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" not in file.read(4096)

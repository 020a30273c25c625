"""Names come from the trade; names that fit everything say nothing."""

import ast
import re
from pathlib import Path

BANNED = {"service", "manager", "helper", "util", "handler", "process", "data"}
TEACH = (
    "Say what it does in words of docs/vocabulary.md: issue_ruling, release_hold, OrderRow."
    f" Not used in names of files, classes and functions: {', '.join(sorted(BANNED))}."
)


def words_of(name: str) -> set[str]:
    """The words of a name in snake_case or CamelCase, plurals as singulars."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    lower = {word.lower() for word in words}
    return (
        lower
        | {word.removesuffix("s") for word in lower}
        | {word.removesuffix("es") for word in lower}
    )


def test_files(tree: list[Path], root: Path) -> None:
    code = [path for path in tree if path.suffix in {".py", ".sql", ".html", ".js", ".css"}]
    found = [str(path) for path in code if words_of(str(path.relative_to(root))) & BANNED]
    assert not found, f"{found}\n{TEACH}"


def test_definitions(package: list[Path]) -> None:
    found = [
        f"{path}: {node.name}"
        for path in package
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and words_of(node.name) & BANNED
    ]
    assert not found, f"{found}\n{TEACH}"


def test_no_mocks(tree: list[Path]) -> None:
    mock = re.compile(
        r"^\s*(import|from) (unittest\.mock|unittest import mock|mock|pytest_mock)", re.M
    )
    found = [str(path) for path in tree if path.suffix == ".py" and mock.search(path.read_text())]
    assert not found, (
        f"{found}\nNo mocks of our own code: the tests have a real PostgreSQL (fixture `pool`), a"
        " real server (`served`) and a real browser (`page`)."
    )


def test_words_of() -> None:
    assert words_of("OrderHandlers") >= {"order", "handler"}
    assert words_of("fetch_URL_data") >= {"fetch", "url", "data"}
    assert "data" not in words_of("update_date")

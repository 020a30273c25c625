"""Small functions and small files: what does not fit on a screen is not understood."""

import ast
from pathlib import Path

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 400
MEASURED = {".py", ".sql", ".html", ".js", ".css"}


def long_functions(source: str) -> list[tuple[str, int]]:
    """The functions of a module that are too long, with their lengths; decorators do not count."""
    found: list[tuple[str, int]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                found.append((node.name, lines))
    return found


def test_functions_are_short(tree: list[Path]) -> None:
    found = [
        f"{path}: {name} has {lines} lines"
        for path in tree
        if path.suffix == ".py"
        for name, lines in long_functions(path.read_text("utf-8"))
    ]
    assert not found, (
        f"{found}\nA function has at most {FUNCTION_LINES_MAX} lines. Keep the branching in it and"
        " move the work into leaves with names of their own."
    )


def test_files_are_short(tree: list[Path]) -> None:
    sizes = {
        path: len(path.read_text("utf-8").splitlines())
        for path in tree
        # A migration is never edited again, and the first one is the whole schema of its day.
        if path.suffix in MEASURED and path.parent.name != "migrations"
    }
    found = [f"{path}: {lines}" for path, lines in sizes.items() if lines > FILE_LINES_MAX]
    assert not found, (
        f"{found}\nA file has at most {FILE_LINES_MAX} lines. Split it by what it is about: the"
        " listing of a folder is the list of its features."
    )


def test_a_long_function_is_seen() -> None:
    body = "    x = 1\n" * FUNCTION_LINES_MAX
    assert long_functions(f"def long():\n{body}") == [("long", FUNCTION_LINES_MAX + 1)]
    assert long_functions("def short():\n    x = 1\n") == []

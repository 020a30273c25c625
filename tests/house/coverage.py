"""Draws docs/coverage.md: each fact of the checklist, where it lives and what proves it.

The facts stand in docs/coverage.toml. What proves them is collected: scenario files whose `source`
names the fact, and tests marked with `@pytest.mark.fact("S0-01")`. Tests are read, not imported.
A ruling that only cites a fact in passing is listed, and is no proof by itself.
"""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "coverage.toml"
PAGE = ROOT / "docs" / "coverage.md"
PACKS = ROOT / "src" / "gongdao" / "packs"
FACT = re.compile(r"\bS\d-\d{2}\b")

HEAD = """# Coverage

Each fact of the checklist that the rule books and the register started from: where it lives, and
what proves it. The facts stand in [coverage.toml](coverage.toml). `make docs` draws this page from
them, from the rule books, from the `source` of the scenario files and from the tests that carry
`@pytest.mark.fact`. A test fails when the page is out of date, when a fact has neither proof nor a
reason for being left out, and when one that is left out has proof.

`taobao-classic@1: complaint.toml` is `src/gongdao/packs/taobao-classic/1/complaint.toml`, and
`taobao-classic/raised-price` a scenario in its `examples/`; other rooms are below `src/gongdao/`.
"""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fact in a few words; where it lives beside the packs; what of it is left out, and why."""

    id: str
    says: str
    lives: tuple[str, ...] = ()
    leaves_out: str = ""
    out: str = ""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Facts that belong together."""

    title: str
    row: tuple[Row, ...]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All facts, in the order of the page."""

    section: tuple[Section, ...]

    @property
    def rows(self) -> list[Row]:
        return [row for section in self.section for row in section.row]


class Found(msgspec.Struct):
    """What the tree says of one fact."""

    packs: dict[str, set[str]] = msgspec.field(default_factory=lambda: defaultdict(set))
    scenarios: list[str] = msgspec.field(default_factory=list)
    tests: list[str] = msgspec.field(default_factory=list)
    cited: list[str] = msgspec.field(default_factory=list)

    @property
    def is_proven(self) -> bool:
        return bool(self.scenarios or self.tests)


def read_table() -> Table:
    """The facts, as they stand in docs/coverage.toml."""
    return msgspec.toml.decode(TABLE.read_bytes(), type=Table)


def collect() -> dict[str, Found]:
    """What the packs, the scenario files and the marked tests say, by fact."""
    found: dict[str, Found] = defaultdict(Found)
    for path in sorted(PACKS.glob("*/*/*.toml")):
        pack, version, _ = path.relative_to(PACKS).parts
        for fact in _facts(tomllib.loads(path.read_text("utf-8"))):
            found[fact].packs[f"{pack}@{version}"].add(path.name)
    for path in sorted(PACKS.glob("*/*/examples/*.toml")):
        story = tomllib.loads(path.read_text("utf-8"))
        name = f"{path.relative_to(PACKS).parts[0]}/{path.stem}"
        own = FACT.findall(story.get("source", ""))
        for fact in own:
            found[fact].scenarios.append(name)
        for fact in sorted(set(_facts([s.get("expect", {}) for s in story["steps"]]))):
            if fact not in own:
                found[fact].cited.append(name)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for fact, test in marked(path.read_text("utf-8")):
            found[fact].tests.append(f"{path.relative_to(ROOT)}::{test}")
    return found


def marked(text: str) -> Iterator[tuple[str, str]]:
    """Each fact that a test of this text is marked with, and the test."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.fact":
                    yield from ((ast.literal_eval(fact), node.name) for fact in mark.args)


def _facts(value: Any) -> Iterator[str]:
    """Every fact that is named by itself somewhere within."""
    if isinstance(value, dict):
        for part in value.values():
            yield from _facts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _facts(part)
    elif isinstance(value, str) and FACT.fullmatch(value):
        yield value


def draw() -> str:
    """The whole page."""
    table, found = read_table(), collect()
    kept = [row for row in table.rows if not row.out]
    parts = [HEAD, f"{len(table.rows)} facts, {len(kept)} of them proven, the others left out.\n"]
    for section in table.section:
        parts += [f"## {section.title}\n", "| fact | in words | lives in | proof |"]
        parts += ["|---|---|---|---|"]
        parts += [_line(row, found[row.id]) for row in section.row]
        parts += [""]
    return "\n".join(parts)


def _line(row: Row, found: Found) -> str:
    lives = [f"{pack}: {', '.join(sorted(files))}" for pack, files in found.packs.items()]
    if row.out:
        return f"| {row.id} | {row.says} | {'<br>'.join(lives) or '–'} | *Left out: {row.out}* |"
    says = f"{row.says} *Left out: {row.leaves_out}*" if row.leaves_out else row.says
    proof = [f"`{name}`" for name in found.scenarios]
    proof += [f"[{test.partition('::')[2]}](../{test.partition('::')[0]})" for test in found.tests]
    if found.cited:
        proof.append("cited in " + ", ".join(f"`{name}`" for name in found.cited))
    lives += [f"`{path}`" for path in row.lives]
    return f"| {row.id} | {says} | {'<br>'.join(lives)} | {'<br>'.join(proof)} |"


if __name__ == "__main__":
    PAGE.write_text(draw(), "utf-8")

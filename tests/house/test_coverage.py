"""Every fact of the checklist is proven, or the page says why it is left out."""

import pytest

from .coverage import PAGE, ROOT, Found, Row, collect, draw, marked, read_table

AGAIN = "Draw docs/coverage.md again: make docs"


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return read_table().rows


@pytest.fixture(scope="module")
def found() -> dict[str, Found]:
    return collect()


def test_the_page_is_drawn_from_the_tree() -> None:
    assert PAGE.read_text("utf-8") == draw(), AGAIN


def test_each_fact_is_proven_or_left_out_with_a_reason(
    rows: list[Row], found: dict[str, Found]
) -> None:
    bare = [row.id for row in rows if not row.out and not found[row.id].is_proven]
    assert not bare, f"{bare}\nName them in the `source` of a scenario, mark a test, or say `out`."
    both = [row.id for row in rows if row.out and found[row.id].is_proven]
    assert not both, f"{both}\nThey have proof, so they are not left out."


def test_each_fact_lives_somewhere(rows: list[Row], found: dict[str, Found]) -> None:
    nowhere = [row.id for row in rows if not row.out and not row.lives and not found[row.id].packs]
    assert not nowhere, f"{nowhere}\nSay in `lives` which files they live in."
    gone = [
        f"{row.id}: {path}"
        for row in rows
        for path in row.lives
        if not (ROOT / "src" / "gongdao" / path).exists()
    ]
    assert not gone, f"{gone}\nThere are no such files below src/gongdao."


def test_only_known_facts_are_named_and_each_once(rows: list[Row], found: dict[str, Found]) -> None:
    known = [row.id for row in rows]
    assert sorted(known) == sorted(set(known))
    strange = {
        fact: [*one.scenarios, *one.tests, *one.cited, *one.packs]
        for fact, one in found.items()
        if fact not in known
    }
    assert not strange, f"{strange}\nWrite them into docs/coverage.toml, or mend the id."


def test_marks_are_seen() -> None:
    text = '@pytest.mark.fact("S0-01", "S0-02")\nasync def test_x(): ...\ndef test_y(): ...\n'
    assert list(marked(text)) == [("S0-01", "test_x"), ("S0-02", "test_x")]

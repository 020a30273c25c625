"""Procedures drawn: complete, well-formed, and without texts that run over each other."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from gongdao.base.i18n import LOCALES, Locale
from gongdao.policy.draw import draw_book, draw_mermaid, draw_svg, draw_table
from gongdao.policy.graph import nodes_of, ways_of, word
from gongdao.policy.load import load_pack
from gongdao.policy.svg import WIDTH, break_lines

PACK = load_pack("taobao-classic")
SVG = "{http://www.w3.org/2000/svg}"
EACH = [(name, locale) for name in PACK.procedures for locale in LOCALES]


def length(text: str, size: float) -> float:
    return sum(size if ord(letter) > 0x2E7F else size * 0.56 for letter in text)


@pytest.mark.parametrize(("procedure", "locale"), EACH)
def test_svg_is_complete_and_nothing_overlaps(procedure: str, locale: Locale) -> None:
    root = ET.fromstring(draw_svg(PACK, procedure, here="evidence", locale=locale))
    names = {word(node, "stage", locale) for node in nodes_of(PACK.procedures[procedure])}
    spans: dict[str, list[tuple[float, float]]] = {}
    for text in root.iter(f"{SVG}text"):
        x, size = float(text.attrib["x"]), float(text.get("font-size", "13"))
        said = text.text or ""
        names.discard(said.removeprefix("▶ "))
        left = x - length(said, size) if text.get("text-anchor") == "end" else x
        spans.setdefault(text.attrib["y"], []).append((left, left + length(said, size)))
    assert not names
    for row in spans.values():
        for (_, end), (start, _) in pairwise(sorted(row)):
            assert end < start
        assert all(left > 0 and right < WIDTH for left, right in row)
    assert len(root.findall(f".//{SVG}g[@class='gd-stage gd-here']")) == 1
    assert "style" not in draw_svg(PACK, procedure)


@pytest.mark.parametrize(("procedure", "locale"), EACH)
def test_no_two_lines_run_over_each_other(procedure: str, locale: Locale) -> None:
    root = ET.fromstring(draw_svg(PACK, procedure, locale=locale))
    levels: list[str] = []
    lanes: list[str] = []
    for lane in root.findall(f".//{SVG}g[@class='gd-lane']"):
        paths = [path.attrib["d"] for path in lane.findall(f"{SVG}path")]
        lanes += re.findall(r"^M(\S+) \S+V", paths[0])
        levels += re.findall(r"M\S+ ([\d.]+)H", paths[0])
        levels += [re.findall(r"^M\S+ ([\d.]+)H", path)[0] for path in paths[1:]]
    assert len(set(lanes)) == len(lanes)
    assert len(set(levels)) == len(levels)


@pytest.mark.parametrize("procedure", list(PACK.procedures))
def test_mermaid_has_every_way(procedure: str) -> None:
    found = PACK.procedures[procedure]
    drawn = draw_mermaid(PACK, procedure)
    for way in ways_of(PACK, found):
        assert f"{way.source} --> {way.target}: " in drawn
    for line in drawn.splitlines()[1:]:
        assert line.count(":") <= 1


def test_a_drawing_follows_the_switches() -> None:
    plain = draw_mermaid(PACK, "complaint")
    first = draw_mermaid(PACK.with_switches({"C-1": "before_evidence"}), "complaint")
    assert "seller_response --> evidence" in plain
    assert "seller_response --> seller_preprocessing" in first
    assert "seller_response --> evidence" not in first


def test_table() -> None:
    table = draw_table(PACK, "complaint", locale="en")
    assert "| Evidence | Both sides | 72 hours (S0-02) | The evidence is sealed" in table
    assert {line.count(" | ") for line in table.splitlines()} == {5}


def test_each_clock_says_by_which_rule_and_on_which_days() -> None:
    table = draw_table(load_pack("tmall-2026"), "after_sale", locale="en")
    assert (
        "24 hours (TM-CLOCK-UNSHIPPED); 5 days (TM-SPRING-2026, 2026-02-10 – 2026-02-23);" in table
    )
    # A drawing has room for the lengths alone, each once.
    drawn = draw_svg(load_pack("tmall-2026"), "after_sale", locale="en")
    assert "24 hours / 5 days / 36 hours / 48 hours<" in drawn


def test_a_book_in_words() -> None:
    book = draw_book(load_pack("jd-2025"), locale="en")
    assert "# JD" in book and "jd-2025@1" in book and "2025-07-04" in book
    assert "Working hours are counted from 09:00 to 18:00." in book
    assert "| C-6 | " in book and "| U-JD-RETURN-7D | " in book
    (unread,) = [line for line in book.splitlines() if line.startswith("| U-JD-RETURN-7D | ")]
    assert unread.endswith("| U: not verified |")
    (read,) = [line for line in book.splitlines() if line.startswith("| JD1-9-4H | ")]
    assert read.endswith("| V: read in the source |")
    # Whatever stands in a text, a row has its cells and no more.
    rows = [line for line in book.splitlines() if line.startswith("| ")]
    assert {line.replace("\\|", "").count(" | ") for line in rows} == {3, 5}
    chinese = draw_book(load_pack("jd-2025"), locale="zh")
    assert "| U-JD-RETURN-7D | " in chinese and "| U：未核实 |" in chinese


def test_unknown_procedure() -> None:
    with pytest.raises(LookupError, match="has no procedure 'appeal'; there are: after_sale"):
        draw_svg(PACK, "appeal")


def test_break_lines() -> None:
    assert break_lines("一二三、四五六", 60) == ["一二三、", "四五六"]
    assert break_lines("one, two", 500) == ["one, two"]

"""Draws a dossier's pages: PDF/A with its fonts embedded, the same bytes for the same words."""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

import msgspec
import pylopdf_fonts_zh_cn as fonts
from fontTools.ttLib import TTFont

from gongdao.dossier.paper import Paper

_LOOK = Path(__file__).parent / "dossier.typ"
#: A run without a place to break it would leave its column.
_RUN = re.compile(r"[!-~]{28}(?=[!-~])")
_BREAK = "\u200b"
#: Hashes stand where there is room, and are copied from the page as they are.
_HASH = re.compile(r"[0-9a-f]{64}")


def draw_paper(paper: Paper) -> bytes:
    """The PDF of a paper. The first one loads what sets it, 7 MB."""
    import typst

    said = _legible(msgspec.to_builtins(paper))
    return typst.compile(
        str(_LOOK),
        format="pdf",
        font_paths=[str(fonts.serif_path().parent)],
        ignore_system_fonts=True,
        sys_inputs={"paper": msgspec.json.encode(said).decode()},
        pdf_standards=["a-2b"],
    )


def legible(text: str) -> str:
    """A text as the fonts can show it; its exact characters stand in the other files.

    A character that they lack is written by its number. Those that nobody sees are left out: they
    could turn the order of what is read around them.
    """
    return "".join(map(_shown, text))


@lru_cache(maxsize=20_000)
def _shown(character: str) -> str:
    if character == "\n" or ord(character) in _drawn():
        return character if unicodedata.category(character) != "Cf" else ""
    if unicodedata.category(character) in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    if unicodedata.category(character) in ("Cf", "Mn"):
        return ""
    return f"[U+{ord(character):04X}]"


@cache
def _drawn() -> frozenset[int]:
    """The characters that both fonts have."""
    serif, sans = _characters(fonts.serif_path()), _characters(fonts.sans_path())
    return frozenset(serif.keys() & sans.keys())


def _characters(path: Path) -> dict[int, str]:
    with TTFont(path, lazy=True) as font:
        return cast("dict[int, str]", font.getBestCmap())


def _legible(said: Any) -> Any:
    if isinstance(said, str):
        text = legible(said)
        return text if _HASH.search(text) else _RUN.sub(lambda run: run[0] + _BREAK, text)
    if isinstance(said, list | tuple):
        return [_legible(one) for one in cast("list[Any]", said)]
    if isinstance(said, dict):
        return {key: _legible(one) for key, one in cast("dict[str, Any]", said).items()}
    return said

"""Draws a dossier's pages: PDF/A with its fonts embedded, the same bytes for the same words."""

from pathlib import Path

import msgspec
import pylopdf_fonts_zh_cn as fonts
import typst

from gongdao.dossier.paper import Paper

_LOOK = Path(__file__).parent / "dossier.typ"


def draw_paper(paper: Paper) -> bytes:
    """The PDF of a paper."""
    return typst.compile(
        str(_LOOK),
        format="pdf",
        font_paths=[str(fonts.serif_path().parent)],
        ignore_system_fonts=True,
        sys_inputs={"paper": msgspec.json.encode(paper).decode()},
        pdf_standards=["a-2b"],
    )

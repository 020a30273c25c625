"""The pages can be drawn whatever people wrote, and say what can be read."""

from io import BytesIO

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from gongdao.dossier.draw import draw_paper, legible
from gongdao.dossier.paper import Block, Paper


def paper(text: str) -> Paper:
    return Paper(
        locale="zh",
        title=text,
        subtitle=text,
        page="{n}/{of}",
        footer=text,
        date=[2026, 5, 4, 3, 2, 1],
        blocks=[
            Block(heading=text, texts=[text], facts=[(text, text)]),
            Block(head=["a", "b"], rows=[[text, text]], widths=["auto", "1fr"], small=[1]),
        ],
    )


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
@example("好😀👍🏽 \ue000 𠮷 مرحبا שלום สวัสดี 안녕")
@example("\x00\x01\x7f\u202e\u2066\ufeff\uffff\U0010ffff")
@example('#import "x"; #read("/etc/passwd") $x$ *b* [u] \\ `raw` @ref <label>')
@example("x" * 5000)
def test_any_text_can_be_drawn(text: str) -> None:
    raw = draw_paper(paper(text))
    assert raw.startswith(b"%PDF-")
    assert raw == draw_paper(paper(text))


def test_what_people_write_is_no_markup() -> None:
    text = "#let x = 1; $y$ *not bold* [link]"
    read = PdfReader(BytesIO(draw_paper(paper(text)))).pages[0].extract_text()
    assert text in read


def test_what_fonts_lack_is_written_by_number() -> None:
    assert legible("好😀") == "好[U+1F600]"
    assert legible("a\u202eb\tc\nd") == "ab c\nd"


def test_fonts_are_embedded() -> None:
    pdf = PdfReader(BytesIO(draw_paper(paper("纠纷单 100001"))))
    found: set[str] = set()
    for font in pdf.pages[0]["/Resources"]["/Font"].values():  # pyright: ignore
        inner = font.get_object()["/DescendantFonts"][0].get_object()
        assert "/FontFile3" in inner["/FontDescriptor"] or "/FontFile2" in inner["/FontDescriptor"]
        found.add(str(inner["/BaseFont"]))
    assert any("NotoSerifSC" in name for name in found)
    assert any("NotoSansSC" in name for name in found)

"""Documents keep their pages and lose the rest; what acts is refused."""

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject
from tests.files import samples

from gongdao.base.errors import Refusal
from gongdao.files.pdf import clean_pdf
from gongdao.files.sniff import sniff


def code_of(raw: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        clean_pdf(raw)
    return refused.value.code


def test_pages_stay_and_traces_go():
    raw = samples.pdf(3)
    assert samples.SECRET in raw and sniff(raw) == "application/pdf"
    clean = clean_pdf(raw)
    assert clean.facts.pages == 3 and samples.SECRET not in clean.body
    again = PdfReader(BytesIO(clean.body), strict=True)
    assert again.metadata is None and again.xmp_metadata is None
    assert [page.mediabox for page in again.pages] == [
        p.mediabox for p in PdfReader(BytesIO(raw)).pages
    ]
    assert b"/Photo Do" in again.pages[2].get_contents().get_data()  # pyright: ignore
    assert again.pages[0].images[0].image.size == (64, 48)  # pyright: ignore
    assert clean_pdf(raw).body == clean.body


def with_action(kind: str, **more: str):
    def change(writer: PdfWriter) -> None:
        writer.root_object[NameObject("/OpenAction")] = samples.action(kind, **more)

    return change


def with_annotation(subtype: str, **entries: Any):
    def change(writer: PdfWriter) -> None:
        annotation = writer._add_object(samples.annotation(subtype, **entries))
        writer.pages[0][NameObject("/Annots")] = ArrayObject([annotation])

    return change


def with_named_script(writer: PdfWriter) -> None:
    script = writer._add_object(samples.action("/JavaScript", JS="app.alert(1)"))
    names = ArrayObject([TextStringObject("start"), script])
    tree = DictionaryObject({NameObject("/Names"): names})
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): tree})


ACTIVE = {
    "script": with_named_script,
    "script on opening": with_action("/JavaScript", JS="app.alert(1)"),
    "program": with_action("/Launch", F="calc.exe"),
    "form that sends itself": with_action("/SubmitForm", F="http://example.invalid"),
    "file inside": lambda w: w.add_attachment("a.exe", b"MZ"),
    "file as a note": with_annotation("/FileAttachment"),
    "media": with_annotation("/RichMedia"),
    "script of a field": with_annotation(
        "/Widget", AA=DictionaryObject({NameObject("/K"): samples.action("/JavaScript", JS="1")})
    ),
    "XFA": lambda w: w.root_object.update(
        {
            NameObject("/AcroForm"): DictionaryObject(
                {NameObject("/XFA"): TextStringObject("<xdp/>")}
            )
        }
    ),
}


@pytest.mark.parametrize("change", ACTIVE.values(), ids=ACTIVE.keys())
def test_what_acts_is_refused(change: Any):
    assert code_of(samples.pdf(change=change)) == "invalid"


def test_a_script_under_an_escaped_name_is_refused():
    raw = samples.pdf(change=with_action("/JavaScript", JS="app.alert(1)"))
    assert code_of(raw.replace(b"/JavaScript", b"/J#61vaScri")) == "invalid"


def test_locked_documents_are_refused():
    assert code_of(samples.pdf(user_password="open", algorithm="RC4-128")) == "invalid"
    assert (
        code_of(samples.pdf(user_password="", owner_password="o", algorithm="RC4-128")) == "invalid"
    )


def test_links_go_and_fields_stand_still():
    link = with_annotation("/Link", A=samples.action("/URI", URI="http://example.invalid/"))
    clean = clean_pdf(samples.pdf(change=link))
    assert b"example.invalid" not in clean.body
    field = with_annotation("/Widget", FT=NameObject("/Tx"), V=TextStringObject("7"))
    page = PdfReader(BytesIO(clean_pdf(samples.pdf(change=field)).body)).pages[0]
    still = page["/Annots"][0].get_object()  # pyright: ignore
    assert still["/Subtype"] == "/Stamp" and "/V" not in still and "/Rect" in still


def test_page_limit_and_empty_documents():
    assert clean_pdf(samples.pdf(200)).facts.pages == 200
    assert code_of(samples.pdf(201)) == "too_large"
    assert code_of(samples.pdf(0)) == "too_large"


def test_a_page_that_unpacks_to_a_mountain_is_refused():
    def change(writer: PdfWriter) -> None:
        words = writer.pages[0]["/Contents"].get_object()
        words.set_data(b" " * 30_000_000)  # pyright: ignore
        packed = writer._add_object(words.flate_encode(9))  # pyright: ignore
        for page in writer.pages:
            page[NameObject("/Contents")] = packed
        words.set_data(b"")  # pyright: ignore

    raw = samples.pdf(6, change=change)
    assert len(raw) < 500_000 and code_of(raw) == "too_large"


def test_broken_documents_are_refused():
    raw = samples.pdf()
    for keep in (8, 200, len(raw) // 2, len(raw) - 40):
        assert code_of(raw[:keep]) == "invalid"

    def loop(writer: PdfWriter) -> None:
        pages = writer.root_object["/Pages"]
        pages[NameObject("/Kids")].append(writer.root_object.raw_get("/Pages"))  # pyright: ignore
        pages[NameObject("/Count")] = NumberObject(2)  # pyright: ignore

    assert code_of(samples.pdf(change=loop)) in {"invalid", "too_large"}

"""PDF: read strictly, refused where it is locked or acts by itself, and built anew from its pages.

Refused, because taking it out would change what the sender believes to have sent: encryption,
scripts, programs and media that start, forms that send themselves, files inside the file.
Dropped, because no reader misses it: author, dates and XMP, links, what happens on opening,
bookmarks, private parts of the program that made it, camera data of the photographs in it. Form
fields and signature seals stay visible as they are, but no longer take input.
"""

from io import BytesIO
from typing import cast

import msgspec
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    PdfObject,
    StreamObject,
)

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.files.broken import refusing_broken
from gongdao.files.file import Facts
from gongdao.files.limits import PDF_OBJECTS_MAX, PDF_PAGES_MAX, PDF_UNPACKED_BYTES_MAX
from gongdao.files.strip import Malformed, strip_jpeg

_STARTING = {"/JavaScript", "/Launch", "/Rendition", "/Movie", "/Sound", "/RichMediaExecute"}
_ACTIONS = _STARTING | {"/ImportData", "/SubmitForm", "/GoToE"}
_MEDIA = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}
_ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/XFA", "/RichMediaContent"}
_PRIVATE_KEYS = ("/PieceInfo", "/LastModified")
_BOX_KEYS = {"/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate", "/UserUnit"}
_PAGE_KEYS = _BOX_KEYS | {"/Type", "/Parent", "/Resources", "/Contents", "/Group", "/Annots"}
# What a still annotation keeps: where it is and what it looks like.
_SHAPE_KEYS = {"/Rect", "/QuadPoints", "/Vertices", "/InkList", "/L", "/BS", "/Border", "/Contents"}
_STILL_KEYS = _SHAPE_KEYS | {"/Type", "/Subtype", "/AP", "/AS", "/F", "/C", "/CA", "/IC", "/DA"}


class CleanPdf(msgspec.Struct, frozen=True):
    """A document that only shows its pages."""

    body: bytes
    facts: Facts


def clean_pdf(raw: bytes) -> CleanPdf:
    """Read every object and page of a document and write the pages anew."""
    with refusing_broken():
        reader = PdfReader(BytesIO(raw), strict=True)
        if reader.is_encrypted:
            raise Refusal(
                "invalid",
                N_("The PDF is locked with a password. Save it without one and try again."),
            )
        pages = len(reader.pages)
        if not 1 <= pages <= PDF_PAGES_MAX:
            raise Refusal(
                "too_large",
                N_("The PDF has {pages} pages; from 1 to {most} are accepted."),
                pages=pages,
                most=PDF_PAGES_MAX,
            )
        _inspect(reader)
        _unpack(reader)
        return CleanPdf(_rebuild(reader), Facts(pages=pages))


def _inspect(reader: PdfReader) -> None:
    """Walk all that can be reached, refuse what acts, and take out what is private."""
    waiting: list[PdfObject] = [reader.trailer]
    seen: set[int] = set()
    budget = PDF_OBJECTS_MAX
    while waiting:
        part = waiting.pop()
        budget -= 1
        if budget < 0:
            raise Refusal("too_large", N_("The PDF is too complicated to be checked."))
        if isinstance(part, IndirectObject):
            if part.idnum in seen:
                continue
            seen.add(part.idnum)
            part = part.get_object()
        if isinstance(part, DictionaryObject):
            _refuse_active(part)
            _drop_private(part)
            waiting.extend(cast("list[PdfObject]", list(part.values())))
        elif isinstance(part, ArrayObject):
            waiting.extend(cast("list[PdfObject]", list(part)))


def _refuse_active(part: DictionaryObject) -> None:
    active = (
        part.get("/S") in _ACTIONS
        or part.get("/Subtype") in _MEDIA
        or not _ACTIVE_KEYS.isdisjoint(part)
        or ("/EF" in part and ("/F" in part or "/UF" in part))
    )
    if active:
        raise Refusal(
            "invalid",
            N_(
                "The PDF contains a script, a program, media or another file. "
                "Print it to a new PDF and send that."
            ),
        )


def _drop_private(part: DictionaryObject) -> None:
    for key in _PRIVATE_KEYS:
        part.pop(key, None)
    metadata = part.get("/Metadata")
    if metadata is not None and isinstance(metadata.get_object(), StreamObject):
        del part["/Metadata"]
    if isinstance(part, StreamObject) and part.get("/Filter") == "/DCTDecode":
        try:
            # pypdf has no public way to replace the bytes of a JPEG without decoding it.
            part._data = strip_jpeg(part._data).body  # pyright: ignore[reportPrivateUsage]
        except (Malformed, IndexError):
            return  # a picture that no reader will show either


def _unpack(reader: PdfReader) -> None:
    left = PDF_UNPACKED_BYTES_MAX
    for page in reader.pages:
        contents = page.get_contents()
        left -= 0 if contents is None else len(contents.get_data())
        if left < 0:
            raise Refusal("too_large", N_("The PDF is too complicated to be checked."))


def _rebuild(reader: PdfReader) -> bytes:
    writer = PdfWriter()
    for page in reader.pages:
        for key in page.keys() - _PAGE_KEYS:
            del page[key]
        _still_annotations(page)
        writer.add_page(page)
    writer.metadata = None
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def _still_annotations(page: PageObject) -> None:
    """Keep what annotations show and nothing that they do; a form field becomes a stamp."""
    annotations = page.get("/Annots")
    if annotations is None:
        return
    kept = ArrayObject()
    for reference in cast("ArrayObject", annotations.get_object()):
        annotation = cast("DictionaryObject", reference.get_object())
        if annotation.get("/Subtype") in {"/Link", "/Popup"}:
            continue
        if annotation.get("/Subtype") == "/Widget":
            annotation[NameObject("/Subtype")] = NameObject("/Stamp")
        for key in annotation.keys() - _STILL_KEYS:
            del annotation[key]
        kept.append(reference)
    page[NameObject("/Annots")] = kept

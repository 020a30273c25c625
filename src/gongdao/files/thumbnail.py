"""Small previews: WebP pictures that fit into a square."""

from io import BytesIO
from pathlib import Path
from typing import Any, cast

from PIL import Image

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.files.broken import refusing_broken
from gongdao.files.file import DOCUMENT_TYPES, MediaType
from gongdao.files.image import FORMATS

_QUALITY = 80


def make_thumbnail(body: bytes, *, edge: int) -> bytes:
    """A WebP preview of a clean picture, at most `edge` pixels wide and high."""
    with refusing_broken(), Image.open(BytesIO(body), formats=list(FORMATS.values())) as picture:
        # A large JPEG is decoded at a fraction of its size, which is many times faster.
        picture.draft("RGB", (2 * edge, 2 * edge))
        return _shrink(picture, edge)


def draw_thumbnails(
    source: Path, media_type: MediaType, edges: tuple[int, ...]
) -> dict[int, bytes]:
    """Previews of a clean file, by their edge. A document has none."""
    if media_type in DOCUMENT_TYPES:
        return {}
    largest, *smaller = sorted(edges, reverse=True)
    if media_type in ("video/mp4", "video/webm"):
        from gongdao.files.video import first_picture  # loaded with the first video

        drawn = {largest: _shrink(first_picture(source, media_type), largest)}
    else:
        drawn = {largest: make_thumbnail(source.read_bytes(), edge=largest)}
    # The smaller from the largest: a picture of 40 megapixels is read once.
    return drawn | {edge: make_thumbnail(drawn[largest], edge=edge) for edge in smaller}


def no_thumbnail() -> Refusal:
    """The refusal for a preview that does not exist."""
    return Refusal("not_found", N_("There is no preview of this file."))


def _shrink(picture: Image.Image, edge: int) -> bytes:
    if picture.mode.startswith("I"):
        # Sixteen bits of grey: the upper eight are the picture.
        grey: Any = picture.convert("I")
        shown = cast("Image.Image", grey.point(_upper_bits)).convert("L")
    else:
        mode = "RGBA" if picture.has_transparency_data else "RGB"
        shown = picture if picture.mode == mode else picture.convert(mode)
    shown.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    target = BytesIO()
    shown.save(target, "WEBP", quality=_QUALITY)
    return target.getvalue()


def _upper_bits(value: Any) -> Any:
    # Pillow calls this once, with a stand-in for all pixels, to learn the factor.
    return value * (1 / 256)

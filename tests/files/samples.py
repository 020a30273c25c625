"""Real files of every kind, made here, and the tricks that people play with them."""

import struct
import zlib
from fractions import Fraction
from io import BytesIO
from typing import Any, cast

import av
from av.video.frame import VideoFrame
from PIL import Image, ImageDraw, ImageOps
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    TextStringObject,
)

#: A word that stands in everything that must not be kept.
SECRET = b"GongdaoSecretPlace"


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """A gradient with a red square in its upper left corner, so that turning it shows."""
    grey = ImageOps.mirror(Image.linear_gradient("L").rotate(90).resize((width, height)))
    shown = Image.merge("RGB", (grey, ImageOps.invert(grey), grey))
    ImageDraw.Draw(shown).rectangle((0, 0, width // 4, height // 4), fill=(255, 0, 0))
    return shown.convert(mode)


def camera_tags(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = SECRET.decode()
    tags.get_ifd(0x8825).update({1: "N", 2: (31.0, 14.0, 1.5), 3: "E", 4: (121.0, 28.0, 2.5)})
    return tags


def image(kind: str, *, shown: Image.Image | None = None, **options: Any) -> bytes:
    target = BytesIO()
    (shown or picture()).save(target, kind, **options)
    return target.getvalue()


def tagged(kind: str, *, orientation: int = 1, **options: Any) -> bytes:
    """A picture that says where it was taken, by whom and with what, in every way it can."""
    options |= {"exif": camera_tags(orientation)}
    if kind == "PNG":
        text = PngInfo()
        text.add_text("Comment", SECRET.decode())
        text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
        options["pnginfo"] = text
    elif kind == "JPEG":
        options |= {"comment": SECRET, "xmp": SECRET}
    elif kind == "WEBP":
        options["xmp"] = SECRET
    return image(kind, **options)


def animation(kind: str, frames: int = 3, size: tuple[int, int] = (20, 10)) -> bytes:
    shades = [Image.new("RGB", size, (40 * n % 256, 0, n % 256)) for n in range(1, frames + 1)]
    return image(
        kind, shown=shades[0], save_all=True, append_images=shades[1:], duration=50, loop=0
    )


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(width: int, height: int) -> bytes:
    """A few kilobytes that claim to be a very large picture."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 100_000, 9)
    start = b"\x89PNG\r\n\x1a\n"
    return start + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")


def pdf(pages: int = 1, *, change: Any = None, **options: str) -> bytes:
    """A document with a text and a photograph on each page, its author and its XMP."""
    writer = PdfWriter()
    photograph = DecodedStreamObject()
    photograph.set_data(tagged("JPEG"))
    names = {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceRGB"}
    photograph.update({NameObject(k): NameObject(v) for k, v in names.items()})
    photograph[NameObject("/Filter")] = NameObject("/DCTDecode")
    for key, number in {"/Width": 64, "/Height": 48, "/BitsPerComponent": 8}.items():
        photograph[NameObject(key)] = FloatObject(number)
    reference = writer._add_object(photograph)
    for number in range(pages):
        page = writer.add_blank_page(595, 842)
        words = DecodedStreamObject()
        words.set_data(b"q 200 0 0 150 50 600 cm /Photo Do Q %% page %d" % number)
        page[NameObject("/Contents")] = writer._add_object(words)
        page[NameObject("/Resources")] = DictionaryObject(
            {
                NameObject("/XObject"): DictionaryObject({NameObject("/Photo"): reference}),
            }
        )
    writer.add_metadata({"/Author": SECRET.decode(), "/Producer": SECRET.decode()})
    writer.xmp_metadata = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
    if change is not None:
        change(writer)
    if options:
        writer.encrypt(**options)
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def action(kind: str, **more: str) -> DictionaryObject:
    entries = {"/Type": NameObject("/Action"), "/S": NameObject(kind)}
    entries |= {f"/{key}": TextStringObject(value) for key, value in more.items()}
    return DictionaryObject({NameObject(key): value for key, value in entries.items()})


def annotation(subtype: str, **entries: Any) -> DictionaryObject:
    rectangle = ArrayObject([FloatObject(n) for n in (10, 10, 60, 30)])
    base: dict[str, Any] = {"Type": NameObject("/Annot"), "Subtype": NameObject(subtype)}
    base |= {"Rect": rectangle} | entries
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in base.items()})


def video(kind: str = "mp4", *, seconds: float = 1.0, sound: bool = True, **tags: str) -> bytes:
    """A short video as a phone makes it: picture, sound, and where it was taken."""
    target = BytesIO()
    codec = {"mp4": "libx264", "mov": "libx264", "webm": "libvpx"}[kind]
    with av.open(target, "w", format=kind, options={"movflags": "use_metadata_tags"}) as made:
        made.metadata.update({"location": SECRET.decode(), "comment": SECRET.decode()} | tags)
        stream = cast("Any", made.add_stream(codec, rate=10))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        voice = None
        if sound:
            coded = {"webm": "libopus"}.get(kind, "aac")
            voice = cast("Any", made.add_stream(coded, rate=48_000, layout="mono"))
        for n in range(round(10 * seconds)):
            frame = cast("Any", VideoFrame).from_image(picture())
            frame.pts, frame.time_base = n, Fraction(1, 10)
            made.mux(stream.encode(frame))
        made.mux(stream.encode())
        if voice is not None:
            _add_silence(made, voice, seconds)
    return target.getvalue()


def _add_silence(made: Any, voice: Any, seconds: float) -> None:
    for n in range(round(seconds * 50)):
        frame = cast("Any", av.AudioFrame)("s16", "mono", 960)
        frame.planes[0].update(bytes(1920))
        frame.rate, frame.pts, frame.time_base = 48_000, n * 960, Fraction(1, 48_000)
        made.mux(voice.encode(frame))
    made.mux(voice.encode())

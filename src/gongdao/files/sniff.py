"""What the first bytes of a file say that it is; the name has no say."""

import re
from typing import Any

import puremagic

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.files.file import MediaType

#: So many bytes from the start are looked at.
SNIFF_BYTES = 4096

# A header at another place than the first byte is how one file pretends to be two.
_HEADERS: tuple[tuple[re.Pattern[bytes], str, MediaType], ...] = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg", "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png", "image/png"),
    (re.compile(rb"GIF8[79]a"), "image/gif", "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp", "image/webp"),
    (re.compile(rb"%PDF-[12]\.\d"), "application/pdf", "application/pdf"),
    (re.compile(rb"....ftyp(?!qt  )", re.DOTALL), "video/mp4", "video/mp4"),
    (re.compile(rb"....ftypqt  ", re.DOTALL), "video/quicktime", "video/mp4"),
    (re.compile(rb"\x1aE\xdf\xa3"), "video/webm", "video/webm"),
)

_HEIF = {"image/heif", "image/heic", "image/avif"}


def sniff(head: bytes) -> MediaType:
    """The media type under which a file will be decoded. Refuses every kind not accepted."""
    found = _signatures(head)
    for pattern, signature, media_type in _HEADERS:
        if signature in found and pattern.match(head):
            return media_type
    if found & _HEIF:
        raise Refusal(
            "invalid", N_("HEIC and AVIF pictures cannot be read here. Send the picture as a JPEG.")
        )
    raise Refusal(
        "invalid",
        N_("This is not a JPEG, PNG, WebP or GIF picture, a PDF, or an MP4, MOV or WebM video."),
    )


def _signatures(head: bytes) -> set[str]:
    if not head:
        raise Refusal("invalid", N_("The file is empty."))
    try:
        found: list[Any] = puremagic.magic_string(head[:SNIFF_BYTES])  # pyright: ignore[reportUnknownMemberType]
    except puremagic.PureError:
        return set()
    return {match.mime_type for match in found}

"""Takes everything but the picture out of an image file, without touching the picture.

Each function walks the container, keeps a closed list of parts and stops at the end marker, so
comments, camera data, other previews, foreign parts and whatever hangs behind the end are gone.
"""

import re
import zlib

import msgspec

from gongdao.files.limits import JPEG_SCANS_MAX, PROFILE_BYTES_MAX


class Stripped(msgspec.Struct, frozen=True, kw_only=True):
    """The bare picture, and what its removed parts said about how it must be shown."""

    body: bytes
    frames: int = 1
    exif: bytes = b""
    profile: bytes = b""
    lossless: bool = True


class Malformed(ValueError):
    """The container breaks its own format."""


_JPEG_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC8} | {0xDB, 0xDC, 0xDD}
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7]")


def strip_jpeg(raw: bytes) -> Stripped:
    """Keep tables, frames and scans, and the bare JFIF and Adobe markers that tell the colours."""
    body, profile, exif = bytearray(b"\xff\xd8"), bytearray(), b""
    scans, at = 0, 2
    while True:
        at, marker = _next_marker(raw, at)
        if marker == 0xD9:
            break
        if marker in _JPEG_BARE:
            continue
        payload = _jpeg_payload(raw, at)
        at += 2 + len(payload)
        if marker == 0xE1 and payload.startswith(b"Exif\0\0"):
            exif = exif or payload[6:]
        elif marker == 0xE2 and payload.startswith(b"ICC_PROFILE\0"):
            profile += payload[14:]
        else:
            body += _kept_segment(marker, payload)
        if marker == 0xDA:
            scans += 1
            end = _JPEG_SCAN_END.search(raw, at)
            if end is None or scans > JPEG_SCANS_MAX:
                raise Malformed("a scan without end, or scans without number")
            body += raw[at : end.start()]
            at = end.start()
    if not scans:
        raise Malformed("no scan")
    body += b"\xff\xd9"
    return Stripped(body=bytes(body), exif=exif, profile=bytes(profile), lossless=False)


def _next_marker(raw: bytes, at: int) -> tuple[int, int]:
    if raw[at : at + 1] != b"\xff":
        raise Malformed("no marker where one must be")
    while raw[at : at + 1] == b"\xff":
        at += 1
    if at >= len(raw):
        raise Malformed("no end marker")
    return at + 1, raw[at]


def _jpeg_payload(raw: bytes, at: int) -> bytes:
    length = int.from_bytes(raw[at : at + 2])
    if length < 2 or at + length > len(raw):
        raise Malformed("a segment longer than the file")
    return raw[at + 2 : at + length]


def _kept_segment(marker: int, payload: bytes) -> bytes:
    if marker == 0xE0 and payload.startswith(b"JFIF\0") and len(payload) >= 14:
        payload = payload[:12] + b"\0\0"  # without the small preview that it may carry
    elif marker == 0xEE and payload.startswith(b"Adobe") and len(payload) >= 12:
        payload = payload[:12]
    elif marker not in _JPEG_FRAME and marker != 0xDA:
        return b""
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2) + payload


_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    (b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"IDAT", b"acTL", b"fcTL", b"fdAT")
)


def strip_png(raw: bytes) -> Stripped:
    """Keep the chunks that paint: header, palette, transparency, gamma, pixels and animation."""
    body, exif, profile = bytearray(_PNG_START), b"", b""
    frames, at = 0, len(_PNG_START)
    while True:
        length, kind = int.from_bytes(raw[at : at + 4]), raw[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(raw):
            raise Malformed("a chunk longer than the file")
        if kind in _PNG_KEPT:
            body += raw[at:end]
            frames += kind == b"fcTL"
        elif kind == b"IEND":
            body += raw[at:end]
            break
        elif kind == b"eXIf":
            exif = raw[at + 8 : end - 4]
        elif kind == b"iCCP":
            profile = _unpacked_profile(raw[at + 8 : end - 4])
        elif not kind[0] & 0x20:
            raise Malformed("a critical chunk that nobody knows")
        at = end
    return Stripped(body=bytes(body), frames=max(frames, 1), exif=exif, profile=profile)


def _unpacked_profile(payload: bytes) -> bytes:
    packed = payload.partition(b"\0")[2][1:]
    return zlib.decompressobj().decompress(packed, PROFILE_BYTES_MAX)


_WEBP_KEPT = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"))
_WEBP_FLAGS_DROPPED = 0x20 | 0x08 | 0x04  # colour profile, camera data, XMP


def strip_webp(raw: bytes) -> Stripped:
    """Keep the chunks that paint, and take the removed ones out of the header's flags."""
    body, found = bytearray(b"WEBP"), {b"EXIF": b"", b"ICCP": b""}
    frames, lossless, at = 0, False, 12
    end = 8 + int.from_bytes(raw[4:8], "little")
    if end > len(raw) + 1:
        raise Malformed("shorter than it says")
    while at + 8 <= end:
        kind, length = raw[at : at + 4], int.from_bytes(raw[at + 4 : at + 8], "little")
        payload = raw[at + 8 : at + 8 + length]
        if len(payload) < length:
            raise Malformed("a chunk longer than the file")
        at += 8 + length + length % 2
        if kind in found:
            found[kind] = payload
        if kind not in _WEBP_KEPT:
            continue
        if kind == b"VP8X":
            payload = bytes((payload[0] & ~_WEBP_FLAGS_DROPPED,)) + payload[1:]
        frames += kind == b"ANMF"
        lossless = lossless or kind == b"VP8L"
        body += kind + length.to_bytes(4, "little") + payload + b"\0" * (length % 2)
    return Stripped(
        body=b"RIFF" + len(body).to_bytes(4, "little") + bytes(body),
        frames=max(frames, 1),
        exif=found[b"EXIF"].removeprefix(b"Exif\0\0"),
        profile=found[b"ICCP"],
        lossless=lossless,
    )


_GIF_LOOPS = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")


def strip_gif(raw: bytes) -> Stripped:
    """Keep the screen, the frames with their timing, and the loop count."""
    at = 13 + _gif_table(raw[10])
    body, frames = bytearray(raw[:at]), 0
    while raw[at] != 0x3B:
        start = at
        if raw[at] == 0x2C:
            at = _after_blocks(raw, at + 11 + _gif_table(raw[at + 9]))
            frames += 1
            body += raw[start:at]
        elif raw[at] == 0x21:
            label, at = raw[at + 1], _after_blocks(raw, at + 2)
            if label == 0xF9 or (label == 0xFF and raw[start + 2 : start + 14] in _GIF_LOOPS):
                body += raw[start:at]
        else:
            raise Malformed("neither a frame nor an extension")
    return Stripped(body=bytes(body) + b"\x3b", frames=frames)


def _gif_table(flags: int) -> int:
    """The bytes of a colour table."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(raw: bytes, at: int) -> int:
    while length := raw[at]:
        at += 1 + length
    return at + 1

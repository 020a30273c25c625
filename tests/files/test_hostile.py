"""Any bytes whatever: a clean file or a refusal, never anything else."""

import hashlib
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.files import samples

from gongdao.base.errors import Refusal
from gongdao.files.clean import clean_file
from gongdao.files.limits import THUMBNAIL_EDGES
from gongdao.files.sniff import sniff
from gongdao.files.thumbnail import draw_thumbnails

MAKERS = {
    "JPEG": lambda: samples.tagged("JPEG", orientation=6),
    "progressive": lambda: samples.image("JPEG", progressive=True),
    "PNG": lambda: samples.tagged("PNG", orientation=3),
    "APNG": lambda: samples.animation("PNG"),
    "WEBP": lambda: samples.tagged("WEBP"),
    "animated WEBP": lambda: samples.animation("WEBP"),
    "GIF": lambda: samples.animation("GIF"),
    "PDF": lambda: samples.pdf(2),
    "MP4": samples.video,
    "WEBM": lambda: samples.video("webm"),
}


@cache
def original(kind: str) -> bytes:
    return MAKERS[kind]()


def take(raw: bytes) -> None:
    """What an upload goes through; raises nothing but a refusal."""
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "in"), Path(folder, "out")
        source.write_bytes(raw)
        try:
            media_type = sniff(raw)
            clean_file(source, media_type, target)
            draw_thumbnails(target, media_type, THUMBNAIL_EDGES)
        except Refusal as refusal:
            assert refusal.code in {"invalid", "too_large"}
            str(refusal)
            return
        kept = target.read_bytes()
        assert kept and sniff(kept) == media_type
        # What was kept passes again. Cleaning twice changes nothing in a picture.
        again = Path(folder, "again")
        clean_file(target, media_type, again)
        if media_type.startswith("image/"):
            assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(kept).digest()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes(raw: bytes):
    take(raw)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(MAKERS)), st.binary(max_size=300))
def test_arbitrary_bytes_behind_an_honest_start(kind: str, tail: bytes):
    take(original(kind)[:40] + tail)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(list(MAKERS)), st.data())
def test_real_files_with_wounds(kind: str, draw: st.DataObject):
    raw = bytearray(original(kind))
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(0, len(raw) - 1))
        wound = draw.draw(st.binary(max_size=6))
        raw[at : at + draw.draw(st.integers(0, 6))] = wound
        if not raw:
            break
    take(bytes(raw))

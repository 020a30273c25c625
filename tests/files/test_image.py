"""Pictures come out as the same picture and nothing else."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageCms
from tests.files import samples

from gongdao.base.errors import Refusal
from gongdao.files.file import ImageType
from gongdao.files.image import FORMATS, clean_image
from gongdao.files.sniff import sniff
from gongdao.files.thumbnail import make_thumbnail

KINDS = list(FORMATS.items())
PHOTOGRAPHS = [(m, k) for m, k in KINDS if k != "GIF"]


def opened(body: bytes) -> Image.Image:
    shown = Image.open(BytesIO(body))
    shown.load()
    return shown


def code_of(raw: bytes, media_type: ImageType) -> str:
    with pytest.raises(Refusal) as refused:
        clean_image(raw, media_type)
    return refused.value.code


def far(one: Image.Image, other: Image.Image) -> int:
    pairs = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getextrema()
    return max(high for _, high in pairs)  # pyright: ignore


@pytest.mark.parametrize(("media_type", "kind"), PHOTOGRAPHS)
def test_everything_but_the_picture_is_gone(media_type: ImageType, kind: str):
    raw = samples.tagged(kind)
    assert samples.SECRET in raw and sniff(raw) == media_type
    clean = clean_image(raw, media_type)
    assert samples.SECRET not in clean.body
    shown = opened(clean.body)
    assert not dict(shown.getexif()) and "xmp" not in shown.info and "comment" not in shown.info
    assert far(shown, opened(raw)) == 0  # to the last bit: nothing was encoded again
    assert clean_image(clean.body, media_type) == clean


@pytest.mark.parametrize(("media_type", "kind"), PHOTOGRAPHS)
@pytest.mark.parametrize("orientation", range(2, 9))
def test_pictures_stand_upright(media_type: ImageType, kind: str, orientation: int):
    raw = samples.tagged(kind, orientation=orientation)
    clean = clean_image(raw, media_type)
    from PIL import ImageOps

    right = ImageOps.exif_transpose(opened(raw))
    assert opened(clean.body).size == right.size == (clean.facts.width, clean.facts.height)
    assert far(opened(clean.body).resize((8, 8)), right.resize((8, 8))) < 12
    assert samples.SECRET not in clean.body and not dict(opened(clean.body).getexif())


@pytest.mark.parametrize(("media_type", "kind"), KINDS)
@pytest.mark.parametrize("tail", [b"<html><script>1</script>", b"PK\x03\x04" * 9, b"%PDF-1.7\n"])
def test_what_hangs_behind_the_end_is_cut(media_type: ImageType, kind: str, tail: bytes):
    clean = clean_image(samples.image(kind) + tail, media_type)
    assert tail not in clean.body


def test_a_page_inside_a_gif_comment_is_cut():
    raw = samples.image("GIF", comment=b"<script>alert(1)</script>")
    assert b"<script" in raw and b"<script" not in clean_image(raw, "image/gif").body


def test_what_a_program_wrote_into_a_gif_is_cut():
    raw = samples.animation("GIF")
    frame = raw.index(b"\x21\xf9")
    said = b"<x:xmpmeta>by Li Mei, Wen Yi Road"
    xmp = b"\x21\xff\x0bXMP DataXMP" + bytes([len(said)]) + said + b"\x00"
    assert b"Li Mei" not in raw
    clean = clean_image(raw[:frame] + xmp + raw[frame:], "image/gif")
    assert b"Li Mei" not in clean.body and getattr(opened(clean.body), "n_frames", 1) == 3


@pytest.mark.parametrize(
    ("media_type", "kind"), [(m, k) for m, k in KINDS if k in {"GIF", "PNG", "WEBP"}]
)
def test_animations_keep_their_frames(media_type: ImageType, kind: str):
    clean = clean_image(samples.animation(kind), media_type)
    shown = opened(clean.body)
    assert getattr(shown, "n_frames", 1) == 3 and shown.info.get("loop") == 0


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1", "LA", "I;16"])
def test_every_kind_of_png_keeps_its_pixels(mode: str):
    shown = Image.new(mode, (30, 20), 1 if mode != "I;16" else 40_000)
    raw = samples.image("PNG", shown=shown)
    clean = clean_image(raw, "image/png")
    assert opened(clean.body).tobytes() == opened(raw).tobytes()
    assert opened(make_thumbnail(clean.body, edge=160)).size == (30, 20)


def test_foreign_colours_become_srgb():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB", 6500)).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind, media_type in (("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")):
        kept = clean_image(samples.image(kind, icc_profile=srgb), media_type)
        assert far(opened(kept.body), opened(samples.image(kind))) == 0
        assert "icc_profile" not in opened(kept.body).info
        # A profile that does not fit the picture says nothing; the picture stays.
        odd = clean_image(samples.image(kind, icc_profile=lab), media_type)
        assert "icc_profile" not in opened(odd.body).info


def test_a_wide_profile_is_applied_and_keeps_transparency():
    swapped = swapped_profile()
    shown = Image.new("RGBA", (20, 20), (200, 10, 10, 128))
    clean = clean_image(samples.image("PNG", shown=shown, icc_profile=swapped), "image/png")
    red, green, _, alpha = opened(clean.body).getpixel((5, 5))  # pyright: ignore
    assert green > red and alpha == 128
    jpeg = samples.image("JPEG", shown=shown.convert("RGB"), icc_profile=swapped)
    red, green, _ = opened(clean_image(jpeg, "image/jpeg").body).getpixel((5, 5))  # pyright: ignore
    assert green > red


def swapped_profile() -> bytes:
    """sRGB with the red and green primaries exchanged and another name."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"tXYZ", 1).replace(b"gXYZ", b"rXYZ", 1)
    swapped = swapped.replace(b"tXYZ", b"gXYZ", 1)
    return swapped.replace("sRGB".encode("utf-16-be"), "Oops".encode("utf-16-be")).replace(
        b"sRGB built-in", b"Oops built-in"
    )


@pytest.mark.parametrize(("media_type", "kind"), KINDS)
def test_cut_short_is_refused(media_type: ImageType, kind: str):
    raw = samples.image(kind, shown=samples.picture(300, 200))
    for keep in (8, 30, len(raw) // 2, len(raw) - 3):
        assert code_of(raw[:keep], media_type) == "invalid"


@pytest.mark.parametrize(("media_type", "kind"), KINDS)
def test_one_format_is_never_read_as_another(media_type: ImageType, kind: str):
    for other in FORMATS:
        if other != media_type:
            assert code_of(samples.image(kind), other) == "invalid"


def test_bombs_are_refused_before_they_take_memory():
    assert code_of(samples.png_bomb(50_000, 50_000), "image/png") == "too_large"
    assert code_of(samples.png_bomb(7_000, 6_000), "image/png") == "too_large"
    assert code_of(samples.animation("GIF", 1_001, (1, 1)), "image/gif") == "too_large"
    assert code_of(samples.png_bomb(6_000, 6_000), "image/png") == "invalid"  # then it is short


def test_a_jpeg_with_endless_scans_is_refused():
    raw = samples.image("JPEG", progressive=True)
    at = raw.rindex(b"\xff\xda")
    scan = raw[at:-2]
    assert code_of(raw[:-2] + scan * 100 + b"\xff\xd9", "image/jpeg") == "invalid"


def test_cmyk_and_progressive_jpegs_pass():
    for options in ({"shown": samples.picture(mode="CMYK")}, {"progressive": True}):
        raw = samples.image("JPEG", **options)  # pyright: ignore[reportArgumentType]
        clean = clean_image(raw, "image/jpeg")
        assert far(opened(clean.body), opened(raw)) == 0
        assert opened(make_thumbnail(clean.body, edge=160)).format == "WEBP"


def test_thumbnails_fit_their_square():
    raw = samples.image("JPEG", shown=samples.picture(1200, 300))
    for edge, size in ((480, (480, 120)), (160, (160, 40))):
        assert opened(make_thumbnail(raw, edge=edge)).size == size
    with pytest.raises(Refusal):
        make_thumbnail(b"nothing", edge=160)

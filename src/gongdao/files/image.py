"""Pictures: stripped of everything but the picture, upright, in sRGB, and decoded to the end."""

import warnings
from io import BytesIO
from typing import Any, cast

import msgspec
from PIL import Image, ImageCms

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.files.broken import refusing_broken
from gongdao.files.file import Facts, ImageType
from gongdao.files.limits import ANIMATION_PIXELS_MAX, IMAGE_FRAMES_MAX, IMAGE_PIXELS_MAX
from gongdao.files.strip import Stripped, strip_gif, strip_jpeg, strip_png, strip_webp

# Pillow warns between once and twice this size and raises above; here the warning is an error,
# so that no frame above the limit is ever given memory, whatever a later frame claims.
Image.MAX_IMAGE_PIXELS = IMAGE_PIXELS_MAX
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)

_STRIP = {
    "image/jpeg": strip_jpeg,
    "image/png": strip_png,
    "image/webp": strip_webp,
    "image/gif": strip_gif,
}
FORMATS: dict[ImageType, str] = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
}

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_QUALITY = 92


class CleanImage(msgspec.Struct, frozen=True):
    """A picture that is nothing but a picture."""

    body: bytes
    facts: Facts


def clean_image(raw: bytes, media_type: ImageType) -> CleanImage:
    """Strip, decode and, only where orientation or colours ask for it, encode again."""
    with refusing_broken():
        stripped = _STRIP[media_type](raw)
    if stripped.frames > IMAGE_FRAMES_MAX:
        raise Refusal(
            "too_large",
            N_("The picture has {frames} frames; at most {most} are accepted."),
            frames=stripped.frames,
            most=IMAGE_FRAMES_MAX,
        )
    with refusing_broken():
        return _decode(stripped, media_type)


def _decode(stripped: Stripped, media_type: ImageType) -> CleanImage:
    with _open(stripped.body, media_type) as picture:
        width, height = picture.size
        if width * height * stripped.frames > ANIMATION_PIXELS_MAX:
            raise _too_many_pixels()
        for frame in range(stripped.frames):
            picture.seek(frame)
            picture.load()
        if stripped.frames > 1:
            return CleanImage(stripped.body, Facts(width=width, height=height))
        turn = _UPRIGHT.get(_orientation(stripped.exif))
        foreign = bool(stripped.profile) and not _is_srgb(stripped.profile)
        if turn is None and not foreign:
            return CleanImage(stripped.body, Facts(width=width, height=height))
        upright: Image.Image = picture if turn is None else picture.transpose(turn)
        if foreign:
            upright = _in_srgb(upright, stripped.profile)
        body = _encode(upright, media_type, stripped)
        return CleanImage(body, Facts(width=upright.width, height=upright.height))


def _open(body: bytes, media_type: ImageType) -> Image.Image:
    try:
        return Image.open(BytesIO(body), formats=[FORMATS[media_type]])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error


def _too_many_pixels() -> Refusal:
    return Refusal(
        "too_large",
        N_("The picture has too many pixels; at most {most} million are accepted."),
        most=IMAGE_PIXELS_MAX // 1_000_000,
    )


def _orientation(exif: bytes) -> int:
    """How the camera was held; 1, upright, where it does not say or says nonsense."""
    if not exif:
        return 1
    tags = Image.Exif()
    try:
        tags.load(b"Exif\0\0" + exif)
        value: Any = tags.get(_ORIENTATION, 1)
    except Exception:  # broken camera data is dropped anyway; it must not cost the picture
        return 1
    return value if isinstance(value, int) else 1


def _is_srgb(profile: bytes) -> bool:
    try:
        return "srgb" in ImageCms.getProfileDescription(_profile(profile)).lower()
    except ImageCms.PyCMSError:
        return False


def _profile(profile: bytes) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(BytesIO(profile))


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """The same colours without the profile: phones paint in Display P3, and colour is evidence."""
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    base = picture if picture.mode in {"RGB", "CMYK", "L"} else picture.convert("RGB")
    try:
        srgb = cast("Any", ImageCms).createProfile("sRGB")
        shown = ImageCms.profileToProfile(base, _profile(profile), srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # a profile that nothing can apply says nothing about the colours
    if shown is None:
        return picture
    if alpha is not None:
        shown.putalpha(alpha)
    return shown


def _encode(picture: Image.Image, media_type: ImageType, stripped: Stripped) -> bytes:
    # Pillow writes some of these by itself when they are there; transparency is all that may stay.
    transparency = picture.info.get("transparency")
    picture.info = {} if transparency is None else {"transparency": transparency}
    target = BytesIO()
    options: dict[str, Any] = {}
    if media_type == "image/jpeg":
        options = {"quality": _QUALITY, "subsampling": 0}
    elif media_type == "image/webp":
        options = {"quality": _QUALITY, "lossless": stripped.lossless}
    picture.save(target, FORMATS[media_type], **options)
    return target.getvalue()

"""The name of an uploaded file: fit to be shown, and not lying about what is inside."""

import mimetypes
import re
import unicodedata
from pathlib import PurePosixPath

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.files.file import EXTENSIONS, MediaType
from gongdao.files.limits import NAME_CHARACTERS_MAX

# The built-in table only: what the machine's own mime.types says must not change a decision.
_TYPES = mimetypes.MimeTypes()
_TYPES.add_type("video/mp4", ".mov")


def show_name(name: str, media_type: MediaType) -> str:
    """The name to display: cleaned, short, with the true ending. Refuses a name that lies."""
    stem = _clean(name)
    # A name may be nothing but an ending, which a path would take for a hidden file's name.
    ending = PurePosixPath("_" + stem).suffix.lower()
    if ending in EXTENSIONS[media_type]:
        stem = stem[: -len(ending)]
    elif claimed := _TYPES.guess_type(f"x{ending}", strict=False)[0]:
        _refuse_lie(claimed, media_type, ending)
        stem = stem[: -len(ending)]
    else:
        ending = ""
    true = ending if ending in EXTENSIONS[media_type] else EXTENSIONS[media_type][0]
    stem = stem.strip(" .")[: NAME_CHARACTERS_MAX - len(true)].rstrip(" .")
    return (stem or "file") + true


def _clean(name: str) -> str:
    """Drop folders, control and format characters (bidi overrides too) and lone surrogates."""
    # Nobody types a longer name; normalising a megabyte would only cost time.
    name = re.split(r"[/\\]", name)[-1][-4 * NAME_CHARACTERS_MAX :]
    spaced = re.sub(r"\s+", " ", unicodedata.normalize("NFC", name))
    kept = (c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return "".join(kept).rstrip(" .")


def _refuse_lie(claimed: str, media_type: MediaType, ending: str) -> None:
    # A picture named .jpg that is a PNG is an everyday slip of phones and chat programs and is
    # put right. A picture named .html, .exe or .pdf is not a slip.
    if claimed.split("/")[0] == media_type.split("/")[0] != "application":
        return
    raise Refusal(
        "invalid",
        N_(
            "The name ends in {ending}, but the content is {found}. "
            "Rename the file or choose another."
        ),
        ending=ending,
        found=media_type,
    )

"""From a file as it arrived to a file as it is kept: one way in, whatever the kind.

What reads videos takes 16 MB and what reads documents 7: a process loads them with the first one.
"""

from pathlib import Path

from gongdao.files.file import IMAGE_TYPES, Facts, MediaType
from gongdao.files.image import clean_image


def clean_file(source: Path, media_type: MediaType, target: Path) -> Facts:
    """Check `source` as a file of this type and write the clean one to `target`."""
    if media_type in ("video/mp4", "video/webm"):
        from gongdao.files.video import clean_video

        return clean_video(source, media_type, target)
    if media_type in IMAGE_TYPES:
        clean = clean_image(source.read_bytes(), media_type)
    else:
        from gongdao.files.pdf import clean_pdf

        clean = clean_pdf(source.read_bytes())
    target.write_bytes(clean.body)
    return clean.facts

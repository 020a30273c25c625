"""How the files of a dossier are called."""

from gongdao.files.file import EXTENSIONS, MediaType


def evidence_name(number: int, place: int) -> str:
    """A file of a piece of evidence, without its ending."""
    return f"evidence/{number:02d}-{place:02d}"


def evidence_file(number: int, place: int, media_type: MediaType) -> str:
    """The same with the ending of its kind; the name that it was sent under is not safe."""
    return f"{evidence_name(number, place)}{EXTENSIONS[media_type][0]}"


def archive_name(number: int, audience: str) -> str:
    """What a dossier is called when it is saved."""
    return f"dossier-{number}-{audience}.zip"

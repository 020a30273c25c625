"""What the pages of a shop and of a buyer say alike of personal data: deeds, answers, copies."""

from datetime import datetime
from uuid import UUID

from litestar import Response

from gongdao.base.cursor import NEWEST, read_cursor
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_

#: What is done with a person's data, in words.
DEEDS: dict[str, str] = {
    "revealed": N_("Saw the whole phone number and address"),
    "complaint_shown": N_("Saw phone, e-mail and address in a complaint"),
    "exported": N_("Exported all data"),
    "asked_copy": N_("Asked for a copy"),
    "asked_erasure": N_("Asked for erasure"),
    "withdrew": N_("Withdrew the request"),
    "refused": N_("Refused the request"),
    "erased": N_("Erased what was kept"),
}
ANSWERS: dict[str, str] = {
    "done": N_("Done"),
    "refused": N_("Refused"),
    "withdrawn": N_("Taken back"),
}


def id_of(text: str) -> UUID:
    """An id in a form. Raises Refusal invalid."""
    try:
        return UUID(text)
    except ValueError:
        raise Refusal("invalid", N_("This page is out of date. Reload it and try again.")) from None


def zip_file(content: bytes) -> Response[bytes]:
    """A copy to be saved."""
    return Response(
        content,
        media_type="application/zip",
        headers={
            "Content-Disposition": 'attachment; filename="personal-data.zip"',
            "Cache-Control": "no-store",
        },
    )


def read_place(text: str) -> tuple[datetime, UUID]:
    """Behind which look a list begins. Raises Refusal invalid."""
    cursor = read_cursor(text) if text else NEWEST
    return cursor.at, cursor.id

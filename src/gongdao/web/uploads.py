"""Files of cases, up and down, for every audience.

A browser sends one file per request while the person goes on writing, and gets back a fragment
that carries its id; a form without scripts brings its files along. Whoever uploaded a file sees it,
and whoever may see a case in which it is evidence.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.params import FromPath
from litestar.response import Stream

from gongdao.accounts.gate import Asked, principal_of, signed_in
from gongdao.accounts.principal import Principal
from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.cases.case import Case, Evidence
from gongdao.cases.commands import FILES_MAX
from gongdao.files.file import DOCUMENT_TYPES, StoredFile
from gongdao.files.limits import MEBIBYTE, THUMBNAIL_EDGES, VIDEO_BYTES_MAX
from gongdao.files.objects import Objects
from gongdao.files.open_file import OpenedFile, open_file, open_thumbnail
from gongdao.files.receive_file import pieces_of, receive_file
from gongdao.files.store import find_files
from gongdao.flows.case_view import FileSeen
from gongdao.flows.file_access import require_may_see_file
from gongdao.web.shell import page

#: A request may carry the largest film and the form around it.
REQUEST_BYTES_MAX = VIDEO_BYTES_MAX + MEBIBYTE
#: What a file chooser offers; the content decides in the end.
ACCEPTED = (
    "image/jpeg,image/png,image/webp,image/gif,application/pdf,video/mp4,video/webm,video/quicktime"
)


class Uploaded(msgspec.Struct, frozen=True, kw_only=True):
    """A file that waits in a form until it is sent with it."""

    id: UUID
    name: str
    media_type: str
    size_bytes: int

    @property
    def url(self) -> str:
        """Where it is shown."""
        return f"/files/{self.id}"

    @property
    def thumbnail_url(self) -> str:
        """Its small picture; a document has none."""
        return thumbnail_of(self.id, self.media_type)


@post(
    "/files", guards=[signed_in], request_max_body_size=REQUEST_BYTES_MAX, include_in_schema=False
)
async def take_file(request: Asked) -> Response[str]:
    """Take one file in and answer with the fragment that a form keeps it by."""
    form = await request.form()
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise Refusal("invalid", N_("Choose a file first."))
    field = form.get("field")
    file = await _receive(request, upload)
    name = field if isinstance(field, str) and len(field) <= 100 else "kept"
    return page(request, "parts/uploaded.html", status_code=201, item=_waiting(file), field=name)


@get("/files/{file_id:uuid}", guards=[signed_in], include_in_schema=False)
async def show_file(request: Asked, file_id: FromPath[UUID]) -> Stream:
    """The stored bytes, or the range of them that a player asks for."""
    pool = request.app.state.pool
    await require_may_see_file(pool, principal_of(request), file_id)
    wanted = request.headers.get("range")
    return _stream(await open_file(pool, objects_of(request), file_id, byte_range=wanted))


@get("/files/{file_id:uuid}/thumb", guards=[signed_in], include_in_schema=False)
async def show_thumbnail(request: Asked, file_id: FromPath[UUID]) -> Stream:
    """A small picture of it."""
    pool = request.app.state.pool
    await require_may_see_file(pool, principal_of(request), file_id)
    edge = max(THUMBNAIL_EDGES)
    return _stream(await open_thumbnail(pool, objects_of(request), file_id, edge=edge))


async def take_files(
    request: Asked, form: FormMultiDict, name: str, *, kept: str = ""
) -> list[UUID]:
    """The files of one field: those sent before (`kept`), and those that come with the form.

    Without scripts a browser sends the files themselves; an empty chooser sends a nameless one.
    """
    ids = ids_of(form.getall(kept or f"{name}-kept", []))
    uploads = [each for each in form.getall(name, []) if isinstance(each, UploadFile)]
    uploads = [each for each in uploads if each.filename]
    if len(ids) + len(uploads) > FILES_MAX:
        raise Refusal("too_large", N_("At most {n} files can be sent at once."), n=FILES_MAX)
    return ids + [(await _receive(request, each)).id for each in uploads]


def ids_of(values: Iterable[Any]) -> list[UUID]:
    """What of these are ids, each once."""
    found: dict[UUID, None] = {}
    for value in values:
        try:
            found[UUID(str(value))] = None
        except ValueError:
            continue
    return list(found)[:FILES_MAX]


async def waiting_files(pool: Pool, who: Principal, ids: list[UUID]) -> dict[UUID, Uploaded]:
    """Those of the files that this person uploaded, for a form that is shown again."""
    found = await find_files(pool, ids) if ids else {}
    return {each.id: _waiting(each) for each in found.values() if each.uploaded_by == who.person_id}


def thumbnail_of(file_id: UUID, media_type: str) -> str:
    """The address of the small picture of a file; none for a document."""
    return "" if media_type in DOCUMENT_TYPES else f"/files/{file_id}/thumb"


def shown_evidence(
    case: Case, files: dict[UUID, FileSeen], *, by: str | None = None
) -> list[dict[str, Any]]:
    """The evidence of a case as the parts of pages show it: one item a file, newest last."""
    pieces = [piece for piece in case.evidence if by in (None, piece.by)]
    return [item for piece in pieces for item in evidence_items(piece, files)]


def evidence_items(piece: Evidence, files: dict[UUID, FileSeen]) -> list[dict[str, Any]]:
    """One piece of evidence as the parts of pages show it; a piece without a file is one item."""
    common = {
        "kind": piece.kind,
        "who": piece.by,
        "at": piece.at,
        "note": piece.note,
        "sealed_at": piece.sealed_at,
        "amount_fen": piece.amount_fen or None,
    }
    if not piece.file_ids:
        bare = {"id": f"{piece.number}", "url": "", "media_type": "", "sha256": ""}
        return [common | bare]
    return [
        common | _item_of_file(piece, index, files.get(file_id))
        for index, file_id in enumerate(piece.file_ids)
    ]


def _item_of_file(piece: Evidence, index: int, file: FileSeen | None) -> dict[str, Any]:
    file_id = piece.file_ids[index]
    media_type = file.media_type if file else "application/pdf"
    return {
        "id": f"{piece.number}-{index}",
        "url": f"/files/{file_id}",
        "thumbnail_url": thumbnail_of(file_id, media_type),
        "media_type": media_type,
        "file_name": file.name if file else "",
        "sha256": piece.sha256[index] if index < len(piece.sha256) else "",
        "part": f"{index + 1}/{len(piece.file_ids)}" if len(piece.file_ids) > 1 else "",
        # The sum is that of the whole piece: said beside each of its files, it would be added up.
        **({"amount_fen": None} if index else {}),
    }


def objects_of(request: Request[Any, Any, Any]) -> Objects:
    """The object store of the installation."""
    return request.app.state.objects


async def _receive(request: Asked, upload: UploadFile) -> StoredFile:
    return await receive_file(
        request.app.state.pool,
        objects_of(request),
        pieces_of(upload),
        file_id=new_id(),
        name=upload.filename,
        uploaded_by=principal_of(request).person_id,
        now=utc_now(),
    )


def _waiting(file: StoredFile) -> Uploaded:
    return Uploaded(
        id=file.id,
        name=file.original_name,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
    )


def _stream(opened: OpenedFile) -> Stream:
    headers = dict(opened.headers)
    media_type = headers.pop("Content-Type")
    return Stream(opened.pieces, status_code=opened.status, headers=headers, media_type=media_type)


#: For the composition root.
upload_routes = [take_file, show_file, show_thumbnail]

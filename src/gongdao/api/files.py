"""Files of evidence: send one, name its id in a request or a piece of evidence, read it again."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody
from litestar.response import Stream

from gongdao.accounts.gate import Asked, may_one_of, principal_of, signed_in
from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.files.limits import MEBIBYTE, VIDEO_BYTES_MAX
from gongdao.files.open_file import open_file
from gongdao.files.receive_file import pieces_of, receive_file
from gongdao.flows.file_access import require_may_see_file


class FileUpload(msgspec.Struct, frozen=True, kw_only=True):
    """One file in a form."""

    file: Annotated[UploadFile, msgspec.Meta(description="A picture, a PDF or a film")]


class FileBody(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was kept; `sha256` is that of its bytes as stored, without what was stripped."""

    id: UUID
    name: str
    media_type: str
    size_bytes: int
    sha256: str


@post(
    "/files",
    guards=[may_one_of("case.read", "chat.use")],
    summary="Send a file",
    tags=["files"],
    request_max_body_size=VIDEO_BYTES_MAX + MEBIBYTE,
)
async def send_file(request: Asked, data: MultipartBody[FileUpload]) -> FileBody:
    """Keep a file. What it is decides its content, not its name; it is yours until you use it."""
    state: Any = request.app.state
    file = await receive_file(
        state.pool,
        state.objects,
        pieces_of(data.file),
        file_id=new_id(),
        name=data.file.filename,
        uploaded_by=principal_of(request).person_id,
        now=utc_now(),
    )
    return FileBody(
        id=file.id,
        name=file.original_name,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        sha256=file.sha256.hex(),
    )


@get("/files/{file_id:uuid}", guards=[signed_in], summary="Read a file", tags=["files"])
async def read_file(request: Asked, file_id: FromPath[UUID]) -> Stream:
    """The stored bytes, or the part that a Range header asks for."""
    state: Any = request.app.state
    await require_may_see_file(state.pool, principal_of(request), file_id)
    opened = await open_file(
        state.pool, state.objects, file_id, byte_range=request.headers.get("range")
    )
    headers = dict(opened.headers)
    media_type = headers.pop("Content-Type")
    return Stream(opened.pieces, status_code=opened.status, headers=headers, media_type=media_type)

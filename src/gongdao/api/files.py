"""Files of evidence: send one, then name its id in a request or a piece of evidence."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import post
from litestar.datastructures import UploadFile
from litestar.params import MultipartBody

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.files.limits import MEBIBYTE, VIDEO_BYTES_MAX
from gongdao.files.receive_file import pieces_of, receive_file


class _Upload(msgspec.Struct, frozen=True, kw_only=True):
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
    guards=[may("case.read")],
    summary="Send a file",
    tags=["files"],
    request_max_body_size=VIDEO_BYTES_MAX + MEBIBYTE,
)
async def send_file(request: Asked, data: MultipartBody[_Upload]) -> FileBody:
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

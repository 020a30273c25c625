"""What a file is: its kind, its facts, and the row that remembers it."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from gongdao.files.limits import IMAGE_BYTES_MAX, PDF_BYTES_MAX, VIDEO_BYTES_MAX

ImageType = Literal["image/jpeg", "image/png", "image/webp", "image/gif"]
VideoType = Literal["video/mp4", "video/webm"]
#: What is read, not looked at. JSON is never taken from people: the product itself writes it.
DocumentType = Literal["application/pdf", "application/json"]
MediaType = Literal[ImageType, DocumentType, VideoType]

IMAGE_TYPES: tuple[ImageType, ...] = get_args(ImageType)
DOCUMENT_TYPES: tuple[DocumentType, ...] = get_args(DocumentType)

#: The usual end of a name; a MOV becomes an MP4 when it is cleaned.
EXTENSIONS: dict[MediaType, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "application/pdf": (".pdf",),
    "application/json": (".json",),
    "video/mp4": (".mp4", ".m4v"),
    "video/webm": (".webm",),
}

BYTES_MAX: dict[MediaType, int] = {
    **dict.fromkeys(IMAGE_TYPES, IMAGE_BYTES_MAX),
    **dict.fromkeys(DOCUMENT_TYPES, PDF_BYTES_MAX),
    "video/mp4": VIDEO_BYTES_MAX,
    "video/webm": VIDEO_BYTES_MAX,
}


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was found when the content was decoded."""

    width: int | None = None
    height: int | None = None
    pages: int | None = None
    duration_ms: int | None = None


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """One upload: who brought what, and under which address its clean bytes lie."""

    id: UUID
    sha256: bytes
    """Of the bytes as stored and served; the address, and what a seal is taken over."""
    uploaded_sha256: bytes
    """Of the bytes as they arrived, so that the person can show that this was theirs."""
    media_type: MediaType
    size_bytes: int
    facts: Facts
    original_name: str
    uploaded_by: UUID
    created_at: datetime

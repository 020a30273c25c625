"""Keeps a document that the product itself has made, beside what people upload."""

import hashlib
from datetime import datetime
from uuid import UUID

from gongdao.base.db import Pool
from gongdao.files.file import DocumentType, Facts, StoredFile
from gongdao.files.name import show_name
from gongdao.files.objects import Objects, object_key
from gongdao.files.store import insert_file_once


async def keep_made(
    pool: Pool,
    objects: Objects,
    body: bytes,
    *,
    file_id: UUID,
    name: str,
    media_type: DocumentType,
    made_for: UUID,
    now: datetime,
) -> StoredFile:
    """Keep the bytes as they are, under this id, once; kept again, nothing changes."""
    facts = _facts(body, media_type)
    sha256 = hashlib.sha256(body).digest()
    await objects.put(object_key(sha256), body)
    file = StoredFile(
        id=file_id,
        sha256=sha256,
        uploaded_sha256=sha256,
        media_type=media_type,
        size_bytes=len(body),
        facts=facts,
        original_name=show_name(name, media_type),
        uploaded_by=made_for,
        created_at=now,
    )
    await insert_file_once(pool, file)
    return file


def _facts(body: bytes, media_type: DocumentType) -> Facts:
    if media_type != "application/pdf":
        return Facts()
    from gongdao.files.pdf import clean_pdf  # loaded with the first document

    return clean_pdf(body).facts

"""A case as one file that anyone can check: see docs/how-to/read-a-dossier.md."""

import asyncio
from collections.abc import AsyncIterator
from tempfile import TemporaryFile
from typing import IO, Annotated, Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.dossier.archive import MEBIBYTE
from gongdao.dossier.contents import Audience
from gongdao.dossier.names import archive_name
from gongdao.flows.export_dossier import export_for

For = Annotated[
    Audience | None,
    QueryParameter(
        name="for",
        description="For whom; a party gets its own copy only, the platform may ask for any.",
    ),
]


@get(
    "/cases/{case_id:uuid}/dossier",
    guards=[may("case.read")],
    summary="A case as a file that proves itself",
    tags=["cases"],
)
async def read_dossier(request: Asked, case_id: FromPath[UUID], audience: For = None) -> Stream:
    """A ZIP with pages, events, evidence, money and rules; `gongdao verify` proves it offline."""
    state: Any = request.app.state
    # Written to a file first: what is wrong must be known before the answer begins.
    file = TemporaryFile(prefix="gongdao-dossier-")  # noqa: SIM115 - the answer closes it
    try:
        exported = await export_for(
            state.pool,
            state.objects,
            principal_of(request),
            case_id,
            wanted=audience,
            now=utc_now(),
            file=file,
        )
    except BaseException:
        file.close()
        raise
    name = archive_name(exported.number, exported.audience)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(exported.size),
        "X-Content-Type-Options": "nosniff",
        "X-Dossier-Root": exported.root,
        "X-Dossier-Fingerprint": exported.fingerprint,
    }
    return Stream(_pieces(file), headers=headers, media_type="application/zip")


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, MEBIBYTE):
            yield piece

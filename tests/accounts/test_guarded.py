"""Routes that cost less answer what Litestar's own would."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
from litestar import Litestar, post
from litestar.enums import HttpMethod
from litestar.testing import AsyncTestClient

from gongdao.accounts.gate import Guarded


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What an API answers with: ids, instants, text in Chinese, nothing at all."""

    id: UUID
    at: datetime
    text: str
    amounts: dict[str, str]
    nothing: str | None = None


_TOLD = Told(
    id=UUID(int=7),
    at=datetime(2026, 5, 1, 12, 30, 0, 250, tzinfo=UTC),
    text="退款 “2680.00”",
    amounts={"refund": "2680.00"},
)


@post("/plain", status_code=200)
async def plain() -> Told:
    """As Litestar answers it."""
    return _TOLD


@Guarded("/struct", http_method=HttpMethod.POST, status_code=200)
async def struct() -> Told:
    """As commands answer it."""
    return _TOLD


@Guarded("/made", http_method=HttpMethod.POST, status_code=201)
async def made() -> Told:
    """With a status of its own."""
    return _TOLD


@Guarded("/list", http_method=HttpMethod.POST, status_code=200)
async def many() -> list[Told]:
    """No struct: Litestar answers it."""
    return [_TOLD]


async def test_a_struct_is_answered_as_litestar_answers_it() -> None:
    app = Litestar([plain, struct, made, many], openapi_config=None)
    async with AsyncTestClient(app) as client:
        usual, short = await client.post("/plain"), await client.post("/struct")
        assert short.content == usual.content
        assert (short.status_code, short.headers) == (usual.status_code, usual.headers)
        created = await client.post("/made")
        assert (created.status_code, created.content) == (201, usual.content)
        listed = await client.post("/list")
        assert (listed.status_code, listed.content) == (200, b"[" + usual.content + b"]")

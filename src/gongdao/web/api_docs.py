"""The page to read and try the API: Swagger UI from our own origin, over its OpenAPI document."""

from typing import Any

from litestar import Response, get

from gongdao.accounts.gate import Asked
from gongdao.web.shell import page


@get("/api/docs", include_in_schema=False)
async def show_api_docs(request: Asked) -> Response[Any]:
    """Every address of the API, with a form to try it as the person who is signed in."""
    return page(request, "api_docs.html")

"""The OpenAPI document: addresses from the routes, schemas from the very structs that check bodies.

Litestar knows the addresses and their parameters. The schemas of bodies are msgspec's, because it
is msgspec that reads them: they say exactly what is accepted.
"""

from functools import cache
from typing import Any, cast

import msgspec
from litestar import Litestar, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute

from gongdao.api.packs import ProcedureBody
from gongdao.api.problems import Problem

BASE = "/api/v1"
_JSON, _PROBLEM = "application/json", "application/problem+json"
_SCHEMAS = "#/components/schemas/"

#: What an address answers beside JSON.
_OTHER_ANSWERS: dict[str, dict[str, Any]] = {
    "read_procedure": {
        "image/svg+xml": {"schema": {"type": "string"}},
        "text/plain": {"schema": {"type": "string"}},
    },
    "read_dossier": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    "make_copy": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    "read_copy": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    "read_file": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
}
#: The form of JSON answers that their function does not name as its own.
_ANSWERS: dict[str, Any] = {"read_procedure": ProcedureBody}
_ABOUT = """The same actions as on the pages, for programs. Amounts are text in yuan with at most
two decimals, instants are RFC 3339 with a zone. A refusal is a problem (RFC 9457) with a stable
`code`. Sign in with a bearer token; a browser session needs its CSRF token in X-CSRF-Token too."""


def document_route(handlers: list[HTTPRouteHandler]) -> HTTPRouteHandler:
    """The address of the document that describes these handlers; it is made when asked for."""

    @cache
    def written() -> bytes:
        return msgspec.json.encode(describe(handlers))

    @get("/openapi.json", include_in_schema=False, sync_to_thread=False)
    def read_document() -> Response[bytes]:
        """The OpenAPI document."""
        return Response(written(), media_type=_JSON, headers={"Cache-Control": "no-cache"})

    return read_document


def describe(handlers: list[HTTPRouteHandler]) -> dict[str, Any]:
    """The OpenAPI document of these handlers."""
    app = Litestar(
        [Router(BASE, route_handlers=handlers)],
        openapi_config=OpenAPIConfig(title="Gongdao 公道", version="1", description=_ABOUT),
    )
    document = app.openapi_schema.to_schema()
    found = [(path, method, one) for path, method, one in _operations(app)]
    bodies = [body for *_, one in found if (body := _body_type(one))]
    answers = [_answer_type(one) for *_, one in found]
    kinds = [kind for kind in (*bodies, *answers, Problem) if kind is not None]
    shown, schemas = msgspec.json.schema_components(kinds, ref_template=_SCHEMAS + "{name}")
    schema_of = dict(zip(map(repr, kinds), shown, strict=True))
    for path, method, handler in found:
        _finish(document["paths"][path][method], handler, schema_of)
    kept = {
        name: schema
        for name, schema in document["components"].get("schemas", {}).items()
        if name.endswith("Upload")
    }
    for schema in schemas.values():
        _let_seconds_have_parts(schema)
    document["components"] = _components({**kept, **schemas})
    document["security"] = [{"bearer": []}, {"session": [], "csrf": []}]
    return document


def _operations(app: Litestar) -> list[tuple[str, str, HTTPRouteHandler]]:
    return [
        (route.path_format, method.lower(), handler)
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith(BASE)
        for method, (handler, _) in route.route_handler_map.items()
        if handler.include_in_schema is not False and method != "OPTIONS"
    ]


def _body_type(handler: HTTPRouteHandler) -> Any:
    """The struct of the body; None without one, and for forms, which Litestar describes."""
    field = handler.parsed_fn_signature.parameters.get("data")
    if field is None or str(field.annotation).endswith("Upload'>"):
        return None
    return field.annotation


def _answer_type(handler: HTTPRouteHandler) -> Any:
    named = _ANSWERS.get(handler.fn.__name__)
    kind = handler.parsed_fn_signature.return_type.annotation
    if named is not None:
        return named
    return None if handler.fn.__name__ in _OTHER_ANSWERS or kind in (None, type(None)) else kind


def _finish(
    operation: dict[str, Any], handler: HTTPRouteHandler, schema_of: dict[str, Any]
) -> None:
    """Give an operation its name, exact schemas and its refusals."""
    name = handler.fn.__name__
    operation["operationId"] = name
    operation["description"] = (handler.fn.__doc__ or "").strip()
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
        for empty in ("deprecated", "allowEmptyValue", "allowReserved"):
            parameter.pop(empty, None)
    if body := _body_type(handler):
        operation["requestBody"] = {
            "required": True,
            "content": {_JSON: {"schema": schema_of[repr(body)]}},
        }
    done = {code: each for code, each in operation["responses"].items() if code.startswith("2")}
    kind = _answer_type(handler)
    for each in done.values():
        content = {_JSON: {"schema": schema_of[repr(kind)]}} if kind is not None else {}
        content |= _OTHER_ANSWERS.get(name, {})
        each.pop("content", None)
        if content:
            each["content"] = content
    if name == "read_file":
        done["206"] = {**done["200"], "description": "The part that a Range header asks for"}
    operation["responses"] = done | {"4XX": {"$ref": "#/components/responses/Problem"}}
    operation.pop("deprecated", None)


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is left out is not null: it is not there."""
    choices = schema.get("oneOf")
    if choices:
        rest = {key: value for key, value in schema.items() if key != "oneOf"}
        (kept,) = [choice for choice in choices if choice.get("type") != "null"]
        return {**kept, **rest}
    if isinstance(schema.get("type"), list):
        (word,) = [word for word in schema["type"] if word != "null"]
        schema = {**schema, "type": word}
    if "enum" in schema:
        schema = {**schema, "enum": [value for value in schema["enum"] if value is not None]}
    return schema


def _let_seconds_have_parts(schema: Any) -> None:
    """The format "duration" knows whole seconds only; what is left of a clock has microseconds."""
    if isinstance(schema, dict):
        found = cast("dict[str, Any]", schema)
        if found.get("format") == "duration":
            found["description"] = "ISO 8601, such as P6DT86364.292528S"
            del found["format"]
        for inner in found.values():
            _let_seconds_have_parts(inner)
    elif isinstance(schema, list):
        for inner in cast("list[Any]", schema):
            _let_seconds_have_parts(inner)


def _components(schemas: dict[str, Any]) -> dict[str, Any]:
    return {
        "schemas": dict(sorted(schemas.items())),
        "responses": {
            "Problem": {
                "description": "Refused; nothing was changed. Branch on `code`, show `detail`.",
                "headers": {
                    "Retry-After": {
                        "description": "With 429: after how many seconds to come again",
                        "schema": {"type": "integer"},
                    }
                },
                "content": {_PROBLEM: {"schema": {"$ref": f"{_SCHEMAS}Problem"}}},
            }
        },
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "description": "An API token"},
            "session": {"type": "apiKey", "in": "cookie", "name": "gongdao_session"},
            "csrf": {
                "type": "apiKey",
                "in": "header",
                "name": "X-CSRF-Token",
                "description": "Needed with a session, for anything but reading",
            },
        },
    }

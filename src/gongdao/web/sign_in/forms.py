"""Reading the plain forms of these pages: what is missing is empty, what is a file is no text."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import parse_yuan

#: More than any field may hold; what is longer is refused by the field's own limit.
_TEXT_MAX = 1000


class Form:
    """The fields of a form that was sent."""

    def __init__(self, fields: Mapping[str, Any], ticked: list[Any]) -> None:
        self._fields = fields
        #: The permissions that were ticked.
        self.permissions = [each for each in ticked if isinstance(each, str)]

    def text(self, name: str) -> str:
        """A field as it was typed."""
        value: object = self._fields.get(name)
        return value[:_TEXT_MAX] if isinstance(value, str) else ""

    def id(self, name: str) -> UUID:
        """A field that names something."""
        try:
            return UUID(self.text(name))
        except ValueError:
            raise Refusal("invalid", N_("Please choose a role.")) from None

    def fen_or_none(self, name: str) -> int | None:
        """An amount in yuan; nothing typed is no limit."""
        text = self.text(name).strip()
        if not text:
            return None
        try:
            return parse_yuan(text)
        except ValueError:
            raise Refusal("invalid", N_("An amount looks like 500 or 500.00.")) from None


async def read_form(request: Request[Any, Any, Any]) -> Form:
    """The form of a request, in either encoding."""
    fields = await request.form()
    return Form(fields, fields.getall("permissions", []))

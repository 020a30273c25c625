"""What people typed into the fields of a form: texts, and amounts as they write them."""

import re
from collections.abc import Mapping
from typing import Any

from litestar.datastructures import FormMultiDict

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.money import YUAN_PATTERN, parse_yuan

_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，￥", "0123456789.,¥")


def text_of(form: Mapping[str, Any], name: str) -> str:
    """A field as it was typed; a file or nothing is empty. Raises Refusal for what is no text."""
    value: object = form.get(name)
    if isinstance(value, str) and "\x00" in value:
        raise Refusal("invalid", N_("There is a character in the form that no text has."))
    return value if isinstance(value, str) else ""


def texts_of(form: FormMultiDict, *names: str) -> dict[str, str]:
    """Several fields, stripped."""
    return {name: text_of(form, name).strip() for name in names}


def read_amount(text: str) -> str:
    """An amount as people write it: ￥2,680 is 2680. Raises Refusal invalid."""
    plain = text.translate(_FULL_WIDTH).replace(",", "").replace(" ", "").lstrip("¥").rstrip("元")
    if not re.fullmatch(YUAN_PATTERN, plain):
        raise Refusal("invalid", N_("An amount looks like 500 or 500.00."))
    return plain


def read_fen(text: str) -> int:
    """An amount as people write it, in fen. Raises Refusal invalid."""
    return parse_yuan(read_amount(text))

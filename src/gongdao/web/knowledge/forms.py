"""What the forms of knowledge have in common: products, versions, numbers, who may do what."""

import re
from datetime import date
from typing import Any

from litestar.datastructures import FormMultiDict

from gongdao.accounts.gate import kind, may
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.web.typed import text_of

READERS: list[Any] = [kind("shop"), may("knowledge.read")]
EDITORS: list[Any] = [kind("shop"), may("knowledge.edit")]
_NUMBER = re.compile(r"\d{1,9}")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．", "0123456789.")


def products_in(form: FormMultiDict) -> list[str]:
    """The products that were ticked."""
    return list(dict.fromkeys(str(each) for each in form.getall("products", []) if each))


def seen_in(form: FormMultiDict) -> int:
    """The version that was seen."""
    seen = text_of(form, "seen")
    return int(seen) if _NUMBER.fullmatch(seen) else 0


def number_in(form: FormMultiDict, name: str) -> int | None:
    """A whole number; None where the field is empty. Raises Refusal invalid."""
    typed = text_of(form, name).strip().translate(_FULL_WIDTH)
    if not typed:
        return None
    if not _NUMBER.fullmatch(typed):
        raise Refusal("invalid", N_("“{typed}” is no whole number."), typed=typed[:20])
    return int(typed)


def day_in(form: FormMultiDict, name: str) -> date | None:
    """A day; None where the field is empty. Raises Refusal invalid."""
    typed = text_of(form, name).strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Refusal("invalid", N_("“{typed}” is no day."), typed=typed[:20]) from None


def key_in(form: FormMultiDict) -> str | None:
    """The key under which a form acts once."""
    return text_of(form, "idempotency_key")[:100] or None

"""What a lead types on the page of the desk's rules, read into what the flows take."""

import string
from collections.abc import Mapping
from itertools import count
from typing import Any
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.scripts.bargain_store import Cost
from gongdao.scripts.manners import OwnWord
from gongdao.settings.setting import BargainRules, Campaign, QualityForm
from gongdao.web.typed import read_fen, text_of

Form = Mapping[str, Any]
_UNFIT = N_("Something in the form is missing or does not fit; please check it.")


def read_rules(form: Form) -> BargainRules:
    """Limits by role, carriage, what must be left, campaigns. Raises Refusal invalid."""
    limits: dict[str, int] = {}
    for n in _lines(form, "role"):
        role, limit = _text(form, f"role{n}"), _fen(form, f"limit{n}")
        if role and limit is not None:
            limits[role] = limit
    campaigns: list[Campaign] = []
    for n in _lines(form, "title"):
        if title := _text(form, f"title{n}"):
            campaigns.append(
                Campaign(
                    title=title[:60],
                    from_fen=_fen(form, f"from{n}") or 0,
                    off_fen=_fen(form, f"off{n}") or 0,
                    gift=_text(form, f"gift{n}")[:60],
                )
            )
    percent = _text(form, "least_percent") or "0"
    if not (percent.isdecimal() and len(percent) < 3):
        raise Refusal("invalid", N_("A share is a whole number from 0 to 99."))
    return BargainRules(
        limits=limits,
        freight_fen=_fen(form, "freight") or 0,
        least_fen=_fen(form, "least") or 0,
        least_percent=int(percent),
        campaigns=tuple(campaigns),
    )


def read_costs(form: Form) -> list[Cost]:
    """The costs that were filled in; carriage or a floor without a cost is refused."""
    costs: list[Cost] = []
    for n in _lines(form, "product"):
        cost, freight, floor = (_fen(form, f"{name}{n}") for name in ("cost", "freight", "floor"))
        if cost is None and freight is None and floor is None:
            continue
        if cost is None:
            raise Refusal("invalid", N_("Say what it costs, beside the carriage or the least."))
        try:
            product_id = UUID(_text(form, f"product{n}"))
        except ValueError:
            raise Refusal("not_found", N_("There is no such product in this shop.")) from None
        costs.append(
            Cost(product_id=product_id, cost_fen=cost, freight_fen=freight, floor_fen=floor)
        )
    return costs


def read_words(form: Form) -> list[OwnWord]:
    """The words that are minded, with what is said to whoever writes one. Raises Refusal."""
    words: list[OwnWord] = []
    for n in _lines(form, "word"):
        word, reason = _text(form, f"word{n}"), _text(form, f"reason{n}")
        if not word:
            continue
        if not reason:
            raise Refusal("reason_required", N_("Say why “{word}” is minded."), word=word[:40])
        level = "block" if text_of(form, f"level{n}") == "block" else "warn"
        words.append(OwnWord(word=word[:40], level=level, reason=reason[:200]))
    return words


def read_form(form: Form, before: QualityForm) -> QualityForm:
    """The items and mistakes that have a name; those of our own keep theirs. Raises Refusal."""
    fields: dict[str, Any] = {
        "items": _items(form, "item", points=True),
        "fatals": _items(form, "fatal", points=False),
        "per_week": _text(form, "per_week") or "0",
        "seed": before.seed,
    }
    try:
        return msgspec.convert(fields, QualityForm, strict=False)
    except msgspec.ValidationError:
        raise Refusal("invalid", _UNFIT) from None


def _items(form: Form, what: str, *, points: bool) -> list[dict[str, str]]:
    items: list[dict[str, str]] = []
    taken = {_text(form, f"{what}{n}_code") for n in _lines(form, what, "_title")}
    free = (f"own_{a}{b}" for a in string.ascii_lowercase for b in string.ascii_lowercase)
    for n in _lines(form, what, "_title"):
        title, code = _text(form, f"{what}{n}_title"), _text(form, f"{what}{n}_code")
        if not title or text_of(form, f"{what}{n}_gone"):
            continue
        item = {"code": code or next(each for each in free if each not in taken)}
        taken.add(item["code"])
        # What is called as we call it has our name in every language.
        if title != _text(form, f"{what}{n}_was"):
            item["title"] = title
        if points:
            item |= {
                "points": _text(form, f"{what}{n}_points") or "10",
                "weight": _text(form, f"{what}{n}_weight") or "1",
            }
        items.append(item)
    return items


def _lines(form: Form, begin: str, end: str = "") -> list[int]:
    """The numbers of the lines of a table in a form: from 0, without a gap."""
    lines: list[int] = []
    for n in count():
        if f"{begin}{n}{end}" not in form or n >= 500:
            return lines
        lines.append(n)
    return lines


def _text(form: Form, name: str) -> str:
    return text_of(form, name).strip()


def _fen(form: Form, name: str) -> int | None:
    text = _text(form, name)
    return read_fen(text) if text else None

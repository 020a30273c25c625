"""A script: what may be said at a step, its variables filled in or left as blanks. Pure."""

import re
from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from gongdao.base.i18n import N_, Locale
from gongdao.scripts.bargain import Move

Step = Literal[
    "greet", "ask", "recommend", "bargain", "courier", "verify", "farewell", "follow_up",
    "listen", "apologise", "inquire", "record", "solve", "progress",
    "review_before", "review_thanks", "review_answer", "review_call",
]  # fmt: skip
#: In the order in which they come in a talk.
STEPS: tuple[Step, ...] = get_args(Step)
Variable = Literal["buyer", "order", "product", "courier", "amount", "deadline", "agent"]
VARIABLES: tuple[Variable, ...] = get_args(Variable)
#: Whose a script is: of the library, of the shop, or of one agent.
Owner = Literal["library", "shop", "mine"]

TITLE_MAX, TEXT_MAX, VALUE_MAX = 60, 1_000, 200

STEP_LABELS: dict[Step, str] = {
    "greet": N_("1 Greet"),
    "ask": N_("2 Ask"),
    "recommend": N_("3 Recommend"),
    "bargain": N_("4 Bargain"),
    "courier": N_("5 Courier"),
    "verify": N_("6 Verify"),
    "farewell": N_("7 Say goodbye"),
    "follow_up": N_("8 Follow up"),
    "listen": N_("After-sale: listen"),
    "apologise": N_("After-sale: apologise"),
    "inquire": N_("After-sale: ask"),
    "record": N_("After-sale: write down"),
    "solve": N_("After-sale: solve"),
    "progress": N_("After-sale: tell how it goes"),
    "review_before": N_("Reviews: invite"),
    "review_thanks": N_("Reviews: thank"),
    "review_answer": N_("Reviews: answer in public"),
    "review_call": N_("Reviews: call back"),
}
MOVE_LABELS: dict[Move, str] = {
    "refuse": N_("Refuse kindly"),
    "pull": N_("Pull: what everybody gets"),
    "lead": N_("Lead to what it is worth"),
    "close": N_("Close: the lead's word"),
}
VARIABLE_LABELS: dict[Variable, str] = {
    "buyer": N_("The buyer's name"),
    "order": N_("Order number"),
    "product": N_("Product"),
    "courier": N_("Courier"),
    "amount": N_("Amount in yuan"),
    "deadline": N_("Until when"),
    "agent": N_("Your name"),
}
_FIELD = re.compile(r"\{([a-z_]*)\}")


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """One script in one language. `ref` names it: its key in the library, or its id."""

    ref: str
    step: Step
    move: Move | Literal[""] = ""
    locale: Locale
    title: str
    text: str
    owner: Owner = "library"
    version: int = 1
    replaces: str = ""
    """The script of the library in whose place it stands."""


class Blank(msgspec.Struct, frozen=True, kw_only=True):
    """A place that is still to be filled in, from `start` to before `end`."""

    name: Variable
    start: int
    end: int


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A script with what is known filled in; with blanks it is not ready to be sent."""

    text: str
    blanks: tuple[Blank, ...] = ()


def fill(text: str, values: Mapping[Variable, str], locale: Locale) -> Filled:
    """Fill in what is known; what is not is a blank, such as 【订单号】, and never {order}."""
    parts: list[str] = []
    blanks: list[Blank] = []
    length, last = 0, 0
    for hit in _FIELD.finditer(text):
        name = _variable(hit[1])
        if name is None:
            continue
        before = text[last : hit.start()]
        known = values.get(name, "")[:VALUE_MAX]
        shown = known or _blank(name, locale)
        start = length + len(before)
        if not known:
            blanks.append(Blank(name=name, start=start, end=start + len(shown)))
        parts += [before, shown]
        length, last = start + len(shown), hit.end()
    return Filled(text="".join([*parts, text[last:]]), blanks=tuple(blanks))


def strange_fields(text: str) -> list[str]:
    """What stands in braces and is no variable; a script with these is refused."""
    return [hit[1] for hit in _FIELD.finditer(text) if _variable(hit[1]) is None]


def _variable(name: str) -> Variable | None:
    return next((each for each in VARIABLES if each == name), None)


#: Short words for blanks, as a form would have them.
_BLANKS: dict[Variable, tuple[str, str]] = {
    "buyer": ("称呼", "name"),
    "order": ("订单号", "order number"),
    "product": ("商品", "product"),
    "courier": ("快递", "courier"),
    "amount": ("金额", "amount"),
    "deadline": ("时间", "time"),
    "agent": ("客服", "your name"),
}


def _blank(name: Variable, locale: Locale) -> str:
    chinese, english = _BLANKS[name]
    return f"【{chinese}】" if locale == "zh" else f"[{english}]"

"""The inbox.

Who: an agent with forty cases, all day. Question: what must I answer next, and how long have I got?
Next: open the topmost case with Enter, answer it, come back with `u`.
"""

from itertools import groupby
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import QueryParameter
from litestar.response import Redirect

from gongdao.accounts.gate import Asked, kind, may, principal_of
from gongdao.base.clock import utc_now
from gongdao.base.cursor import read_place
from gongdao.base.i18n import N_, translate
from gongdao.base.money import parse_yuan
from gongdao.base.texts import NO_NUL
from gongdao.policy.terms import KINDS, PROCEDURES, STAGES
from gongdao.web.shell import locale_of, page
from gongdao.web.shop.reads import (
    COUNT_MAX,
    Row,
    RowPlace,
    Turn,
    Wanted,
    count_groups,
    read_inbox,
)

#: The amounts from which on one can look, in yuan.
AMOUNTS = ("100", "500", "1000", "5000")
_TURNS: tuple[Turn, ...] = get_args(Turn)
#: Stages that an open case of today's procedures can be in.
_STAGES = (
    "seller_review", "seller_response", "seller_inspection", "seller_preprocessing", "evidence",
    "buyer_decision", "buyer_return", "buyer_confirmation", "adjudication",
)  # fmt: skip
_PROCEDURES = ("after_sale", "complaint")
_KINDS = (
    "refund_only", "return_refund", "late_shipment", "not_as_described", "refuse_to_sell",
    "paid_not_shipped", "not_received", "out_of_stock", "short_shipment", "damaged",
    "promise_broken",
)  # fmt: skip
_Word = Annotated[str, QueryParameter(max_length=40, pattern="^[a-z_]*$")]
_Text = Annotated[str, QueryParameter(max_length=100, pattern=NO_NUL)]


@get("/shop", guards=[kind("shop")], include_in_schema=False)
async def start() -> Redirect:
    """The desk begins with the work of the day."""
    return Redirect("/shop/today", status_code=303)


@get("/shop/inbox", guards=[kind("shop"), may("case.read")], include_in_schema=False)
async def show_inbox(
    request: Asked,
    turn: _Word = "",
    procedure: _Word = "",
    about: _Word = "",
    stage: _Word = "",
    least: _Text = "",
    q: _Text = "",
    after: _Text = "",
) -> Response[str]:
    """The shop's cases, the most urgent first."""
    pool, now = request.app.state.pool, utc_now()
    shop_id = principal_of(request).shop_id
    assert shop_id, "people of a shop have a shop"
    wanted = Wanted(
        turn=turn if turn in _TURNS else "",
        procedure=procedure,
        kind=about,
        stage=stage,
        least_fen=parse_yuan(least) if least in AMOUNTS else 0,
        text=q.strip().lstrip("#"),
    )
    inbox = await read_inbox(
        pool,
        shop_id=shop_id,
        wanted=wanted,
        now=now,
        after=read_place(after, RowPlace) if after else None,
    )
    counts = await count_groups(pool, shop_id=shop_id, now=now)
    chosen = {"turn": wanted.turn, "procedure": procedure, "about": about, "stage": stage,
              "least": least, "q": q}  # fmt: skip
    return page(
        request,
        "shop/inbox.html",
        inbox=inbox,
        blocks=_blocks(inbox.rows, wanted),
        counts=counts,
        count_max=COUNT_MAX,
        us=sum(counts[each] for each in counts if each not in ("buyer", "platform")),
        wanted=wanted,
        tabs=_tabs(chosen),
        filters=_filters(request, chosen),
        narrowed=any(chosen[name] for name in ("procedure", "about", "stage", "least", "q")),
        q=q,
        first=_address(chosen) if after else "",
        following=_address(chosen | {"after": inbox.following.text()}) if inbox.following else "",
        shop_id=shop_id,
    )


def _blocks(rows: tuple[Row, ...], wanted: Wanted) -> list[tuple[str, list[Row]]]:
    """The rows under their headings; what a search found has none."""
    if wanted.text:
        return [("found", list(rows))]
    return [(group, list(each)) for group, each in groupby(rows, key=lambda row: row.group)]


def _tabs(chosen: dict[str, str]) -> dict[str, str]:
    return {turn: _address(chosen | {"turn": turn}) for turn in _TURNS}


def _address(chosen: dict[str, str]) -> str:
    """The list under these filters; what is not chosen does not stand in the address."""
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"/shop/inbox?{query}" if query else "/shop/inbox"


def _filters(request: Asked, chosen: dict[str, str]) -> list[dict[str, Any]]:
    locale = locale_of(request)

    def named(words: tuple[str, ...], terms: dict[str, str]) -> list[tuple[str, str]]:
        return [(word, translate(locale, terms[word])) for word in words]

    any_ = translate(locale, N_("Any"))
    choices = {
        "procedure": (N_("Procedure"), named(_PROCEDURES, PROCEDURES)),
        "about": (N_("What it is about"), named(_KINDS, KINDS)),
        "stage": (N_("Stage"), named(_STAGES, STAGES)),
        "least": (N_("Amount"), [(each, f"≥ ¥{int(each):,}") for each in AMOUNTS]),
    }
    return [
        {
            "name": name,
            "label": translate(locale, label),
            "value": chosen[name],
            "options": [("", any_), *options],
        }
        for name, (label, options) in choices.items()
    ]

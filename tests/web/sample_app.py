"""A tiny application that shows every shared part with believable values."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import jinja2
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware
from litestar.params import FromPath
from litestar.response import Redirect, ServerSentEvent
from litestar.types import ASGIApp, Receive, Scope, Send
from PIL import Image, ImageDraw

from gongdao.accounts.principal import Kind, Principal
from gongdao.base.clock import utc_now
from gongdao.base.config import read_config
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.web import markup
from gongdao.web.shell import PAGE_ERRORS, page, shell_routes

HERE = Path(__file__).parent
BEFORE = datetime(2014, 3, 6, 8, 0, tzinfo=UTC)
NAMES: dict[str, tuple[str, str]] = {
    "buyer": ("林小雨", "buyer"),
    "shop": ("陈佳", "lead"),
    "platform": ("周明", "arbiter"),
}


def principal(kind: Kind) -> Principal:
    name, role = NAMES[kind]
    may = frozenset({"case.read"})
    return Principal(person_id=new_id(), kind=kind, role=role, name=name, permissions=may)


class SignedIn:
    """Whoever the cookie `who` names is signed in; enough for pages, which only read the scope."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request: Request[Any, Any, Any] = Request(scope)
            who = request.cookies.get("who")
            scope["user"] = principal(who) if who in NAMES else None  # type: ignore[arg-type]
            scope["state"]["csrf_token"] = "token-of-the-session"
        await self.app(scope, receive, send)


def proofs() -> list[dict[str, Any]]:
    def one(number: int, kind: str, who: str, **more: Any) -> dict[str, Any]:
        return {
            "id": f"p{number}",
            "kind": kind,
            "url": f"/picture/{number}",
            "thumbnail_url": f"/picture/{number}",
            "media_type": "image/png",
            "who": who,
            "at": BEFORE,
            "sha256": f"{number}f3ac91b" * 8,
            **more,
        }

    return [
        one(1, "photo_of_item", "buyer", note="门体右下角凹陷约 8 厘米", sealed_at=BEFORE),
        one(2, "unboxing_video", "buyer", name="林小雨", sealed_at=BEFORE),
        one(3, "freight_receipt", "seller", amount_fen=57500, thumbnail_url="",
            url="/file.pdf", media_type="application/pdf"),
    ]  # fmt: skip


RULES = [
    {"id": "T-7.2", "text": "签收时外包装完好但商品破损的，由商家举证发货时商品完好。",
     "source": "S0-30", "verified": "V", "pack": "taobao-classic@1"},
    {"id": "T-7.9", "text": "退货运费由责任方承担。", "source": "S0-31", "verified": "U"},
]  # fmt: skip


def sample_values(counter: int) -> dict[str, Any]:
    now = utc_now()
    return {
        "counter": f"第 {counter} 次",
        "preview": "",
        "due": now + timedelta(days=1, hours=3, minutes=20),
        "soon": now + timedelta(minutes=42, seconds=7),
        "late": now - timedelta(hours=2),
        "past": now - timedelta(minutes=17),
        "span": timedelta(hours=20),
        "rules": RULES,
        "proofs": proofs(),
        "lines": [
            {"label": "refund", "amount_fen": 268000, "account": "order_escrow", "state": "sent",
             "to": "招商银行卡", "note": "预计 3 月 12 日前到账"},
            {"label": "freight", "amount_fen": 57500, "account": "shop_balance",
             "state": "decided"},
        ],
        "events": [
            {"at": BEFORE, "role": "buyer", "who": "林小雨",
             "sentence": "申请退货退款 2,680.00 元。",
             "note": "师傅放下就走了，拆开才发现右下角凹进去一大块。", "attachments": proofs()[:2],
             "id": "1"},
            {"at": BEFORE, "role": "seller", "who": "陈佳", "sentence": "拒绝：出库时完好。"},
            {"at": BEFORE, "role": "arbiter", "sentence": "判定商家责任，退货退款。",
             "rules": RULES},
        ],
        "offer": {
            "role": "seller", "who": "陈佳", "at": BEFORE, "remedy": "partial_refund",
            "refund_fen": 40000, "compensation_fen": 2000, "freight_by": "seller",
            "state": "open", "expires_at": now + timedelta(hours=30),
            "note": "冰箱留用，补偿外观。",
        },
        "talk": [
            {"id": "1", "role": "seller", "who": "陈佳", "at": BEFORE, "mine": False,
             "text": "您好，可以补拍一张外箱照片吗？"},
            {"id": "2", "role": "buyer", "at": BEFORE, "mine": True,
             "text": "外箱已经扔了。\n只有这张。",
             "attachments": proofs()[:1]},
            {"id": "3", "role": "arbiter", "at": BEFORE, "mine": False,
             "text": "请双方在举证期内补齐。"},
        ],
    }  # fmt: skip


def picture(number: int) -> bytes:
    image = Image.new("RGB", (480, 480), (196, 206, 201))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((130, 40, 350, 440), 16, fill=(238, 241, 239), outline=(120, 132, 126))
    draw.line((130, 190, 350, 190), fill=(120, 132, 126), width=4)
    draw.ellipse((280, 340 + 10 * number, 330, 390 + 10 * number), fill=(170, 176, 173))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@get("/", sync_to_thread=False)
def sample(request: Request[Any, Any, Any], state: State) -> Response[str]:
    return page(request, "sample.html", **sample_values(state.counter))


@get("/list", sync_to_thread=False)
def sample_list(request: Request[Any, Any, Any], state: State) -> Response[str]:
    return page(request, "sample.html", **sample_values(state.counter))


@post("/preview", status_code=200)
async def preview(request: Request[Any, Any, Any], state: State) -> Response[str]:
    assert request.headers["x-csrf-token"] == "token-of-the-session"
    chosen = f"将支付 {(await request.form())['why']}"
    return page(request, "sample.html", **sample_values(state.counter) | {"preview": chosen})


@get("/picture/{number:int}", media_type="image/png", sync_to_thread=False)
def show_picture(number: FromPath[int]) -> bytes:
    return picture(number)


@post("/act", status_code=200)
async def act(request: Request[Any, Any, Any], state: State) -> Redirect:
    form = await request.form()
    state.posts.append({key: form.getall(key) for key in form})
    await asyncio.sleep(state.delay)
    if state.refuse:
        raise Refusal("amount_above_limit", N_("This was not possible."))
    return Redirect("/", status_code=303)


@get("/live/{channel:str}", sync_to_thread=False)
def live(channel: FromPath[str], state: State) -> ServerSentEvent:
    async def speak() -> AsyncIterator[str]:
        seen = state.counter
        while not state.closing:
            await asyncio.sleep(0.05)
            if state.counter != seen:
                seen = state.counter
                yield str(seen)

    return ServerSentEvent(speak())


@get("/refused/{code:str}", sync_to_thread=False)
def refused(code: FromPath[str]) -> None:
    raise Refusal(code, N_("This was not possible."))  # type: ignore[arg-type]


@get("/crash", sync_to_thread=False)
def crash() -> None:
    raise ZeroDivisionError


def sample_app() -> Litestar:
    loader = markup.environment().loader
    assert isinstance(loader, jinja2.ChoiceLoader)
    loader.loaders = [*loader.loaders, jinja2.FileSystemLoader(HERE)]
    return Litestar(
        [sample, sample_list, preview, show_picture, act, live, refused, crash, *shell_routes()],
        exception_handlers=PAGE_ERRORS,
        middleware=[DefineMiddleware(SignedIn)],
        state=State(
            {
                "config": read_config({}),
                "counter": 1,
                "posts": [],
                "refuse": False,
                "delay": 0.0,
                "closing": False,
            }
        ),
    )

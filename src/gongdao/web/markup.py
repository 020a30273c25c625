"""What every template can say: translation, icons, money, instants, countdowns, form tokens.

Rendering is one synchronous step, so the request that a page is rendered for stands in a context
variable for just that long; macros thereby speak the right language without being handed it.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup

from gongdao.accounts.principal import ROLE_LABELS, Principal
from gongdao.base import ids
from gongdao.base.errors import Param, Refusal
from gongdao.base.i18n import (
    ZONE,
    Locale,
    say_date,
    say_full_instant,
    say_instant,
    say_refusal,
    translate,
)
from gongdao.base.money import yuan
from gongdao.flows.customers.reveal import receiver_for
from gongdao.policy.pack import Text
from gongdao.policy.terms import term
from gongdao.shops.purchase import Purchase
from gongdao.shops.shop import Address
from gongdao.web import assets

#: Below this a deadline is shown as urgent.
SOON = timedelta(hours=2)
AUDIENCES = (
    "buyer", "shop", "platform", "sign_in", "notices", "register", "chat", "desk",
    "staff", "knowledge", "guard",
)  # fmt: skip


class View(msgspec.Struct, frozen=True, kw_only=True):
    """For whom, where and when a page is rendered."""

    locale: Locale
    now: datetime
    path: str
    csrf_token: str
    principal: Principal | None
    unread: int = 0
    """How many notices the bell shows."""


_view: ContextVar[View] = ContextVar("view")


def render(view: View, template: str, values: dict[str, Any]) -> str:
    """The text of a page for one viewer."""
    with seen_by(view):
        return environment().get_template(template).render(view=view, **values)


@cache
def environment() -> jinja2.Environment:
    """The templates of all audiences: `layout.html`, `parts/...`, and `<audience>/<page>.html`."""
    rooms = {name: jinja2.FileSystemLoader(assets.WEB / name / "templates") for name in AUDIENCES}
    env = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.FileSystemLoader(assets.WEB / "templates"), jinja2.PrefixLoader(rooms)]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(_FUNCTIONS)
    env.filters.update({name: _for_each_reader(say) for name, say in _FILTERS.items()})
    return env


def say(sentence: str, /, **fields: Param) -> str:
    """A sentence in the viewer's language, its fields filled in."""
    view = _view.get()
    return translate(view.locale, sentence, fields or None, now=view.now)


def say_term(word: str, kind: str) -> str:
    """A word of the vocabulary in the viewer's language."""
    return say(term(word, kind))


def say_role(role: str) -> str:
    """The role of a person in the viewer's language; a role with a free name as it is."""
    return say(ROLE_LABELS[role]) if role in ROLE_LABELS else role


def say_text(text: Text | None) -> str:
    """A sentence of a rule book in the viewer's language."""
    if text is None:
        return ""
    return text.zh if _view.get().locale == "zh" else text.en


def show_receiver(purchase: Purchase) -> Address:
    """The receiver of an order, as the viewer needs it: masked where nothing is to be sent."""
    principal = _view.get().principal
    assert principal, "only people who have signed in see orders"
    return receiver_for(principal, purchase)


def say_why(refusal: Refusal | None) -> str:
    """Why something is refused, in the viewer's language."""
    view = _view.get()
    return say_refusal(view.locale, refusal, now=view.now) if refusal else ""


def asset(name: str) -> str:
    """The address of a static file, with a version so that browsers may keep it for good."""
    path = assets.STATIC / name
    return f"/static/{name}?v={_version(path, path.stat().st_mtime_ns)}"


def icon(name: str) -> Markup:
    """A drawing beside a text; it says nothing to a screen reader."""
    if name not in _icons(_sprite_time()):
        raise LookupError(f"no icon {name!r} in the sprite: run python -m gongdao.web.assets")
    return Markup(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    ).format(asset("vendor/icons.svg"), name)


def csrf() -> Markup:
    """The hidden field that every form which posts must carry."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(
        _view.get().csrf_token
    )


def new_key() -> str:
    """A fresh idempotency key: one form, sent twice, acts once."""
    return str(ids.new_id())


def show_yuan(fen: int | None) -> str:
    """268000 fen as ¥2,680.00; nothing known as a dash."""
    if fen is None:
        return "—"
    sign, digits = ("−", yuan(-fen)) if fen < 0 else ("", yuan(fen))
    whole, _, cents = digits.partition(".")
    return f"{sign}¥{int(whole):,}.{cents}"


def instant(when: datetime | None) -> Markup | str:
    """An instant in local time: the minute in this year, the day in another; all of it on hover."""
    if when is None:
        return "—"
    view = _view.get()
    local = when.astimezone(ZONE)
    text = say_instant(when, view.locale, now=view.now)
    if local.year != view.now.astimezone(ZONE).year:
        text = say_date(local, view.locale, with_year=True)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        when.isoformat(), say_full_instant(when, view.locale), text
    )


def day(when: datetime) -> str:
    """The day of an instant in local time; with the year unless it is this one."""
    view = _view.get()
    local = when.astimezone(ZONE)
    with_year = local.year != view.now.astimezone(ZONE).year
    return say_date(local, view.locale, with_year=with_year)


def clock(when: datetime) -> Markup:
    """The minute of an instant in local time, where its day stands above it."""
    return Markup('<time datetime="{}" title="{}">{:%H:%M}</time>').format(
        when.isoformat(), say_full_instant(when, _view.get().locale), when.astimezone(ZONE)
    )


def countdown(due: datetime | None) -> Markup | str:
    """How long is left until a deadline; a script of the page keeps it true."""
    if due is None:
        return "—"
    left = due - _view.get().now
    urgency = "late" if left <= timedelta() else "soon" if left < SOON else "calm"
    text = say("overdue by {span}", span=span(-left)) if urgency == "late" else span_left(left)
    return Markup(
        '<time class="gd-count" data-due="{}" data-urgency="{}" datetime="{}" title="{}">{}</time>'
    ).format(
        due.isoformat(), urgency, due.isoformat(), say_full_instant(due, _view.get().locale), text
    )


def relative(when: datetime | None) -> Markup | str:
    """How long ago something happened, with the exact instant for those who ask."""
    if when is None:
        return "—"
    ago = _view.get().now - when
    text = say("just now") if ago < timedelta(minutes=1) else say("{span} ago", span=_coarse(ago))
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        when.isoformat(), say_full_instant(when, _view.get().locale), text
    )


def span_left(left: timedelta) -> str:
    """What remains, as a sentence."""
    return say("{span} left", span=span(left))


def span(length: timedelta) -> str:
    """A length of time in its two largest units."""
    seconds = max(0, int(length.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return say("{days} d {hours} h", days=days, hours=hours)
    if hours:
        return say("{hours} h {minutes} min", hours=hours, minutes=minutes)
    return say("{minutes} min {seconds} s", minutes=minutes, seconds=seconds % 60)


def _coarse(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    if seconds >= 86400:
        return say("{days} d", days=seconds // 86400)
    if seconds >= 3600:
        return say("{hours} h", hours=seconds // 3600)
    return say("{minutes} min", minutes=seconds // 60)


def _for_each_reader(say: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that is asked each time, of a constant too: what it says depends on who reads.

    Without the context Jinja says a constant once, in the language of whoever came first.
    """

    def asked(context: jinja2.runtime.Context, value: Any, *more: Any) -> Any:
        return say(value, *more)

    return jinja2.pass_context(asked)


@contextmanager
def seen_by(view: View) -> Generator[None]:
    """Render for one viewer in this block."""
    token = _view.set(view)
    try:
        yield
    finally:
        _view.reset(token)


@cache
def _version(path: Path, modified_ns: int) -> str:
    """The digest of a file's content; the time of its change tells when to look again."""
    return sha256(path.read_bytes()).hexdigest()[:12]


@cache
def _icons(modified_ns: int) -> frozenset[str]:
    manifest = assets.read_manifest()
    return frozenset(manifest.icons if manifest else ())


def _sprite_time() -> int:
    path = assets.VENDOR / "manifest.json"
    return path.stat().st_mtime_ns if path.exists() else 0


_FUNCTIONS: dict[str, Any] = {
    "_": say,
    "in_language": translate,
    "asset": asset,
    "icon": icon,
    "csrf": csrf,
    "new_key": new_key,
}
_FILTERS: dict[str, Any] = {
    "yuan": show_yuan,
    "instant": instant,
    "day": day,
    "clock": clock,
    "countdown": countdown,
    "relative": relative,
    "left": span_left,
    "term": say_term,
    "role": say_role,
    "said": say_text,
    "why": say_why,
    "receiver": show_receiver,
}

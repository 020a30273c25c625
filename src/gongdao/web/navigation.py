"""Where each audience can go from every page, and with which key."""

from typing import NamedTuple

from gongdao.accounts.principal import Permit
from gongdao.base.i18n import N_


class Place(NamedTuple):
    """One entry of a navigation; `key` is pressed after `g`."""

    href: str
    label: str
    icon: str
    key: str
    permits: tuple[Permit, ...] = ()
    """The place is shown to whoever has one of these; to everybody where none is named."""


NAVIGATION: dict[str, tuple[Place, ...]] = {
    "buyer": (
        Place("/orders", N_("My orders"), icon="package", key="o"),
        Place("/cases", N_("My cases"), icon="scale", key="c"),
        Place("/chats", N_("Chats"), icon="message-circle", key="m"),
        Place("/privacy", N_("My data"), icon="shield", key="d"),
    ),
    "shop": (
        Place("/shop/today", N_("Today"), icon="sun", key="t", permits=("order.read",)),
        Place("/shop/inbox", N_("Inbox"), icon="inbox", key="i"),
        Place("/desk", N_("Service desk"), icon="headset", key="s", permits=("chat.serve",)),
        Place("/shop/orders", N_("Orders"), icon="package", key="o"),
        Place(
            "/shop/reviews", N_("Reviews"), icon="message-2-star", key="v", permits=("chat.serve",)
        ),
        Place(
            "/shop/customers", N_("Customers"), icon="users", key="c", permits=("customers.read",)
        ),
        Place(
            "/shop/knowledge", N_("Knowledge"), icon="book", key="k", permits=("knowledge.read",)
        ),
        Place("/shop/team", N_("Team"), icon="user-up", key="e", permits=("staff.use",)),
        Place("/shop/figures", N_("Figures"), icon="chart-bar", key="f", permits=("figures.read",)),
        Place(
            "/shop/register",
            N_("Register"),
            icon="message-report",
            key="r",
            permits=("register.read",),
        ),
        Place("/shop/money", N_("Money"), icon="wallet", key="m", permits=("ledger.read",)),
        Place("/shop/record", N_("Our record"), icon="scale", key="d"),
    ),
    "platform": (
        Place("/platform/cases", N_("Queue"), icon="gavel", key="q", permits=("case.read",)),
        Place(
            "/platform/jury",
            N_("Jury"),
            icon="scale",
            key="j",
            permits=("case.vote", "case.review"),
        ),
        Place(
            "/platform/guard",
            N_("Guard"),
            icon="shield-check",
            key="w",
            permits=("case.judge", "case.review", "policy.edit", "audit.read"),
        ),
        Place("/platform/policy", N_("Rules"), icon="book", key="r", permits=("case.read",)),
        Place("/platform/money", N_("Books"), icon="wallet", key="m", permits=("ledger.read",)),
        Place(
            "/platform/watch",
            N_("Execution"),
            icon="hourglass",
            key="x",
            permits=("ledger.read", "case.review"),
        ),
        Place(
            "/platform/trouble",
            N_("Trouble"),
            icon="alert-triangle",
            key="t",
            permits=("ledger.read",),
        ),
        Place("/platform/log", N_("Log"), icon="history", key="l", permits=("audit.read",)),
    ),
}


def places_of(kind: str | None, permissions: frozenset[str] | None = None) -> tuple[Place, ...]:
    """The navigation of an audience, without the places that these permissions do not open.

    Whoever has not signed in has none.
    """
    places = NAVIGATION.get(kind or "", ())
    if permissions is None:
        return places
    return tuple(
        place for place in places if not place.permits or not permissions.isdisjoint(place.permits)
    )


def first_place(kind: str, permissions: frozenset[str]) -> Place:
    """Where somebody begins; whoever may open nothing is told so at the first place of all."""
    return (places_of(kind, permissions) or places_of(kind))[0]


def is_current(place: Place, path: str) -> bool:
    """Whether a path lies in a place or below it."""
    return path == place.href or path.startswith(place.href + "/")

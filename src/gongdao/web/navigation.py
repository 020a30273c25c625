"""Where each audience can go from every page, and with which key."""

import msgspec

from gongdao.base.i18n import N_


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a navigation; `key` is pressed after `g`."""

    href: str
    label: str
    icon: str
    key: str
    permit: str = ""
    """The permission without which the place is not shown."""


NAVIGATION: dict[str, tuple[Place, ...]] = {
    "buyer": (
        Place(href="/orders", label=N_("My orders"), icon="package", key="o"),
        Place(href="/cases", label=N_("My cases"), icon="scale", key="c"),
        Place(href="/chats", label=N_("Chats"), icon="message-circle", key="m"),
        Place(href="/privacy", label=N_("My data"), icon="shield", key="d"),
    ),
    "shop": (
        Place(href="/shop/today", label=N_("Today"), icon="sun", key="t"),
        Place(href="/shop/inbox", label=N_("Inbox"), icon="inbox", key="i"),
        Place(
            href="/desk",
            label=N_("Service desk"),
            icon="headset",
            key="s",
            permit="chat.serve",
        ),
        Place(href="/shop/orders", label=N_("Orders"), icon="package", key="o"),
        Place(
            href="/shop/reviews",
            label=N_("Reviews"),
            icon="message-2-star",
            key="v",
            permit="chat.serve",
        ),
        Place(
            href="/shop/register",
            label=N_("Register"),
            icon="message-report",
            key="r",
            permit="register.read",
        ),
        Place(href="/shop/team", label=N_("Team"), icon="user-up", key="e", permit="staff.use"),
        Place(href="/shop/money", label=N_("Money"), icon="wallet", key="m", permit="ledger.read"),
        Place(
            href="/shop/customers",
            label=N_("Customers"),
            icon="users",
            key="c",
            permit="customers.read",
        ),
        Place(
            href="/shop/figures",
            label=N_("Figures"),
            icon="chart-bar",
            key="f",
            permit="figures.read",
        ),
        Place(href="/shop/record", label=N_("Our record"), icon="scale", key="d"),
    ),
    "platform": (
        Place(href="/platform/cases", label=N_("Queue"), icon="gavel", key="q", permit="case.read"),
        Place(href="/platform/jury", label=N_("Jury"), icon="scale", key="j", permit="case.vote"),
        Place(href="/platform/jury", label=N_("Jury"), icon="scale", key="j", permit="case.review"),
        Place(href="/platform/policy", label=N_("Rules"), icon="book", key="r", permit="case.read"),
        Place(
            href="/platform/money",
            label=N_("Books"),
            icon="wallet",
            key="m",
            permit="ledger.read",
        ),
        Place(
            href="/platform/watch",
            label=N_("Execution"),
            icon="hourglass",
            key="x",
            permit="ledger.read",
        ),
        Place(
            href="/platform/watch",
            label=N_("Execution"),
            icon="hourglass",
            key="x",
            permit="case.review",
        ),
        Place(
            href="/platform/trouble",
            label=N_("Trouble"),
            icon="alert-triangle",
            key="t",
            permit="ledger.read",
        ),
        Place(href="/platform/log", label=N_("Log"), icon="history", key="l", permit="audit.read"),
    ),
}


def places_of(kind: str | None, permissions: frozenset[str] | None = None) -> tuple[Place, ...]:
    """The navigation of an audience, without the places that these permissions do not open.

    Whoever has not signed in has none.
    """
    places = NAVIGATION.get(kind or "", ())
    if permissions is None:
        return places
    return tuple(place for place in places if not place.permit or place.permit in permissions)


def first_place(kind: str, permissions: frozenset[str]) -> Place:
    """Where somebody begins; whoever may open nothing is told so at the first place of all."""
    return (places_of(kind, permissions) or places_of(kind))[0]


def is_current(place: Place, path: str) -> bool:
    """Whether a path lies in a place or below it."""
    return path == place.href or path.startswith(place.href + "/")

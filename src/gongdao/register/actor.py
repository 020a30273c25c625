"""Who acts on an entry, how far their word reaches, and what is known when they do. Pure."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.i18n import DEFAULT_LOCALE, Locale
from gongdao.settings.setting import RegisterRules


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the shop, as decisions about the register need them."""

    person_id: UUID
    name: str
    writes: bool
    approves: bool
    limit_fen: int | None
    """The most that a complaint may cost on their word alone; None is any amount."""


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the same shop."""

    name: str
    role: str
    writes: bool
    approves: bool
    limit_fen: int | None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Everything beside the entry itself that a decision rests on."""

    now: datetime
    rules: RegisterRules = RegisterRules()
    number: int = 0
    shop_name: str = ""
    order_id: UUID | None = None
    colleagues: dict[UUID, Colleague] = {}
    own_files: frozenset[UUID] = frozenset()
    """Which of the named files the acting person uploaded."""
    link_sha256: str = ""
    locale: Locale = DEFAULT_LOCALE
    """In which language instructions are written down."""


def actor_of(who: Principal, rules: RegisterRules) -> Actor:
    """A person of the shop as one who acts on its register."""
    return Actor(
        person_id=who.person_id,
        name=who.name,
        writes=who.may("register.write"),
        approves=who.may("register.approve"),
        limit_fen=limit_of(
            who.role,
            spends=who.may("case.money"),
            money_limit_fen=who.money_limit_fen,
            rules=rules,
        ),
    )


def limit_of(
    role: str, *, spends: bool, money_limit_fen: int | None, rules: RegisterRules
) -> int | None:
    """What the shop's rules of the register give to a role; else what the role itself says."""
    if role in rules.limits:
        return rules.limits[role]
    return money_limit_fen if spends else 0

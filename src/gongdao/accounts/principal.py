"""Who is asking: a person, the side that they stand on, and what their role permits."""

from collections.abc import Iterable
from typing import Literal, cast
from uuid import UUID

import msgspec

from gongdao.base.i18n import DEFAULT_LOCALE, N_, Locale
from gongdao.policy.words import Role

Kind = Literal["buyer", "shop", "platform"]
#: What a person of the platform is in a case; these are roles of the vocabulary.
Duty = Literal["arbiter", "supervisor", "operator", "auditor", "juror"]
Permit = Literal[
    "case.read",
    "case.open",
    "case.answer",
    "case.money",
    "case.judge",
    "case.review",
    "case.vote",
    "order.read",
    "order.import",
    "order.ship",
    "ledger.read",
    "shop.edit",
    "register.read",
    "register.write",
    "register.approve",
    "chat.use",
    "chat.serve",
    "chat.manage",
    "knowledge.read",
    "knowledge.edit",
    "staff.use",
    "staff.lead",
    "customers.read",
    "customers.reveal",
    "customers.manage",
    "figures.read",
    "staff.manage",
    "policy.edit",
    "audit.read",
]


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a role may allow: what a person reads, and which kinds of people can hold it."""

    group: str
    label: str
    kinds: frozenset[Kind]


_ALL: frozenset[Kind] = frozenset({"buyer", "shop", "platform"})
_PARTIES: frozenset[Kind] = frozenset({"buyer", "shop"})
_STAFF: frozenset[Kind] = frozenset({"shop", "platform"})
_SHOP: frozenset[Kind] = frozenset({"shop"})
_PLATFORM: frozenset[Kind] = frozenset({"platform"})

#: The closed list. A permission widens what a person may do on their own side, never whose cases
#: they see: a buyer sees their own, a shop's people their shop's, the platform's people all.
PERMISSIONS: dict[Permit, Permission] = {
    "case.read": Permission(group=N_("Cases"), label=N_("See cases"), kinds=_ALL),
    "case.open": Permission(
        group=N_("Cases"), label=N_("File, change and withdraw cases, appeal"), kinds=_PARTIES
    ),
    "case.answer": Permission(
        group=N_("Cases"), label=N_("Answer cases: approve, refuse, offer, prove"), kinds=_PARTIES
    ),
    "case.money": Permission(
        group=N_("Cases"), label=N_("Decide what costs the shop money"), kinds=_SHOP
    ),
    "case.judge": Permission(
        group=N_("Cases"), label=N_("Mediate and adjudicate"), kinds=_PLATFORM
    ),
    "case.review": Permission(
        group=N_("Cases"), label=N_("Review rulings: concur or send back"), kinds=_PLATFORM
    ),
    "case.vote": Permission(
        group=N_("Cases"), label=N_("Vote as a juror, without names"), kinds=_PLATFORM
    ),
    "order.read": Permission(group=N_("Orders"), label=N_("See orders"), kinds=_ALL),
    "order.import": Permission(group=N_("Orders"), label=N_("Import orders"), kinds=_STAFF),
    "order.ship": Permission(
        group=N_("Orders"), label=N_("Dispatch and enter tracking numbers"), kinds=_SHOP
    ),
    "ledger.read": Permission(
        group=N_("Shop"), label=N_("See balances and statements"), kinds=_STAFF
    ),
    "shop.edit": Permission(group=N_("Shop"), label=N_("Edit shop settings"), kinds=_STAFF),
    "register.read": Permission(
        group=N_("Complaint register"), label=N_("See the complaint register"), kinds=_SHOP
    ),
    "register.write": Permission(
        group=N_("Complaint register"),
        label=N_("Write down complaints and see them through"),
        kinds=_SHOP,
    ),
    "register.approve": Permission(
        group=N_("Complaint register"),
        label=N_("Approve or send back what is proposed"),
        kinds=_SHOP,
    ),
    "chat.use": Permission(
        group=N_("Service desk"), label=N_("Talk with the other side"), kinds=_ALL
    ),
    "chat.serve": Permission(
        group=N_("Service desk"), label=N_("Serve buyers, go on and off duty"), kinds=_SHOP
    ),
    "chat.manage": Permission(
        group=N_("Service desk"),
        label=N_("Lead the desk: groups, hours, scripts, figures, quality"),
        kinds=_SHOP,
    ),
    "knowledge.read": Permission(
        group=N_("Knowledge"), label=N_("Read what the shop knows, take trainings"), kinds=_SHOP
    ),
    "knowledge.edit": Permission(
        group=N_("Knowledge"),
        label=N_("Write articles, trainings and papers, answer gaps"),
        kinds=_SHOP,
    ),
    "staff.use": Permission(
        group=N_("Staff"), label=N_("Rota, hand-over book, own memos, the fund"), kinds=_SHOP
    ),
    "staff.lead": Permission(
        group=N_("Staff"),
        label=N_("Lead the team: shifts, leave, hand-over, commission, house rules"),
        kinds=_SHOP,
    ),
    "customers.read": Permission(
        group=N_("Customers"), label=N_("See customers, keep notes on them"), kinds=_SHOP
    ),
    "customers.reveal": Permission(
        group=N_("Customers"),
        label=N_("See whole phone numbers and addresses, with a reason that is kept"),
        kinds=_SHOP,
    ),
    "customers.manage": Permission(
        group=N_("Customers"),
        label=N_("Groups of customers, who looked, requests about personal information"),
        kinds=_SHOP,
    ),
    "figures.read": Permission(
        group=N_("Shop"), label=N_("See the figures of the shop"), kinds=_SHOP
    ),
    "staff.manage": Permission(
        group=N_("Staff"), label=N_("Manage roles and sub-accounts"), kinds=_STAFF
    ),
    "policy.edit": Permission(group=N_("Platform"), label=N_("Edit policy"), kinds=_PLATFORM),
    "audit.read": Permission(
        group=N_("Platform"), label=N_("Read the log and export dossiers"), kinds=_PLATFORM
    ),
}


def permissions_of(kind: Kind) -> frozenset[str]:
    """Everything that a person of this kind can ever be permitted."""
    return frozenset(key for key, permission in PERMISSIONS.items() if kind in permission.kinds)


#: A buyer acts for nobody else, so buyers have no roles: all of them may do the same.
BUYER_PERMISSIONS: frozenset[str] = permissions_of("buyer")


class RoleTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """A role that every new shop, or the platform, starts with. No limit means any amount."""

    permissions: frozenset[str]
    money_limit_fen: int | None = None


_AGENT = frozenset(
    {
        "case.read",
        "case.open",
        "case.answer",
        "order.read",
        "order.ship",
        "register.read",
        "register.write",
        "chat.use",
        "chat.serve",
        "knowledge.read",
        "staff.use",
        "customers.read",
        # They call customers; every look at a number is kept with its reason.
        "customers.reveal",
    }
)

#: An agent answers without spending; a lead spends up to 500 yuan; an owner may do everything.
SHOP_ROLES: dict[str, RoleTemplate] = {
    "owner": RoleTemplate(permissions=permissions_of("shop")),
    "lead": RoleTemplate(
        permissions=_AGENT
        | {"case.money", "ledger.read", "register.approve", "chat.manage", "staff.lead"}
        | {"knowledge.edit", "customers.manage", "figures.read"},
        money_limit_fen=50_000,
    ),
    "agent": RoleTemplate(permissions=_AGENT),
}

#: Who judges does not review, who edits the policy does neither, and the auditor only reads. A
#: juror sees no case but those that a jury decides, and of these no name.
PLATFORM_ROLES: dict[Duty, RoleTemplate] = {
    "arbiter": RoleTemplate(
        permissions=frozenset({"case.read", "case.judge", "order.read", "chat.use"})
    ),
    "supervisor": RoleTemplate(
        permissions=frozenset({"case.read", "case.review", "order.read", "audit.read", "chat.use"})
    ),
    "operator": RoleTemplate(
        permissions=frozenset(
            {
                "case.read",
                "order.read",
                "order.import",
                "ledger.read",
                "shop.edit",
                "staff.manage",
                "policy.edit",
            }
        )
    ),
    "auditor": RoleTemplate(
        permissions=frozenset({"case.read", "order.read", "ledger.read", "audit.read"})
    ),
    "juror": RoleTemplate(permissions=frozenset({"case.vote"})),
}

#: How the built-in roles are shown; a role with a free name is shown under that name.
ROLE_LABELS: dict[str, str] = {
    "buyer": N_("Buyer"),
    "owner": N_("Shop owner"),
    "lead": N_("Lead"),
    "agent": N_("Agent"),
    "arbiter": N_("Arbiter"),
    "supervisor": N_("Supervisor"),
    "operator": N_("Operator"),
    "auditor": N_("Auditor"),
    "juror": N_("Juror"),
}


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """The person behind a request, as everything that decides about access needs them."""

    person_id: UUID
    kind: Kind
    role: str
    """buyer; owner, lead, agent or a free name in a shop; a duty on the platform."""
    shop_id: UUID | None = None
    permissions: frozenset[str] = frozenset()
    money_limit_fen: int | None = None
    """The most that one decision of theirs may cost the shop; None is any amount."""
    name: str
    locale: Locale = DEFAULT_LOCALE

    def may(self, permission: Permit) -> bool:
        """Whether the role of this person includes the permission."""
        return permission in self.permissions

    def may_spend(self, fen: int) -> bool:
        """Whether this person may decide something that costs their shop so much."""
        if fen == 0:
            return True
        return self.may("case.money") and _within(fen, self.money_limit_fen)


def party_role(principal: Principal) -> Role:
    """The role of the vocabulary in which a person acts on a case."""
    match principal.kind:
        case "buyer":
            return "buyer"
        case "shop":
            return "seller"
        case "platform":
            # The roles of the platform's people are duties, and every duty is a role.
            return cast("Duty", principal.role)


def may_grant(
    principal: Principal, permissions: Iterable[str], *, money_limit_fen: int | None
) -> bool:
    """Whether somebody may hand out these permissions to the people of their own house.

    Nobody in a shop gives more than they have. On the platform the operator appoints arbiters
    without being one, so there only the kind of the permission limits.
    """
    wanted = frozenset(permissions)
    if not principal.may("staff.manage") or not wanted <= permissions_of(principal.kind):
        return False
    if principal.kind == "platform":
        return True
    if "case.money" in wanted and not _no_more(money_limit_fen, principal.money_limit_fen):
        return False
    return wanted <= principal.permissions


def _within(fen: int, limit_fen: int | None) -> bool:
    return limit_fen is None or fen <= limit_fen


def _no_more(limit_fen: int | None, than_fen: int | None) -> bool:
    return than_fen is None or (limit_fen is not None and limit_fen <= than_fen)

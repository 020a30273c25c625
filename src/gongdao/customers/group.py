"""Groups of customers: those that every shop has, and its own."""

from typing import NamedTuple

from gongdao.base.i18n import N_

#: What every shop begins with: who buys again and again, who buys in bulk, who only asked, and whom
#: one meets with patience.
BUILT_IN: dict[str, str] = {
    "regular": N_("Regulars"),
    "wholesale": N_("Wholesale"),
    "asked": N_("Asked only"),
    "patience": N_("With patience"),
}
#: The most groups of a shop, the most of one customer, and how many people one change names.
GROUPS_MAX, GROUPS_OF_ONE_MAX, BULK_MAX = 50, 10, 500
NAME_MAX = 20


class Group(NamedTuple):
    """A group: a word of BUILT_IN or the id of one's own, and its name."""

    key: str
    name: str
    is_own: bool


def built_in_groups() -> list[Group]:
    """The groups that every shop has; their names are message ids."""
    return [Group(key, name, False) for key, name in BUILT_IN.items()]

"""What of a person's data a shop erases on request, what it must keep, on which ground, and when.

The words are those of the law: Personal Information Protection Law (PIPL), E-Commerce Law (ECL),
Civil Code (CC), and the rules on apps that collect personal information (App rules, 2019).
"""

from datetime import datetime
from typing import NamedTuple

from gongdao.base.i18n import N_
from gongdao.policy.calendar import Calendar, parse_span

#: A request is answered within 15 working days (App rules, 2019, section 6).
ANSWER_WITHIN = parse_span("15wd")
_CALENDAR = Calendar()


class Kept(NamedTuple):
    """What is kept after an erasure, and why."""

    what: str
    ground: str


#: What an erasure takes: it is kept by consent or for the shop's own convenience.
ERASED: tuple[str, ...] = (
    N_("Notes on the customer: their words are taken out"),
    N_("Customer groups"),
    N_("Preferences"),
    N_("Wishes to hear when something is back in stock"),
)
#: What it leaves, because a law says so.
KEPT: tuple[Kept, ...] = (
    Kept(
        N_("Orders, parcels and payments"),
        N_("E-Commerce Law art. 31: records of trades are kept for at least 3 years."),
    ),
    Kept(
        N_("Cases, sealed evidence and conversations in them"),
        N_(
            "PIPL art. 13 (2) and (3), Civil Code art. 188: needed for claims that can still be"
            " made."
        ),
    ),
    Kept(
        N_("Conversations with the shop"),
        N_("E-Commerce Law art. 31 and 62: the original records of a trade, needed in disputes."),
    ),
    Kept(
        N_("The ledger"),
        N_("Accounting Law art. 23 with the archive rules: 30 years for books."),
    ),
    Kept(
        N_("Who looked at the data, and this request"),
        N_("PIPL art. 51 and 54: processing is secured and audited."),
    ),
)
#: The part of PIPL on which somebody asks for it.
BASIS: dict[str, str] = {
    "copy": N_("PIPL art. 45: to see and copy one's own data"),
    "erasure": N_("PIPL art. 47: to have one's own data erased"),
}


def due_from(asked_at: datetime) -> datetime:
    """Until when the shop answers."""
    return _CALENDAR.add(asked_at, ANSWER_WITHIN)

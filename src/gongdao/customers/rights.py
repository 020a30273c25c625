"""What of a person's data a shop erases on request, what it must keep, on which ground, and when.

The words are those of the law: Personal Information Protection Law (PIPL), E-Commerce Law (ECL),
Civil Code (CC), and the rules on apps that collect personal information (App rules, 2019).
"""

from datetime import datetime
from typing import NamedTuple

from gongdao.base.i18n import N_
from gongdao.policy.calendar import Calendar, parse_span

#: A request is answered within 15 working days. The App rules (2019, section 6) say so of an
#: erasure; of a copy PIPL art. 45 says "in time", and it takes no longer here.
ANSWER_WITHIN = parse_span("15wd")
_CALENDAR = Calendar()


class Kept(NamedTuple):
    """What is kept after an erasure, and why."""

    what: str
    ground: str


#: What an erasure takes: it is kept by consent or for the shop's own convenience.
ERASED: tuple[str, ...] = (
    N_("The name in the list of customers"),
    N_("Notes on the customer: their words are taken out"),
    N_("Customer groups"),
    N_("Preferences"),
    N_("Wishes to hear when something is back in stock"),
)
#: What it leaves, because a law says so.
KEPT: tuple[Kept, ...] = (
    Kept(
        N_("Orders, parcels and payments"),
        N_(
            "E-Commerce Law art. 31: a platform keeps records of trades for at least 3 years from"
            " their completion."
        ),
    ),
    Kept(
        N_("Cases, sealed evidence and conversations in them"),
        N_(
            "PIPL art. 13 (2) and (3), Civil Code art. 188: needed for claims that can still be"
            " made."
        ),
    ),
    Kept(
        N_("Complaints in the shop's own register, and what was agreed and signed there"),
        N_(
            "E-Commerce Law art. 59, Civil Code art. 188: complaints are taken and answered, and"
            " claims from them can be made for 3 years. Phone, e-mail and address stay masked."
        ),
    ),
    Kept(
        N_("Conversations with the shop"),
        N_(
            "E-Commerce Law art. 62, Civil Code art. 188: the original records of a trade are shown"
            " in disputes, as long as claims can be made."
        ),
    ),
    Kept(
        N_("The ledger"),
        N_("Accounting Law art. 23 with the archive rules: 30 years for books."),
    ),
    Kept(
        N_("Who looked at the data, and this request"),
        N_("PIPL art. 51 and 54: processing is secured and audited."),
    ),
    Kept(
        N_("Until its time is over, all of this stands in no list of customers and in no group"),
        N_("PIPL art. 47 (2): what a law keeps is stored and secured, and used for nothing else."),
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

"""What only the pages of a dossier say: words of the books, of sources, and how to check it."""

from gongdao.base.i18n import N_
from gongdao.dossier.contents import Audience

MADE_FOR: dict[Audience, str] = {
    "buyer": N_("Copy for the buyer. What is not the buyer's to see is left out."),
    "seller": N_("Copy for the shop. What is not the shop's to see is left out."),
    "platform": N_("Complete copy of the platform. Confidential."),
}

TRANSFERS = {
    "payment": N_("Payment"),
    "hold": N_("Freeze"),
    "release": N_("Release"),
    "capture": N_("Settlement to the shop"),
    "refund": N_("Refund"),
    "advance": N_("Advance"),
    "clawback": N_("Clawback"),
    "deposit_deduct": N_("Taken from the deposit"),
    "freight": N_("Freight"),
    "compensation": N_("Compensation"),
    "punitive": N_("Punitive compensation"),
    "goodwill": N_("Goodwill payment"),
    "top_up": N_("Top-up"),
    "repay": N_("Debt repaid"),
    "payout": N_("Paid out"),
    "write_off": N_("Written off"),
}

STATES = {
    "posted": N_("moved"),
    "pending": N_("promised"),
    "voided": N_("given up"),
    "expired": N_("lapsed"),
}

VERIFIED = {
    "V": N_("read at its source"),
    "Vx": N_("read in an excerpt"),
    "U": N_("not verified"),
}

SEALED = N_(
    "Every event is sealed together with the seal before it, so none can be changed, left out or"
    " moved without breaking the root. manifest.json names every file with its SHA-256. This"
    " command checks all of it without a network and names the first thing that was altered:"
)

ONE_ROOT = N_(
    "All dossiers of this case that end with the same event have the same root, for whomever they"
    " were made. Compare it with the other side's copy or the platform's."
)

LEFT_OUT = N_(
    "Left out of this copy: who acted within a house, private notes of others, contact details, and"
    " what could name somebody who is protected. For each of these the hash stands in the chain;"
    " events left out whole: {n}."
)

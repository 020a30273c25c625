"""What can go wrong with an order, as a buyer would say it, and which requests follow from it."""

from typing import Literal

import msgspec

from gongdao.base.i18n import N_
from gongdao.policy.pack import Pack
from gongdao.policy.words import EvidenceKind, Procedure, Reason
from gongdao.shops.order import Order
from gongdao.web.filing import kinds_for

#: How far the goods have come, as the buyer tells it.
Situation = Literal["unshipped", "awaited", "received"]
COMPLAINT, CLAIM, REPORT = "complaint", "claim", "report"
#: Wishes for a sum that only the buyer knows.
NAMED_SUM = frozenset({"price_protection", "freight_dispute"})
#: Wishes for which no sum is named.
WITHOUT_SUM = frozenset({COMPLAINT, CLAIM, REPORT, "exchange", "resend", "repair"})


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that went wrong: a plain sentence, an example, and what it is called in a case."""

    key: str
    title: str
    example: str
    where: tuple[Situation, ...]
    reason: Reason | None = None
    """The reason of an after-sale request; none where only a complaint makes sense."""
    complaint: str | None = None
    """The kind of complaint; none where there is nothing to complain about."""
    claim: str | None = None
    """The kind of counterfeit claim; none where the goods are not called a fake."""
    report: str | None = None
    """The kind of report to the platform; none where it is between buyer and seller alone."""


PROBLEMS: tuple[Problem, ...] = (
    Problem(
        key="late_shipment",
        title=N_("It has not been shipped in the promised time"),
        example=N_("The page said 48 hours, I paid three days ago, and nothing has been sent."),
        where=("unshipped",),
        reason="late_shipment",
        complaint="late_shipment",
    ),
    Problem(
        key="paid_not_shipped",
        title=N_("I have paid, and the seller just does not ship"),
        example=N_("The seller does not answer any more, or puts me off again and again."),
        where=("unshipped",),
        reason="other",
        complaint="paid_not_shipped",
    ),
    Problem(
        key="refuse_to_sell",
        title=N_("The seller does not want to sell it to me"),
        example=N_("They say the price was a mistake and want more money, or that I cancel."),
        where=("unshipped",),
        reason="other",
        complaint="refuse_to_sell",
    ),
    Problem(
        key="out_of_stock",
        title=N_("The seller says it is out of stock"),
        example=N_("After I had paid, customer service told me there is none left."),
        where=("unshipped",),
        reason="out_of_stock",
        complaint="out_of_stock",
    ),
    Problem(
        key="not_received",
        title=N_("I have not received the parcel"),
        example=N_("Tracking has not moved for days, or says signed, but I have nothing."),
        where=("awaited",),
        reason="not_received",
        complaint="not_received",
    ),
    Problem(
        key="quality",
        title=N_("Something is broken or does not work"),
        example=N_("The refrigerator does not cool; a seam is open; the screen flickers."),
        where=("received",),
        reason="quality",
    ),
    Problem(
        key="not_as_described",
        title=N_("It is not what the page said"),
        example=N_("The page says pure cotton, the label says polyester; another colour or size."),
        where=("received",),
        reason="not_as_described",
        complaint="not_as_described",
    ),
    Problem(
        key="wrong_item",
        title=N_("They sent something else"),
        example=N_("I ordered black in L and got white in M."),
        where=("received",),
        reason="wrong_item",
        complaint="not_as_described",
    ),
    Problem(
        key="missing_item",
        title=N_("Something is missing"),
        example=N_("I ordered three and got two; the accessories are not in the box."),
        where=("received",),
        reason="missing_item",
        complaint="short_shipment",
    ),
    Problem(
        key="damaged",
        title=N_("It arrived damaged"),
        example=N_("The carton was crushed and the glass inside is broken."),
        where=("received",),
        reason="damaged_in_transit",
        complaint="damaged",
    ),
    Problem(
        key="counterfeit",
        title=N_("I think it is a fake"),
        example=N_(
            "The anti-counterfeit code cannot be verified; the brand says it is not theirs."
        ),
        where=("received",),
        reason="counterfeit",
        claim="counterfeit",
        report="counterfeit_listing",
    ),
    Problem(
        key="pirated",
        title=N_("I think it is a pirated copy"),
        example=N_("The book is badly printed, the licence key of the software is not accepted."),
        where=("received",),
        reason="counterfeit",
        claim="pirated",
    ),
    Problem(
        key="price_drop",
        title=N_("The price has dropped, and the price was guaranteed"),
        example=N_(
            "I paid 899, three days later it is 799, and the page promised price protection."
        ),
        where=("unshipped", "awaited", "received"),
        reason="price_drop",
    ),
    Problem(
        key="no_reason",
        title=N_("Nothing is wrong, I just want to return it"),
        example=N_("It does not suit me. It is unused and complete, and I will send it back."),
        where=("received",),
        reason="no_reason",
    ),
    Problem(
        key="changed_mind",
        title=N_("I ordered it by mistake or no longer want it"),
        example=N_("I chose the wrong size, or bought it twice."),
        where=("unshipped", "awaited"),
        reason="changed_mind",
    ),
    Problem(
        key="shipped_late",
        title=N_("It was shipped later than promised"),
        example=N_("48 hours were promised, it left after five days."),
        where=("awaited", "received"),
        complaint="late_shipment",
    ),
    Problem(
        key="promise_broken",
        title=N_("The seller does not keep a promise"),
        example=N_("Free installation or a gift was promised, and now they deny it."),
        where=("unshipped", "awaited", "received"),
        complaint="promise_broken",
    ),
    Problem(
        key="fake_dispatch",
        title=N_("It says shipped, but nothing was handed to a carrier"),
        example=N_("The tracking number is unknown, or belongs to another parcel."),
        where=("awaited",),
        complaint="fake_dispatch",
    ),
    Problem(
        key="staff_conduct",
        title=N_("Customer service insulted or threatened me"),
        example=N_("They wrote insults in the chat, or rang me up again and again."),
        where=("unshipped", "awaited", "received"),
        complaint="staff_conduct",
        report="harassment",
    ),
    Problem(
        key="prohibited_goods",
        title=N_("They sell something that must not be sold"),
        example=N_("Medicine without a licence, a device for spying, protected animals."),
        where=("unshipped", "awaited", "received"),
        report="prohibited_goods",
    ),
    Problem(
        key="ip_infringement",
        title=N_("They use my brand, my work or my patent without leave"),
        example=N_("The pictures are mine; the mark on the goods is registered to my company."),
        where=("unshipped", "awaited", "received"),
        report="ip_infringement",
    ),
    Problem(
        key="fake_trade",
        title=N_("The shop fakes sales or reviews"),
        example=N_("They offered me money for a good review, or sent an empty parcel."),
        where=("unshipped", "awaited", "received"),
        report="fake_trade",
    ),
    Problem(
        key="off_platform",
        title=N_("The seller wants me to pay outside of the platform"),
        example=N_(
            "They sent a payment code in the chat, or asked me to cancel and buy elsewhere."
        ),
        where=("unshipped", "awaited", "received"),
        report="off_platform",
    ),
    Problem(
        key="market_disruption",
        title=N_("The shop breaks the rules of the market in another way"),
        example=N_("It pretends to be another shop, or lists the same goods again and again."),
        where=("unshipped", "awaited", "received"),
        report="market_disruption",
    ),
    Problem(
        key="agreed",
        title=N_("The seller and I have agreed already"),
        example=N_("In the chat we agreed on how much comes back; I file it as we said."),
        where=("unshipped", "awaited", "received"),
        reason="agreed",
    ),
    Problem(
        key="other",
        title=N_("Something else"),
        example=N_("None of these fits. You can tell it in your own words in the third step."),
        where=("unshipped", "awaited", "received"),
        reason="other",
    ),
)

#: Problems after which the goods are usually kept.
KEEPS_GOODS = frozenset({"missing_item"})

BY_KEY = {problem.key: problem for problem in PROBLEMS}

#: What counts as good proof, for each kind of evidence that a buyer may add.
GOOD_PROOF: dict[EvidenceKind, str] = {
    "photo_of_item": N_(
        "Sharp, in daylight: the whole item, then the spot, with the label in view."
    ),
    "unboxing_video": N_("In one take, from the closed parcel with its label to the opened goods."),
    "chat_transcript": N_("Screenshots with names, dates and the lines before and after."),
    "listing_snapshot": N_("A screenshot of the page or the order snapshot, the claim in view."),
    "appraisal_report": N_("From a lab or a brand service point, with number, date and stamp."),
    "repair_record": N_("The technician's sheet: what was found, by whom, on which day."),
    "freight_receipt": N_("The carrier's receipt with the sum; a receipt of its own for handling."),
    "tracking_history": N_("A screenshot of the carrier's page with number and dates."),
    "third_party_report": N_("From the police, a court or an authority, with its number."),
    "invoice": N_("The invoice or the receipt of the purchase."),
    "proof_of_return": N_("The carrier's receipt of the return, with the tracking number."),
    "statement": N_("What happened, in your own words, in the order in which it happened."),
}

#: What is asked for where the rule book asks for nothing in particular.
USUAL_PROOF: dict[Situation, tuple[EvidenceKind, ...]] = {
    "unshipped": ("chat_transcript", "listing_snapshot"),
    "awaited": ("tracking_history", "chat_transcript"),
    "received": ("photo_of_item", "chat_transcript"),
}


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a buyer can want: a kind of after-sale request, or a complaint."""

    key: str
    procedure: Procedure
    kind: str
    anonymous: bool = False
    """The other side is never told who filed it."""


def situation_of(order: Order, received: bool | None) -> Situation:
    """How far the goods have come; the buyer's word counts once they are on their way."""
    if order.shipped_at is None:
        return "unshipped"
    if received is None:
        received = order.signed_at is not None
    return "received" if received else "awaited"


def problems_in(situation: Situation) -> list[Problem]:
    """What can go wrong at this point."""
    return [problem for problem in PROBLEMS if situation in problem.where]


def choices_for(problem: Problem, pack: Pack) -> list[Choice]:
    """What can be asked for because of a problem, by the rule book; the usual first."""
    choices = [
        Choice(key=kind.id, procedure="after_sale", kind=kind.id)
        for kind in kinds_for(pack, "after_sale", "buyer")
        if problem.reason in kind.reasons and kind.id in WISHES
    ]
    others: tuple[tuple[str, Procedure, str | None], ...] = (
        (COMPLAINT, "complaint", problem.complaint),
        (CLAIM, "counterfeit_claim", problem.claim),
        (REPORT, "report", problem.report),
    )
    for key, procedure, named in others:
        choices += [
            Choice(key=key, procedure=procedure, kind=kind.id, anonymous=kind.anonymous)
            for kind in kinds_for(pack, procedure, "buyer")
            if kind.id == named
        ]
    # Who has the goods and wants all the money usually sends them back.
    sends_back = problem.where == ("received",) and problem.key not in KEEPS_GOODS
    return choices if not sends_back else sorted(choices, key=lambda c: c.kind != "return_refund")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants, in words."""

    title: str
    text: str


WISHES: dict[str, Wish] = {
    "return_refund": Wish(
        title=N_("Return the goods and get the money back"),
        text=N_("Once the seller agrees, you send the goods back; when they arrive, you are paid."),
    ),
    "refund_only": Wish(
        title=N_("Get money back, nothing is returned"),
        text=N_("For goods that never came, or when a part of the price is enough for you."),
    ),
    "exchange": Wish(
        title=N_("Exchange it"),
        text=N_("You send it back, and the seller sends you another one. Nothing is paid."),
    ),
    "resend": Wish(
        title=N_("Have it sent again"),
        text=N_("The seller sends what is missing or did not come; you send nothing back."),
    ),
    "repair": Wish(
        title=N_("Have it repaired"),
        text=N_("You send it in, the seller repairs it and sends it back to you."),
    ),
    "price_protection": Wish(
        title=N_("Get the difference in price"),
        text=N_("You keep the goods; name the difference and show both prices."),
    ),
    "intercept_return": Wish(
        title=N_("Have the parcel stopped and turned back"),
        text=N_("The seller asks the carrier to return it; when it is back, you are paid."),
    ),
    "freight_dispute": Wish(
        title=N_("Get the carriage back that I paid"),
        text=N_("For the way back of goods that you could return; add the carrier's receipt."),
    ),
    CLAIM: Wish(
        title=N_("Claim that the goods are not genuine"),
        text=N_(
            "The seller has time to prove where they come from or to settle with you; then "
            "the platform finds."
        ),
    ),
    REPORT: Wish(
        title=N_("Report it to the platform"),
        text=N_("The platform looks into it and acts against the shop; it is not about money."),
    ),
    COMPLAINT: Wish(
        title=N_("Complain about the seller"),
        text=N_("The seller answers within the time limit; if not, the platform steps in."),
    ),
}

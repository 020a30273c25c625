"""What can go wrong with an order, as a buyer would say it, and which requests follow from it."""

from typing import Literal

import msgspec

from gongdao.base.i18n import N_
from gongdao.policy.pack import Pack
from gongdao.policy.words import EvidenceKind, Reason
from gongdao.shops.order import Order

#: How far the goods have come, as the buyer tells it.
Situation = Literal["unshipped", "awaited", "received"]
COMPLAINT = "complaint"


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
    procedure: Literal["after_sale", "complaint"]
    kind: str


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
    choices: list[Choice] = []
    after_sale = pack.procedures.get("after_sale")
    if problem.reason is not None and after_sale is not None:
        choices += [
            Choice(key=kind.id, procedure="after_sale", kind=kind.id)
            for kind in after_sale.kind
            if problem.reason in kind.reasons and kind.id in WISHES
        ]
    if problem.complaint is not None and ("complaint", problem.complaint) in pack.kinds:
        choices.append(Choice(key=COMPLAINT, procedure="complaint", kind=problem.complaint))
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
    COMPLAINT: Wish(
        title=N_("Complain about the seller"),
        text=N_("The seller answers within the time limit; if not, the platform steps in."),
    ),
}

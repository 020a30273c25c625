"""The words of the vocabulary as people read them: identifier to sentence, by kind of word.

One table for pages, the API, the command line and drawings. Templates write
`{{ stage | term("stage") }}`; an identifier that is not in the vocabulary is shown as it is, so
that a page never fails over a word that a new pack brings.
"""

from gongdao.base.i18n import N_

STAGES = {
    "seller_review": N_("Waiting for the seller"),
    "buyer_decision": N_("Waiting for the buyer"),
    "buyer_return": N_("Waiting for the return"),
    "seller_inspection": N_("Seller checks the return"),
    "fulfilment": N_("Seller ships or repairs"),
    "buyer_receipt": N_("Waiting for receipt"),
    "seller_response": N_("Waiting for the seller's response"),
    "buyer_confirmation": N_("Waiting for the buyer's confirmation"),
    "negotiation": N_("Negotiation"),
    "triage": N_("Triage"),
    "evidence": N_("Evidence"),
    "seller_preprocessing": N_("Seller's own proposal"),
    "mediation": N_("Mediation"),
    "jury": N_("Jury"),
    "adjudication": N_("Adjudication"),
    "supervisor_review": N_("Review of the ruling"),
    "execution": N_("Execution"),
    "follow_up": N_("Follow-up"),
    "closed": N_("Closed"),
    "intake": N_("Intake"),
    "contact": N_("Contact"),
    "analysis": N_("Analysis"),
    "approval": N_("Approval"),
    "agreement": N_("Customer's agreement"),
    "dispatch": N_("Carried out by the department"),
}

ROLES = {
    "buyer": N_("Buyer"),
    "seller": N_("Seller"),
    "both": N_("Both sides"),
    "agent": N_("Agent"),
    "lead": N_("Lead"),
    "arbiter": N_("Arbiter"),
    "supervisor": N_("Supervisor"),
    "juror": N_("Juror"),
    "jurors": N_("Jurors"),
    "carrier": N_("Carrier"),
    "platform": N_("Platform"),
    "system": N_("System"),
    "auditor": N_("Auditor"),
    "operator": N_("Operator"),
    "reporter": N_("Reporter"),
    "nobody": N_("Nobody"),
}

LIABILITIES = ROLES | {"none": N_("Nobody is liable"), "both": N_("Both are liable")}

PROCEDURES = {
    "after_sale": N_("After-sales request"),
    "complaint": N_("Complaint"),
    "counterfeit_claim": N_("Counterfeit claim"),
    "report": N_("Report"),
    "register": N_("Complaint register"),
    "appeal": N_("Appeal"),
}

KINDS = {
    "refund_only": N_("Refund only"),
    "return_refund": N_("Return and refund"),
    "exchange": N_("Exchange"),
    "resend": N_("Resend"),
    "repair": N_("Repair"),
    "price_protection": N_("Price protection"),
    "intercept_return": N_("Intercepted return"),
    "freight_dispute": N_("Freight dispute"),
    "late_shipment": N_("Late shipment"),
    "out_of_stock": N_("Out of stock"),
    "refuse_to_sell": N_("Refusal to sell"),
    "paid_not_shipped": N_("Paid but not shipped"),
    "not_as_described": N_("Not as described"),
    "fake_dispatch": N_("Fake dispatch"),
    "promise_broken": N_("Broken promise"),
    "staff_conduct": N_("Conduct of staff"),
    "not_received": N_("Not received"),
    "short_shipment": N_("Short shipment"),
    "damaged": N_("Damaged"),
    "counterfeit": N_("Counterfeit goods"),
    "pirated": N_("Pirated goods"),
    "prohibited_goods": N_("Prohibited goods"),
    "counterfeit_listing": N_("Sale of counterfeits"),
    "ip_infringement": N_("Infringed intellectual property"),
    "fake_trade": N_("Fake trade"),
    "malicious_order": N_("Malicious order"),
    "malicious_complaint": N_("Malicious complaint"),
    "review_extortion": N_("Extortion by reviews"),
    "harassment": N_("Harassment"),
    "off_platform": N_("Trade led off the platform"),
    "market_disruption": N_("Disruption of the market"),
}

REASONS = {
    "no_reason": N_("Seven days, no reason needed"),
    "quality": N_("Quality problem"),
    "not_as_described": N_("Not as described"),
    "wrong_item": N_("Wrong item"),
    "missing_item": N_("Missing item"),
    "damaged_in_transit": N_("Damaged in transit"),
    "not_received": N_("Not received"),
    "late_shipment": N_("Late shipment"),
    "out_of_stock": N_("Out of stock"),
    "counterfeit": N_("Counterfeit"),
    "changed_mind": N_("Ordered by mistake or no longer wanted"),
    "price_drop": N_("Price drop"),
    "agreed": N_("Agreed with the seller"),
    "other": N_("Other"),
    "not_in_window": N_("Outside the time limit"),
    "excluded_goods": N_("Goods excluded from returns"),
    "not_intact": N_("No longer fit for resale"),
    "no_evidence": N_("Evidence is insufficient"),
    "already_shipped": N_("Already shipped"),
    "signed": N_("Already signed for"),
    "not_liable": N_("Seller is not liable"),
    "buyer_fault": N_("Caused by the buyer"),
}

ACTIONS = {
    "open": N_("File"),
    "modify": N_("Change the request"),
    "withdraw": N_("Withdraw"),
    "approve": N_("Approve"),
    "reject": N_("Refuse"),
    "offer": N_("Make an offer"),
    "counter_offer": N_("Make a counter-offer"),
    "accept_offer": N_("Accept the offer"),
    "decline_offer": N_("Decline the offer"),
    "compensate": N_("Pay compensation"),
    "ship_back": N_("Send back"),
    "refill_tracking": N_("Correct the tracking number"),
    "confirm_receipt": N_("Confirm receipt"),
    "report_mismatch": N_("Report a wrong return"),
    "ship": N_("Ship"),
    "sign": N_("Sign for the parcel"),
    "timeout": N_("The deadline passed"),
    "confirm": N_("Confirm that it is settled"),
    "escalate": N_("Ask the platform to step in"),
    "request_evidence": N_("Request evidence"),
    "submit_evidence": N_("Submit evidence"),
    "extend_deadline": N_("Extend the deadline"),
    "pause": N_("Pause"),
    "resume": N_("Resume"),
    "remind": N_("Remind"),
    "propose_settlement": N_("Propose a settlement"),
    "adjudicate": N_("Adjudicate"),
    "concur": N_("Concur"),
    "send_back": N_("Send back for a new ruling"),
    "appeal": N_("Appeal"),
    "execute": N_("Execute"),
    "note": N_("Note"),
    "act_on_behalf": N_("Act on behalf"),
}

EVIDENCE = {
    "proof_of_delivery": N_("Proof of delivery"),
    "proof_of_return": N_("Proof of return"),
    "tracking_history": N_("Tracking history"),
    "photo_of_item": N_("Photo of the item"),
    "unboxing_video": N_("Unboxing video"),
    "chat_transcript": N_("Chat transcript"),
    "listing_snapshot": N_("Listing snapshot"),
    "invoice": N_("Invoice or purchase papers"),
    "appraisal_report": N_("Appraisal report"),
    "repair_record": N_("Repair record"),
    "refund_proof": N_("Proof of refund"),
    "qualification": N_("Authorisation or customs papers"),
    "freight_receipt": N_("Freight receipt"),
    "statement": N_("Statement"),
    "third_party_report": N_("Third-party report"),
    "system_record": N_("System record"),
}

ENDINGS = {
    "settled": N_("Settled"),
    "decided": N_("Decided"),
    "withdrawn": N_("Withdrawn"),
    "defaulted": N_("Decided by default"),
    "expired": N_("Closed after the deadline"),
    "out_of_scope": N_("Out of scope"),
}

REMEDIES = {
    "full_refund": N_("Full refund"),
    "partial_refund": N_("Partial refund"),
    "return_and_refund": N_("Return and refund"),
    "refund_keep_item": N_("Refund, the buyer keeps the item"),
    "replacement": N_("Replacement"),
    "resend": N_("Resend"),
    "repair": N_("Repair"),
    "compensation": N_("Compensation"),
    "punitive_compensation": N_("Punitive compensation"),
    "apology": N_("Apology"),
    "no_action": N_("No action"),
}

AMOUNTS = {
    "refund": N_("Refund"),
    "freight": N_("Freight"),
    "compensation": N_("Compensation"),
    "punitive": N_("Punitive compensation"),
    "test_fee": N_("Test fee"),
    "goodwill": N_("Goodwill payment"),
    "total": N_("Total"),
}

ACCOUNTS = {
    "order_escrow": N_("Payment held for the order"),
    "shop_balance": N_("Shop balance"),
    "shop_deposit": N_("Shop deposit"),
    "shop_frozen": N_("Frozen"),
    "shop_debt": N_("Shop debt"),
    "buyer_refund": N_("Back to the original payment"),
    "platform_advance": N_("Advanced by the platform"),
    "platform_income": N_("Platform income"),
    "carrier": N_("Carrier"),
    "external": N_("External"),
    "escrow": N_("Payment held for the order"),
    "balance": N_("Shop balance"),
    "deposit": N_("Shop deposit"),
    "debt": N_("Shop debt"),
    "advance": N_("Advanced by the platform"),
}

MISMATCHES = {
    "empty": N_("the parcel is empty"),
    "different": N_("something else came back"),
    "damaged": N_("the goods came back damaged"),
    "missing": N_("something is missing"),
}

TRACK = {
    "picked_up": N_("Picked up by the carrier"),
    "in_transit": N_("Under way"),
    "out_for_delivery": N_("Out for delivery"),
    "delivered": N_("Arrived at the address"),
    "signed": N_("Signed for"),
    "refused": N_("Refused at the door"),
    "returned": N_("On its way back to the sender"),
    "lost": N_("Lost"),
    "damaged": N_("Damaged on the way"),
    "exception": N_("Something went wrong on the way"),
    "no_such_number": N_("The carrier does not know this number"),
}

PAUSES = {
    "joint_request": N_("both sides ask for it"),
    "court": N_("a court has the matter"),
    "police": N_("the police have the matter"),
}

POINTS = {
    "general": N_("General breaches"),
    "serious": N_("Serious breaches"),
    "counterfeit": N_("Counterfeits"),
}

SANCTIONS = {
    "warning": N_("Warning"),
    "delist": N_("Goods taken off the shelf"),
    "delete_listing": N_("Listing deleted"),
    "block_listing": N_("No new listings"),
    "demote": N_("Demoted in search"),
    "shield": N_("Shop shielded"),
    "remove_slots": N_("Removed from promoted places"),
    "remove_ads": N_("Advertisements removed"),
    "ban_sale": N_("Ban on sales"),
    "freeze_funds": N_("Funds frozen"),
    "close_shop": N_("Shop closed"),
    "refer_to_police": N_("Referred to the police"),
}

#: What an order may have been promised; another word of a shop's own stands as it was written.
PROMISES = {
    "fake_one_pay_ten": N_("Ten for a fake"),
    "fake_one_pay_four": N_("Four for a fake"),
    "fake_one_pay_three": N_("Three for a fake"),
    "instant_dispatch": N_("Dispatch within hours"),
    "express_dispatch": N_("Fast dispatch"),
    "same_day_dispatch": N_("Dispatch on the same day"),
    "same_day": N_("Dispatch on the same day"),
    "next_day_delivery": N_("Delivery on the next day"),
    "next_day": N_("Delivery on the next day"),
    "in_stock": N_("In stock"),
    "presale": N_("Presale"),
    "pre_sale": N_("Presale"),
    "full_presale": N_("Presale, paid in full"),
    "deposit_presale": N_("Presale with a deposit"),
    "price_protection": N_("Price protection"),
    "cod_price_told": N_("Price on delivery told by phone"),
}

SHOP_STATUSES = {
    "open": N_("In good standing"),
    "restricted": N_("Restricted"),
    "shielded": N_("Shielded"),
    "closed": N_("Closed down"),
}

#: What `term(word, kind)` knows, by kind.
TERMS: dict[str, dict[str, str]] = {
    "stage": STAGES,
    "role": ROLES,
    "mismatch": MISMATCHES,
    "pause": PAUSES,
    "track": TRACK,
    "liability": LIABILITIES,
    "procedure": PROCEDURES,
    "kind": KINDS,
    "reason": REASONS,
    "action": ACTIONS,
    "evidence": EVIDENCE,
    "ended": ENDINGS,
    "remedy": REMEDIES,
    "amount": AMOUNTS,
    "account": ACCOUNTS,
    "points": POINTS,
    "sanction": SANCTIONS,
    "shop_status": SHOP_STATUSES,
    "promise": PROMISES,
}


def term(word: str, kind: str) -> str:
    """The English sentence for an identifier of the vocabulary; KeyError for an unknown kind."""
    return TERMS[kind].get(word.partition(":")[0], word)

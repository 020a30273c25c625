"""The closed word lists of docs/vocabulary.md that packs, cases, the API and pages share."""

from typing import Literal, get_args

Role = Literal[
    "buyer", "seller", "agent", "lead", "arbiter", "supervisor", "juror", "carrier", "system",
    "auditor", "operator",
]  # fmt: skip
Party = Literal[
    "buyer", "seller", "both", "arbiter", "supervisor", "jurors", "carrier", "system", "agent",
    "operator", "nobody",
]  # fmt: skip
Procedure = Literal["after_sale", "complaint", "counterfeit_claim", "report", "register", "appeal"]
Stage = Literal[
    "seller_review", "buyer_decision", "buyer_return", "seller_inspection", "fulfilment",
    "buyer_receipt", "seller_response", "buyer_confirmation", "negotiation", "triage", "evidence",
    "seller_preprocessing", "mediation", "jury", "adjudication", "supervisor_review", "execution",
    "follow_up", "closed",
]  # fmt: skip
Action = Literal[
    "open", "modify", "withdraw", "approve", "reject", "offer", "counter_offer", "accept_offer",
    "decline_offer", "compensate", "ship_back", "refill_tracking", "confirm_receipt",
    "report_mismatch", "ship", "sign", "confirm", "escalate", "request_evidence",
    "submit_evidence", "extend_deadline", "pause", "resume", "remind", "propose_settlement",
    "adjudicate", "concur", "send_back", "appeal", "execute", "note", "act_on_behalf", "timeout",
]  # fmt: skip
Reason = Literal[
    "no_reason", "quality", "not_as_described", "wrong_item", "missing_item", "damaged_in_transit",
    "not_received", "late_shipment", "out_of_stock", "counterfeit", "changed_mind", "price_drop",
    "agreed", "other",
]  # fmt: skip
RefusalReason = Literal[
    "not_in_window", "excluded_goods", "not_intact", "no_evidence", "already_shipped", "signed",
    "not_liable", "buyer_fault", "other",
]  # fmt: skip
Liability = Literal["seller", "buyer", "both", "none", "platform", "carrier"]
FreightBearer = Literal["seller", "buyer", "carrier", "platform"]
Remedy = Literal[
    "full_refund", "partial_refund", "return_and_refund", "refund_keep_item", "replacement",
    "resend", "repair", "compensation", "punitive_compensation", "apology", "no_action",
]  # fmt: skip
AmountName = Literal["refund", "freight", "compensation", "punitive", "test_fee", "goodwill"]
EvidenceKind = Literal[
    "proof_of_delivery", "proof_of_return", "tracking_history", "photo_of_item", "unboxing_video",
    "chat_transcript", "listing_snapshot", "invoice", "appraisal_report", "repair_record",
    "refund_proof", "qualification", "freight_receipt", "statement", "third_party_report",
    "system_record",
]  # fmt: skip
TrackWord = Literal[
    "picked_up", "in_transit", "out_for_delivery", "delivered", "signed", "refused", "returned",
    "lost", "damaged", "exception", "no_such_number",
]  # fmt: skip
PointsLedger = Literal["general", "serious", "counterfeit"]
SanctionKind = Literal[
    "warning", "delist", "delete_listing", "block_listing", "demote", "shield", "remove_slots",
    "remove_ads", "ban_sale", "freeze_funds", "close_shop", "refer_to_police",
]  # fmt: skip
ShopStatus = Literal["open", "restricted", "shielded", "closed"]
Mismatch = Literal["empty", "different", "damaged", "missing"]

AMOUNT_NAMES: tuple[str, ...] = get_args(AmountName)
ACTIONS: tuple[str, ...] = get_args(Action)
EVIDENCE_KINDS: tuple[str, ...] = get_args(EvidenceKind)
REASONS: tuple[str, ...] = get_args(Reason)
STAGES: tuple[str, ...] = get_args(Stage)
ROLES: tuple[str, ...] = get_args(Role)
POINTS_LEDGERS: tuple[PointsLedger, ...] = get_args(PointsLedger)
SANCTIONS: tuple[SanctionKind, ...] = get_args(SanctionKind)

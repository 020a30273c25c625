"""What each action does to a case: one function per action, listed in ACTIONS.

Who may act, in which stage and with what consequence for the procedure stands in the pack; what
the action means stands here. See docs/how-to/add-an-action.md.
"""

from collections.abc import Callable
from typing import Any

from gongdao.cases.actions import negotiation, platform, proof, request, returns, review
from gongdao.cases.draft import Draft

ACTIONS: dict[str, Callable[[Draft, Any], None]] = {
    "modify": request.modify,
    "withdraw": request.withdraw,
    "approve": negotiation.approve,
    "reject": negotiation.reject,
    "offer": negotiation.offer,
    "counter_offer": negotiation.offer,
    "propose_settlement": negotiation.offer,
    "accept_offer": negotiation.accept_offer,
    "decline_offer": negotiation.decline_offer,
    "compensate": negotiation.compensate,
    "confirm": negotiation.confirm,
    "ship_back": returns.ship_back,
    "refill_tracking": returns.refill_tracking,
    "sign": returns.sign,
    "ship": returns.send_goods,
    "confirm_receipt": returns.confirm_receipt,
    "report_mismatch": returns.report_mismatch,
    "escalate": platform.escalate,
    "request_evidence": platform.request_evidence,
    "adjudicate": platform.adjudicate,
    "concur": review.concur,
    "send_back": review.send_back,
    "appeal": review.appeal,
    "execute": review.execute,
    "extend_deadline": platform.extend_deadline,
    "pause": platform.pause,
    "resume": platform.resume,
    "submit_evidence": proof.submit_evidence,
    "remind": request.remind,
    "note": request.note,
}

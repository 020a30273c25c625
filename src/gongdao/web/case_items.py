"""What the sides offered and said to each other, ready for the parts of a case's page."""

from typing import Any

from gongdao.cases import events as e
from gongdao.flows.case_view import CaseView


def offer_items(view: CaseView) -> list[dict[str, Any]]:
    """The offers, the newest first."""
    return [
        {
            "number": offer.number,
            "role": offer.by,
            "at": offer.at,
            "remedy": offer.remedy,
            "refund_fen": offer.refund_fen,
            "compensation_fen": offer.compensation_fen,
            "freight_by": offer.freight_by or "",
            "note": offer.note,
            "accepted_by": offer.accepted_by,
            "state": offer.state if view.case.is_open or offer.state != "open" else "lapsed",
            "mine": offer.by == view.role,
        }
        for offer in reversed(view.case.offers)
    ]


def message_items(view: CaseView) -> list[dict[str, Any]]:
    """What somebody may read of what was said, the oldest first; one's own notes are private."""
    return [
        {
            "id": told.version,
            "role": told.by,
            "who": told.name,
            "text": told.body.text,
            "at": told.at,
            "mine": told.by == view.role,
            "private": told.private,
        }
        for told in view.timeline
        if isinstance(told.body, e.Noted)
    ]

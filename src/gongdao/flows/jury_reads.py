"""What jurors see: what they may still vote on, what was said, and how far each vote is."""

from datetime import datetime
from uuid import UUID

import msgspec

from gongdao.base.db import Queryable
from gongdao.cases import events as e
from gongdao.flows.case_view import CaseView
from gongdao.flows.conflicts import free_for_juror
from gongdao.policy.words import Procedure

PAGE = 50
_LIST = f"""
SELECT c.id, c.number, c.procedure, c.kind, c.state ->> 'pack' AS pack, c.due_at,
       jsonb_array_length(coalesce(c.state -> 'votes', '[]')) AS votes
  FROM cases c WHERE c.stage = 'jury' AND c.ended IS NULL AND %s
 ORDER BY c.due_at, c.id LIMIT {PAGE}
"""  # noqa: S608 - made of constants
_OPEN = _LIST % free_for_juror("$1")
_PROGRESS = _LIST % "true"


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """A case that a jury decides, without anything that says whose it is."""

    id: UUID
    number: int
    procedure: Procedure
    kind: str
    pack: str
    due_at: datetime | None
    votes: int


async def list_open(database: Queryable, person_id: UUID) -> list[Vote]:
    """What a juror may still vote on, and nothing of their own, the oldest clock first."""
    return [msgspec.convert(dict(row), Vote) for row in await database.fetch(_OPEN, person_id)]


async def list_progress(database: Queryable) -> list[Vote]:
    """Every case before a jury, and how many votes it has."""
    return [msgspec.convert(dict(row), Vote) for row in await database.fetch(_PROGRESS)]


def said_by(view: CaseView, side: str) -> list[str]:
    """What a side said to the other one or to the platform, in its own words, the oldest first."""
    told = [one.body for one in view.timeline if one.by == side and not one.private]
    return [text for body in told if (text := _words(body))]


def _words(body: e.Event) -> str:
    match body:
        case e.Noted(text=text):
            return text
        case e.CaseOpened(claim=claim) | e.RequestModified(claim=claim):
            return claim or ""
        case e.OfferMade(offer=offer):
            return offer.note
        case e.RulingAppealed(appeal=appeal):
            return appeal.grounds
        case _:
            return ""

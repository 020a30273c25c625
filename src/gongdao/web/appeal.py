"""Until when a side can appeal against a ruling, as its pages say it."""

from datetime import datetime

from gongdao.cases.draft import Draft
from gongdao.cases.eligibility import window_closes_at
from gongdao.flows.case_view import CaseView


def appeal_until(view: CaseView) -> datetime | None:
    """The last instant of an appeal that is possible now; None where no clock ends it."""
    if not view.may("appeal"):
        return None
    draft = Draft(view.case, facts=view.facts, pack=view.pack, now=view.now, by=view.role)
    ends = [window_closes_at(draft, "appeal")]
    if view.case.stage == "execution" and not _reopens(view):
        ends.append(view.case.deadline)
    return min((end for end in ends if end), default=None)


def _reopens(view: CaseView) -> bool:
    """Whether the pack hears an appeal after the ruling was carried out, too."""
    closed = view.pack.stages.get((view.case.procedure, "closed"))
    return closed is not None and any(move.do == "appeal" for move in closed.action)

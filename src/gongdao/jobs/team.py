"""Job of the worker: shifts that are over get their real end, and Monday brings the report."""

from datetime import datetime

from gongdao.base.db import Pool
from gongdao.flows.staff.ends import end_shifts
from gongdao.flows.staff.week_report import make_due_reports


async def look_after_teams(pool: Pool, now: datetime) -> None:
    """One round over all shops."""
    await end_shifts(pool, now)
    await make_due_reports(pool, now)

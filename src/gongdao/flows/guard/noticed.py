"""How what was noticed becomes a finding."""

from datetime import datetime

from gongdao.base.ids import new_id
from gongdao.policy.pack import Pack
from gongdao.risk.finding import Finding, Place, Sign


def noticed(sign: Sign, place: Place, pack: Pack, *, at: datetime, now: datetime) -> Finding:
    """A sign in its place, ready to be kept."""
    return Finding(
        id=new_id(),
        code=sign.code,
        by=sign.by,
        place=place,
        weight=pack.guard.rules[sign.code].weight,
        evidence=sign.evidence,
        pack=pack.name,
        at=at,
        found_at=now,
    )

"""Entries and people for tests of the pure rules."""

from datetime import UTC, datetime
from uuid import UUID

from gongdao.register import commands as c
from gongdao.register.actor import Actor, Colleague, Known
from gongdao.register.decide import Outcome, decide, decide_opening
from gongdao.register.entry import Entry
from gongdao.settings.setting import RegisterRules

NOW = datetime(2026, 5, 6, 3, 30, tzinfo=UTC)  # half past eleven in Shanghai
SHOP, AGENT, LEAD, OWNER = (UUID(int=n) for n in range(1, 5))
ENTRY, FILE = UUID(int=50), UUID(int=60)

PEOPLE = {
    "agent": Actor(person_id=AGENT, name="小美", writes=True, approves=False, limit_fen=5_000),
    "lead": Actor(person_id=LEAD, name="赵敏", writes=True, approves=True, limit_fen=50_000),
    "owner": Actor(person_id=OWNER, name="王佳", writes=True, approves=True, limit_fen=None),
    "reader": Actor(person_id=UUID(int=9), name="审", writes=False, approves=False, limit_fen=0),
}
COLLEAGUES = {
    one.person_id: Colleague(
        name=one.name,
        role=role,
        writes=one.writes,
        approves=one.approves,
        limit_fen=one.limit_fen,
    )
    for role, one in PEOPLE.items()
}
KNOWN = Known(
    now=NOW,
    rules=RegisterRules(),
    number=200_001,
    shop_name="沁园家电",
    colleagues=COLLEAGUES,
    own_files=frozenset({FILE}),
    link_sha256="ab" * 32,
)

OPEN = c.EntryArgs(
    name="李建国", phone="139 5550 0101", reason="quality", story="冰箱门关不严", signature="小美"
)
CONTACT = c.ContactArgs(said="门封条翘起，已请客户拍照", product="双门冰箱", batch="B2603")
ANALYSIS = c.AnalyseArgs(facts="门封条安装不到位", severity="medium", fault="main")


def opened(by: str = "agent", known: Known = KNOWN, args: c.EntryArgs = OPEN) -> Outcome:
    return decide_opening(args, entry_id=ENTRY, shop_id=SHOP, actor=PEOPLE[by], known=known)


def does(
    entry: Entry, by: str, action: str, args: object | None = None, known: Known = KNOWN
) -> Outcome:
    return decide(entry, action, args or c.NothingArgs(), actor=PEOPLE[by], known=known)


def analysed() -> Entry:
    entry = opened().entry
    entry = does(entry, "agent", "contact", CONTACT).entry
    return does(entry, "agent", "analyse", ANALYSIS).entry


def proposed(money: str = "200", by: str = "agent") -> Entry:
    return does(analysed(), by, "propose", c.ProposeArgs(words="补偿", money=money)).entry

"""Whatever people try with a complaint: the fold is the row, and no approval goes past a limit."""

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.register.desk import CONTACT, ENTRY, FILE, KNOWN, LEAD, NOW, OPEN, PEOPLE, SHOP

from gongdao.base.days import day_of
from gongdao.base.errors import CODES, Refusal
from gongdao.cases.chain import ROOT, links
from gongdao.register import commands as c
from gongdao.register import events as e
from gongdao.register.acts.settling import customer_declines, customer_signs
from gongdao.register.agreement import agreement_text
from gongdao.register.decide import ACTS, Outcome, decide, decide_opening, outcome_of
from gongdao.register.entry import (
    Entry,
    decode_entry,
    encode_entry,
    hash_of_intake,
    hash_of_text,
)
from gongdao.register.fold import fold

cents = st.integers(0, 200_000).map(lambda fen: f"{fen // 100}.{fen % 100:02d}")
words = st.sampled_from(["好", "不行", "x" * 40])
number = st.integers(1, 4)
TODAY = day_of(NOW)
ARGS: dict[str, st.SearchStrategy[Any]] = {
    "sign": st.builds(c.EntrySignArgs, signature=words),
    "amend": st.builds(
        c.AmendArgs,
        name=words,
        phone=st.sampled_from(["", "1"]),
        reason=st.just("quality"),
        story=words,
        signature=st.sampled_from(["", "小美"]),
    ),
    "contact": st.just(CONTACT) | st.just(msgspec.structs.replace(CONTACT, files=[FILE])),
    "analyse": st.builds(
        c.AnalyseArgs,
        facts=words,
        severity=st.just("low"),
        fault=st.sampled_from(["none", "full"]),
    ),
    "propose": st.builds(c.ProposeArgs, words=words, money=cents, refuses=st.booleans())
    | st.builds(c.ProposeArgs, words=words, gift=words, gift_value=cents, goods=words,
                goods_value=cents),
    "make_link": st.builds(c.LinkArgs, locale=st.sampled_from(["zh", "en"])),
    "note_signature": st.builds(c.PaperArgs, name=words, file=st.just(FILE)),
    "instruct": st.builds(
        c.InstructArgs,
        department=st.just("finance"),
        what=words,
        due_on=st.sampled_from([TODAY, TODAY - timedelta(1)]),
        money=cents,
    ),
    "report_done": st.builds(c.DoneArgs, number=number),
    "cancel_instruction": st.builds(c.CancelArgs, number=number, why=words),
    "follow_up": st.builds(
        c.FollowUpArgs,
        satisfied=st.booleans(),
        said=words,
        back_to=st.sampled_from(["contact", "analysis"]),
        lesson=words,
    ),
    "hand_up": st.builds(c.HandUpArgs, person=st.sampled_from([LEAD, ENTRY]), why=words),
    "close": st.builds(
        c.CloseArgs, ended=st.sampled_from(["withdrawn", "expired", "out_of_scope"]), why=words
    ),
    **dict.fromkeys(("ask_again", "send_back", "note_refusal", "reopen"),
                    st.builds(c.WhyArgs, why=words)),
    **dict.fromkeys(("learn", "note"), st.builds(c.TextArgs, text=words)),
    **dict.fromkeys(("approve", "instruct_as_agreed", "carried_out", "take", "show_contact"),
                    st.just(c.NothingArgs())),
}  # fmt: skip
#: The way on from each stage is tried more often, or few complaints would come far.
ONWARD = ("analyse", "contact", "propose", "approve", "customer signs", "instruct_as_agreed",
          "report_done", "follow_up")  # fmt: skip


def test_every_action_is_tried() -> None:
    assert ARGS.keys() == ACTS.keys()


@settings(max_examples=120, deadline=None)
@given(data=st.data(), count=st.integers(0, 45))
def test_whatever_is_tried(data: st.DataObject, count: int) -> None:
    first = msgspec.structs.replace(OPEN, signature=data.draw(st.sampled_from(["", "小美"])))
    actor = PEOPLE["agent"]
    outcome = decide_opening(first, entry_id=ENTRY, shop_id=SHOP, actor=actor, known=KNOWN)
    records, entry = list(outcome.records), outcome.entry
    for _ in range(count):
        by = data.draw(st.sampled_from(["agent", "lead", "owner", "reader"]))
        action = data.draw(st.sampled_from([*ACTS, *ONWARD * 4, "customer declines"]))
        try:
            outcome = _try(entry, by, action, data)
        except Refusal as refusal:
            assert refusal.code in CODES
            continue
        judge(entry, outcome, by)
        records += outcome.records
        entry = outcome.entry
    assert fold(records) == entry
    assert decode_entry(encode_entry(entry)) == entry
    assert len(set(links(ROOT, records))) == len(records)


def _try(entry: Entry, by: str, action: str, data: st.DataObject) -> Outcome:
    if action == "customer signs":
        text = agreement_text(entry, 1, "店", "zh") if entry.proposal else ""
        args = c.CustomerSignArgs(name="李", consent=True, sha256=hash_of_text(text), locale="zh")
        said = customer_signs(entry, args, shop_name="店", number=1, now=NOW)
        return outcome_of(entry, said, person_id=None, at=NOW)
    if action == "customer declines":
        said = customer_declines(entry, c.CustomerDeclineArgs(why="少"), now=NOW)
        return outcome_of(entry, said, person_id=None, at=NOW)
    return decide(entry, action, data.draw(ARGS[action]), actor=PEOPLE[by], known=KNOWN)


def judge(before: Entry, outcome: Outcome, by: str) -> None:
    """The laws, after every step."""
    after = outcome.entry
    assert by != "reader" or all(record.by == "customer" for record in outcome.records)
    for record in outcome.records:
        body = record.body
        if isinstance(body, e.ProposalApproved):
            limit = PEOPLE[by].limit_fen
            assert after.proposal
            assert limit is None or before.committed_fen + after.proposal.cost_fen <= limit
            assert not after.proposal.refuses or PEOPLE[by].approves
        if isinstance(body, e.LinkMade | e.CustomerAgreed):
            assert before.proposal
            assert before.proposal.approved_by_id, "only what was approved is signed"
        if isinstance(body, e.IntakeSigned):
            assert body.signature.sha256 == hash_of_intake(after.intake)
    assert after.instructed_fen <= after.agreed_fen <= after.committed_fen
    assert (after.stage == "closed") == (after.ended is not None)
    assert after.link is None or after.stage == "agreement"
    assert after.stage in ("intake", "closed") or after.signature

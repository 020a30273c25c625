"""What may be done with an entry, by whom, and what comes of it."""

from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
import pytest

from gongdao.base.errors import Refusal
from gongdao.register import commands as c
from gongdao.register.acts.settling import customer_declines, customer_signs
from gongdao.register.agreement import agreement_text
from gongdao.register.concern import concerned
from gongdao.register.decide import decide, outcome_of, why_not
from gongdao.register.entry import Entry, hash_of_intake, hash_of_text
from gongdao.settings.setting import RegisterRules

from .desk import (
    ANALYSIS,
    COLLEAGUES,
    CONTACT,
    FILE,
    KNOWN,
    LEAD,
    NOW,
    OPEN,
    OWNER,
    PEOPLE,
    analysed,
    does,
    opened,
    proposed,
)

replace = msgspec.structs.replace


def refused(code: str, entry: Entry, by: str, action: str, args: object | None = None, **known):
    with pytest.raises(Refusal) as caught:
        does(entry, by, action, args, replace(KNOWN, **known))
    assert caught.value.code == code


def signed_by_customer(entry: Entry) -> Entry:
    linked = does(entry, "agent", "make_link", c.LinkArgs()).entry
    text = agreement_text(linked, 200_001, "沁园家电", "zh")
    args = c.CustomerSignArgs(name="李建国", consent=True, sha256=hash_of_text(text))
    said = customer_signs(linked, args, shop_name="沁园家电", number=200_001, now=NOW)
    return outcome_of(linked, said, person_id=None, at=NOW).entry


@pytest.mark.fact("S3-31", "S0-45")
def test_the_recorder_signs_what_stands_there():
    entry = opened().entry
    assert entry.stage == "contact"
    assert entry.signature and entry.signature.sha256 == hash_of_intake(entry.intake)
    assert entry.signature.person_id == PEOPLE["agent"].person_id


def test_without_a_name_it_waits_for_the_signature_and_can_be_corrected():
    entry = opened(args=replace(OPEN, signature="")).entry
    assert (entry.stage, entry.signature) == ("intake", None)
    wrong = c.AmendArgs(**msgspec.structs.asdict(replace(OPEN, signature="", story="门关不上")))
    entry = does(entry, "agent", "amend", wrong).entry
    entry = does(entry, "agent", "sign", c.EntrySignArgs(signature="小美")).entry
    assert entry.signature and entry.signature.sha256 == hash_of_intake(entry.intake)
    refused("not_allowed_in_stage", entry, "agent", "amend", wrong)


@pytest.mark.parametrize(
    "changes",
    [{"phone": ""}, {"order_number": "E1"}, {"about": FILE, "reason": "staff_conduct"}],
)
def test_a_form_that_leads_nowhere_is_refused(changes):
    with pytest.raises(Refusal) as caught:
        opened(args=replace(OPEN, **changes))
    assert caught.value.code == "invalid"


@pytest.mark.fact("S3-33")
def test_an_answer_is_best_given_on_the_same_day():
    assert opened().entry.answer_due_at == NOW.replace(hour=14, minute=0)
    late = replace(KNOWN, now=NOW.replace(hour=14))
    assert opened(known=late).entry.answer_due_at == NOW.replace(hour=14, minute=0) + timedelta(1)
    never = replace(KNOWN, rules=RegisterRules(same_day=False))
    assert opened(known=never).entry.answer_due_at is None


@dataclass
class Approval:
    by: str
    money: str
    stage: str


@pytest.mark.parametrize(
    "case",
    [
        Approval("agent", "50.00", "agreement"),
        Approval("agent", "50.01", "approval"),
        Approval("lead", "500.00", "agreement"),
        Approval("lead", "500.01", "approval"),
        Approval("owner", "9999999", "agreement"),
    ],
)
def test_each_role_has_a_limit(case: Approval):
    assert proposed(case.money, case.by).stage == case.stage


@pytest.mark.fact("S3-33")
def test_goods_and_gifts_count_as_much_as_money():
    offer = c.ProposeArgs(words="x", money="40", gift="杯子", gift_value="10.01")
    assert does(analysed(), "agent", "propose", offer).entry.stage == "approval"
    nameless = c.ProposeArgs(words="x", goods="整机")
    refused("invalid", analysed(), "agent", "propose", nameless)


@pytest.mark.fact("S3-31")
def test_only_whose_limit_reaches_approves():
    entry = proposed("600")
    refused("wrong_role", entry, "agent", "approve")
    refused("amount_above_limit", entry, "lead", "approve")
    done = does(entry, "owner", "approve").entry
    assert done.stage == "agreement"
    assert done.proposal and done.proposal.approved_by_id == OWNER


def test_what_was_agreed_before_counts_towards_the_limit():
    entry = signed_by_customer(proposed("300", "lead"))
    entry = does(entry, "agent", "instruct_as_agreed").entry
    entry = does(entry, "agent", "report_done", c.DoneArgs(number=1)).entry
    no = c.FollowUpArgs(satisfied=False, said="还是漏", back_to="analysis")
    entry = does(entry, "agent", "follow_up", no).entry
    assert (entry.stage, entry.rounds) == ("analysis", 1)
    again = does(entry, "lead", "propose", c.ProposeArgs(words="再补", money="200.01")).entry
    assert again.stage == "approval"
    refused("amount_above_limit", again, "lead", "approve")


@pytest.mark.fact("S3-32")
def test_a_no_is_said_by_a_lead():
    no = c.ProposeArgs(words="使用不当，恕不能补偿", refuses=True)
    entry = does(analysed(), "agent", "propose", no).entry
    assert entry.stage == "approval"
    assert does(analysed(), "lead", "propose", no).entry.stage == "agreement"
    ended = signed_by_customer(does(entry, "lead", "approve").entry)
    assert (ended.stage, ended.ended) == ("closed", "out_of_scope")


def test_sent_back_with_a_reason():
    entry = does(proposed(), "lead", "send_back", c.WhyArgs(why="先换件")).entry
    assert entry.stage == "analysis"
    assert (
        does(entry, "agent", "propose", c.ProposeArgs(words="换", money="60")).entry.proposals == 2
    )


@pytest.mark.fact("S3-32", "S3-34")
def test_a_proposal_needs_an_analysis():
    entry = does(opened().entry, "agent", "contact", CONTACT).entry
    refused("not_eligible", entry, "agent", "propose", c.ProposeArgs(words="x", money="1"))


class TestSignature:
    def linked(self) -> Entry:
        entry = proposed("50")
        return does(entry, "agent", "make_link", c.LinkArgs()).entry

    def args(self, entry: Entry, **changes) -> c.CustomerSignArgs:
        text = agreement_text(entry, 200_001, "沁园家电", "zh")
        return replace(
            c.CustomerSignArgs(name="李建国", consent=True, sha256=hash_of_text(text)), **changes
        )

    def sign(self, entry: Entry, args: c.CustomerSignArgs, now=NOW):
        return customer_signs(entry, args, shop_name="沁园家电", number=200_001, now=now)

    @pytest.mark.fact("S3-31")
    def test_the_text_is_kept_with_its_hash(self):
        entry = signed_by_customer(proposed("50"))
        assert entry.stage == "dispatch"
        assert entry.agreement and "¥50.00" in entry.agreement.text
        assert hash_of_text(entry.agreement.text) == entry.agreement.signature.sha256
        assert entry.link is None

    @pytest.mark.parametrize(
        ("changes", "code"),
        [({"consent": False}, "invalid"), ({"sha256": "0" * 64}, "version_conflict")],
    )
    def test_only_what_was_read_and_agreed(self, changes, code):
        entry = self.linked()
        with pytest.raises(Refusal) as caught:
            self.sign(entry, self.args(entry, **changes))
        assert caught.value.code == code

    def test_a_link_is_good_until_its_day_and_once(self):
        entry = self.linked()
        with pytest.raises(Refusal) as caught:
            self.sign(entry, self.args(entry), now=NOW + timedelta(days=7))
        assert caught.value.code == "too_late"
        done = signed_by_customer(proposed("50"))
        with pytest.raises(Refusal) as caught:
            self.sign(done, self.args(entry))
        assert caught.value.code == "not_found"

    def test_a_new_proposal_voids_the_link(self):
        entry = does(self.linked(), "agent", "propose", c.ProposeArgs(words="x", money="9")).entry
        assert entry.link is None

    @pytest.mark.fact("S3-34")
    def test_no_leads_back_to_the_analysis(self):
        entry = self.linked()
        said = customer_declines(entry, c.CustomerDeclineArgs(why="太少"), now=NOW)
        after = outcome_of(entry, said, person_id=None, at=NOW)
        assert (after.entry.stage, after.entry.declined) == ("analysis", 1)
        assert concerned(after, COLLEAGUES).keys() == {PEOPLE["agent"].person_id}

    def test_on_paper_with_its_photograph(self):
        entry = proposed("50")
        args = c.PaperArgs(name="李建国", file=FILE)
        refused("invalid", entry, "agent", "note_signature", args, own_files=frozenset())
        signed = does(entry, "agent", "note_signature", args).entry
        assert signed.agreement and signed.agreement.file_id == FILE
        assert signed.files == (FILE,)


class TestDispatch:
    def entry(self) -> Entry:
        offer = c.ProposeArgs(
            words="换门封条", money="30", goods="门封条", goods_value="15", apology="致歉"
        )
        return signed_by_customer(does(analysed(), "agent", "propose", offer).entry)

    @pytest.mark.fact("S3-31")
    def test_each_department_is_told_its_part(self):
        entry = does(self.entry(), "agent", "instruct_as_agreed").entry
        told = {(one.department, one.what, one.money_fen) for one in entry.instructions}
        assert ("finance", "支付客户 30.00 元", 3000) in told or len(told) == 3
        assert {one.department for one in entry.instructions} == {
            "finance", "warehouse", "customer_care",
        }  # fmt: skip
        refused("not_eligible", entry, "agent", "instruct_as_agreed")

    def test_nobody_is_told_to_pay_more_than_was_agreed(self):
        args = c.InstructArgs(
            department="finance", what="付款", due_on=date(2026, 5, 7), money="30.01"
        )
        refused("amount_above_limit", self.entry(), "agent", "instruct", args)
        within = does(self.entry(), "agent", "instruct", replace(args, money="30")).entry
        refused("amount_above_limit", within, "agent", "instruct", replace(args, money="0.01"))

    def test_a_day_of_the_past_is_refused(self):
        args = c.InstructArgs(department="warehouse", what="发货", due_on=date(2026, 5, 5))
        refused("invalid", self.entry(), "agent", "instruct", args)

    @pytest.mark.fact("S3-31", "S3-34")
    def test_the_last_one_done_leads_to_the_follow_up(self):
        entry = does(self.entry(), "agent", "instruct_as_agreed").entry
        refused("not_eligible", entry, "agent", "carried_out")
        for number in (1, 2, 3):
            assert entry.stage == "dispatch"
            done = c.DoneArgs(number=number, reference=f"R{number}")
            entry = does(entry, "agent", "report_done", done).entry
        assert entry.stage == "follow_up"
        yes = c.FollowUpArgs(satisfied=True, said="满意", lesson="出厂前查门封条")
        closed = does(entry, "agent", "follow_up", yes).entry
        assert (closed.stage, closed.ended) == ("closed", "settled")
        assert [one.text for one in closed.lessons] == ["出厂前查门封条"]
        again = does(closed, "agent", "reopen", c.WhyArgs(why="又漏风")).entry
        assert (again.stage, again.rounds, again.ended) == ("contact", 1, None)


@pytest.mark.fact("S3-33")
def test_handing_up_goes_to_whoever_may_approve():
    entry = analysed()
    up = c.HandUpArgs(person=LEAD, why="客户要求负责人来电")
    after = does(entry, "agent", "hand_up", up)
    assert after.entry.in_charge == LEAD
    assert concerned(after, COLLEAGUES).keys() == {LEAD}
    refused("invalid", entry, "lead", "hand_up", replace(up, person=PEOPLE["agent"].person_id))


def test_approvers_are_told_of_what_their_word_reaches():
    small = does(analysed(), "agent", "propose", c.ProposeArgs(words="x", money="400"))
    assert concerned(small, COLLEAGUES).keys() == {LEAD, OWNER}
    large = does(analysed(), "agent", "propose", c.ProposeArgs(words="x", money="4000"))
    assert concerned(large, COLLEAGUES).keys() == {OWNER}


def test_who_only_reads_changes_nothing():
    for action in c.ARGS:
        refusal = why_not(analysed(), action, actor=PEOPLE["reader"])
        assert refusal and refusal.code == "wrong_role"


def test_on_what_was_seen():
    with pytest.raises(Refusal) as caught:
        decide(analysed(), "analyse", ANALYSIS, actor=PEOPLE["agent"], known=KNOWN, version=1)
    assert caught.value.code == "version_conflict"


def test_turning_away_is_a_leads_to_say():
    args = c.CloseArgs(ended="out_of_scope", why="非本店商品")
    refused("wrong_role", analysed(), "agent", "close", args)
    assert does(analysed(), "lead", "close", args).entry.ended == "out_of_scope"
    assert does(analysed(), "agent", "close", replace(args, ended="withdrawn")).entry.closed_at


def test_what_was_never_signed_is_signed_when_the_customer_comes_back():
    entry = opened(args=replace(OPEN, signature="")).entry
    entry = does(entry, "agent", "close", c.CloseArgs(ended="withdrawn", why="不追究")).entry
    assert does(entry, "agent", "reopen", c.WhyArgs(why="又来电")).entry.stage == "intake"

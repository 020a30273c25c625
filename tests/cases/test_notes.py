"""Messages and private notes: bounded for each role, so that no timeline grows without end."""

import pytest

from gongdao.base.errors import Refusal
from gongdao.cases import commands as c
from gongdao.cases.actions.request import NOTES_PER_ROLE_MAX

from .world import act, case_at


def test_each_role_writes_so_many_notes_and_no_more() -> None:
    case = case_at("after_sale", "refund_only", "seller_review")
    for n in range(NOTES_PER_ROLE_MAX):
        case = act(case, "note", "buyer", c.NoteArgs(note=f"{n}", private=n % 2 == 0)).case
    with pytest.raises(Refusal) as caught:
        act(case, "note", "buyer", c.NoteArgs(note="one more"))
    assert caught.value.code == "too_large"
    assert act(case, "note", "seller", c.NoteArgs(note="still mine")).case.notes == {
        "buyer": NOTES_PER_ROLE_MAX,
        "seller": 1,
    }

"""Refusals speak in words: no identifier of the vocabulary stands in what a person reads."""

import re
from itertools import product
from typing import Any, get_args

import pytest

from gongdao.base.errors import Refusal
from gongdao.base.i18n import LOCALES, say_refusal
from gongdao.cases import commands as c
from gongdao.cases.actions import ACTIONS
from gongdao.cases.case import ReturnParcel
from gongdao.policy.terms import TERMS
from gongdao.policy.words import Role

from .test_every_action import KINDS, MEANT, STAGES
from .world import NOW, act, case_at, open_as

#: Identifiers with a mark that no sentence has; a bare word such as "refund" may be an English one.
IDENTIFIERS = {word for words in TERMS.values() for word in words if "_" in word}
ODD: dict[str, Any] = MEANT | {
    "modify": c.ModifyArgs(kind="repair"),
    "adjudicate": c.AdjudicateArgs(liability="seller", remedy="repair"),
}


def spoken(refusal: Refusal) -> set[str]:
    """The identifiers that somebody would read."""
    said = " ".join(say_refusal(locale, refusal) for locale in LOCALES)
    return IDENTIFIERS & set(re.findall(r"[a-z]+(?:_[a-z]+)+", said))


@pytest.mark.parametrize(("procedure", "stage"), STAGES)
def test_no_refusal_of_an_action_names_an_identifier(procedure: str, stage: str) -> None:
    parcel = ReturnParcel(carrier="SF", tracking="1", shipped_at=NOW)
    case = case_at(procedure, KINDS[procedure], stage, refused=True, parcel=parcel)
    for action, role, args in product(sorted(ACTIONS), get_args(Role), (MEANT, ODD)):
        try:
            act(case, action, role, args.get(action))
        except Refusal as refusal:
            assert not spoken(refusal), refusal


@pytest.mark.parametrize(
    "asked",
    [
        {"procedure": "after_sale", "kind": "counterfeit"},
        {"procedure": "after_sale", "kind": "return_refund", "reason": "not_received"},
        {"procedure": "appeal", "kind": "refund_only"},
    ],
)
def test_no_refusal_of_a_request_names_an_identifier(asked: dict[str, str]) -> None:
    with pytest.raises(Refusal) as caught:
        open_as("buyer", c.OpenArgs(**asked))  # type: ignore[arg-type]
    assert not spoken(caught.value)

"""A signature on a waybill ends no objection: void by law, so no rule book may lean on it (C-3)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gongdao.flows.run_story import run_story
from gongdao.flows.scenario import read_story
from gongdao.policy.load import load_pack, pack_names

from .test_rule_books import BOOKS, story

#: The claim in any of its wordings; these places call it void, or let nobody send it.
CLAIM = re.compile(
    r"签收.{0,4}(即|就|等于|视为|代表).{0,6}(无异议|认可|没有问题|没问题)"
    r"|sign\w*\b.{0,30}\b(no objection|waives?|accepts? the (goods|condition))",
    re.I,
)
VOID = {"S1-15", "C-3", "LAW-26", "signing"}


def rests_on(value: Any) -> Iterator[str]:
    """Every rule that anything in a rule book rests on."""
    if isinstance(value, msgspec.Struct):
        if isinstance(rule := getattr(value, "rule", None), str):
            yield rule
        for name in value.__struct_fields__:
            yield from rests_on(getattr(value, name))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from rests_on(part)


def texts(value: Any, owner: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a rule book, with the id of what it stands in."""
    if isinstance(value, msgspec.Struct):
        own = getattr(value, "id", owner)
        for name in value.__struct_fields__:
            yield from texts(getattr(value, name), own if isinstance(own, str) else owner)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from texts(part, owner)
    elif isinstance(value, str):
        yield owner, value


@pytest.mark.fact("S1-15")
def test_no_rule_book_rests_on_it() -> None:
    for name in pack_names():
        body = load_pack(name).body
        assert set(rests_on(body)), "there is something to look at"
        assert "S1-15" not in set(rests_on(body)), name


@pytest.mark.fact("S1-15")
def test_no_text_says_it() -> None:
    for name in pack_names():
        said = {owner for owner, text in texts(load_pack(name).body) if CLAIM.search(text)}
        assert said <= VOID, name


def test_the_claim_is_seen() -> None:
    assert CLAIM.search("您已签收，签收即无异议") and CLAIM.search("签收就视为认可")
    assert CLAIM.search("Signing means no objection") and not CLAIM.search("七天内签收的")


@pytest.mark.fact("S1-15")
@pytest.mark.parametrize("pack", BOOKS)
@pytest.mark.parametrize("kind", ["refund_only", "resend"])
def test_who_refuses_because_of_the_signature_proves_it_first(
    pack: str, kind: str, tmp_path: Path
) -> None:
    filed = story(pack, "after_sale", kind)
    filed = filed.replace(f'kind = "{kind}"', f'kind = "{kind}", reason = "missing_item"')
    filed += """[[steps]]
at = 2026-03-09T11:00:00+08:00
by = "seller"
do = "reject"
with = { reason = "signed" }
refused = "evidence_required"
"""
    path = tmp_path / "signed.toml"
    path.write_text(filed, "utf-8")
    assert [failure.message for failure in run_story(read_story(path)).failures] == []

"""Causes of reviews: what speaks for each is found, added up and shown."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.base.plain import plain
from gongdao.policy.toml_lines import WrittenError
from gongdao.reviews.review import CAUSES, Cause
from gongdao.reviews.triage import Facts, first_contact, sign_book, sort_review

BOOK = sign_book()


def facts(text: str = "", chat: str = "", stars: int = 1, **known: int) -> Facts:
    return Facts(stars=stars, text=plain(text).text, chat=plain(chat).text, **known)


@pytest.mark.fact("S0-47")
@pytest.mark.parametrize(
    ("known", "cause"),
    [
        (facts("穿了一次就开线，做工太差"), "quality"),
        (facts("和图片不一样，色差大", stars=3), "quality"),
        (facts("客服问了三次都没人理"), "service"),
        (facts("质量还不错，就是快递太慢", stars=3), "courier"),
        (facts("", days_on_the_way=9), "courier"),
        (facts("包装被压坏了，快递员直接丢驿站"), "courier"),
        (facts("唉，失望"), "mood"),
        (facts(""), "mood"),
        (facts("", quality_cases=1), "quality"),
    ],
)
def test_the_cause_that_most_speaks_for(known: Facts, cause: Cause) -> None:
    assert sort_review(known, BOOK).cause == cause


@pytest.mark.fact("S0-47")
def test_a_competitor_is_suspected_only_with_more_than_words() -> None:
    words = "质量垃圾，客服态度恶劣"
    assert sort_review(facts(words), BOOK).cause != "competitor"
    suspicious = sort_review(facts(words, lowest_at_once=4, account_days=2), BOOK)
    assert suspicious.cause == "competitor"
    assert {"product-and-service", "lowest-at-once", "new-account"} <= {
        sign.id for sign in suspicious.signs
    }
    unreachable = sort_review(facts(words, missed=2, lowest_at_once=2), BOOK)
    assert unreachable.cause == "competitor"


@pytest.mark.fact("S1-15")
def test_a_threat_in_the_chat_is_extortion() -> None:
    """Worked case 16: an order of 68.00, 500 or a bad review, and the goods are normal."""
    found = sort_review(facts("质量太差", chat="不赔500就给差评。", paid_fen=6800), BOOK)
    assert found.cause == "extortion"
    said = [BOOK.said(sign, "zh") for sign in found.signs if sign.cause == "extortion"]
    assert "索要的金额是货款的 7 倍" in said


def test_who_says_that_there_is_no_bad_review_threatens_nobody() -> None:
    assert sort_review(facts(chat="放心，不会给差评的", text="线头多"), BOOK).cause == "quality"


@pytest.mark.fact("S0-47")
def test_a_mood_is_called_the_next_day_and_the_others_at_once() -> None:
    afternoon = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)  # 15:00 in Shanghai
    assert first_contact("quality", afternoon, BOOK.contact) == afternoon
    assert first_contact("mood", afternoon, BOOK.contact) == datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    night = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # midnight
    assert first_contact("service", night, BOOK.contact) == datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
    evening = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)  # 21:00: nobody is called any more
    assert first_contact("courier", evening, BOOK.contact) == datetime(2026, 3, 3, 1, 0, tzinfo=UTC)


@given(
    text=st.text(alphabet="质量差客服慢快递失望不给500就差评，。 a", max_size=60),
    stars=st.integers(1, 3),
    days=st.integers(0, 90),
)
def test_every_review_has_one_cause_that_its_signs_bear_out(
    text: str, stars: int, days: int
) -> None:
    found = sort_review(facts(text, stars=stars, days_on_the_way=days), BOOK)
    points = {c: sum(s.points for s in found.signs if s.cause == c) for c in CAUSES}
    assert found.cause == "mood" or points[found.cause] >= BOOK.least[found.cause]
    believed = [points[c] for c in CAUSES if points[c] >= BOOK.least[c]]
    assert points[found.cause] == max(believed, default=points[found.cause])


LEAST = "[least]\nextortion=1\nquality=1\nservice=1\ncourier=1\ncompetitor=1\nmood=1\n"
HOURS = (
    '[contact]\nopens="09:00"\ncloses="21:00"\nmood_at="10:00"\nagain_after_hours=24\n'
    "give_up_after=3\n"
)
ENVY = '[[sign]]\nid = "x-1"\ncause = "envy"\npoints = 1\npatterns = ["ab"]\n'
SAY = 'say = { zh = "一", en = "one" }'
FAULTS = {
    f'[[sign]]\nid = "x-1"\ncause = "mood"\npoints = 1\n{SAY}\n': "sign[0]: a sign has patterns",
    f'[[sign]]\nid = "x-1"\ncause = "mood"\npoints = 1\nfact = "missed"\n{SAY}\n': "sign[0].fact",
    f'[[sign]]\nid = "x-1"\ncause = "mood"\npoints = 1\npatterns = ["(a"]\n{SAY}\n': "patterns[0]",
    f'[[sign]]\nid = "x-1"\ncause = "mood"\npoints = 1\npatterns = ["a*"]\n{SAY}\n': "even nothing",
    f"{ENVY}{SAY}\n": "sign[0].cause",
}


@pytest.mark.parametrize("table", list(FAULTS))
def test_a_fault_of_the_signs_is_named_with_its_place(tmp_path: Path, table: str) -> None:
    path = tmp_path / "signs.toml"
    path.write_text(LEAST + HOURS + table, "utf-8")
    with pytest.raises(WrittenError) as written:
        sign_book(path)
    assert FAULTS[table] in str(written.value)
    assert "signs.toml:" in str(written.value)

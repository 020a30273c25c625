"""The small model that is shipped is the one of its card."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.base.plain import plain
from gongdao.risk import small_model as model
from gongdao.risk.small_model import BITS, Head, cut, read_weights, small_model, written_weights

FOLDER = Path(model.__file__).parent / "model"
FIGURES = json.loads((FOLDER / "figures.json").read_text("utf-8"))
#: What a byte instead of a number may change.
ROUNDED = 0.05


@pytest.mark.parametrize("own", FIGURES["own_words"], ids=lambda own: own["text"][:6])
def test_own_words_score_as_they_did(own: dict[str, object]) -> None:
    score = small_model().score(plain(str(own["text"])).text)
    assert score == pytest.approx(own["shipped"], abs=0.0001)
    assert score == pytest.approx(own["library"], abs=ROUNDED)


def test_the_card_says_the_figures() -> None:
    card = (FOLDER / "card.md").read_text("utf-8")
    for head in FIGURES["heads"].values():
        for name in ("macro_f1", "sign_precision", "sign_recall", "trained_on", "held_out"):
            assert str(head[name]) in card.replace(",", ""), name
    assert (FOLDER / "weights").stat().st_size == FIGURES["bytes"] < 2_000_000
    assert {one.name: one.least for one in small_model().heads.values()} == {
        name: head["least"] for name, head in FIGURES["heads"].items()
    }


@given(st.integers(0, 3_000_000))
def test_windows_are_bounded_and_lie_inside(length: int) -> None:
    windows = cut(length)
    assert len(windows) <= model.WINDOWS_MAX
    assert all(0 <= a < b <= length for a, b in windows)
    assert windows == sorted(set(windows))
    if 0 < length <= model.WINDOW * model.WINDOWS_MAX:
        assert sum(b - a for a, b in windows) == length
    if length:
        assert windows[0][0] == 0 and windows[-1][1] == length


def test_written_and_read_again() -> None:
    head = Head(name="x", scale=0.5, bias=-1.0, least=0.2)
    weights = [0] * (1 << BITS)
    for place in model.places("坏"):
        weights[place] = 2
    again = read_weights(written_weights([head], [weights]))
    assert again.heads == {"x": head}
    assert again.score("坏")["x"] == pytest.approx(-1 + 0.5 * 2 * len(model.places("坏")) ** 0.5)


def test_another_file_is_refused() -> None:
    with pytest.raises(ValueError, match="weights"):
        read_weights(b"PK something else")


@given(st.text(max_size=200))
def test_any_text_has_a_score(text: str) -> None:
    assert set(small_model().score(text)) == {"abuse", "fraud"}

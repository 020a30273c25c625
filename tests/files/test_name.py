"""Names are shown safely and do not lie."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.base.errors import Refusal
from gongdao.files.file import EXTENSIONS
from gongdao.files.name import show_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("冰箱 开箱.JPG", "冰箱 开箱.jpg"),
        ("C:\\Users\\me\\door.jpeg", "door.jpeg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("slip\u202egpj.png", "slipgpj.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "a Set-Cookie: x.jpg"),
        ("invoice v1.2", "invoice v1.2.jpg"),
        ("", "file.jpg"),
        ("....", "file.jpg"),
        ("\ud800.jpg", "file.jpg"),
        ("长" * 500 + ".jpg", "长" * 116 + ".jpg"),
    ],
)
def test_names_are_made_fit_to_be_shown(name: str, shown: str):
    assert show_name(name, "image/jpeg") == shown


@pytest.mark.parametrize("name", ["a.html", "a.exe", "a.pdf", "a.mp4", "a.zip", "a.js", "a.mp3"])
def test_a_name_of_another_kind_is_a_lie(name: str):
    with pytest.raises(Refusal) as refused:
        show_name(name, "image/png")
    assert refused.value.code == "invalid"


def test_a_mov_may_become_an_mp4():
    assert show_name("IMG_1.MOV", "video/mp4") == "IMG_1.mp4"


@given(st.text(max_size=400), st.sampled_from(list(EXTENSIONS)))
def test_any_name_is_shown_or_refused(name: str, media_type: str):
    try:
        shown = show_name(name, media_type)  # pyright: ignore[reportArgumentType]
    except Refusal:
        return
    assert 1 <= len(shown) <= 120 and shown == shown.strip() and "/" not in shown
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in shown)
    shown.encode()
    assert shown.endswith(EXTENSIONS[media_type])  # pyright: ignore[reportArgumentType]

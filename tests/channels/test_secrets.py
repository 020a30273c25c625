"""Secrets open with the installation's key, for their owner, and not otherwise."""

from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongdao.channels.channel import Account, Incoming
from gongdao.channels.mail.mail import Mail
from gongdao.channels.secrets import Keyring, LostKey, open_keyring

KEYRING = Keyring(b"k" * 32)


@given(st.text(max_size=200))
def test_a_secret_opens_for_its_owner_only(text: str) -> None:
    sealed = KEYRING.seal(text, owner="one")
    assert KEYRING.unseal(sealed, owner="one") == text
    for keyring, owner in ((KEYRING, "two"), (Keyring(b"x" * 32), "one")):
        with pytest.raises(LostKey):
            keyring.unseal(sealed, owner=owner)
    with pytest.raises(LostKey):
        KEYRING.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), owner="one")
    assert text.encode() not in sealed or len(text) < 3


def test_the_key_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    sealed = open_keyring(tmp_path / "new", None).seal("x", owner="o")
    assert open_keyring(tmp_path / "new", None).unseal(sealed, owner="o") == "x"
    key = tmp_path / "new" / "secret.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in key.parent.iterdir()] == ["secret.key"]
    named = open_keyring(tmp_path, "ab" * 32)
    with pytest.raises(LostKey):
        named.unseal(sealed, owner="o")


def account() -> Account:
    return Account(id=uuid4(), shop_id=uuid4(), channel="mail", address="a@shop.cn", settings={})


def answer(*names: str) -> Incoming:
    return Incoming(address="b@c", name="", subject="", text="", refers_to=names)


def test_only_our_own_marks_count() -> None:
    mail, ours, other, letter = Mail(KEYRING), account(), account(), uuid4()
    name = mail.name_letter(ours, letter)
    assert mail.answers(ours, answer("<x@y>", name)) == (letter,)
    assert mail.answers(ours, answer(name.upper())) == (letter,)
    assert mail.answers(other, answer(name)) == ()
    assert Mail(Keyring(b"z" * 32)).answers(ours, answer(name)) == ()
    plus = f"<+{name[1:].partition('@')[0]}@mail>"
    assert mail.answers(ours, answer(plus)) == (letter,)


@given(st.text(max_size=80), st.integers(3, 40))
def test_a_mark_with_one_letter_changed_is_none(noise: str, at: int) -> None:
    mail, ours, letter = Mail(KEYRING), account(), uuid4()
    name = mail.name_letter(ours, letter)
    changed = name[:at] + ("a" if name[at] != "a" else "b") + name[at + 1 :]
    assert mail.answers(ours, answer(changed, noise)) == ()

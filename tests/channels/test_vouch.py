"""Only the mailbox's own server says whether a sender is genuine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.channels.mail_town import BUYER

from gongdao.channels.mail.vouch import vouches

SERVER = "mx.shop.example"
PASS = f"{SERVER}; spf=pass smtp.mailfrom=x.example; dmarc=pass header.from=mail.example"
FAIL = f"{SERVER}; dmarc=fail (p=reject) header.from=mail.example"


@pytest.mark.parametrize(
    "values",
    [
        [PASS],
        [PASS.upper()],
        [PASS, FAIL],
        ["other.example; dmarc=fail header.from=mail.example", PASS],
        [f"{SERVER} 1;\r\n\tdmarc=pass (p=none (sp=none) dis=none)\r\n header.from=mail.example"],
        [f"{SERVER}; dkim=pass header.i=@mail.example header.s=a"],
        [f"{SERVER}; dkim=fail header.d=x.example; dkim=pass header.d=mail.example"],
    ],
)
def test_what_the_own_server_found_is_believed(values: list[str]) -> None:
    assert vouches(values, server=SERVER, address=BUYER)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [""],
        ["mx.evil.example; dmarc=pass header.from=mail.example"],
        [FAIL, PASS],
        [f"{SERVER}.evil.example; dmarc=pass header.from=mail.example"],
        [f"{SERVER}; none"],
        [f"{SERVER}; spf=pass smtp.mailfrom={BUYER}"],
        [f"{SERVER}; dmarc=pass header.from=evil.example"],
        [f"{SERVER}; dmarc=pass"],
        [f"{SERVER}; dmarc=fail header.from=mail.example; dkim=pass header.d=mail.example"],
        [f"{SERVER}; dkim=pass header.d=evil.example header.i=@mail.example"],
        [f"{SERVER}; dkim=pass header.d=example"],
        [f"{SERVER}; dkim=pass header.d=ail.example"],
        [f'{SERVER}; spf=pass smtp.mailfrom="; dmarc=pass header.from=mail.example;"@evil.cn'],
        [f"{SERVER}; spf=none (a; dmarc=pass header.from=mail.example;) smtp.helo=evil"],
        [f"{SERVER}; spf=none (\\); dmarc=pass header.from=mail.example;) smtp.helo=evil"],
        [f'{SERVER}; x="; dmarc=pass header.from=mail.example'],
    ],
)
def test_what_others_may_have_written_is_not(values: list[str]) -> None:
    assert not vouches(values, server=SERVER, address=BUYER)


def test_without_a_named_server_nobody_is_believed() -> None:
    assert not vouches([PASS], server="", address=BUYER)
    assert not vouches(["; dmarc=pass header.from=mail.example"], server="", address=BUYER)


@given(st.lists(st.text(), max_size=4))
def test_no_header_is_an_error(values: list[str]) -> None:
    assert not vouches(values, server=SERVER, address=BUYER)

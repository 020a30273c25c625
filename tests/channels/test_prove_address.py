"""An address becomes part of an account by a code that only its reader can know."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.channels.mail_town import BUYER, MailTown, build_mail_town, write
from tests.mail_servers import LOOPBACK, Dovecot, Postbox, dovecot, postbox

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.errors import Refusal
from gongdao.base.ids import new_id
from gongdao.channels.mail.mail import Mail
from gongdao.channels.people_store import prove_address, proven_addresses
from gongdao.channels.secrets import open_keyring
from gongdao.channels.store import change_account
from gongdao.flows.talk.prove_address import ASK_EVERY, CODE_LIFE, ask_code, enter_code

__all__ = ["dovecot", "postbox"]


@pytest.fixture
async def town(
    pool: Pool, database_url: str, dovecot: Dovecot, postbox: Postbox, tmp_path: Path
) -> AsyncIterator[MailTown]:
    town = await build_mail_town(pool, database_url, dovecot, postbox, tmp_path)
    town.deliver(write())
    await town.bring_in()
    yield town
    await town.rounds.close()


@pytest.fixture
def mail(town: MailTown) -> Mail:
    return Mail(open_keyring(town.config.home, None), networks=LOOPBACK)


async def ask(town: MailTown, mail: Mail, address: str = BUYER, **later: float) -> None:
    at = utc_now() + timedelta(**later)
    who = town.desk.people["李梅"]
    await ask_code(town.pool, who, mail, address, letter_id=new_id(), now=at)


async def name_server(town: MailTown, name: str) -> None:
    """Whose word the shop takes for the senders of its mails."""
    account = town.account
    settings = account.settings | {"auth_server": name}
    await change_account(
        town.pool, account.id, shop_id=account.shop_id, settings=settings, sealed=None
    )


async def test_mail_of_a_proven_address_is_among_the_buyers_conversations(
    town: MailTown, mail: Mail
) -> None:
    who = town.desk.people["李梅"]
    await ask(town, mail, "LiXiaomei@mail.example")
    await town.rounds.send(utc_now())
    (sent,) = town.postbox.mails
    assert sent["To"] == BUYER and sent["Auto-Submitted"]
    code = re.search(r"\d{8}", sent.get_content())
    assert code
    assert await enter_code(town.pool, who, mail, f" {code[0]} ", now=utc_now()) == BUYER
    assert await proven_addresses(town.pool, who.person_id, "mail") == [BUYER]
    await name_server(town, "mx.shop.example")
    vouched = "mx.shop.example; dmarc=pass header.from=mail.example"
    town.deliver(write("又有问题", Authentication_Results=vouched))
    await town.bring_in()
    before, after = await town.talks()
    assert before.buyer_id != who.person_id == after.buyer_id
    line = (await town.said(after))[0].body
    assert line.fields.get("vouched") == 1  # pyright: ignore
    assert "proven" not in line.fields, "an answer to a letter of ours proves more"  # pyright: ignore
    with pytest.raises(Refusal):
        await enter_code(town.pool, who, mail, code[0], now=utc_now())


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("", "mx.shop.example; dmarc=pass header.from=mail.example"),
        ("mx.shop.example", "mx.evil.example; dmarc=pass header.from=mail.example"),
        ("mx.shop.example", "mx.shop.example; dmarc=fail header.from=mail.example"),
    ],
)
async def test_a_forged_sender_is_never_a_buyer_with_an_account(
    town: MailTown, named: str, said: str
) -> None:
    who = town.desk.people["李梅"]
    async with town.pool.acquire() as connection:
        await prove_address(connection, who.person_id, "mail", BUYER, now=utc_now())
    await name_server(town, named)
    town.deliver(write("请退到这个账号", Authentication_Results=said))
    await town.bring_in()
    before, after = await town.talks()
    assert before.buyer_id == after.buyer_id != who.person_id
    fields = (await town.said(after))[0].body.fields  # pyright: ignore
    assert not {"proven", "vouched"} & fields.keys()


async def test_codes_cannot_be_guessed_or_kept(town: MailTown, mail: Mail) -> None:
    who = town.desk.people["李梅"]
    await ask(town, mail)
    await town.rounds.send(utc_now())
    found = re.search(r"\d{8}", town.postbox.mails[0].get_content())
    assert found
    with pytest.raises(Refusal):
        await enter_code(town.pool, who, mail, found[0], now=utc_now() + CODE_LIFE * 2)
    other = town.desk.people["王强"]
    with pytest.raises(Refusal):
        await enter_code(town.pool, other, mail, found[0], now=utc_now())
    for _ in range(5):
        with pytest.raises(Refusal):
            await enter_code(town.pool, who, mail, "00000000", now=utc_now())
    with pytest.raises(Refusal):
        await enter_code(town.pool, who, mail, found[0], now=utc_now())
    assert await proven_addresses(town.pool, who.person_id, "mail") == []


async def test_codes_go_only_where_mail_came_from_and_not_often(town: MailTown, mail: Mail) -> None:
    await ask(town, mail, "stranger@elsewhere.example")
    with pytest.raises(Refusal) as refused:
        await ask(town, mail)
    assert refused.value.code == "rate_limited"
    await town.rounds.send(utc_now())
    assert town.postbox.mails == []
    await ask(town, mail, seconds=ASK_EVERY.total_seconds() + 1)
    with pytest.raises(Refusal):
        await ask(town, mail, "not an address", minutes=5)
    shop = town.desk.people["小安"]
    with pytest.raises(Refusal):
        await ask_code(town.pool, shop, mail, BUYER, letter_id=new_id(), now=utc_now())

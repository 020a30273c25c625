"""The mail channel against a real IMAP server and a real SMTP server."""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from tests.mail_servers import LOOPBACK, PASSWORD, Dovecot, Postbox, dovecot, postbox

from gongdao.channels.channel import Account, Arrival, Letter, Moved, Outgoing, Unavailable
from gongdao.channels.mail.mail import Mail
from gongdao.channels.mail.settings import MailSettings
from gongdao.channels.reason import say_reason
from gongdao.channels.secrets import Keyring

__all__ = ["dovecot", "postbox"]
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture
def mail() -> Mail:
    return Mail(Keyring(b"k" * 32), networks=LOOPBACK)


def mailbox(dovecot: Dovecot, postbox: Postbox | None = None, **changes: object) -> Account:
    settings = MailSettings(
        imap_host="127.0.0.1",
        imap_port=dovecot.port,
        imap_security="none",
        smtp_host="127.0.0.1",
        smtp_port=postbox.port if postbox else 1,
        smtp_security="none",
        login=f"user{uuid4().hex[:12]}",
    )
    settings = msgspec.structs.replace(settings, **changes)
    return Account(
        id=uuid4(),
        shop_id=uuid4(),
        channel="mail",
        address="kefu@shop.example",
        settings=msgspec.to_builtins(settings),
        secret=PASSWORD,
    )


def login_of(account: Account) -> str:
    return str(account.settings["login"])


def letter(
    text: str = "你好", subject: str = "求助", sender: str = "buyer@mail.example"
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "kefu@shop.example", subject
    mail["Message-ID"] = f"<{uuid4().hex}@mail.example>"
    mail.set_content(text)
    return mail


async def fetch(mail: Mail, account: Account, folder: Path) -> tuple[list[Arrival], Account]:
    """One round: what came, and the account with its new position."""
    came: list[Arrival] = []
    async for step in mail.fetch(account, folder, now=NOW):
        account = msgspec.structs.replace(account, position=step.position)
        if not isinstance(step, Moved):
            came.append(step)
    return came, account


async def test_a_mailbox_begins_with_what_comes_from_now_on(
    mail: Mail, dovecot: Dovecot, tmp_path: Path
) -> None:
    account = mailbox(dovecot)
    dovecot.deliver(login_of(account), letter("from before"))
    came, account = await fetch(mail, account, tmp_path)
    assert came == []
    for n in range(3):
        dovecot.deliver(login_of(account), letter(subject=f"第{n}封"))
    came, account = await fetch(mail, account, tmp_path)
    assert [each.subject for each in came] == ["第0封", "第1封", "第2封"]
    assert {each.sender for each in came} == {"buyer@mail.example"}
    assert (await fetch(mail, account, tmp_path))[0] == []
    assert dovecot.unseen(login_of(account)) == 4, "reading leaves no trace in the mailbox"
    await mail.close()


async def test_a_mail_that_was_not_stored_comes_again(
    mail: Mail, dovecot: Dovecot, tmp_path: Path
) -> None:
    account = mailbox(dovecot)
    _, account = await fetch(mail, account, tmp_path)
    dovecot.deliver(login_of(account), letter())
    first, _ = await fetch(mail, account, tmp_path)
    again, account = await fetch(mail, account, tmp_path)
    assert first[0].fingerprint == again[0].fingerprint
    assert (await fetch(mail, account, tmp_path))[0] == []
    await mail.close()


async def test_the_same_mail_by_two_ways_has_one_fingerprint(
    mail: Mail, dovecot: Dovecot, tmp_path: Path
) -> None:
    account = mailbox(dovecot)
    _, account = await fetch(mail, account, tmp_path)
    one = letter()
    dovecot.deliver(login_of(account), one)
    one["Received"] = "by another way"
    dovecot.deliver(login_of(account), one)
    other = letter()
    other.replace_header("Message-ID", one["Message-ID"])
    other.set_content("something else under the same name")
    dovecot.deliver(login_of(account), other)
    came, _ = await fetch(mail, account, tmp_path)
    assert came[0].fingerprint == came[1].fingerprint != came[2].fingerprint
    assert came[0].sha256 != came[1].sha256
    await mail.close()


async def test_a_mailbox_that_was_numbered_anew_is_looked_through(
    mail: Mail, dovecot: Dovecot, tmp_path: Path
) -> None:
    account = mailbox(dovecot)
    _, account = await fetch(mail, account, tmp_path)
    dovecot.deliver(login_of(account), letter(subject="一"))
    before, account = await fetch(mail, account, tmp_path)
    dovecot.deliver(login_of(account), letter(subject="二"))
    dovecot.number_anew(login_of(account))
    with pytest.raises(Unavailable):  # the connection was lost; the next round opens another
        await fetch(mail, account, tmp_path)
    came, account = await fetch(mail, account, tmp_path)
    assert {each.subject for each in came} == {"一", "二"}
    assert before[0].fingerprint in {each.fingerprint for each in came}
    came, account = await fetch(mail, account, tmp_path)
    assert came == [] and account.position["since"] == ""
    await mail.close()


async def test_mails_of_any_bytes_are_taken_as_they_are(
    mail: Mail, dovecot: Dovecot, tmp_path: Path
) -> None:
    account = mailbox(dovecot)
    _, account = await fetch(mail, account, tmp_path)
    wild = [
        b"no header at all\x80\xff (((( {100}\r\n* 1 FETCH (UID 1)\r\n",
        b"\r\n\r\n",
        b"From: x\r\n" + b"A" * 300_000 + b"\r\n\r\nbody\r\n",
        b"Subject: =?gb2312?B?xOO6ww==?=\r\n\r\n)\r\na1 OK done\r\n",
    ]
    for content in wild:
        dovecot.deliver(login_of(account), content)
    came, _ = await fetch(mail, account, tmp_path)
    assert [each.raw.read_bytes() for each in came if each.raw] == wild
    assert came[3].subject == "你好"
    await mail.close()


async def test_a_mail_of_fifty_megabytes_is_taken_and_a_larger_one_listed(
    mail: Mail, dovecot: Dovecot, tmp_path: Path
) -> None:
    account = mailbox(dovecot)
    _, account = await fetch(mail, account, tmp_path)
    head = b"From: a@b.cn\r\nSubject: large\r\nMessage-ID: <l@b>\r\n\r\n"
    line = b"x" * 998 + b"\r\n"
    dovecot.deliver(login_of(account), head + line * 50_000)
    dovecot.deliver(login_of(account), head + line * 70_000)
    came, account = await fetch(mail, account, tmp_path)
    assert [each.size_bytes for each in came] == [len(head) + 50_000_000, len(head) + 70_000_000]
    assert came[0].raw is not None and came[0].raw.stat().st_size == came[0].size_bytes
    assert came[1].raw is None and came[1].subject == "large"
    assert (await fetch(mail, account, tmp_path))[0] == []
    await mail.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_encryption_and_whom_it_trusts(
    mail: Mail, dovecot: Dovecot, tmp_path: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    account = mailbox(dovecot, imap_host="localhost", imap_port=port, imap_security=security)
    with pytest.raises(Unavailable, match="certificate"):
        await fetch(mail, account, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.home / "cert.pem"))
    _, account = await fetch(mail, account, tmp_path)
    assert account.position["validity"] > 0
    await mail.close()


async def test_what_goes_wrong_is_said_plainly(
    mail: Mail, dovecot: Dovecot, postbox: Postbox, tmp_path: Path
) -> None:
    good = mailbox(dovecot, postbox)
    await mail.check(good)
    wrong = msgspec.structs.replace(good, secret="wrong")
    with pytest.raises(Unavailable, match="did not accept the user name"):
        await fetch(mail, wrong, tmp_path)
    nowhere = mailbox(dovecot, postbox, folder="Nowhere")
    with pytest.raises(Unavailable, match="folder"):
        await fetch(mail, nowhere, tmp_path)
    silent = mailbox(dovecot, postbox, imap_port=1)
    with pytest.raises(Unavailable, match="does not answer"):
        await fetch(mail, silent, tmp_path)
    postless = mailbox(dovecot, postbox, smtp_port=1)
    with pytest.raises(Unavailable, match="does not answer"):
        await mail.check(postless)
    outside = Mail(Keyring(b"k" * 32))
    with pytest.raises(Unavailable, match="has no address that may be used"):
        await fetch(outside, good, tmp_path)
    await mail.close()


def outgoing(mail: Mail, account: Account, **changes: object) -> Outgoing:
    letter = Letter(
        to="buyer@mail.example",
        subject="Re: 求助",
        text="您好，已为您处理。\n— 小王",
        reply_to="<a@b>",
        refers_to=("<z@b>", "<a@b>"),
    )
    letter = msgspec.structs.replace(letter, **changes)
    return Outgoing(letter=letter, reference=mail.name_letter(account, uuid4()), at=NOW)


async def test_a_letter_goes_out_with_its_thread(
    mail: Mail, dovecot: Dovecot, postbox: Postbox
) -> None:
    account = mailbox(dovecot, postbox, sender_name="小店, 客服", has_plus=True)
    sent = outgoing(mail, account)
    assert (await mail.send(account, sent)).outcome == "sent"
    (got,) = postbox.mails
    assert got["Subject"] == "Re: 求助" and got["Message-ID"] == sent.reference
    assert got["In-Reply-To"] == "<a@b>" and got["References"] == "<z@b> <a@b>"
    assert got["From"].addresses[0].display_name == "小店, 客服"
    assert got["X-Loop"] == "kefu@shop.example" and got["Auto-Submitted"] is None
    assert got.get_content().split() == sent.letter.text.split()
    assert postbox.recipients == [["buyer@mail.example"]]


async def test_letters_go_out_encrypted(
    mail: Mail, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Postbox(dovecot.home)
    box.start()
    account = mailbox(dovecot, box, smtp_host="localhost", smtp_security="tls")
    untrusted = await mail.send(account, outgoing(mail, account))
    assert untrusted.outcome == "later" and "certificate" in untrusted.reason
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.home / "cert.pem"))
    assert (await mail.send(account, outgoing(mail, account))).outcome == "sent"
    box.stop()


async def test_what_the_server_says_decides_what_becomes_of_a_letter(
    mail: Mail, dovecot: Dovecot, postbox: Postbox
) -> None:
    account = mailbox(dovecot, postbox)
    postbox.answer = "451 greylisted"
    assert (await mail.send(account, outgoing(mail, account))).outcome == "later"
    postbox.answer = "554 spam"
    assert (await mail.send(account, outgoing(mail, account))).outcome == "refused"
    postbox.answer = "250 kept"
    postbox.refused = {"gone@x.example": "550 nobody here", "full@x.example": "452 full"}
    gone = await mail.send(account, outgoing(mail, account, to="gone@x.example"))
    assert (gone.outcome, say_reason("zh", gone.reason)) == (
        "refused",
        "邮件服务器拒绝了请求：550 nobody here",
    )
    full = await mail.send(account, outgoing(mail, account, to="full@x.example"))
    assert full.outcome == "later"
    wrong = msgspec.structs.replace(account, secret="wrong")
    assert (await mail.send(wrong, outgoing(mail, account))).outcome == "later"
    broken = await mail.send(account, outgoing(mail, account, to="a@b@c"))
    assert broken.outcome == "refused" and "cannot be written" in broken.reason
    assert postbox.mails == []

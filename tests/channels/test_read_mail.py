"""One mail taken apart: ordinary ones, broken ones and hostile ones."""

import base64
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongdao.channels.channel import ATTACHMENTS_MAX, TEXT_MAX, Incoming, Unreadable
from gongdao.channels.mail.headers import (
    peek_head,
    plain_subject,
    read_references,
    read_sender,
)
from gongdao.channels.mail.read_apart import read_apart
from gongdao.channels.mail.read_mail import read_mail

OWN = "kefu@shop.example"
HEAD = b"From: =?gb2312?B?wO7QocPA?= <Li@Mail.Example>\r\nMessage-ID: <one@mail>\r\n"


def read(content: bytes, folder: Path) -> Incoming:
    (folder / "raw").write_bytes(content)
    return read_mail(folder / "raw", folder, own_address=OWN)


def test_gb2312_that_is_really_gbk(tmp_path: Path) -> None:
    body = "镕基、喆、您好 ￥99".encode("gb18030")
    got = read(HEAD + b"Content-Type: text/plain; charset=gb2312\r\n\r\n" + body, tmp_path)
    assert (got.address, got.name, got.text) == ("li@mail.example", "李小美", "镕基、喆、您好 ￥99")


def test_a_charset_that_lies_or_is_unknown(tmp_path: Path) -> None:
    for charset in ("us-ascii", "iso-8859-99", "utf-8", '"', "rot13", "=?x?"):
        head = HEAD + f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode()
        assert (
            read(head + "您好".encode("gbk" if charset == "utf-8" else "utf-8"), tmp_path).text
            == "您好"
        )


def test_of_two_forms_the_plain_one_unless_it_is_empty(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"] = "a@b.cn"
    mail.set_content("纯文本")
    mail.add_alternative("<p>网页</p>", subtype="html")
    assert read(mail.as_bytes(), tmp_path).text == "纯文本"
    mail = EmailMessage()
    mail["From"] = "a@b.cn"
    mail.set_content(" \n")
    mail.add_alternative("<p>网页</p>", subtype="html")
    assert read(mail.as_bytes(), tmp_path).text == "网页"


def test_what_hangs_on_the_other_form_comes_along(tmp_path: Path) -> None:
    """Thunderbird hangs a pasted picture, Apple's Mail every file, on the form with the markup."""
    mail = EmailMessage()
    mail["From"] = "a@b.cn"
    mail.set_content("破了，请看图")
    mail.add_alternative("<p>破了，请看图 <img src='cid:one'></p>", subtype="html")
    rich = mail.get_payload(1)
    assert isinstance(rich, EmailMessage)
    rich.add_related(b"picture" * 99, maintype="image", subtype="png", cid="<one>")
    rich.add_attachment(b"paper", maintype="application", subtype="pdf", filename="发票.pdf")
    got = read(mail.as_bytes(), tmp_path)
    assert got.text == "破了，请看图"
    assert [(each.name, each.inline) for each in got.attachments] == [
        ("file", True),
        ("发票.pdf", False),
    ]


def test_a_text_of_a_kind_that_is_not_read_is_counted(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"] = "a@b.cn"
    mail.set_content("<bold>急</bold>", subtype="enriched")
    assert read(mail.as_bytes(), tmp_path).left_out == 1


def test_names_of_attachments_in_every_spelling(tmp_path: Path) -> None:
    names = [
        b"filename*=gb2312''%C6%C6%CB%F0.png",
        b'filename="=?gb2312?B?xsbL8C5wbmc=?="',
        'filename="破损.png"'.encode("gbk"),
        'filename="破损.png"'.encode(),
        b"filename*0*=utf-8''%E7%A0%B4;\r\n filename*1*=%E6%8D%9F.png",
    ]
    parts = [
        b"--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; " + name
        + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(b"x" * 300) + b"\r\n"
        for name in names
    ]  # fmt: skip
    content = (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"".join(parts) + b"--b--"
    )
    got = read(content, tmp_path)
    assert [each.name for each in got.attachments] == ["破损.png"] * len(names)
    assert (tmp_path / got.attachments[0].path).read_bytes() == b"x" * 300


def test_an_attachment_cannot_name_a_place(tmp_path: Path) -> None:
    content = HEAD + b'Content-Type: application/pdf; name="../../../etc/passwd"\r\n\r\n%PDF'
    got = read(content, tmp_path)
    assert (tmp_path / got.attachments[0].path).resolve().parent == tmp_path.resolve()


def test_without_a_picture_that_tells_on_its_reader(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"] = "a@b.cn"
    mail.set_content("<p>您好<img src=cid:p></p>", subtype="html")
    mail.add_related(b"GIF89a" + b"\0" * 37, "image", "gif", cid="<p>")
    assert read(mail.as_bytes(), tmp_path).attachments == ()


def test_a_mail_of_ten_thousand_parts(tmp_path: Path) -> None:
    part = b"--b\r\nContent-Type: image/png; name=a.png\r\n\r\n" + b"x" * 300 + b"\r\n"
    content = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 10_000 + b"--b--"
    started = time.monotonic()
    got = read(content, tmp_path)
    assert len(got.attachments) == ATTACHMENTS_MAX
    assert got.left_out == 10_000 - ATTACHMENTS_MAX
    assert time.monotonic() - started < 10


async def test_mails_that_end_their_reader_end_nothing_else(tmp_path: Path) -> None:
    deep = HEAD + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(5_000)
    )
    (tmp_path / "raw").write_bytes(deep)
    with pytest.raises(Unreadable):
        await read_apart(tmp_path / "raw", tmp_path, own_address=OWN)


async def test_a_mail_that_takes_too_long_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(HEAD + b"\r\nx")
    with pytest.raises(Unreadable, match="longer than"):
        await read_apart(tmp_path / "raw", tmp_path, own_address=OWN, seconds=0.01)
    assert (await read_apart(tmp_path / "raw", tmp_path, own_address=OWN)).text == "x"


def test_a_long_text_is_cut_and_says_so(tmp_path: Path) -> None:
    got = read(HEAD + b"\r\n" + "长".encode() * 700_000, tmp_path)
    assert len(got.text) == TEXT_MAX and got.is_cut


def test_what_is_inside_an_archive_is_not_looked_at(tmp_path: Path) -> None:
    content = HEAD + b"Content-Type: application/zip; name=b.zip\r\n\r\nPK\3\4" + b"\0" * 500
    assert [each.name for each in read(content, tmp_path).attachments] == ["b.zip"]


SKELETON = [
    b"From: a@b.cn\r\n", b"Content-Type: multipart/mixed; boundary=b\r\n", b"\r\n", b"--b\r\n",
    b"--b--\r\n", b"Content-Type: text/html; charset=gb2312\r\n", b"<p>\xc4\xe3</p>", b"\x00\xff",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n",
    b"begin 666 x\r\n#0V%T\r\n", b"Content-Disposition: attachment; filename*0*=utf-9'%zz;;=\r\n",
    b"Content-Type: message/rfc822\r\n", b"Content-Type: multipart/alternative; boundary=b\r\n",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n", b" folded\r\n",
    b"Subject: =?utf-8?q?=\r\n", b": nameless\r\n", b"Message-ID: <\r\n", b"charset\r\n", b"\r",
    b"Content-Type: message/delivery-status\r\n", b"References: <a@b> <c d> <e\r\n",
]  # fmt: skip


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(SKELETON) | st.binary(max_size=30), max_size=40))
def test_no_mail_is_an_error(tmp_path: Path, pieces: list[bytes]) -> None:
    got = read(b"".join(pieces), tmp_path)
    for said in (got.address, got.name, got.subject, got.text, *got.refers_to):
        said.encode("utf-8")
        assert "\0" not in said


@given(st.binary(max_size=2_000))
def test_no_head_is_an_error(head: bytes) -> None:
    peek_head(head)


@pytest.mark.parametrize(
    ("raw", "address", "name"),
    [
        ("Li <li@b.cn>", "li@b.cn", "Li"),
        ('"a@evil.cn" <li@b.cn>', "li@b.cn", "a@evil.cn"),
        ("li@b.cn (李)", "li@b.cn", "李"),
        ("=?utf-8?B?PGFAZXZpbC5jbj4=?= <li@b.cn>", "li@b.cn", "<a@evil.cn>"),
        ("LI@B.CN", "li@b.cn", ""),
        ("nobody", "", "nobody"),
        ("<>", "", "<>"),
        ("a@b@c", "", "a@b@c"),
        ("li@b.cn, wang@c.cn", "li@b.cn", ", wang@c.cn"),
        ("", "", ""),
    ],
)
def test_who_says_that_they_wrote(raw: str, address: str, name: str) -> None:
    got = read_sender(raw)
    assert (got.address, got.name) == (address, name)


def test_references_the_nearest_last() -> None:
    assert read_references(["<a@x> <b@x>", "<b@x>"]) == ("<a@x>", "<b@x>")
    assert read_references(["<a b> junk <>"]) == ()
    assert len(read_references([" ".join(f"<{n}@x>" for n in range(500))])) == 20


def test_subjects_without_their_marks() -> None:
    assert plain_subject("Re: 回复：RE[2]: Fwd: 催单") == "催单"
    assert plain_subject("Regarding: x") == "Regarding: x"

"""Conversations by mail, from the buyer's mail program to the shop's desk and back."""

import io
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from tests.channels.mail_town import BUYER, MailTown, answer_to, build_mail_town, write
from tests.flows.orders.day_town import order_of, wish
from tests.mail_servers import Dovecot, Postbox, dovecot, postbox

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.chat.excerpt import decode_excerpt
from gongdao.files.objects import open_objects
from gongdao.flows.orders.dispatch_order import dispatch_order
from gongdao.flows.orders.tell_dispatch import tell_next_dispatch
from gongdao.flows.talk.close_talk import close_talk
from gongdao.flows.talk.recall import recall
from gongdao.flows.talk.seal_excerpt import seal_excerpt
from gongdao.shops.dispatch_store import notices_of_orders

__all__ = ["dovecot", "postbox"]


@pytest.fixture
async def town(
    pool: Pool, database_url: str, dovecot: Dovecot, postbox: Postbox, tmp_path: Path
) -> AsyncIterator[MailTown]:
    town = await build_mail_town(pool, database_url, dovecot, postbox, tmp_path)
    yield town
    await town.rounds.close()


def picture() -> bytes:
    made = io.BytesIO()
    Image.linear_gradient("L").save(made, "PNG")
    return made.getvalue()


async def test_a_talk_by_mail_there_and_back(town: MailTown) -> None:
    first = write("我的订单还没到。\n\n-- \n李小美")
    town.deliver(first)
    await town.bring_in()
    (talk,) = await town.talks()
    assert (talk.channel, talk.subject, talk.locale) == ("mail", "催单", "zh")
    assert await town.texts(talk) == ["我的订单还没到。"]
    assert talk.asked_at is not None

    await town.answer(talk, "您好，今天发货。")
    await town.send()
    (sent,) = town.postbox.mails
    assert sent["To"] == BUYER and sent["Subject"] == "Re: 催单"
    assert sent["In-Reply-To"] == sent["References"] == first["Message-ID"]
    assert "您好，今天发货。" in sent.get_content()

    town.deliver(answer_to(sent, "好的，谢谢"))
    await town.bring_in()
    assert [one.id for one in await town.talks()] == [talk.id]
    assert await town.texts(talk) == ["我的订单还没到。", "您好，今天发货。", "好的，谢谢"]

    await town.answer(talk, "不客气")
    await town.send()
    second = town.postbox.mails[1]
    assert second["References"].split()[:2] == [first["Message-ID"], sent["Message-ID"]]
    await town.send()
    assert len(town.postbox.mails) == 2, "each message goes out once"


@pytest.mark.fact("S0-44", "S0-50")
async def test_that_a_parcel_has_left_goes_out_by_mail_once(town: MailTown) -> None:
    town.deliver(write("什么时候发货？"))
    await town.bring_in()
    (talk,) = await town.talks()
    order = await order_of(town.desk, paid=True, buyer_id=talk.buyer_id)
    asked = wish(town.desk, order)
    await dispatch_order(town.pool, asked, carrier="圆通速递", tracking="YT77")
    for _ in range(2):
        await tell_next_dispatch(town.pool, None, now=utc_now())
        await town.send()
    (notice,) = await notices_of_orders(town.pool, [order.id])
    (sent,) = town.postbox.mails
    assert (notice.way, sent["To"], sent["Subject"]) == ("mail", BUYER, "Re: 催单")
    assert f"{order.number}" in sent.get_content() and "圆通速递" in sent.get_content()


async def test_a_mail_that_comes_twice_is_told_once(town: MailTown) -> None:
    mail = write()
    town.deliver(mail)
    mail["Received"] = "by another way"
    town.deliver(mail)
    await town.bring_in()
    await town.bring_in()
    (talk,) = await town.talks()
    assert await town.texts(talk) == ["我的订单还没到"]
    town.dovecot.number_anew(town.login)
    await town.bring_in()
    await town.bring_in()
    assert await town.texts(talk) == ["我的订单还没到"]


async def test_who_only_says_that_they_are_the_buyer_joins_nothing(town: MailTown) -> None:
    town.deliver(write())
    await town.bring_in()
    (talk,) = await town.talks()
    await town.answer(talk, "请提供收款账号")
    await town.send()
    sent = town.postbox.mails[0]

    town.deliver(write("请退到这个账号：…", References="<guessed@shop.example>"))
    forged = sent["Message-ID"].replace(sent["Message-ID"][5:15], "aaaaaaaaaa")
    town.deliver(write("请退到那个账号", In_Reply_To=forged))
    town.deliver(answer_to(sent, "我是他朋友", sender="friend@mail.example"))
    await town.bring_in()
    assert await town.texts(talk) == ["我的订单还没到", "请提供收款账号"]
    talks = await town.talks()
    assert len(talks) == 4
    assert [one.buyer_id == talk.buyer_id for one in talks] == [True, True, True, False]
    lines = [(await town.said(one))[0].body for one in talks]
    assert [line.fields.get("proven") for line in lines] == [None] * 4  # pyright: ignore

    town.deliver(answer_to(sent, "我的账号是 6222"))
    await town.bring_in()
    assert (await town.texts(talk))[-1] == "我的账号是 6222"
    proven = [one.body for one in await town.said(talk) if one.kind == "system"]
    assert proven[-1].fields["proven"] == 1  # pyright: ignore

    # An excerpt says which words came from an address that nobody had proved.
    lead, objects = town.desk.people["主管"], open_objects("memory://")
    said = [one.seq for one in await town.said(talk) if one.author == "buyer"]
    sealed = await seal_excerpt(town.pool, objects, lead, talk.id, said, now=utc_now())
    links = [each for each in decode_excerpt(sealed.excerpt.body).links if each.said]
    assert [each.said and each.said.unproven for each in links] == [True, False]


async def test_who_writes_again_before_an_answer_goes_on_in_the_same_talk(town: MailTown) -> None:
    first = write()
    town.deliver(first)
    await town.bring_in()
    (talk,) = await town.talks()
    more = {"In_Reply_To": first["Message-ID"], "References": first["Message-ID"]}
    town.deliver(write("补充一下，是灰色那件", **more))
    # Who knows the name of that mail, but writes from elsewhere, does not.
    town.deliver(write("我也要", sender="friend@mail.example", **more))
    await town.bring_in()
    assert await town.texts(talk) == ["我的订单还没到", "补充一下，是灰色那件"]
    lines = [one.body for one in await town.said(talk) if one.kind == "system"]
    told = [line.fields.get("proven") for line in lines if line.event == "mail"]  # pyright: ignore
    assert told == [None, None], "nobody has proven who wrote either of them"
    other = (await town.talks())[-1]
    assert other.id != talk.id and other.buyer_id != talk.buyer_id

    await close_talk(town.pool, town.desk.people["小安"], talk.id, now=utc_now())
    town.deliver(write("还有一件事", **more))
    await town.bring_in()
    assert len(await town.talks()) == 3, "what is over begins anew"


async def test_an_answer_after_the_end_begins_the_next_talk(town: MailTown) -> None:
    town.deliver(write())
    await town.bring_in()
    (talk,) = await town.talks()
    await town.answer(talk, "已处理")
    await town.send()
    await close_talk(town.pool, town.desk.people["小安"], talk.id, now=utc_now())
    town.deliver(answer_to(town.postbox.mails[0], "又有问题"))
    await town.bring_in()
    _, new = await town.talks()
    assert new.buyer_id == talk.buyer_id and await town.texts(new) == ["又有问题"]
    await town.answer(new, "请说")
    await town.send()
    assert town.postbox.mails[-1]["Subject"] == "Re: 催单"


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ({"Auto_Submitted": "auto-replied"}, BUYER),
        ({"Precedence": "bulk"}, BUYER),
        ({"X_Loop": "kefu@shop.example"}, BUYER),
        ({"List_Id": "<news.shop.example>"}, BUYER),
        ({}, "kefu@shop.example"),
        ({}, "MAILER-DAEMON@mail.example"),
        ({}, "no-reply@mail.example"),
    ],
)
async def test_what_no_person_wrote_is_listed_and_not_answered(
    town: MailTown, headers: dict[str, str], sender: str
) -> None:
    town.deliver(write(sender=sender, **headers))
    await town.bring_in()
    await town.send()
    assert await town.talks() == [] and town.postbox.mails == []
    assert len(await town.arrivals("automatic")) == 1


async def test_a_flood_is_held_back_and_a_person_may_let_it_in(town: MailTown) -> None:
    for n in range(23):
        town.deliver(write(f"第 {n} 封"))
    await town.bring_in()
    assert len(await town.talks()) == 20
    held = await town.arrivals("held")
    assert len(held) == 3
    await town.pool.execute(
        "UPDATE channel_arrivals SET state = 'kept', is_wanted = true, wait_until = NULL"
        " WHERE id = $1",
        held[0]["id"],
    )
    await town.bring_in()
    assert len(await town.talks()) == 21


async def test_attachments_are_checked_and_inline_pictures_come_along(town: MailTown) -> None:
    mail = write("请看图")
    mail.add_attachment(picture(), maintype="image", subtype="png", filename="破损 照片.png")
    mail.add_attachment(b"MZ\x90\0", maintype="application", subtype="pdf", filename="账单.pdf")
    mail.add_attachment(
        b"PK\3\4" + b"\0" * 99, maintype="application", subtype="zip", filename="a.zip"
    )
    town.deliver(mail)
    html = EmailMessage()
    html["From"], html["To"], html["Message-ID"] = BUYER, "kefu@shop.example", f"<{uuid4()}@x>"
    html.set_content("<p>看这里 <img src='cid:one'></p>", subtype="html")
    html.add_related(picture(), maintype="image", subtype="png", cid="<one>")
    town.deliver(html)
    await town.bring_in()
    one, two = await town.talks()
    said = await town.said(one)
    assert [each.kind for each in said if each.author == "buyer"] == ["text", "image"]
    assert said[2].body.name == "破损 照片.png"  # pyright: ignore
    assert said[0].body.fields["refused"] == "账单.pdf, a.zip"  # pyright: ignore
    assert [e.kind for e in await town.said(two) if e.author == "buyer"] == ["text", "image"]


async def test_what_is_taken_back_in_time_never_goes_out(town: MailTown) -> None:
    town.deliver(write())
    await town.bring_in()
    (talk,) = await town.talks()
    seq = await town.answer(talk, "打错了")
    await town.rounds.send(utc_now())
    assert town.postbox.mails == [], "it is held for a moment"
    await recall(town.pool, town.desk.people["小安"], talk.id, seq, now=utc_now())
    await town.send()
    assert town.postbox.mails == []
    assert [row["state"] for row in await town.letters()] == ["recalled"]


async def test_a_letter_is_tried_again_and_at_last_given_up(town: MailTown) -> None:
    town.deliver(write())
    await town.bring_in()
    (talk,) = await town.talks()
    await town.answer(talk, "在的")
    town.postbox.answer = "451 later"
    await town.send()
    (row,) = await town.letters()
    assert row["state"] == "waiting" and row["due_at"] > utc_now() and "451" in row["reason"]
    reference = row["reference"]
    town.postbox.answer = "250 ok"
    await town.send()
    (row,) = await town.letters()
    assert row["state"] == "sent" and town.postbox.mails[0]["Message-ID"] == reference

    await town.answer(talk, "还在吗")
    town.postbox.answer = "451 later"
    for _ in range(9):
        await town.send()
    assert (await town.letters())[1]["state"] == "failed"
    events = [m.body.event for m in await town.said(talk) if m.kind == "system"]  # pyright: ignore
    assert events[-1] == "mail_failed"


async def test_a_letter_that_comes_back_is_noted(town: MailTown) -> None:
    town.deliver(write())
    await town.bring_in()
    (talk,) = await town.talks()
    await town.answer(talk, "在的")
    await town.send()
    sent = town.postbox.mails[0]
    report = (
        "From: MAILER-DAEMON@mail.example\r\nTo: kefu@shop.example\r\nReturn-Path: <>\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <b@mail.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nno such user\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {sent['Message-ID']}\r\n"
        "--b--\r\n"
    )
    town.deliver(report.encode())
    await town.bring_in()
    assert [row["state"] for row in await town.letters()] == ["bounced"]
    last = (await town.said(talk))[-1]
    assert last.body.event == "mail_bounced" and "no such user" in last.body.fields["text"]  # pyright: ignore


async def test_the_shop_says_by_itself_once_that_it_is_away(town: MailTown) -> None:
    rules = '{"away": {"zh": "我们明早九点回复您"}}'.encode()
    await town.pool.execute(
        "INSERT INTO chat_desks (shop_id, rules) VALUES ($1, $2)"
        " ON CONFLICT (shop_id) DO UPDATE SET rules = excluded.rules",
        town.desk.shop_id,
        rules,
    )
    for _ in range(3):
        town.deliver(write())
    await town.bring_in()
    await town.send()
    (away,) = town.postbox.mails
    assert away["Auto-Submitted"] == "auto-replied" and "明早九点" in away.get_content()
    assert away["Subject"] == "Re: 催单"
    away.replace_header("From", "MAILER-DAEMON@mail.example")
    town.deliver(away)
    await town.bring_in()
    await town.send()
    assert len(town.postbox.mails) == 1, "two programs do not talk with each other"

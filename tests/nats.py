"""A real NATS on the loopback: Debian's nats-server as a child of the tests."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from gongdao.base.embedded.server import die_with_parent


class Nats:
    """A server on a port of its own, which keeps it when it is killed and started again."""

    def __init__(self, program: str) -> None:
        self.port = free_port()
        self._program = program
        self._child: subprocess.Popen[bytes] | None = None
        self.url = f"nats://127.0.0.1:{self.port}"

    def start(self, *more: str) -> None:
        """Start it, and wait until it answers."""
        place = ("--addr", "127.0.0.1", "--port", str(self.port))
        self._child = subprocess.Popen(
            [self._program, *place, *more],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        until = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert self._child.poll() is None and time.monotonic() < until, "no NATS"
                time.sleep(0.02)

    def kill(self) -> None:
        """End it as a crash would."""
        assert self._child is not None
        self._child.kill()
        self._child.wait()
        self._child = None

    def stop(self) -> None:
        """End it if it runs."""
        if self._child is not None:
            self.kill()


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def nats_program() -> str:
    """Debian's nats-server; GONGDAO_REQUIRE_SERVERS=1 forbids skipping where there is none."""
    found = shutil.which("nats-server", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found:
        return found
    if os.environ.get("GONGDAO_REQUIRE_SERVERS") == "1":
        pytest.fail("GONGDAO_REQUIRE_SERVERS=1, but there is no NATS: apt install nats-server")
    pytest.skip("no NATS here: apt install nats-server")


@pytest.fixture
def nats() -> Iterator[Nats]:
    """A NATS that runs, of this test's own."""
    server = Nats(nats_program())
    server.start()
    yield server
    server.stop()

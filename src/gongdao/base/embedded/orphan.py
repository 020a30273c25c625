"""What an earlier server left behind when its parent was killed.

Every process of a server inherits a locked file, `alive`, from the start. As long as one of them
lives, the kernel keeps the lock; when the last one is gone, it is free. Process numbers in lock
files prove nothing of the kind: they are given to strangers, and a zombie keeps its own.
"""

import fcntl
import os
import signal
import time
from pathlib import Path

_SECONDS_MAX = 60.0


def settle_old_server(cluster: Path) -> int:
    """Stop what still runs on a cluster, clear its lock files away, and return `alive`, locked.

    Call it only while holding the lock of the home folder: then nobody's server is taken away.
    """
    alive = os.open(cluster.parent / "alive", os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + _SECONDS_MAX
    while not _take(alive):
        if time.monotonic() > until:
            os.close(alive)
            raise RuntimeError(f"an old PostgreSQL on {cluster} does not stop")
        _ask_to_stop(cluster)
        time.sleep(0.05)
    for lock in (cluster / "postmaster.pid", *cluster.parent.glob(".s.PGSQL.*.lock")):
        lock.unlink(missing_ok=True)
    return alive


def read_pid_file(cluster: Path) -> list[str]:
    """The lines of postmaster.pid, or nothing: pid, folder, start, port, socket, address, ..."""
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _take(alive: int) -> bool:
    try:
        fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _ask_to_stop(cluster: Path) -> None:
    """Ask for a fast shutdown, where the number really is a server of this cluster.

    Where only its children are left, they notice by themselves that it is gone.
    """
    number = next(iter(read_pid_file(cluster)), "").strip()
    try:
        words = Path("/proc", number, "cmdline").read_text().split("\0")
        if number.isdecimal() and str(cluster) in words:
            os.kill(int(number), signal.SIGINT)
    except (OSError, ValueError):
        return  # it ended meanwhile

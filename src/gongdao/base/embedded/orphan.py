"""What an earlier server left behind when its parent was killed."""

import os
import signal
import time
from pathlib import Path


def read_pid_file(cluster: Path) -> list[str]:
    """The lines of postmaster.pid, or nothing: pid, folder, start, port, socket, address, ..."""
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def settle_old_server(cluster: Path) -> None:
    """Stop what still runs on a cluster, and remove a pid file whose number now means another.

    Call it only while holding the lock of the cluster: then nobody's server is taken away.
    """
    for number, seconds in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0)):
        _tell(cluster, number)
        if _wait_until_empty(cluster, seconds):
            break
    else:
        raise TimeoutError(f"an old PostgreSQL on {cluster} does not stop: {_living(cluster)}")
    lines = read_pid_file(cluster)
    if lines and lines[0].strip().isdecimal() and Path("/proc", lines[0].strip()).exists():
        # The number was given to a stranger since; PostgreSQL would take it for a living server.
        (cluster / "postmaster.pid").unlink()


def _living(cluster: Path) -> list[int]:
    """The postgres processes whose working folder is this cluster: proof that they are its own."""
    folder = os.path.realpath(cluster)
    living: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = os.readlink(entry / "cwd") == folder
            if is_ours and (entry / "comm").read_text().startswith("postgres"):
                living.append(int(entry.name))
        except OSError:
            continue  # it ended meanwhile, or it is somebody else's
    return living


def _tell(cluster: Path, number: signal.Signals) -> None:
    for pid in _living(cluster):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _wait_until_empty(cluster: Path, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while _living(cluster):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True

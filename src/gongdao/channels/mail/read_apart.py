"""Reads a mail in a process of its own, which may use so much time and memory and no more."""

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from gongdao.base.i18n import N_
from gongdao.channels.channel import Incoming, Unreadable

#: What one mail may cost in all; read_mail bounds its own time on the processor, and its memory.
SECONDS = 60.0
#: What the process may answer; the text of a mail is far shorter.
_ANSWER_MAX = 4 * 1024 * 1024


async def read_apart(
    raw: Path,
    folder: Path,
    *,
    own_address: str,
    auth_server: str = "",
    seconds: float = SECONDS,
) -> Incoming:
    """What read_mail finds. Raises Unreadable when it fails or takes too much."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gongdao.channels.mail.read_mail"),
        *(str(raw), str(folder), own_address, auth_server),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        async with asyncio.timeout(seconds):
            answer, complaint = await child.communicate()
    except TimeoutError:
        raise Unreadable(
            N_("Reading it took longer than {said} seconds."), f"{seconds:g}"
        ) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0 or len(answer) > _ANSWER_MAX:
        raise _why(child.returncode, complaint)
    return msgspec.json.decode(answer, type=Incoming)


def _why(code: int | None, complaint: bytes) -> Unreadable:
    last = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
    if code is not None and code < 0:
        return Unreadable(N_("Reading it took too much and was stopped (signal {said})."), -code)
    return Unreadable(N_("It cannot be taken apart: {said}"), last[:300] or "-")

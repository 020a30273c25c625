"""Screens as a phone or a desk has them: what they show, what they still have to send."""

import asyncio
import json
from collections.abc import Sequence
from itertools import cycle
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

#: How many of its messages may be on their way at once, and when it tries again what failed.
UNDER_WAY_MAX, AGAIN_SECONDS = 4, 0.1


class Screen:
    """Follows conversations through one socket at a time, on whichever machine answers.

    It comes back with the number it was told last, and sends again what was not acknowledged. It
    insists on what every screen is promised: each message once, in order, without a gap.
    """

    def __init__(self, urls: Sequence[str], token: str, talks: Sequence[str]) -> None:
        self.urls = cycle(urls)
        self.shown: dict[str, list[dict[str, Any]]] = {talk: [] for talk in talks}
        self.reached: dict[str, int] = dict.fromkeys(talks, 0)
        self.outbox: dict[str, dict[str, Any]] = {}
        self.acknowledged: dict[str, int] = {}
        self.conflicts: set[str] = set()
        self.lines_lost = 0
        self._headers = {"Authorization": f"Bearer {token}"}
        self._socket: ClientConnection | None = None

    async def live(self) -> None:
        """Be connected, again and again, until cancelled."""
        while True:
            try:
                url = next(self.urls)
                async with connect(
                    f"{url}/chat/socket",
                    additional_headers=self._headers,
                    compression=None,
                    open_timeout=5,
                    close_timeout=1,
                ) as socket:
                    await self._listen(socket)
            except (OSError, WebSocketException, InvalidHandshake, TimeoutError):
                self.lines_lost += 1
            finally:
                self._socket = None
            await asyncio.sleep(AGAIN_SECONDS)

    async def say(self, talk: str, text: str, *, kind: str = "text", seen: bool = False) -> str:
        """Say something, if need be later; returns its client_id."""
        while len(self.outbox) >= UNDER_WAY_MAX:
            await asyncio.sleep(0.01)
        client_id = str(uuid4())
        frame = {
            "op": "say",
            "conversation": talk,
            "client_id": client_id,
            "kind": kind,
            "body": {"text": text},
        }
        if seen:
            frame["seen"] = self.reached[talk]
        self.outbox[client_id] = frame
        if self._socket is not None:
            await self._send(self._socket, frame)
        return client_id

    async def _listen(self, socket: ClientConnection) -> None:
        for talk, after in self.reached.items():
            await socket.send(json.dumps({"op": "open", "conversation": talk, "after": after}))
        for frame in list(self.outbox.values()):
            await socket.send(json.dumps(frame))
        self._socket = socket
        async for text in socket:
            self._hear(json.loads(text))

    async def _send(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        try:
            await socket.send(json.dumps(frame))
        except (OSError, WebSocketException):
            self._socket = None

    def _hear(self, frame: dict[str, Any]) -> None:
        match frame["op"]:
            case "messages":
                self._show(frame)
            case "said":
                self.acknowledged[frame["client_id"]] = frame["seq"]
                self.outbox.pop(frame["client_id"], None)
            case "refused":
                self._refused(frame)
            case _:
                pass

    def _show(self, frame: dict[str, Any]) -> None:
        talk = frame["conversation"]
        for line in frame["messages"]:
            assert line["seq"] > self.reached[talk], "twice, or out of order"
            self.reached[talk] = line["seq"]
            self.shown[talk].append(line)
        self.reached[talk] = max(self.reached[talk], frame["last_seq"])

    def _refused(self, frame: dict[str, Any]) -> None:
        if frame["code"] == "unavailable":
            return  # the line ends with it, and it is sent again through the next one
        assert frame["code"] == "version_conflict", frame
        del self.outbox[frame["client_id"]]
        self.conflicts.add(frame["client_id"])

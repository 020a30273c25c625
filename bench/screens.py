"""Screens of a chat for the benchmarks: web sockets of ours, at little cost to the generator."""

import asyncio
import base64
import json
import struct
from collections.abc import Callable
from typing import Any
from uuid import UUID

from gongdao.base.ids import new_id

#: Called with everything that is said on a screen, as it came.
Hears = Callable[[bytes], None]

_LIMITS = ((126, 2, "!H"), (127, 8, "!Q"))


class WebSocket(asyncio.Protocol):
    """The client's half of RFC 6455, as far as a benchmark needs it."""

    def __init__(self, head: bytes, hears: Hears) -> None:
        self._head, self._hears = head, hears
        self._buffer = bytearray()
        self._transport: Any = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._head)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.opened.done():
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._buffer.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(RuntimeError(bytes(self._buffer[:300]).decode()))
                return
            del self._buffer[: end + 4]
            self.opened.set_result(None)
        while self._take_frame():
            continue

    def _take_frame(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        length, start = buffer[1], 2
        for mark, size, form in _LIMITS:
            if length == mark:
                if len(buffer) < 2 + size:
                    return False
                (length,) = struct.unpack_from(form, buffer, 2)
                start = 2 + size
                break
        if len(buffer) < start + length:
            return False
        payload = bytes(buffer[start : start + length])
        kind = buffer[0] & 0x0F
        del buffer[: start + length]
        if kind == 1:
            self._hears(payload)
        elif kind == 9:
            self._write(10, payload)
        elif kind == 8:
            raise RuntimeError(f"the server closed a screen: {payload!r}")
        return True

    def send(self, frame: dict[str, object]) -> None:
        """Send a JSON text."""
        self._write(1, json.dumps(frame).encode())

    def _write(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
        # The mask of zeros leaves the payload as it is.
        self._transport.write(bytes([0x80 | kind]) + length + bytes(4) + payload)

    def close(self) -> None:
        """Hang up."""
        if self._transport:
            self._transport.close()


class Screen:
    """A person's socket that follows one conversation."""

    def __init__(self, socket: WebSocket, talk: UUID) -> None:
        self._socket, self._talk = socket, str(talk)

    @classmethod
    async def open(cls, port: int, token: str, talk: UUID, hears: Hears) -> "Screen":
        """Connect, and follow the conversation."""
        key = base64.b64encode(new_id().bytes).decode()
        head = (
            f"GET /chat/socket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        )
        following = asyncio.get_running_loop().create_future()

        def hear(text: bytes) -> None:
            if not following.done() and b'"op":"state"' in text:
                following.set_result(None)
            hears(text)

        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(
            lambda: WebSocket(head.encode(), hear), "127.0.0.1", port
        )
        await asyncio.wait_for(socket.opened, 20)
        socket.send({"op": "open", "conversation": str(talk)})
        await asyncio.wait_for(following, 20)
        return cls(socket, talk)

    def say(self, text: str) -> None:
        """Say something."""
        self._socket.send(
            {
                "op": "say",
                "conversation": self._talk,
                "client_id": str(new_id()),
                "kind": "text",
                "body": {"text": text},
            }
        )

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

"""Secrets of accounts, sealed so that a copy of the database opens none of them.

The key is the installation's: GONGDAO_SECRET, or a file in the home folder that only its owner
reads.
"""

import hmac
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gongdao.base.ids import new_secret

_KEY_FILE = "secret.key"
_KEY_BYTES, _NONCE_BYTES, _MARK_BYTES = 32, 12, 12


class LostKey(Exception):
    """A secret was sealed with another key than the installation's: it has to be typed again."""


class Keyring:
    """What the installation's secret is used for; each use has a key of its own."""

    def __init__(self, secret: bytes) -> None:
        assert len(secret) == _KEY_BYTES, "a secret is 32 bytes"
        self._seals = hmac.digest(secret, b"accounts of channels", "sha256")
        self._keys = hmac.digest(secret, b"keys of shops", "sha256")
        self._marks = hmac.digest(secret, b"answers to letters", "sha256")
        self._traits = hmac.digest(secret, b"traits of accounts", "sha256")

    @cached_property
    def _box(self) -> "AESGCM":
        # Loaded by whoever has something to seal: it would be a tenth of every start.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._seals)

    def seal(self, text: str, *, owner: str) -> bytes:
        """Close a secret so that it opens for the same owner only."""
        nonce = new_secret(_NONCE_BYTES)
        return nonce + self._box.encrypt(nonce, text.encode(), owner.encode())

    def unseal(self, sealed: bytes, *, owner: str) -> str:
        """Open a secret. Raises LostKey."""
        from cryptography.exceptions import InvalidTag

        nonce, closed = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._box.decrypt(nonce, closed, owner.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise LostKey("this secret was sealed with another key") from error

    def mark(self, *parts: str) -> str:
        """24 hexadecimal digits that nobody without the key can make for these parts."""
        message = "\n".join(parts).encode()
        return hmac.digest(self._marks, message, "sha256")[:_MARK_BYTES].hex()

    def key_for(self, *parts: str) -> str:
        """A key of 64 hexadecimal digits that belongs to these parts, and needs no place to be."""
        return hmac.digest(self._keys, "\n".join(parts).encode(), "sha256").hex()

    def trait(self, kind: str, form: str) -> bytes:
        """32 bytes for what an account was seen with; without the key nobody can try it out."""
        return hmac.digest(self._traits, f"{kind}\n{form}".encode(), "sha256")

    @staticmethod
    def is_same(given: bytes, made: bytes) -> bool:
        """Whether they are equal, in a time that does not tell where they differ."""
        return hmac.compare_digest(given, made)


def open_keyring(home: Path, configured: str | None) -> Keyring:
    """The keyring of the configured secret, or of the one in the home folder, made when missing."""
    if configured is not None:
        return Keyring(bytes.fromhex(configured))
    path = home / _KEY_FILE
    if not path.exists():
        _make_key(path)
    return Keyring(bytes.fromhex(path.read_text("ascii").strip()))


def _make_key(path: Path) -> None:
    """Write a new key whole or not at all; of two that write at once, the first one counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{_KEY_FILE}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(new_secret(_KEY_BYTES).hex())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

"""Events taken apart into leaves that can be withheld one by one, and still chain.

Every leaf of an event (a path and its value) is hashed with a salt of its own; the digests of an
event, sorted, and the seal before it give its seal. Whoever is shown a leaf with its salt can
compute its digest; whoever is not shown it has the digest alone and learns nothing from it. So all
dossiers of a case, whatever they withhold, end in the same root.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from typing import Any, cast

from gongdao.base.canonical import encode_canonical
from gongdao.cases.chain import ROOT

#: What comes before the first event.
START = ROOT
_SALT_BYTES = 16

Tree = dict[str, Any]


def leaves(tree: Tree, above: str = "") -> Iterator[tuple[str, Any]]:
    """Paths and values: whatever is no object, and objects without anything in them."""
    for key, value in tree.items():
        path = f"{above}/{key.replace('~', '~0').replace('/', '~1')}"
        if isinstance(value, dict) and value:
            yield from leaves(cast("Tree", value), path)
        else:
            yield path, value


def prune(tree: Tree, withheld: frozenset[str], above: str = "") -> Tree:
    """The same without these leaves; an object of which nothing is left goes too."""
    kept: Tree = {}
    for key, value in tree.items():
        path = f"{above}/{key.replace('~', '~0').replace('/', '~1')}"
        if isinstance(value, dict) and value:
            if rest := prune(cast("Tree", value), withheld, path):
                kept[key] = rest
        elif path not in withheld:
            kept[key] = value
    return kept


def salt_of(key: bytes, version: int, path: str) -> str:
    """The salt of a leaf, in hex; nobody without the case's key can compute it."""
    message = f"{version}{path}".encode()
    return hmac.digest(key, message, "sha256")[:_SALT_BYTES].hex()


def leaf_digest(salt: str, path: str, value: Any) -> str:
    """What stands for a leaf, in hex."""
    return hashlib.sha256(encode_canonical([salt, path, value])).hexdigest()


def prove(salt: str, digest: str) -> str:
    """What a line keeps for a leaf that it shows: enough to find the one that was altered."""
    return f"{salt}.{digest[:8]}"


def seal(before: bytes, digests: Iterable[str]) -> bytes:
    """The seal of an event: over the seal before it and everything in the event."""
    return hashlib.sha256(before + "".join(sorted(digests)).encode()).digest()

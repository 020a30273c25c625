"""What an account was seen with, in one form: who writes a number otherwise has the same.

Pure. What is kept is a digest under the installation's key and a masked word; nothing can be read
back from either.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network

from gongdao.risk.trait_store import Trait
from gongdao.risk.watch import TraitKind

#: Makes the digest of a trait: its kind and its one form.
Seal = Callable[[str, str], bytes]

_PHONE_LEAST, _PHONE_MOST, _ADDRESS_LEAST, _ACCOUNT_LEAST = 7, 15, 8, 5
_NOT_A_LETTER = re.compile(r"[\W_]+")


def device_trait(device: str, seal: Seal) -> Trait:
    """A browser, by the cookie that it was given."""
    digest = seal("device", device)
    return Trait(kind="device", digest=digest, shown=f"#{digest.hex()[:6]}")


def network_trait(address: str | None, seal: Seal) -> Trait | None:
    """The /24 or /64 around an address; None for one within a house, which says nothing."""
    try:
        ip = ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if not ip.is_global:
        return None
    network = str(ip_network((ip, 24 if ip.version == 4 else 64), strict=False))
    return Trait(kind="network", digest=seal("network", network), shown=network)


def receiver_traits(phone: str, address: str, seal: Seal) -> Iterator[Trait]:
    """The telephone and the address of who receives; nothing of what came masked already."""
    if number := _phone(phone):
        yield _trait("phone", number, f"{number[:3]}****{number[-2:]}", seal)
    if place := _address(address):
        yield _trait("address", place, f"{place[:6]}…", seal)


def payee_trait(account: str, seal: Seal) -> Trait | None:
    """The account outside that paid, and to which refunds go; None of what came masked already."""
    plain = "".join(unicodedata.normalize("NFKC", account).casefold().split())
    if "*" in plain or len(plain) < _ACCOUNT_LEAST:
        return None
    return _trait("payee", plain, f"{plain[:2]}****{plain[-2:]}", seal)


def order_traits(phone: str, address: str, account: str, seal: Seal) -> Iterator[Trait]:
    """What an order tells of its buyer: who receives it, and where its refund would go."""
    yield from receiver_traits(phone, address, seal)
    if payee := payee_trait(account, seal):
        yield payee


def _trait(kind: TraitKind, form: str, shown: str, seal: Seal) -> Trait:
    return Trait(kind=kind, digest=seal(kind, form), shown=shown)


def _phone(text: str) -> str:
    """The digits alone, without the country's own code."""
    plain = unicodedata.normalize("NFKC", text)
    if "*" in plain:
        return ""
    digits = "".join(c for c in plain if c.isdecimal())
    digits = digits.removeprefix("0086") if digits.startswith("0086") else digits
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return digits if _PHONE_LEAST <= len(digits) <= _PHONE_MOST else ""


def _address(text: str) -> str:
    """Letters and digits alone, in one width and one case."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if "*" in plain:
        return ""
    letters = _NOT_A_LETTER.sub("", plain)
    return letters if len(letters) >= _ADDRESS_LEAST else ""

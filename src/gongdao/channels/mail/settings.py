"""Where a mailbox lies, and whether we may go there."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Annotated, Literal, TypeAlias

import msgspec

#: How a connection is kept from others: from the start, after a word, or not at all.
Security = Literal["tls", "starttls", "none"]

_Host: TypeAlias = Annotated[
    str, msgspec.Meta(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:_-]+$")
]
_Port: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=65535)]
_Line: TypeAlias = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class MailSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The servers of a mailbox, and under which name its letters go out."""

    imap_host: _Host
    imap_port: _Port = 993
    imap_security: Security = "tls"
    smtp_host: _Host
    smtp_port: _Port = 465
    smtp_security: Security = "tls"
    login: _Line
    folder: _Line = "INBOX"
    sender_name: _Line = ""
    auth_server: Annotated[str, msgspec.Meta(max_length=253, pattern=r"^[A-Za-z0-9._-]*$")] = ""
    """The name under which the mailbox's own server says whether a sender is true (see vouch)."""
    has_plus: bool = False
    """Whether mail to name+anything@ arrives too: answers then go to an address of their own."""


Address: TypeAlias = IPv4Address | IPv6Address


def may_reach(address: Address, networks: tuple[str, ...]) -> bool:
    """Whether a shop may have its mail server at this address.

    Anything public; the operator's own network only where the operator says so, or a shop could
    look through our eyes at what is not theirs.
    """
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in ip_network(each) for each in networks):
        return True
    return address.is_global and not address.is_multicast


def is_listed(address: str, networks: tuple[str, ...]) -> bool:
    """Whether the operator has named the network of this address."""
    return any(ip_address(address) in ip_network(each) for each in networks)

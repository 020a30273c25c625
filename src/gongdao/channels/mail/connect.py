"""Opens connections to the mail servers of shops, and to nothing else."""

import socket
import ssl
from ipaddress import ip_address

from gongdao.base.i18n import N_
from gongdao.channels.channel import Unavailable
from gongdao.channels.mail.settings import Security, is_listed, may_reach

#: How long a server may take for one answer.
SECONDS = 20.0
#: What either kind of server may say.
REFUSED = N_("The server refuses: {said}")
REFUSED_LOGIN = N_("The server did not accept the user name or the password: {said}")


def open_socket(
    host: str, port: int, security: Security, *, networks: tuple[str, ...]
) -> socket.socket:
    """A connection to the first address of a host that answers. Raises Unavailable.

    The address that was looked at is the one that is connected to, so a name cannot point
    elsewhere in between.
    """
    reason = Unavailable(N_("The server {said} has no address that may be used here."), host)
    for address in _addresses_of(host, port):
        if not may_reach(ip_address(address), networks):
            continue
        if security == "none" and not is_listed(address, networks):
            reason = Unavailable(
                N_("Without encryption only the operator's own networks may be used: {said}"),
                host,
            )
            continue
        try:
            return socket.create_connection((address, port), timeout=SECONDS)
        except OSError as error:
            reason = Unavailable(
                N_("The server does not answer: {said}"),
                f"{host}:{port} {error.strerror or error}",
            )
    raise reason


def _addresses_of(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable(N_("There is no server of the name {said}."), host) from error
    # A scope (fe80::1%eth0) belongs to link-local addresses, which are never public.
    return list(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))[:8]


def tls() -> ssl.SSLContext:
    """Certificates are checked, by the authorities that the machine trusts."""
    return ssl.create_default_context()

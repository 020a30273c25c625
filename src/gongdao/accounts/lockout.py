"""How long somebody waits after failed sign-ins: the more failures, the longer."""

from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import msgspec


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """So many failures are free within the window; the next lock, each twice as long."""

    free_failures: int
    first_lock: timedelta
    longest_lock: timedelta
    window: timedelta


#: Of a name from one network, counted since its last success from there. A name by itself is never
#: locked: anybody could lock out anybody.
NAME_LIMIT = Limit(
    free_failures=5,
    first_lock=timedelta(minutes=1),
    longest_lock=timedelta(hours=1),
    window=timedelta(hours=24),
)

#: A whole office shares an address, and a success does not reset it: an attacker has an account.
NETWORK_LIMIT = Limit(
    free_failures=50,
    first_lock=timedelta(minutes=1),
    longest_lock=timedelta(hours=1),
    window=timedelta(hours=2),
)

#: Attempts older than every window decide nothing any more.
ATTEMPTS_KEPT = timedelta(hours=24)


def locked_until(limit: Limit, failures: int, last_failure: datetime | None) -> datetime | None:
    """When the next attempt is allowed; None when it is allowed now and was never locked."""
    if last_failure is None or failures < limit.free_failures:
        return None
    # The exponent is bounded: a million failures must not become a number of a million bits.
    doublings = min(failures - limit.free_failures, 32)
    return last_failure + min(limit.first_lock * 2**doublings, limit.longest_lock)


# Asked for every write of a stranger; addresses come again.
@lru_cache(maxsize=4096)
def network_of(address: str | None) -> IPv4Network | IPv6Network | None:
    """The network whose failures count together: an IPv4 address, or the /64 of an IPv6 one."""
    ip = parse_address(address)
    if ip is None:
        return None
    if isinstance(ip, IPv4Address):
        return IPv4Network((ip, 32))
    return IPv6Network((ip, 64), strict=False)


def parse_address(address: str | None) -> IPv4Address | IPv6Address | None:
    """An address as the connection gives it; None for a socket file or anything unreadable."""
    try:
        ip = ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return ip

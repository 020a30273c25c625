"""Whether the mailbox's own server vouches that a mail comes from the domain that it names.

A server writes what it found in a header Authentication-Results (RFC 8601) under its own name, and
takes off those that came in under that name. Whatever else says so was written by somebody else.
"""

import re
from collections.abc import Sequence

_SAID = re.compile(r"(?:^|\s)(?P<name>[a-z.-]{1,40})\s*=\s*(?P<value>[^\s;\"]{1,300})")
#: Of one header no more than this is looked at.
_HEADER_MAX = 8_000


def vouches(values: Sequence[str], *, server: str, address: str) -> bool:
    """Whether `server` has found that the domain of `address` stands for the mail.

    `values` are the headers from above, so the first under the server's name is the newest. DMARC
    decides where it was looked at; without it a signature of the domain itself or one above it.
    """
    domain = address.rpartition("@")[2].lower()
    if not server or not domain:
        return False
    found = next((each for each in map(_results, values) if each[0] == server.lower()), None)
    if found is None:
        return False
    by_dmarc = [said for said in found[1] if "dmarc" in said]
    if by_dmarc:
        return all(
            said["dmarc"] == "pass" and said.get("header.from") == domain for said in by_dmarc
        )
    return any(said.get("dkim") == "pass" and _is_above(_signer(said), domain) for said in found[1])


def _results(value: str) -> tuple[str, list[dict[str, str]]]:
    """Who says it, and what was found by each method."""
    head, *methods = _plain(value[:_HEADER_MAX]).lower().split(";")
    names = head.split()
    return (names[0] if names else "", [_said(each) for each in methods])


def _plain(value: str) -> str:
    """Without comments and quotations: in them stand words of whoever has sent the mail."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for sign in value:
        if escaped:
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == '"' and not depth:
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
            kept.append(" ")
        elif not quoted and not depth:
            kept.append(sign)
    return "" if quoted or escaped or depth else "".join(kept)


def _said(method: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _SAID.finditer(method):
        found.setdefault(match["name"], match["value"])
    return found


def _signer(said: dict[str, str]) -> str:
    return said.get("header.d") or said.get("header.i", "").rpartition("@")[2]


def _is_above(signer: str, domain: str) -> bool:
    return "." in signer and (domain == signer or domain.endswith(f".{signer}"))

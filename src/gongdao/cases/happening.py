"""What every event of a case has in common."""

import msgspec


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class Happening(msgspec.Struct, frozen=True, omit_defaults=True, tag=_snake, tag_field="type"):
    """The body of an event; its tag is the event's type."""

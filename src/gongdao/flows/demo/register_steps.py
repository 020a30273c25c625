"""A step of a complaint in the demo, and how it begins."""

from datetime import timedelta
from typing import Any

AGENT, OTHER, LEAD = "shop:agent1", "shop:agent2", "shop:lead"
#: How long after the beginning, who (the recorder, where nobody is named), what, and with what.
Step = tuple[timedelta, str, str, dict[str, Any]]


def opening(name: str, phone: str, reason: str, story: str, **more: Any) -> Step:
    """The call with which it begins."""
    args = {"name": name, "phone": phone, "reason": reason, "story": story, **more}
    return timedelta(), "", "open", args

"""The keys under which a request that is sent again is known."""

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_

KEY_MAX = 100


def require_key(key: str) -> None:
    """Raises Refusal invalid for a key that is empty or too long."""
    if not 1 <= len(key) <= KEY_MAX:
        raise Refusal("invalid", N_("An idempotency key has 1 to {n} characters."), n=KEY_MAX)

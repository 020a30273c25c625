"""How much one sender may write: a bucket of tokens each, in the memory of this process."""

from math import ceil

import msgspec


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """So many writes at once, and so many more each second."""

    burst: float
    per_second: float


#: Somebody with a session or a token: a shop's program that catches up, not a person's clicks.
SIGNED_IN_RATE = Rate(burst=200, per_second=20)
#: A network of which nobody is known: a sign-in page behind the address of a whole office.
STRANGER_RATE = Rate(burst=60, per_second=2)
#: So many senders are remembered; past that the one that was silent longest is forgotten.
SENDERS_MAX = 10_000


class Buckets:
    """What is left to each sender. The instants are those of a clock that never goes back."""

    def __init__(self, most: int = SENDERS_MAX) -> None:
        self._most = most
        self._left: dict[object, tuple[float, float]] = {}

    def take(self, sender: object, rate: Rate, at: float) -> int:
        """Take one write: 0 when it is allowed, else in how many seconds the next one is."""
        left, before = self._left.pop(sender, (rate.burst, at))
        left = min(rate.burst, left + (at - before) * rate.per_second)
        allowed = left >= 1
        # Written anew, so that the first key is always the one that was silent longest.
        self._left[sender] = (left - 1 if allowed else left, at)
        if len(self._left) > self._most:
            del self._left[next(iter(self._left))]
        return 0 if allowed else ceil((1 - left) / rate.per_second)

    def __len__(self) -> int:
        return len(self._left)

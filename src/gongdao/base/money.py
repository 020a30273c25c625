"""Money as an integer of fen (1/100 yuan); text only at the edge, never a float."""

import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Literal

Rounding = Literal["half_up", "down", "up"]

#: The largest amount that is accepted anywhere, in fen: one hundred million yuan.
FEN_MAX = 10_000_000_000

#: What an amount looks like at the edge: yuan up to the largest, at most two decimals, no sign.
#: (In Python `$` alone would let a line break follow, and `\d` means the digits of every script.)
YUAN_PATTERN = r"^((0|[1-9][0-9]{0,7})(\.[0-9]{1,2})?|100000000(\.00?)?)$(?!\n)"

_YUAN = re.compile(YUAN_PATTERN)
_ROUNDING = {"half_up": ROUND_HALF_UP, "down": ROUND_DOWN, "up": ROUND_UP}


def parse_yuan(text: str) -> int:
    """Read "2680.00" as 268000 fen.

    Raises ValueError for a sign, a third decimal, a letter or more than FEN_MAX.
    """
    if not _YUAN.match(text):
        raise ValueError(f"not an amount in yuan: {text!r}")
    return int(Decimal(text) * 100)


def yuan(fen: int) -> str:
    """Write 268000 fen as "2680.00"."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def scale(fen: int, factor: Decimal, rounding: Rounding = "half_up") -> int:
    """Multiply an amount by a factor and round it to the fen."""
    return int((fen * factor).to_integral_value(_ROUNDING[rounding]))


def split(fen: int, weights: list[int]) -> list[int]:
    """Share an amount in proportion to weights, exactly: the parts always add up to the whole.

    Each part is rounded half up; where the parts then miss the whole, the last ones give way.
    """
    assert fen >= 0 and all(w >= 0 for w in weights), "amounts and weights are not negative"
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    parts = [fen * weight // total for weight in weights]
    rest = [fen * weight % total for weight in weights]
    by_rest = sorted(
        range(len(weights)), key=lambda i: (-rest[i], i if rest[i] * 2 >= total else -i)
    )
    for i in by_rest[: fen - sum(parts)]:
        parts[i] += 1
    return parts

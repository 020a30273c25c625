"""What is told, in the order in which a page shows it; pure."""

from gongdao.flows.guard.see import Warned, Warnings

#: So many signs a panel shows; the heaviest first.
PANEL_MAX = 8


def signs_of_sides(told: Warnings) -> list[Warned]:
    """What is told of a side as a whole, beside the messages that speak for themselves."""
    return _heaviest([sign for sign in told.signs if sign.seq is None])[:PANEL_MAX]


def signs_in_order(told: Warnings) -> list[Warned]:
    """All of it: what stands before what was marked wrong, the heaviest and newest first."""
    return _heaviest(told.signs)


def _heaviest(signs: list[Warned] | tuple[Warned, ...]) -> list[Warned]:
    return sorted(
        signs, key=lambda sign: (sign.verdict == "wrong", -sign.weight, -sign.at.timestamp())
    )

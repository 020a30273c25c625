"""What hangs together: groups of things of which some are tied to each other."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

T = TypeVar("T", int, str, UUID)


def groups_of(ties: Iterable[tuple[T, T]]) -> list[list[T]]:
    """Each group in order, and the groups by their first; the order of the ties does not matter."""
    first: dict[T, T] = {}

    def leader(one: T) -> T:
        while (up := first.setdefault(one, one)) != one:
            first[one] = first[up]
            one = up
        return one

    for one, other in ties:
        low, high = sorted((leader(one), leader(other)))
        first[high] = low
    groups: defaultdict[T, list[T]] = defaultdict(list)
    for one in sorted(first):
        groups[leader(one)].append(one)
    return list(groups.values())

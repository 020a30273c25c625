"""The values of a statement that is put together, numbered as they are added."""

from typing import Any


class Values:
    """What stands behind $1, $2 and so on of a statement."""

    def __init__(self) -> None:
        self.all: list[Any] = []

    def add(self, value: Any) -> str:
        """The mark under which the statement names this value."""
        self.all.append(value)
        return f"${len(self.all)}"

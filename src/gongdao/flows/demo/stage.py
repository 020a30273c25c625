"""Where the demo is played, and what has come of it so far."""

from uuid import UUID

from gongdao.accounts.principal import Principal
from gongdao.base.db import Pool
from gongdao.files.objects import Objects
from gongdao.shops.purchase import Remarks


class Stage:
    """The database, the people by their names, and the cases and entries so far."""

    def __init__(
        self,
        pool: Pool,
        objects: Objects,
        *,
        shops: dict[str, UUID],
        people: dict[str, Principal],
        receivers: dict[str, Remarks],
    ) -> None:
        self.pool = pool
        self.objects = objects
        self.shops = shops
        self.people = people
        self.receivers = receivers
        self.cases: dict[str, UUID] = {}
        self.entries: dict[str, UUID] = {}
        self._acted: dict[str, int] = {}

    def next_key(self, case: str) -> str:
        """The idempotency key of the next action in a case."""
        self._acted[case] = self._acted.get(case, 0) + 1
        return f"demo {case} {self._acted[case]}"

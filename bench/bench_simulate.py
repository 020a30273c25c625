"""Simulated case-days a second, every law checked after every step.

The limit beside it is the same days without looking at the laws.
"""

import time
from datetime import UTC, datetime

from bench.running import say
from gongdao.flows.simulate.run import Simulation
from gongdao.policy.load import load_pack

DAYS, SHOPS = 90, 20


def main() -> None:
    """The same seed twice: with the laws, and without."""
    checked, unchecked = _live(with_laws=True), _live(with_laws=False)
    say(
        "simulate",
        checked[0],
        "case-days/s",
        limit="the same days without the laws",
        limit_value=round(unchecked[0], 1),
        ratio=round(checked[0] / unchecked[0], 3),
        steps_per_second=round(checked[1]),
    )


def _live(*, with_laws: bool) -> tuple[float, float]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    pack = load_pack("taobao-classic")
    lives = Simulation(pack, seed=7, shops=SHOPS, start=start, a_day=1.0, with_laws=with_laws)
    began = time.perf_counter()
    seen = lives.run(DAYS)
    took = time.perf_counter() - began
    return seen.case_days / took, seen.steps / took


if __name__ == "__main__":
    main()

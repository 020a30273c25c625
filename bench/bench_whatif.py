"""Past cases judged by another rule book, a second and core: reading the log's deeds, and judging.

The limit beside it is reading the same events from their JSON: nothing is judged that is not read.
"""

import time
from collections.abc import Callable
from datetime import timedelta

from bench.running import say
from gongdao.cases.chain import decode_body, encode_body
from gongdao.flows.whatif.compare import Past, compare
from gongdao.flows.whatif.past import past_of_stories
from gongdao.policy.load import PACKS, load_pack

SECONDS = 5.0


def main() -> None:
    """Judge the cases of taobao-classic's stories by tmall-2026, again and again."""
    cases = list(past_of_stories(sorted(PACKS.glob("taobao-classic/1/examples/*.toml"))))
    pack = load_pack("tmall-2026")
    until = max(case.records[-1].at for case in cases) + timedelta(days=90)
    bodies = [[encode_body(record.body) for record in case.records] for case in cases]

    def judge() -> None:
        compare(cases, pack, until=until)

    def read() -> None:
        for encoded in bodies:
            for body in encoded:
                decode_body(body)

    judged, read_rate = _rate(judge, cases), _rate(read, cases)
    say(
        "whatif",
        judged,
        "cases/s and core",
        limit="decoding the same events",
        limit_value=round(read_rate, 1),
        ratio=round(judged / read_rate, 3),
        goal=2000,
        events_per_case=round(sum(map(len, bodies)) / len(cases), 1),
    )


def _rate(work: Callable[[], None], cases: list[Past]) -> float:
    rounds, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        work()
        rounds += 1
    return rounds * len(cases) / (time.perf_counter() - start)


if __name__ == "__main__":
    main()

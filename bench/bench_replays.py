"""Replays per second of the scenario set in one process.

The limit beside it is reading the same files as TOML: no replay can be faster than its file.
"""

import time
import tomllib
from pathlib import Path

from bench.running import say
from gongdao.flows.run_story import run_story
from gongdao.flows.scenario import read_story
from gongdao.policy.load import PACKS

SECONDS = 5.0


def main() -> None:
    """Read every shipped scenario once, then replay the set again and again."""
    files: list[Path] = sorted(PACKS.glob("*/*/examples/*.toml"))
    stories = [read_story(path) for path in files]
    steps = sum(len(story.scenario.steps) for story in stories)
    failed = [path.name for path, s in zip(files, stories, strict=True) if not run_story(s).held]
    assert not failed, failed
    replays = _rate(lambda: [run_story(story) for story in stories]) * len(stories)
    texts = [path.read_text() for path in files]
    parses = _rate(lambda: [tomllib.loads(text) for text in texts]) * len(stories)
    say(
        "replays",
        replays,
        "scenarios/s",
        limit="reading the same files with tomllib",
        limit_value=round(parses, 1),
        ratio=round(replays / parses, 3),
        scenarios=len(stories),
        steps_per_second=round(replays * steps / len(stories)),
    )


def _rate(work: object) -> float:
    assert callable(work)
    rounds, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        work()
        rounds += 1
    return rounds / (time.perf_counter() - start)


if __name__ == "__main__":
    main()

"""Runs a story from its first step to its last and says what held and what did not."""

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, say_refusal
from gongdao.flows.expectations import unmet
from gongdao.flows.replay import World
from gongdao.flows.scenario import Step, Story


class Failure(msgspec.Struct, frozen=True):
    """An expectation that did not hold: which step (from 1), on which line, and what."""

    step: int
    line: int
    message: str


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a story."""

    world: World
    failures: tuple[Failure, ...]
    refusals: tuple[tuple[int, Refusal], ...] = ()
    """Steps that were refused, as the story wanted it or not."""

    @property
    def held(self) -> bool:
        """Whether every expectation held."""
        return not self.failures


def run_story(story: Story, *, pack: str | None = None) -> Replayed:
    """Replay a story. Raises UnknownPackError, or WrittenError for arguments that are wrong."""
    world = World(story, pack=pack)
    failures: list[Failure] = []
    refusals: list[tuple[int, Refusal]] = []
    seen = 0
    for index, step in enumerate(story.scenario.steps):
        world.advance(step.at, including=False)
        messages: list[str] = []
        if step.do:
            refusal = _act(world, index)
            if refusal:
                refusals.append((index + 1, refusal))
            messages += _judge_refusal(step.refused, refusal)
        if step.expect:
            messages += _judge_expectation(world, step, seen)
            seen = len(world.timeline)
        line = story.source.line_of(("steps", index))
        failures += [Failure(index + 1, line, message) for message in messages]
    return Replayed(world=world, failures=tuple(failures), refusals=tuple(refusals))


def _judge_expectation(world: World, step: Step, seen: int) -> list[str]:
    """What does not hold. At a clock's very last instant both sides of it may be meant.

    A step that only expects may speak of the case before the clock runs out, or after; a step that
    acts has acted in time, and what it expects is what it brought about: with what the system does
    at once in consequence, or before.
    """
    assert step.expect, "a step that expects something"
    expect = step.expect
    if step.as_ and expect.as_ is None:
        expect = msgspec.structs.replace(expect, as_=step.as_)
    unheld = list(unmet(world, expect, step.case, world.timeline[seen:]))
    if not unheld or (step.do and not world.goes_on_at_once(step.case)):
        return unheld
    world.advance(step.at, including=True)
    return list(unmet(world, expect, step.case, world.timeline[seen:]))


def _act(world: World, index: int) -> Refusal | None:
    step = world.story.scenario.steps[index]
    try:
        world.act(index)
    except Refusal as refusal:
        return refusal
    except ValueError as error:
        # Arguments that do not fit are a mistake in the file, unless the story is about them.
        if step.refused != "invalid":
            raise
        return Refusal("invalid", N_("{what}"), what=str(error))
    return None


def _judge_refusal(wanted: str | None, refusal: Refusal | None) -> list[str]:
    if refusal is None:
        return [f"expected the refusal {wanted}, was allowed"] if wanted else []
    if wanted == refusal.code:
        return []
    expected = f"the refusal {wanted}" if wanted else "no refusal"
    said = say_refusal("en", refusal)
    return [f"expected {expected}, was refused: {refusal.code}: {said}"]

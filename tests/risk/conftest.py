"""The signs of the shipped rule books, as the guard reads them."""

from collections.abc import Mapping

import pytest

from gongdao.policy.guard import GuardBook, GuardRule, Subject
from gongdao.policy.load import load_pack


@pytest.fixture(scope="session")
def book() -> GuardBook:
    return load_pack("cn-standard").guard


@pytest.fixture(scope="session")
def rules_on(book: GuardBook) -> Mapping[Subject, dict[str, GuardRule]]:
    subjects: tuple[Subject, ...] = ("message", "order", "review", "buyer", "shop", "case")
    return {subject: book.active(subject) for subject in subjects}

"""A long story is read piece by piece, and nothing of it is lost or told twice."""

from typing import Any

from gongdao.web.story import PIECE, story_values


def entries(count: int) -> list[dict[str, Any]]:
    return [{"id": n, "sentence": f"event {n}"} for n in range(count, 0, -1)]


def test_the_pieces_together_are_the_story() -> None:
    told, read, before = entries(2 * PIECE + 7), list[int](), None
    while True:
        piece = story_values(told, [], address="/cases/1", before=before)
        read += [entry["id"] for entry in piece["timeline"]]
        if not piece["earlier"]:
            break
        path, _, text = piece["earlier"].partition("?before=")
        assert path == "/cases/1"
        before = int(text)
    assert read == [entry["id"] for entry in told]
    assert not story_values(entries(PIECE), [], address="/cases/1")["earlier"]


def test_news_are_what_happened_and_was_said_since() -> None:
    said = [{"id": 9, "text": "hello", "role": "buyer"}, {"id": 2, "text": "old", "role": "buyer"}]
    news = story_values(entries(8), said, address="/cases/1", since=6)["news"]
    assert [each["sentence"] for each in news] == ["event 7", "event 8", "hello"]
    assert story_values(entries(8), said, address="/cases/1")["news"] == []

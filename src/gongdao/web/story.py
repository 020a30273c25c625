"""The story of a case on its page: a piece at a time, and what is new since somebody looked."""

from typing import Any

#: So many lines are shown at once; the earlier ones are fetched when somebody asks for them. Who
#: rules on a case reads more of it than who waits for the next step, often on a phone.
PIECE, PIECE_OF_PARTIES = 40, 12


def story_values(
    entries: list[dict[str, Any]],
    messages: list[dict[str, Any]],
    *,
    address: str,
    before: int | None = None,
    since: int | None = None,
    at_once: int = PIECE,
) -> dict[str, Any]:
    """For a case page: `timeline`, `earlier` (where it goes on) and `news`.

    Entries are the newest first. `since` is the version that somebody had before them when a form
    of theirs was refused because the case had moved on.
    """
    told = [entry for entry in entries if before is None or entry["id"] < before]
    piece = told[:at_once]
    return {
        "timeline": piece,
        "earlier": f"{address}?before={piece[-1]['id']}" if len(told) > at_once else "",
        "news": [] if since is None else _since(entries, messages, since),
    }


def _since(
    entries: list[dict[str, Any]], messages: list[dict[str, Any]], since: int
) -> list[dict[str, Any]]:
    said = [{**message, "sentence": message["text"]} for message in messages]
    newer = [entry for entry in (*entries, *said) if entry["id"] > since]
    return sorted(newer, key=lambda entry: entry["id"])[-PIECE:]

"""What the guard's small model is trained on, and which part of it never is: pure but for reading.

Two collections, both under Apache-2.0: the training part of COLDataset (comments, offensive or not)
and dialogues of TeleAntiFraud, which a language model made. Beside them, where somebody hands it
in, what an installation's own people marked (the file of /platform/guard/training.jsonl). A fifth
of the texts, chosen by their hash before anything is looked at, is held out.
"""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from gongdao.base.plain import plain
from gongdao.risk.small_model import WINDOW

#: Which signs of messages are examples of what a head looks for.
SIGNS: dict[str, frozenset[str]] = {
    "abuse": frozenset({"abuse"}),
    "fraud": frozenset(
        {
            "scam-talk", "remote-control", "pays-nothing", "credit-line", "brushing-offer",
            "small-first-payout", "code-or-password", "refund-link", "claims-to-be-official",
            "prize-bait", "sure-gain",
        }
    ),
}  # fmt: skip


class Text(NamedTuple):
    """A plain text and whether it is what the head looks for."""

    text: str
    yes: bool
    counts: bool = True
    """Whether it counts in the figures, not only in the training."""
    talk: str = ""


class Parts(NamedTuple):
    """What is learnt from, and what is held out: no text is in both."""

    learnt: list[Text]
    held: list[Text]


def comments(folder: Path) -> list[Text]:
    """COLDataset, its official training part."""
    with gzip.open(folder / "offensive_train.csv.gz") as raw:
        rows = list(csv.DictReader(io.TextIOWrapper(raw, "utf-8-sig")))
    return [Text(bare(row["TEXT"]), row["label"] == "1") for row in rows]


def dialogues(folder: Path) -> list[Text]:
    """What callers say: swindlers (yes) and shops or offices (no); what they are answered is no."""
    found: list[Text] = []
    for kind in ("fraud", "normal"):
        with gzip.open(folder / f"dialogues_{kind}_open.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                talk = json.loads(line)
                name = str(talk["tts_id"])
                found += [Text(bare(one), kind == "fraud", True, name) for one in talk["left"]]
                found += [Text(bare(one), False, False, name) for one in talk["right"]]
    return found


def marked(head: str, lines: Iterable[str]) -> list[Text]:
    """What people said of the signs of this head: right and missed is yes, wrong is no."""
    found: list[Text] = []
    for line in lines:
        said = json.loads(line)
        if said["on"] == "message" and said["code"] in SIGNS[head] and said.get("text"):
            found.append(Text(bare(said["text"]), said["verdict"] != "wrong"))
    return found


def parts(texts: Sequence[Text], is_held: Callable[[Text], bool]) -> Parts:
    """The two parts; a text that stands in the held-out part as well is not learnt from."""
    held = [one for one in texts if is_held(one)]
    known = {one.text for one in held}
    return Parts([one for one in texts if not is_held(one) and one.text not in known], held)


def by_text(one: Text) -> bool:
    """A fifth of all texts, by their hash."""
    return is_fifth(one.text)


def by_talk(one: Text) -> bool:
    """A fifth of all dialogues, each as a whole: its lines are alike."""
    return is_fifth(one.talk or one.text)


def talks_found(held: Sequence[Text], signs: Sequence[bool]) -> dict[str, int]:
    """How many whole dialogues had a sign in them; a swindle and a call may have one number."""
    talks: dict[tuple[str, bool], bool] = {}
    for one, sign in zip(held, signs, strict=True):
        if one.talk:
            talks[one.talk, one.yes] = talks.get((one.talk, one.yes), False) or sign
    if not talks:
        return {}
    fraud = [sign for (_, yes), sign in talks.items() if yes]
    other = [sign for (_, yes), sign in talks.items() if not yes]
    return {
        "talks_fraud": len(fraud),
        "talks_fraud_found": sum(fraud),
        "talks_ordinary": len(other),
        "talks_ordinary_found": sum(other),
    }


def bare(written: str) -> str:
    """As the model reads it."""
    return plain(written).text[:WINDOW]


def is_fifth(text: str) -> bool:
    """Whether a text is of the fifth that is held out: by its hash, the same everywhere."""
    return hashlib.sha256(text.encode()).digest()[0] < 51

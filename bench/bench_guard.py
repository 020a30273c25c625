"""The guard on what people write: precision first, then recall, then how fast it reads.

The collections are read from DATA (../shared/data where nothing is said) and never shipped. Of each
open part half, chosen by the hash of its texts, was looked at while the words were chosen; figures
are those of the other half. Where the library that trains is installed (make model), the way the
shipped model is made is also tried on two tasks with known answers, in memory, and thrown away.
"""

import csv
import gzip
import hashlib
import importlib.util
import io
import json
import os
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.running import percentile, say
from gongdao.policy.guard import GuardBook
from gongdao.policy.load import load_pack
from gongdao.risk import message
from gongdao.risk.message import Line, MessageFacts, Side, message_signs
from gongdao.risk.small_model import small_model
from gongdao.risk.words import Phrase, WordBook, WordList, read_words, word_book

DATA = Path(os.environ.get("DATA", "../shared/data"))
PACK = "cn-standard"
PATTERNS = 10_000
FALSE_LIMIT = 1 / 200
SPEED_MESSAGES = 5_000
SAID_AT = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Each measure whose collection is there."""
    book = load_pack(PACK).guard
    for name, file, measure in (
        ("service_talks", "service_chats_open.tsv.gz", measure_talks),
        ("service_replies", "service_replies_open.tsv.gz", measure_replies),
        ("scam_sms", "scam_sms_open.tsv.gz", measure_sms),
        ("speed", "service_chats_open.tsv.gz", measure_speed),
    ):
        if (DATA / file).exists():
            measure(book)
        else:
            say(f"guard_{name}", 0, "skipped", because=f"{file} is not in DATA")
    say_trained()
    say_pipeline()


def is_reported(text: str) -> bool:
    """The half of an open part that was not looked at."""
    return hashlib.sha256(f"guard {text}".encode()).digest()[0] & 1 == 1


def lines(file: str) -> Iterator[list[str]]:
    with gzip.open(DATA / file, "rt", encoding="utf-8") as rows:
        for row in rows:
            yield row.rstrip("\n").split("\t")


def codes(book: GuardBook, side: Side, text: str) -> set[str]:
    return {one.code for one in message_signs(MessageFacts(side=side, text=text), book)}


def level(book: GuardBook, found: Iterable[str]) -> str:
    return book.level([book.rules[code].weight for code in found])


def measure_talks(book: GuardBook) -> None:
    """Ordinary conversations: any sign at all, and those that would warn."""
    talks: dict[str, set[str]] = defaultdict(set)
    earlier: dict[str, list[Line]] = defaultdict(list)
    for talk, _, is_agent, _, _, _, text in lines("service_chats_open.tsv.gz"):
        # Their times are not known: as if all were said at once, so that words may be split.
        line = Line(side="shop" if is_agent == "1" else "buyer", text=text, at=SAID_AT)
        facts = MessageFacts(side=line.side, text=text, at=line.at, earlier=tuple(earlier[talk]))
        talks[talk] |= {one.code for one in message_signs(facts, book)}
        earlier[talk].append(line)
    for part, chosen in (("reported half", True), ("whole open part", None)):
        kept = [found for talk, found in talks.items() if chosen in (None, is_reported(talk))]
        say_false("guard_false_talks", book, kept, of="JD service sessions", part=part)


def measure_replies(book: GuardBook) -> None:
    """Ordinary context and answer: the context is the buyer's, the answer the shop's."""
    kept = [
        codes(book, "buyer", row[0]) | codes(book, "shop", row[1])
        for row in lines("service_replies_open.tsv.gz")
        if is_reported("\t".join(row) + "\n")
    ]
    say_false("guard_false_replies", book, kept, of="JD answers", part="reported half")


def say_false(name: str, book: GuardBook, kept: Sequence[set[str]], *, of: str, part: str) -> None:
    signs = sum(map(bool, kept))
    warned = sum(level(book, found) != "calm" for found in kept)
    say(
        name, warned / len(kept), "warned of all", limit=FALSE_LIMIT, warned=warned,
        any_sign=signs, size=len(kept), of=of, part=part,
    )  # fmt: skip


def measure_sms(book: GuardBook) -> None:
    """Fraud messages that showed a sign, by class; none of them was trained on."""
    found: dict[str, list[bool]] = defaultdict(list)
    for kind, text, *_ in lines("scam_sms_open.tsv.gz"):
        if is_reported(text):
            found[kind].append(bool(codes(book, "shop", text)))
    fraud = [one for kind, each in found.items() if kind.startswith("FR_") for one in each]
    say(
        "guard_sms_fraud", sum(fraud) / len(fraud), "recall", size=len(fraud), part="reported half",
        by_class={kind: [sum(each), len(each)] for kind, each in sorted(found.items())},
    )  # fmt: skip


def say_trained() -> None:
    """The shipped model on what was held out of its own collections (risk/model/card.md)."""
    figures = json.loads((Path(message.__file__).parent / "model" / "figures.json").read_text())
    peers = {"abuse": {"peer": "a plain linear model, official test part", "peer_value": 0.793}}
    for name, head in figures["heads"].items():
        say(
            f"guard_model_{name}",
            head["macro_f1"],
            "macro-F1",
            size=head["held_out"],
            **peers.get(name, {}),
        )
        say(
            f"guard_model_{name}_sign", head["sign_recall"], "recall",
            precision=head["sign_precision"], size=head["held_out_yes"],
        )  # fmt: skip


def say_pipeline() -> None:
    """The same letters and pairs, trained in memory on tasks with known answers."""
    if importlib.util.find_spec("sklearn") is None:
        say("guard_pipeline", 0, "skipped", because="scikit-learn is not installed: make model")
        return
    if (file := DATA / "reviews_open.csv.gz").exists():
        with gzip.open(file) as raw:
            rows = list(csv.DictReader(io.TextIOWrapper(raw, "utf-8-sig")))
        accuracy, _, size = trained_in_memory([(row["review"], row["label"]) for row in rows])
        say("guard_pipeline_reviews", accuracy, "accuracy", peer_value=0.937, size=size)
    if (DATA / "scam_sms_open.tsv.gz").exists():
        pairs = [(row[1], row[0]) for row in lines("scam_sms_open.tsv.gz")]
        accuracy, macro, size = trained_in_memory(pairs)
        say("guard_pipeline_sms", accuracy, "accuracy", peer_value=0.967, size=size)
        say("guard_pipeline_sms_f1", macro, "macro-F1", peer_value=0.853, size=size)


def trained_in_memory(pairs: list[tuple[str, str]]) -> tuple[float, float, int]:
    """Accuracy and macro-F1 on a fifth, chosen by hash; equal texts are on one side."""
    from sklearn.metrics import accuracy_score, f1_score
    from sklearn.svm import LinearSVC
    from training.texts import bare, is_fifth
    from training.train_guard import table

    texts = [(bare(text), label) for text, label in pairs]
    learnt = [one for one in texts if not is_fifth(one[0])]
    kept = [one for one in texts if is_fifth(one[0])]
    model: Any = LinearSVC(C=1.0, max_iter=5000, random_state=0)
    model.fit(table(text for text, _ in learnt), [label for _, label in learnt])
    said = model.predict(table(text for text, _ in kept))
    right = [label for _, label in kept]
    return accuracy_score(right, said), f1_score(right, said, average="macro"), len(kept)


def measure_speed(book: GuardBook) -> None:
    """Messages a second of one core with 10,000 patterns and the model, and what one takes."""
    texts = [row[6] for row in lines("service_chats_open.tsv.gz")][:SPEED_MESSAGES]
    larger = WordBook([*read_words(), made_up(PATTERNS - word_book().size)])
    shipped, message.word_book = message.word_book, lambda: larger  # type: ignore[assignment]
    try:
        took = timed(book, texts)
        long = timed(book, ["请问什么时候发货，" * 11_000])[0]
    finally:
        message.word_book = shipped
    say(
        "guard_messages", 1000 * len(took) / sum(took), "messages/s", patterns=larger.size,
        p50_ms=round(percentile(took, 0.5), 3), p99_ms=round(percentile(took, 0.99), 3),
        limit_p50_ms=0.3, size=len(took),
    )  # fmt: skip
    say("guard_100_kb", long, "ms", windows=len(small_model().windows("请" * 100_000)))


def timed(book: GuardBook, texts: list[str]) -> list[float]:
    for text in texts[:300]:
        codes(book, "shop", text)
    took: list[float] = []
    for text in texts:
        started = time.process_time()
        codes(book, "shop", text)
        took.append((time.process_time() - started) * 1000)
    return took


def made_up(count: int) -> WordList:
    """Words that nobody says, to fill the automaton; each is there by its letters and its sound."""
    chance = random.Random(6)
    made = {
        "".join(chr(chance.randint(0x4E00, 0x9FA5)) for _ in range(chance.randint(3, 6)))
        for _ in range(count * 11 // 20)
    }
    return WordList(code="urgency", phrase=(Phrase(words=tuple(sorted(made))),))


if __name__ == "__main__":
    main()

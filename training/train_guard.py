"""Trains the guard's small model: `make model DATA=... MARKS=...`. Writes src/gongdao/risk/model/.

What it is trained on is in training/texts.py; the figures are those of the fifth that is held out.
The model that is shipped was trained without marks.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from scipy import sparse
from sklearn.metrics import f1_score
from sklearn.svm import LinearSVC

from gongdao.risk.small_model import BITS, Head, places, read_weights, written_weights
from training.texts import (
    Text,
    bare,
    by_talk,
    by_text,
    comments,
    dialogues,
    marked,
    parts,
    talks_found,
)

FOLDER = Path(__file__).parents[1] / "src" / "gongdao" / "risk" / "model"
STRENGTH = {"abuse": 0.3, "fraud": 0.3}
#: At most this part of the ordinary texts that are held out may score so high.
FALSE_AT_MOST = {"abuse": 0.002, "fraud": 0.002}
#: Made dialogues are easier to tell apart than what people say: never a sign below this.
LEAST = {"abuse": 0.9, "fraud": 0.3}
#: Sentences of our own; what the library said of them is kept, and what is shipped has to agree.
OWN_WORDS = [
    "您好，您的订单今天下午会送到，请保持手机畅通",
    "请问这件衣服有大一号的吗",
    "我这里是公安局，您的账户涉嫌洗钱，请马上把钱转到安全账户",
    "恭喜您中了一等奖，请先缴纳手续费到指定账户",
    "你这个人真是不要脸的垃圾",
    "谢谢，东西很好用，下次还来",
]


def table(texts: Iterable[str]) -> Any:
    """The texts as the model sees them."""
    rows = [sorted(places(text)) for text in texts]
    ends = np.cumsum([0, *map(len, rows)])
    values = [1 / np.sqrt(len(row)) for row in rows for _ in row]
    columns = [place for row in rows for place in row]
    return sparse.csr_matrix((values, columns, ends), shape=(len(rows), 1 << BITS))


class Trained(NamedTuple):
    """A head with its weights, the library's own model, and the figures of what was held out."""

    head: Head
    weights: list[int]
    library: Any
    figures: dict[str, float | int]


def train(name: str, texts: Sequence[Text], is_held: Callable[[Text], bool]) -> Trained:
    """Train one head on what is not held out, and measure it on the rest."""
    learnt, held = parts(texts, is_held)
    kept = [one for one in held if one.counts]
    model = LinearSVC(C=STRENGTH[name], max_iter=5000, random_state=0)
    model.fit(table(one.text for one in learnt), [one.yes for one in learnt])
    weights, scale = quantised(cast("Any", model.coef_)[0])
    yes = np.array([one.yes for one in kept])
    seen = table(one.text for one in kept)
    scores = seen @ (np.array(weights) * scale) + float(model.intercept_[0])
    # Ordinary words of any kind count for the threshold, also those that only were learnt from.
    others = [one.text for one in held if not one.yes]
    ordinary = np.sort(table(others) @ (np.array(weights) * scale) + float(model.intercept_[0]))
    rarely = float(ordinary[int(len(ordinary) * (1 - FALSE_AT_MOST[name]))])
    least = max(rarely, LEAST[name])
    said = scores >= least
    head = Head(name=name, scale=scale, bias=float(model.intercept_[0]), least=round(least, 3))
    figures = {
        "trained_on": len(learnt),
        "held_out": len(kept),
        "held_out_yes": int(yes.sum()),
        "macro_f1": round(float(f1_score(yes, scores > 0, average="macro")), 4),
        "macro_f1_library": round(
            float(f1_score(yes, model.decision_function(seen) > 0, average="macro")), 4
        ),
        "sign_precision": round(float(yes[said].mean()), 4) if said.any() else 0.0,
        "sign_recall": round(float(said[yes].mean()), 4),
        "ordinary_held_out": len(others),
        **talks_found(kept, [bool(each) for each in said]),
    }
    return Trained(head, weights, model, figures)


def quantised(weights: Any) -> tuple[list[int], float]:
    """Each weight as a signed byte, and what one step of it is."""
    scale = float(np.abs(weights).max()) / 127
    return [int(one) for one in np.clip(np.round(weights / scale), -127, 127)], scale


def main() -> None:
    """Train both heads and write the weights and the figures."""
    folder = Path(sys.argv[1])
    remarks, talks = comments(folder), dialogues(folder)
    marks = [line for name in sys.argv[2:] for line in Path(name).read_text("utf-8").splitlines()]
    ordinary = [one._replace(counts=False, talk="") for one in talks if not one.yes]
    neutral = [one._replace(counts=False) for one in remarks if not one.yes]
    both = [
        train("abuse", [*remarks, *ordinary, *marked("abuse", marks)], by_text),
        train("fraud", [*talks, *neutral, *marked("fraud", marks)], by_talk),
    ]
    raw = written_weights([one.head for one in both], [one.weights for one in both])
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "weights").write_bytes(raw)
    shipped = read_weights(raw)
    own = [bare(text) for text in OWN_WORDS]
    figures = {
        "heads": {one.head.name: {**one.figures, "least": one.head.least} for one in both},
        "bytes": len(raw),
        "own_words": [
            {
                "text": text,
                "shipped": {name: round(x, 4) for name, x in shipped.score(bare).items()},
                "library": {
                    one.head.name: round(float(one.library.decision_function(table([bare]))[0]), 4)
                    for one in both
                },
            }
            for text, bare in zip(OWN_WORDS, own, strict=True)
        ],
    }
    (FOLDER / "figures.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""Why an account does not answer, or a message did not get through: a sentence, and what was said.

What is kept is one text, the sentence and below it the words of the other side, so that whoever
reads it later reads the sentence in their own language and the words as they were.
"""

from gongdao.base.i18n import Locale, translate

#: Characters of a reason that are kept.
REASON_MAX = 500


def write_reason(sentence: str, said: object = "") -> str:
    """A reason as it is kept. `sentence` is marked with N_ and may have a field {said}."""
    return f"{sentence}\n{str(said).strip()}"[:REASON_MAX]


def say_reason(locale: Locale, kept: str) -> str:
    """A kept reason in a language; words of others, which have no sentence of ours, as they are."""
    sentence, is_ours, said = kept.partition("\n")
    return translate(locale, sentence, {"said": said}) if is_ours else kept


class Failure(Exception):
    """Something did not work, for a reason that a shop can read and act on."""

    def __init__(self, sentence: str, said: object = "") -> None:
        super().__init__(write_reason(sentence, said))
        self.sentence, self.said = sentence, str(said).strip()

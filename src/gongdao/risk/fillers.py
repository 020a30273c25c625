"""Words with signs between their letters: 共x享x屏x幕, 验1证2码, 远丶程丶控, 加ab微cd信. Pure."""

import re
from collections.abc import Sequence
from itertools import pairwise

_HAN = "[\u3400-\u9fff]"
#: Up to three letters, digits or strokes between two characters; or the same one or two characters
#: again and again.
_FILLER = re.compile(
    rf"(?<={_HAN})[a-z0-9丶丿丨灬の乀]{{1,3}}(?={_HAN})"
    rf"|(?<={_HAN})(.)(?={_HAN}\1{_HAN})|(?<=(.){_HAN})\2(?={_HAN})"
    rf"|(?<={_HAN})(..)(?={_HAN}\3{_HAN})|(?<=(..){_HAN})\4(?={_HAN})"
)
_HAN_WORD = re.compile(f"{_HAN}+")
#: A word of so many characters is hardly there by chance; of fewer each gap has to be filled.
_SURE = 4
#: The fewest characters of a word between all of which more than one sign stands.
_ROW = 3


def without_fillers(text: str) -> tuple[str, list[int]] | None:
    """The plain text without what stands alone between two characters, and where each letter stood.

    None: there is nothing of the kind.
    """
    gone: set[int] = set()
    for hit in _FILLER.finditer(text):
        # Of two beside each other the second is a letter again.
        if hit.start() - 1 not in gone:
            gone.update(range(*hit.span()))
    if not gone:
        return None
    kept = [index for index in range(len(text)) if index not in gone]
    return "".join(text[index] for index in kept), kept


def is_hidden(text: str, places: Sequence[int]) -> bool:
    """Whether letters at these places are one word with fillers in it, not so by chance."""
    first, last, size = places[0], places[-1], len(places)
    widths = [after - before - 1 for before, after in pairwise(places)]
    gaps = sum(map(bool, widths))
    if not gaps or not _HAN_WORD.fullmatch("".join(text[index] for index in places)):
        return False
    is_filled = gaps == size - 1
    if max(widths) > 1:
        # 换iphone屏, 发a4纸: of more than one sign only a row of gaps is no ordinary phrase.
        return is_filled and size >= _ROW
    if size >= _SURE:
        return True
    # 发2单, 第1条: with a number between, two characters are an ordinary phrase.
    is_counted = any(map(str.isdecimal, text[first : last + 1]))
    return size >= 3 - (not is_counted) and (is_filled or (size == 3 and not is_counted))

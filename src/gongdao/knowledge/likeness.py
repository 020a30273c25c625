"""How alike two questions are: by the pairs of characters and the words that they share. Pure."""

from gongdao.base.words import PIECES, Terms, add_text, fold

#: From here on two questions are taken for the same.
ALIKE = 0.5
#: What people say around a question and what tells nothing about it.
_FILLERS = (
    "请问", "你好", "您好", "亲", "老板", "麻烦", "一下", "我想问", "想问", "问下", "可以吗",
    "能不能", "可不可以", "可以", "有没有",
    "谢谢", "这个", "那个", "这款", "那款", "你们", "咱们", "的", "吗", "呢", "啊", "呀", "吧",
    "了", "please", "hello", "thanks",
)  # fmt: skip


def bare_question(said: str) -> str:
    """A question without greetings, particles and signs, folded."""
    text = fold(said)
    for filler in _FILLERS:
        text = text.replace(filler, " ")
    return " ".join(piece.group() for piece in PIECES.finditer(text))


def parts_of(said: str) -> frozenset[str]:
    """What a question is compared by: pairs of characters, and whole words of other scripts."""
    found: set[str] = set()
    for piece in PIECES.finditer(bare_question(said)):
        text = piece.group()
        if piece.lastgroup == "run" and len(text) > 1:
            found |= {text[n : n + 2] for n in range(len(text) - 1)}
        else:
            found.add(text)
    return frozenset(found)


def likeness(one: str, other: str) -> float:
    """Between 0 and 1: twice what they share over what they have (Dice)."""
    mine, theirs = parts_of(one), parts_of(other)
    if not mine or not theirs:
        return 1.0 if fold(one).strip() == fold(other).strip() else 0.0
    return 2 * len(mine & theirs) / (len(mine) + len(theirs))


def terms_of(said: str, *within: str) -> str:
    """What a question is looked up by, with terms that say whose it is, as PostgreSQL keeps it."""
    terms = Terms()
    for term in within:
        terms.add(term)
    add_text(terms, bare_question(said))
    return terms.literal()


def any_of(said: str, *within: str) -> str:
    """The question for PostgreSQL: any pair or word of it, and all of `within`; empty: nothing."""
    parts = [f"'{part[:24]}'" for part in sorted(parts_of(said))[:40] if "'" not in part]
    if not parts:
        return ""
    return " & ".join([f"({' | '.join(parts)})", *(f"'{term}'" for term in within)])

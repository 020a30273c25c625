"""The text of an HTML mail; quotations get the mark that they have in plain text."""

import re
from html.parser import HTMLParser

#: More of it is not read.
HTML_MAX = 2_000_000
#: What begins a line, and what ends one.
_BLOCKS = frozenset(
    {
        "p", "div", "tr", "li", "ul", "ol", "table", "blockquote", "pre", "hr", "h1", "h2", "h3",
        "h4", "h5", "h6", "section", "article", "header", "footer", "dl", "dt", "dd", "center",
    }
)  # fmt: skip
_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "math"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "col", "wbr", "area", "base"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0\D", re.I)
_QUOTE_CLASS = re.compile(r"gmail_quote|yahoo_quoted|moz-cite-prefix|protonmail_quote", re.I)
_DEPTH_MAX = 500


def text_of_html(source: str) -> str:
    """What a reader sees of it."""
    reader = _Reader()
    reader.feed(source[:HTML_MAX])
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        # Open elements: the tag, whether it is silent, and whether it is a quotation.
        self._open: list[tuple[str, bool, bool]] = []
        self._silent = 0
        self._quoted = 0
        self._links: list[tuple[str, int]] = []
        self._pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag opens: perhaps a new line, a quotation, or something that nobody sees."""
        given = {name: value or "" for name, value in attrs}
        if tag == "br":
            self._end_line()
        if tag in _BLOCKS:
            self._break_line()
        if tag in {"td", "th"} and self._line:
            self._line.append(" ")
        if tag in _VOID or len(self._open) >= _DEPTH_MAX:
            return
        is_silent = tag in _SILENT or bool(_HIDDEN.search(given.get("style", "")))
        is_quote = tag == "blockquote" or bool(_QUOTE_CLASS.search(given.get("class", "")))
        self._open.append((tag, is_silent, is_quote))
        self._silent += is_silent
        self._quoted += is_quote
        self._pre += tag == "pre"
        if tag == "a":
            self._links.append((given.get("href", ""), len(self._line)))

    def handle_endtag(self, tag: str) -> None:
        """A tag closes; those that were left open inside close with it."""
        if tag in _BLOCKS:
            self._break_line()
        if not any(tag == each[0] for each in self._open):
            return
        while True:
            name, was_silent, was_quote = self._open.pop()
            self._silent -= was_silent
            self._quoted -= was_quote
            self._pre -= name == "pre"
            if name == "a" and self._links:
                self._say_address(*self._links.pop())
            if name == tag:
                return

    def add_words(self, data: str) -> None:
        """Words, unless nobody sees them."""
        if self._silent:
            return
        if self._pre:
            first, *more = data.split("\n")
            self._line.append(first)
            for line in more:
                self._end_line()
                self._line.append(line)
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        if words.strip() or self._line:
            self._line.append(words if self._line else words.lstrip(" "))

    #: The name by which the parser of the standard library calls it.
    handle_data = add_words

    def text(self) -> str:
        """All lines, without more than one empty one in a row."""
        self._break_line()
        return re.sub(r"\n(>* ?\n){2,}", "\n\n", "\n".join(self._lines)).strip("\n")

    def _say_address(self, href: str, start: int) -> None:
        """A link goes where it says, or its address is told beside it."""
        shown = "".join(self._line[start:]).strip()
        plain = re.sub(r"^(https?://|mailto:)", "", href.strip()).rstrip("/")
        is_told = re.match(r"https?://", href.strip()) and plain not in shown
        if shown and is_told and not self._silent and len(href) <= 300:
            self._line.append(f" ({href.strip()})")

    def _break_line(self) -> None:
        if "".join(self._line).strip():
            self._end_line()
        else:
            self._line.clear()

    def _end_line(self) -> None:
        words = "".join(self._line).rstrip()
        self._line.clear()
        self._links = [(href, 0) for href, _ in self._links]
        if not self._silent:
            self._lines.append(">" * min(self._quoted, 5) + " " * bool(self._quoted) + words)

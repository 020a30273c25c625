"""Read a file of reviews: Olist's, Taobao's, our own CSV or JSON. Pure: nothing is stored here."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import msgspec

from gongdao.base.errors import Param, Refusal
from gongdao.base.i18n import N_, ZONE, Locale, translate
from gongdao.base.texts import NOT_TEXT
from gongdao.reviews.review import STARS_OF_MARK, TEXT_MAX

FILE_BYTES_MAX = 100 * 1024 * 1024
FILE_LINES_MAX = 500_000
#: So many faults are listed; reading stops there, because the file must be mended anyway.
FAULTS_MAX = 100
REF_MAX, NUMBER_MAX, SHOWN_MAX = 64, 64, 40
_TELL_EVERY = 500

_LINE = N_("Line {line}, {column}: ")
_LINE_AS_A_WHOLE = N_("Line {line}: ")
_ENTRY = N_("Review {line}, {column}: ")
_ENTRY_AS_A_WHOLE = N_("Review {line}: ")
_MARKS = {"好评": "good", "中评": "neutral", "差评": "negative"} | {m: m for m in STARS_OF_MARK}
Tell = Callable[[int], object]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: where, and what would be right."""

    line: int
    column: str = ""
    sentence: str
    params: Mapping[str, Param] = {}
    in_entry: bool = False

    def say(self, locale: Locale) -> str:
        """The place and the sentence in a language."""
        if self.in_entry:
            place = _ENTRY if self.column else _ENTRY_AS_A_WHOLE
        else:
            place = _LINE if self.column else _LINE_AS_A_WHOLE
        where = {"line": str(self.line), "column": self.column}
        return translate(locale, place, where) + translate(locale, self.sentence, self.params)


class Told(NamedTuple):
    """One review as a file tells it. A tuple: there are a hundred thousand of them."""

    line: int
    ref: str
    order_number: str
    stars: int
    text: str
    at: datetime
    product: str
    reply: str
    replied_at: datetime | None
    added: str
    added_at: datetime | None


class Reading(NamedTuple):
    """What stands in a file, or what is wrong. Nothing is imported when anything is."""

    told: list[Told]
    faults: list[Fault]
    in_entry: bool


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Under which headings a program writes what a review is made of; the first that is there."""

    ref: tuple[str, ...]
    order: tuple[str, ...]
    stars: tuple[str, ...]
    text: tuple[str, ...]
    at: tuple[str, ...]
    title: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    reply: tuple[str, ...] = ()
    replied_at: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    added_at: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """Known, and not needed."""

    @property
    def known(self) -> set[str]:
        """Every heading."""
        return {name for field in self.__struct_fields__ for name in getattr(self, field)}


#: How the files of each program are laid out; the one is taken whose column of orders is there.
LAYOUTS: tuple[Columns, ...] = (
    Columns(
        ref=("review_id",),
        order=("order_id",),
        stars=("review_score",),
        title=("review_comment_title",),
        text=("review_comment_message",),
        at=("review_creation_date",),
        others=("review_answer_timestamp",),
    ),
    Columns(
        ref=("评价ID", "评价编号"),
        order=("订单编号", "订单号"),
        stars=("评分", "评价类型", "评价结果", "星级"),
        text=("评价内容", "初次评价", "评论内容"),
        at=("评价时间", "评论时间"),
        product=("宝贝标题", "商品标题", "商品名称"),
        reply=("商家回复", "卖家回复", "回复内容"),
        replied_at=("回复时间",),
        added=("追加评价", "追评内容", "追评"),
        added_at=("追评时间", "追加时间"),
        others=("买家昵称", "买家会员名", "图片", "商品ID"),
    ),
    Columns(
        ref=("id",),
        order=("order",),
        stars=("stars",),
        text=("text",),
        at=("at",),
        product=("product",),
        reply=("reply",),
        replied_at=("replied_at",),
        added=("added",),
        added_at=("added_at",),
    ),
)


def read_reviews(raw: bytes, *, tell: Tell = lambda _: None) -> Reading:
    """Read a file; `tell` is called now and then with the number of lines read.

    Refuses what is no such file at all; anything wrong with a line becomes a fault.
    """
    if len(raw) > FILE_BYTES_MAX:
        raise Refusal(
            "too_large", N_("The file is larger than {most} MB."), most=FILE_BYTES_MAX >> 20
        )
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    in_entry = raw.lstrip()[:1] in (b"{", b"[")
    rows, columns = _entries(raw) if in_entry else _table(raw)
    faults: list[Fault] = []
    told: list[Told] = []
    seen: dict[tuple[str, str], int] = {}
    for count, (line, values) in enumerate(rows, 1):
        if count > FILE_LINES_MAX:
            raise Refusal("too_large", N_("The file has more than {most} lines."),
                          most=FILE_LINES_MAX)  # fmt: skip
        if count % _TELL_EVERY == 0:
            tell(line)
        reader = _Reader(values, columns, line, faults, in_entry=in_entry)
        review = reader.review() if values is not None else reader.broken()
        if review is not None:
            first = seen.setdefault((review.ref, review.order_number), line)
            if first != line:
                reader.refuse("", N_("This review stands in the file twice, first at {first}."),
                              first=first)  # fmt: skip
            told.append(review)
        if len(faults) >= FAULTS_MAX:
            break
    if not told and not faults:
        raise Refusal("invalid", N_("There are no reviews in this file."))
    return Reading([] if faults else told, faults[:FAULTS_MAX], in_entry)


_Rows = Iterator[tuple[int, dict[str, str] | None]]


def _table(raw: bytes) -> tuple[_Rows, Columns]:
    """The lines of a CSV file by their headings; None where a line does not fit the heading."""
    text = io.StringIO(_decoded(raw), newline="")
    first = text.readline()
    text.seek(0)
    delimiter = max(",", "\t", ";", key=first.count)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        heading = [cell.strip() for cell in next(reader, list[str]())]
    except csv.Error:
        raise Refusal("invalid", N_("The first line is not the heading of a table.")) from None
    columns = _layout(heading)

    def rows() -> _Rows:
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader, None)
            except csv.Error:
                yield line, None
                return
            if row is None:
                return
            if any(cell.strip() for cell in row):
                yield (
                    line,
                    dict(zip(heading, row, strict=True)) if len(row) == len(heading) else None,
                )

    return rows(), columns


def _layout(heading: list[str]) -> Columns:
    for layout in LAYOUTS:
        if set(layout.order) & set(heading) and set(layout.stars) & set(heading):
            strange = [name for name in heading if name and name not in layout.known]
            if strange:
                raise Refusal(
                    "invalid",
                    N_("Nobody knows the column {column}. Known are: {known}."),
                    column=strange[0][:SHOWN_MAX],
                    known=", ".join(sorted(layout.known)),
                )
            return layout
    raise Refusal(
        "invalid",
        N_("The heading names neither an order nor a mark. Known are: {known}."),
        known="; ".join(f"{layout.order[0]}, {layout.stars[0]}" for layout in LAYOUTS),
    )


def _entries(raw: bytes) -> tuple[_Rows, Columns]:
    """The reviews of a JSON file: a list, or an object with the list "reviews"."""
    try:
        document: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        raise Refusal("invalid", N_("This is not JSON.")) from None
    entries: Any = document
    if isinstance(document, dict):
        entries = cast("dict[str, Any]", document).get("reviews")
    if not isinstance(entries, list):
        raise Refusal("invalid", N_('JSON must be a list, or an object with the list "reviews".'))
    found = cast("list[Any]", entries)
    dicts = [cast("dict[str, Any]", each) for each in found if isinstance(each, dict)]
    first: dict[str, Any] = dicts[0] if dicts else {}
    columns = _layout(list(first)) if first else LAYOUTS[-1]

    def rows() -> _Rows:
        for number, entry in enumerate(found, 1):
            if not isinstance(entry, dict):
                yield number, None
                continue
            values = cast("dict[str, Any]", entry)
            yield number, {k: "" if v is None else str(v) for k, v in values.items()}

    return rows(), columns


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal("invalid", N_("The file is neither UTF-8 nor GBK text."))


class _Reader:
    """The values of one line, each checked, each fault kept."""

    def __init__(
        self,
        values: dict[str, str] | None,
        columns: Columns,
        line: int,
        faults: list[Fault],
        *,
        in_entry: bool,
    ) -> None:
        self._values = values or {}
        self._columns, self._line, self._faults = columns, line, faults
        self._in_entry = in_entry
        self._sound = True

    def refuse(self, column: str, sentence: str, /, **params: Param) -> None:
        """Keep a fault."""
        self._sound = False
        self._faults.append(
            Fault(
                line=self._line,
                column=column,
                sentence=sentence,
                params=params,
                in_entry=self._in_entry,
            )
        )

    def broken(self) -> None:
        """The line as a whole does not fit the heading."""
        self.refuse("", N_("This line does not have the columns of the heading."))

    def review(self) -> Told | None:
        """The review, or None where anything of it is wrong."""
        c = self._columns
        title, said = self._text(c.title, TEXT_MAX), self._text(c.text, TEXT_MAX)
        at = self._instant(c.at)
        if at is None:
            self.refuse(c.at[0], N_("This must not be empty."))
        told = Told(
            line=self._line,
            ref=self._required(c.ref, REF_MAX),
            order_number=self._required(c.order, NUMBER_MAX),
            stars=self._stars(c.stars),
            text="\n".join(part for part in (title, said) if part)[:TEXT_MAX],
            at=at or datetime.min.replace(tzinfo=UTC),
            product=self._text(c.product, 500),
            reply=self._text(c.reply, 1000),
            replied_at=self._instant(c.replied_at),
            added=self._text(c.added, TEXT_MAX),
            added_at=self._instant(c.added_at),
        )
        for text, when, column in (
            (told.reply, told.replied_at, c.replied_at),
            (told.added, told.added_at, c.added_at),
        ):
            if when is not None and at is not None and when < at and text:
                self.refuse(column[0], N_("This cannot have happened before the review."))
        return told if self._sound else None

    def _cell(self, names: tuple[str, ...]) -> tuple[str, str]:
        for name in names:
            value = self._values.get(name, "").strip()
            if value:
                return name, value
        return (names[0] if names else ""), ""

    def _text(self, names: tuple[str, ...], most: int) -> str:
        name, text = self._cell(names)
        if len(text) > most:
            self.refuse(name, N_("This is longer than {most} characters."), most=most)
        if text and NOT_TEXT.search(text):
            self.refuse(name, N_("This has characters in it that are not text."))
        return text

    def _required(self, names: tuple[str, ...], most: int) -> str:
        text = self._text(names, most).strip("='\"")
        if not text:
            self.refuse(names[0], N_("This must not be empty."))
        return text

    def _stars(self, names: tuple[str, ...]) -> int:
        name, text = self._cell(names)
        if text in _MARKS:
            return STARS_OF_MARK[cast("Any", _MARKS[text])]
        number = text.removesuffix("星").removesuffix("分").removesuffix(".0")
        if number in ("1", "2", "3", "4", "5"):
            return int(number)
        self.refuse(
            name, N_("{value} is no mark: 1 to 5, or good, neutral, negative."),
            value=text[:SHOWN_MAX] or "—",
        )  # fmt: skip
        return 5

    def _instant(self, names: tuple[str, ...]) -> datetime | None:
        name, text = self._cell(names)
        if not text:
            return None
        try:
            instant = datetime.fromisoformat(text.replace("/", "-"))
            if not 2000 <= instant.year < 2100:
                raise ValueError
        except ValueError:
            self.refuse(
                name, N_("{value} is not a time such as 2014-03-03 10:00:00."),
                value=text[:SHOWN_MAX],
            )  # fmt: skip
            return None
        # Written without a zone, a time is meant in that of Shanghai.
        local = instant if instant.utcoffset() is not None else instant.replace(tzinfo=ZONE)
        return local.astimezone(UTC)

"""The pictures that people of the demo upload: drawn when they are needed, from what they show.

Nothing is fetched. Chinese words are written where the system has a font for them; elsewhere bars
stand for the words, so that a receipt still looks like one.
"""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import msgspec
from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]
_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
_FONTS = (
    "NotoSansCJK-Regular.*",
    "NotoSansSC*",
    "NotoSansCJKsc*",
    "SourceHanSans*",
    "wqy-microhei.*",
    "wqy-zenhei.*",
    "DroidSansFallback*",
    "PingFang.*",
    "msyh.*",
    "simhei.*",
    "NotoSerifCJK-Regular.*",
)
_INK, _GREY, _PAPER, _RED = "#2b2b2b", "#8a8a8a", "#fbf8f0", "#c0392b"


class Picture(msgspec.Struct, frozen=True):
    """A picture that somebody takes: which drawing, of what, under which file name."""

    name: str
    drawing: str
    words: tuple[str, ...] = ()


def paint(picture: Picture) -> bytes:
    """The file: a JPEG, or a PDF where the name says so."""
    canvas = Canvas(1080, 1440)
    _DRAWINGS[picture.drawing](canvas, picture.words)
    buffer = BytesIO()
    if picture.name.endswith(".pdf"):
        canvas.image.save(buffer, "PDF", resolution=130)
    else:
        canvas.image.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


class Canvas:
    """A sheet to draw on."""

    def __init__(self, width: int, height: int) -> None:
        self.image = Image.new("RGB", (width, height), _PAPER)
        self.pen = ImageDraw.Draw(self.image)

    def fill(self, colour: str) -> None:
        """One colour everywhere."""
        self.pen.rectangle((0, 0, *self.image.size), fill=colour)

    def box(self, place: tuple[float, float, float, float], colour: str, radius: float = 0) -> None:
        """A filled rectangle."""
        self.pen.rounded_rectangle(place, radius, fill=colour)

    def blot(self, at: Point, size: Point, colour: str) -> None:
        """A filled ellipse."""
        (x, y), (w, h) = at, size
        self.pen.ellipse((x - w, y - h, x + w, y + h), fill=colour)

    def write(self, at: Point, words: str, size: int = 36, colour: str = _INK) -> None:
        """Words, or bars of their length where no font has them."""
        path = _font_path()
        if path is not None:
            self.pen.text(at, words, fill=colour, font=ImageFont.truetype(path, size))
        elif words.isascii():
            self.pen.text(at, words, fill=colour, font=ImageFont.load_default(size))
        else:
            x, y = at
            for part in words.split():
                width = len(part) * size * 0.9
                self.box((x, y + size * 0.25, x + width, y + size * 0.85), _GREY, size / 4)
                x += width + size * 0.5


@cache
def _font_path() -> Path | None:
    """A font of this machine that knows Chinese."""
    for folder in filter(Path.is_dir, map(Path, _FOLDERS)):
        for pattern in _FONTS:
            if found := next(iter(sorted(folder.rglob(pattern))), None):
                return found
    return None


def _fridge(canvas: Canvas, words: tuple[str, ...]) -> None:
    """A refrigerator with two doors, and what is wrong with it."""
    canvas.fill("#d9d4c7")
    canvas.box((0, 1180, 1080, 1440), "#a58f73")
    canvas.box((230, 130, 850, 1250), "#c9ced3", 18)
    canvas.box((244, 146, 534, 1230), "#e4e7ea", 12)
    canvas.box((546, 146, 836, 1230), "#e4e7ea", 12)
    canvas.box((500, 420, 514, 800), "#8d949b", 6)
    canvas.box((566, 420, 580, 800), "#8d949b", 6)
    if "dents" in words:
        for x, y in ((340, 560), (700, 900), (420, 1050)):
            canvas.blot((x, y), (46, 34), "#aab0b6")
            canvas.blot((x + 8, y + 6), (30, 20), "#8b9299")
            canvas.pen.ellipse((x - 80, y - 70, x + 80, y + 70), outline=_RED, width=7)
    if "off" in words:
        canvas.box((300, 260, 470, 340), "#15181b", 8)
        canvas.pen.ellipse((270, 220, 500, 380), outline=_RED, width=7)


def _mould(canvas: Canvas, words: tuple[str, ...]) -> None:
    """A shelf with dark spots, and a cloth that has wiped over it."""
    canvas.fill("#eef2f3")
    for y in (380, 760, 1120):
        canvas.box((80, y, 1000, y + 26), "#b9c7cc", 8)
    for i in range(90):
        x, y = 110 + i * i * 37 % 860, 180 + i * i * i * 11 % 1130
        size = 3 + i * 7 % 13
        canvas.blot((x, y), (size, size * 0.8), ("#5d6b4d", "#3f4a38", "#7a8466")[i % 3])
    canvas.box((600, 900, 900, 1080), "#d7dfc9", 40)
    canvas.blot((740, 990), (90, 46), "#78815f")


def _board(canvas: Canvas, words: tuple[str, ...]) -> None:
    """A circuit board with a burnt spot."""
    canvas.fill("#3b3f42")
    canvas.box((130, 260, 950, 1180), "#1f6b45", 14)
    for i in range(28):
        x, y = 180 + i % 6 * 120, 320 + i // 6 * 165
        canvas.box((x, y, x + 34 + i % 3 * 30, y + 30), ("#101418", "#c9b458", "#d8d8d8")[i % 3], 4)
    canvas.blot((620, 700), (120, 86), "#2a1a10")
    canvas.blot((620, 700), (70, 48), "#0d0805")
    canvas.pen.ellipse((460, 570, 780, 830), outline=_RED, width=9)


def _goods(canvas: Canvas, words: tuple[str, ...]) -> None:
    """Something on a table, with a red ring around what matters."""
    colour = words[0] if words else "#c58b6a"
    canvas.fill("#e9e2d6")
    canvas.box((0, 980, 1080, 1440), "#b79a76")
    canvas.box((230, 420, 850, 1060), colour, 60)
    canvas.box((300, 500, 780, 700), "#ffffff", 20)
    canvas.write((330, 540), words[1] if len(words) > 1 else "", 44)
    canvas.write((330, 620), words[2] if len(words) > 2 else "", 32, _GREY)
    canvas.pen.ellipse((560, 760, 820, 990), outline=_RED, width=9)
    canvas.blot((690, 870), (60, 44), "#6b4a33")


def _parcel(canvas: Canvas, words: tuple[str, ...]) -> None:
    """A carton with its label."""
    canvas.fill("#dcdcd8")
    canvas.box((160, 340, 920, 1120), "#b98d57", 10)
    canvas.box((510, 340, 570, 1120), "#d9c29a")
    canvas.box((220, 620, 700, 940), "#ffffff", 6)
    for number, line in enumerate(words):
        canvas.write((244, 650 + number * 58), line, 34)
    for i in range(34):
        canvas.box((244 + i * 12, 850, 244 + i * 12 + 3 + i % 3 * 2, 920), _INK)


def _receipt(canvas: Canvas, words: tuple[str, ...]) -> None:
    """A receipt: its title, its lines, and the sum last."""
    title, *lines, total = words
    canvas.fill("#c9c4b8")
    canvas.box((130, 110, 950, 1330), "#ffffff", 8)
    canvas.write((190, 170), title, 56)
    canvas.box((190, 260, 890, 264), _INK)
    for number, line in enumerate(lines):
        canvas.write((190, 310 + number * 84), line, 40)
    canvas.box((190, 1010, 890, 1013), _GREY)
    canvas.write((190, 1050), total, 60, _RED)
    canvas.pen.ellipse((640, 940, 890, 1190), outline=_RED, width=8)
    canvas.pen.ellipse((660, 960, 870, 1170), outline=_RED, width=3)


def _chat(canvas: Canvas, words: tuple[str, ...]) -> None:
    """A conversation on a phone; what begins with > was said by the one who took the picture."""
    canvas.fill("#ededed")
    canvas.box((0, 0, 1080, 110), "#f7f7f7")
    canvas.write((60, 30), words[0], 42)
    y = 160
    for line in words[1:]:
        mine = line.startswith(">")
        rows = _folded(line.removeprefix(">"), 17)
        height = 44 + 54 * len(rows)
        left, right = (210, 940) if mine else (140, 870)
        canvas.box((left, y, right, y + height), "#95ec69" if mine else "#ffffff", 18)
        canvas.box((970 if mine else 40, y, 1040 if mine else 110, y + 70), "#7f9db9", 12)
        for number, row in enumerate(rows):
            canvas.write((left + 28, y + 20 + number * 54), row, 40)
        y += height + 36


def _sheet(canvas: Canvas, words: tuple[str, ...]) -> None:
    """A written page: a title and paragraphs."""
    canvas.fill("#ffffff")
    canvas.write((110, 120), words[0], 58)
    canvas.box((110, 210, 970, 214), _INK)
    y = 270
    for paragraph in words[1:]:
        for row in _folded(paragraph, 22):
            canvas.write((110, y), row, 38)
            y += 58
        y += 26


def _folded(words: str, most: int) -> list[str]:
    return [words[at : at + most] for at in range(0, len(words), most)] or [""]


_DRAWINGS: dict[str, Callable[[Canvas, tuple[str, ...]], None]] = {
    "fridge": _fridge,
    "mould": _mould,
    "board": _board,
    "goods": _goods,
    "parcel": _parcel,
    "receipt": _receipt,
    "chat": _chat,
    "sheet": _sheet,
}

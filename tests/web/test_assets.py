"""The build of the front-end files: locked, small, and complete."""

import json
import re
from collections.abc import Iterator

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from gongdao.base import i18n
from gongdao.policy.terms import TERMS
from gongdao.web import assets

LOCALE_FILES = assets.WEB.parent / "base/locale/zh/LC_MESSAGES"
#: What this catalogue answers for; the audiences bring their own.
OURS = ("templates/", "shell.py", "markup.py", "navigation.py")


@pytest.fixture(scope="module")
def built() -> assets.Manifest:
    return assets.build()


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((assets.WEB / "package-lock.json").read_text("utf-8"))
    packages = [package for path, package in lock["packages"].items() if path]
    assert packages
    assert [package for package in packages if "resolved" in package] == []
    assert all(package["integrity"] for package in packages)


def test_a_second_build_has_nothing_to_do(built: assets.Manifest) -> None:
    stamps = {path: path.stat().st_mtime_ns for path in assets.VENDOR.iterdir()}
    assert assets.build() == built
    assert {path: path.stat().st_mtime_ns for path in stamps if path.name != ".lock"} == {
        path: stamp for path, stamp in stamps.items() if path.name != ".lock"
    }


def test_the_sprite_holds_exactly_the_icons_that_pages_name(built: assets.Manifest) -> None:
    sprite = (assets.VENDOR / "icons.svg").read_text("utf-8")
    assert re.findall(r'<symbol id="([^"]+)"', sprite) == built.icons
    assert "<path" in sprite


def test_an_unknown_icon_is_named(built: assets.Manifest) -> None:
    with pytest.raises(assets.BuildError, match="an icon named 'no-such-drawing'"):
        assets.draw_sprite(["no-such-drawing"])


def test_what_every_page_loads_stays_small(built: assets.Manifest) -> None:
    layout = (assets.STATIC.parent / "templates" / "layout.html").read_text("utf-8")
    named = re.findall(r"asset\('([^']+\.(?:css|js))'\)", layout)
    assert len(named) > 6
    sizes = [(assets.STATIC / name).stat().st_size for name in named]
    assert sum(sizes) < 200_000


def test_no_script_or_style_of_ours_is_large(built: assets.Manifest) -> None:
    ours = [*assets.STATIC.glob("*.css"), *assets.STATIC.glob("*.js")]
    assert {path.name for path in ours if path.stat().st_size > 24_000} == set()


def test_nothing_is_fetched_from_elsewhere(built: assets.Manifest) -> None:
    css = (assets.VENDOR / "tabler.css").read_text("utf-8")
    assert re.findall(r"url\([\"']?(?!data:|[\"']?data:)[^)]*\)|@import", css) == []


def test_every_sentence_of_the_frame_has_chinese_with_the_same_fields() -> None:
    chinese = dict(catalogue())
    terms = {sentence for words in TERMS.values() for sentence in words.values()}
    for sentence in sentences() | terms:
        assert chinese.get(sentence), sentence
        assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", chinese[sentence]))


def test_the_compiled_catalogue_is_read() -> None:
    assert i18n.translate("zh", "It is your turn") == "现在轮到您处理"


def catalogue() -> Iterator[tuple[str, str]]:
    # The bell of the frame, say, speaks in the words of the notices.
    for path in sorted(LOCALE_FILES.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh"):
                if message.id:
                    yield str(message.id), str(message.string)


def sentences() -> set[str]:
    found = extract_from_dir(
        assets.WEB,
        method_map=[("templates/**.html", "jinja2"), ("*.py", "python")],
        keywords={"_": None, "N_": None, "say": None},
        options_map={},
    )
    return {str(message) for name, _, message, _, _ in found if name.startswith(OURS)}

"""Every sentence that a person can meet has a Chinese text."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from jinja2 import nodes
from jinja2.ext import babel_extract

from gongdao.web.markup import environment

MARKS = {"N_", "_", "gettext"}


def marked(source: str) -> Iterator[str]:
    """The sentences that a module marks, and those that it refuses with."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str() as text), *_]) if (
                name in MARKS
            ):
                yield text
            case ast.Call(
                func=ast.Name(id="Refusal"), args=[_, ast.Constant(value=str() as text), *_]
            ):
                yield text
            case _:
                pass


def shown(path: Path) -> Iterator[str]:
    """The sentences that a template marks."""
    with path.open("rb") as file:
        for _line, _name, message, _comments in babel_extract(
            file, MARKS, [], {"extensions": "jinja2.ext.i18n", "silent": "false"}
        ):
            # A call with a variable has no sentence of its own: it was marked where it was written.
            yield from [message] if isinstance(message, str) else filter(None, message or ())


def entries(root: Path) -> Iterator[tuple[str, str, Message]]:
    """All Chinese messages with their sentence and the name of the file they stand in."""
    for path in sorted(root.glob("src/gongdao/base/locale/zh/LC_MESSAGES/*.po")):
        with path.open("rb") as file:
            messages = [message for message in read_po(file, locale="zh") if message.id]
        for message in messages:
            sentence = message.id if isinstance(message.id, str) else message.id[0]
            yield sentence, path.name, message


def catalogue(root: Path) -> dict[str, tuple[str, Message]]:
    """The Chinese message of each sentence with the name of the file it stands in."""
    return {sentence: (file, message) for sentence, file, message in entries(root)}


def bare(sentence: str) -> str:
    return re.sub(r"\{\w*\}", "", sentence)


def fields(sentence: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(sentence) if name}


def test_every_sentence_has_a_chinese_text(
    package: list[Path], tree: list[Path], root: Path
) -> None:
    sentences = {text: path for path in package for text in marked(path.read_text("utf-8"))}
    templates = [path for path in tree if path.suffix == ".html" and "src" in path.parts]
    sentences |= {text: path for path in templates for text in shown(path)}
    chinese = {
        sentence
        for sentence, (_file, message) in catalogue(root).items()
        if message.string and not message.fuzzy
    }
    # A sentence of fields alone has no word to translate.
    sentences = {text: path for text, path in sentences.items() if re.search(r"\w", bare(text))}
    missing = [
        f"{path.relative_to(root)}: {text!r}"
        for text, path in sentences.items()
        if text not in chinese
    ]
    assert not missing, (
        "\n".join(missing) + "\nGive each a Chinese text in base/locale/zh/LC_MESSAGES/<room>.po:"
        " as a polite Chinese shop would say it, not word by word."
    )


def test_every_sentence_stands_in_one_catalogue(root: Path) -> None:
    files: dict[str, list[str]] = {}
    for sentence, file, _message in entries(root):
        files.setdefault(sentence, []).append(file)
    twice = [f"{names}: {sentence!r}" for sentence, names in files.items() if len(names) > 1]
    assert not twice, (
        "\n".join(twice) + "\nOne of them is said everywhere, whatever the other says. Where two"
        " things are meant, give one of them other English words."
    )


def test_both_languages_have_the_same_fields(root: Path) -> None:
    wrong = [
        f"{file}: {sentence!r} has {sorted(fields(sentence))}, {message.string!r} has"
        f" {sorted(fields(str(message.string)))}"
        for sentence, (file, message) in catalogue(root).items()
        if message.string
        and "{" in f"{sentence}{message.string}"
        and fields(sentence) != fields(str(message.string))
    ]
    assert not wrong, "\n".join(wrong) + "\nA field that is renamed or lost shows a hole, or fails."


def test_marks_are_seen() -> None:
    assert list(marked("""x = N_("One."); raise Refusal("invalid", "Two.")""")) == ["One.", "Two."]


def test_no_sentence_is_filled_with_markup(root: Path) -> None:
    """A sentence is text: elements in its fields would be shown as they are written."""
    elements = {"instant", "clock", "countdown", "relative"}
    wrong = [
        f"{path.relative_to(root)}:{call.lineno} {field.key}"
        for path in sorted(root.glob("src/gongdao/web/**/templates/**/*.html"))
        for call in environment().parse(path.read_text("utf-8")).find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in MARKS
        for field in call.kwargs
        if isinstance(field.value, nodes.Filter) and field.value.name in elements
    ]
    assert not wrong, "an instant is given as it is"

"""How Chinese sounds, with a tenth of the dictionary."""

import json
from pathlib import Path

import pytest

from gongdao.base.pinyin import sounds_of


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("重庆银行", "chong qing yin hang"),
        ("行长长大了", "hang zhang zhang da le"),
        ("一丘之貉", "yi qiu zhi he"),
        ("曾经沧海", "ceng jing cang hai"),
        ("绿", "lv"),
        ("", ""),
    ],
)
def test_a_character_sounds_as_its_phrase_has_it(text: str, sounds: str) -> None:
    assert " ".join(sounds_of(text)) == sounds


def test_other_signs_stay() -> None:
    assert sounds_of("加V信 8 号") == ["jia", "V", "xin", " 8 ", "hao"]


def test_every_phrase_of_the_dictionary_sounds_as_it_says_though_few_are_kept() -> None:
    sounds_of("字")
    import pypinyin
    from pypinyin.constants import PHRASES_DICT
    from pypinyin.contrib.tone_convert import to_normal

    folder = Path(pypinyin.__file__).parent
    phrases: dict[str, list[list[str]]] = json.loads((folder / "phrases_dict.json").read_bytes())
    assert len(phrases) > 40_000 and len(PHRASES_DICT) < len(phrases) / 10
    wrong = [
        phrase
        for phrase, said in phrases.items()
        if sounds_of(phrase) != [to_normal(one[0]) for one in said]
    ]
    assert not wrong

"""Every source that a shipped pack names is said in words that a reader of its language knows."""

import re

import pytest

from gongdao.policy.load import load_pack, pack_names
from gongdao.policy.sources import say_source


def test_no_page_in_chinese_shows_a_source_in_english() -> None:
    packs = [load_pack(name) for name in pack_names()]
    sources = {rule.source for pack in packs for rule in pack.rules.values()}
    assert len(sources) > 100
    for source in sources:
        said = re.sub(r"[A-Z]+\d?-[A-Z0-9-]+", "", say_source(source, "zh"))
        assert not re.search(r"[a-z]{2,}|Seed|种子", said), (source, said)
        assert "Seed" not in say_source(source, "en"), source


@pytest.mark.parametrize(
    ("source", "chinese", "english"),
    [
        (
            "S0-06, S0-02",
            "《淘宝投诉电话流程》等文章（S0-06，S0-02）",
            "“Taobao's complaint line, step by step” and other articles (S0-06, S0-02)",
        ),
        (
            "Seed S2, FAQ",
            "《淘宝售后服务攻略》“常见问题”",
            "“A guide to Taobao's after-sales service”, FAQ",
        ),
        (
            "E-Commerce Law, article 49",
            "《电子商务法》第 49 条",
            "E-Commerce Law, article 49",
        ),
        ("the mayor's word", "the mayor's word", "the mayor's word"),
    ],
)
def test_a_source_is_said_as_its_title(source: str, chinese: str, english: str) -> None:
    assert (say_source(source, "zh"), say_source(source, "en")) == (chinese, english)

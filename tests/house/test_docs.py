"""The documents keep up with the code."""

import re
from pathlib import Path

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def test_every_link_leads_somewhere(tree: list[Path]) -> None:
    dead = [
        f"{path}: {target}"
        for path in tree
        if path.suffix == ".md"
        for target in LINK.findall(FENCE.sub("", path.read_text("utf-8")))
        if not re.match(r"[a-z]+:|#", target)
        and not (path.parent / target.partition("#")[0]).exists()
    ]
    assert not dead, f"{dead}\nMend the link, or write the page that it promises."


def test_every_setting_is_described(package: list[Path], root: Path) -> None:
    read = re.compile(r"""["'](GONGDAO_[A-Z_]+|HOST|PORT|WEB_[A-Z_]+)["']""")
    names = {name for path in package for name in read.findall(path.read_text("utf-8"))}
    described = (root / "docs" / "operating.md").read_text("utf-8")
    missing = sorted(name for name in names if f"`{name}`" not in described)
    assert not missing, f"{missing}\nSay in the table of docs/operating.md what they do."

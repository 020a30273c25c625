"""Nothing in the tree names a place that is true on one machine only."""

import re
from pathlib import Path

#: In two halves, so that this file may stand in the tree that it reads.
HOSTS = [
    *(
        ("pypi.", "org"),
        ("pythonhosted.", "org"),
        ("registry.npmjs.", "org"),
        ("npmmirror.", "com"),
    ),
    *(("deb.debian.", "org"), ("jsdelivr.", "net"), ("unpkg.", "com"), ("cdnjs.", "cloudflare")),
    *(("fonts.googleapis.", "com"), ("tuna.tsinghua.", "edu")),
]
PLACES = re.compile("|".join(re.escape(first + second) for first, second in HOSTS))
#: A path of somebody's machine: after a quote, a space or an equals sign, not inside a URL.
PATHS = re.compile(r"""(?:^|[\s"'`=(:])/(?:work|root|home|Users|tmp)/[\w.]""")


def test_no_registry_and_no_foreign_origin(tree: list[Path]) -> None:
    found = [
        f"{path}: {hit[0]}" for path in tree for hit in PLACES.finditer(path.read_text("utf-8"))
    ]
    assert not found, (
        f"{found}\nPackages come by name through the client's own settings, and pages load from"
        " our own origin only: remove the address."
    )


def test_no_path_of_one_machine(tree: list[Path]) -> None:
    found = [
        f"{path}: {hit[0].strip()}"
        for path in tree
        for hit in PATHS.finditer(path.read_text("utf-8"))
    ]
    assert not found, f"{found}\nUse a path relative to the project, the home folder or tempfile."

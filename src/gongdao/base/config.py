"""Settings of an installation, read once from the environment."""

import os
from pathlib import Path

import msgspec


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """What differs from one installation to the next; every field is an environment variable."""

    home: Path
    """GONGDAO_HOME: where the embedded database, files and secrets live (./var)."""
    database_url: str | None
    """GONGDAO_DATABASE_URL: a PostgreSQL 15 or later; absent, the embedded one serves."""
    host: str
    """HOST: the address to listen on (127.0.0.1)."""
    port: int
    """PORT: the port to listen on (8000)."""
    files_url: str
    """GONGDAO_FILES_URL: file:///..., s3://bucket/prefix, memory:// (a folder under home)."""
    public_url: str
    """GONGDAO_PUBLIC_URL: how browsers reach the server; https turns on secure cookies."""
    channel: str
    """GONGDAO_CHANNEL: the payment channel; `simulator` is the embedded one."""
    channel_seconds_per_day: int
    """GONGDAO_CHANNEL_DAY: how long a working day of the simulated channel lasts (86400)."""


def read_config(env: dict[str, str] | None = None) -> Config:
    """Read the settings. Raises ValueError that names the variable that is wrong."""
    env = dict(os.environ) if env is None else env
    home = Path(env.get("GONGDAO_HOME", "var")).resolve()
    host = env.get("HOST", "127.0.0.1")
    port = _whole_number(env, "PORT", default=8000, least=1, most=65535)
    return Config(
        home=home,
        database_url=env.get("GONGDAO_DATABASE_URL") or None,
        host=host,
        port=port,
        files_url=env.get("GONGDAO_FILES_URL") or f"file://{home}/files",
        public_url=env.get("GONGDAO_PUBLIC_URL") or f"http://{host}:{port}",
        channel=env.get("GONGDAO_CHANNEL", "simulator"),
        channel_seconds_per_day=_whole_number(
            env, "GONGDAO_CHANNEL_DAY", default=86400, least=1, most=86400
        ),
    )


def _whole_number(env: dict[str, str], name: str, *, default: int, least: int, most: int) -> int:
    text = env.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}, not {text!r}")
    return int(text)

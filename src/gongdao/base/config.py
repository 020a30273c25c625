"""Settings of an installation, read once from the environment."""

import os
import re
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import msgspec


class WrongSetting(ValueError):
    """A variable of the environment that cannot be what it is set to; its text names it."""


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
    channel_collects: bool = False
    """GONGDAO_CHANNEL_COLLECTS: `on` lets the channel take money in. The simulator then confirms
    payments that nobody made: for demonstrations only. Else the operator records them (off)."""
    carrier: str = "none"
    """GONGDAO_CARRIER: whom to ask about parcels; `simulator` makes up their tracking (none)."""
    sms: str = "none"
    """GONGDAO_SMS: who sends text messages; `simulator` writes down what it would send (none)."""
    trusted_proxies: tuple[str, ...] = ()
    """GONGDAO_TRUSTED_PROXIES: addresses and networks whose X-Forwarded-For is believed (none)."""
    hsts_seconds: int = 0
    """GONGDAO_HSTS: how long browsers shall insist on https; 0 does not ask them to (0)."""
    live_url: str | None = None
    """GONGDAO_LIVE: a NATS server that carries news between processes (the database does)."""
    rate_limited: bool = True
    """GONGDAO_RATE_LIMIT: `off` lets everybody write as fast as they can (on)."""
    secret: str | None = None
    """GONGDAO_SECRET: 64 hexadecimal digits, the key of what is sealed (a file under home)."""
    mail_networks: tuple[str, ...] = ()
    """GONGDAO_MAIL_NETWORKS: private networks in which shops may have their mail servers (none)."""
    own_hosts: tuple[str, ...] = ()
    """GONGDAO_OWN_HOSTS: other hosts of this marketplace; links there lead nowhere else (none)."""
    demo: bool = False
    """GONGDAO_DEMO: `on` shows the log-ins of the demo where people sign in (off)."""

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the server over https."""
        return self.public_url.startswith("https://")


def read_config(env: dict[str, str] | None = None) -> Config:
    """Read the settings. Raises WrongSetting that names the variable that is wrong."""
    env = dict(os.environ) if env is None else env
    home = _folder(env, "GONGDAO_HOME", default="var")
    host = env.get("HOST", "127.0.0.1")
    port = _whole_number(env, "PORT", default=8000, least=1, most=65535)
    config = Config(
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
        channel_collects=_switch(env, "GONGDAO_CHANNEL_COLLECTS", default="off"),
        carrier=env.get("GONGDAO_CARRIER", "none"),
        sms=env.get("GONGDAO_SMS", "none"),
        trusted_proxies=_networks(env, "GONGDAO_TRUSTED_PROXIES"),
        hsts_seconds=_whole_number(env, "GONGDAO_HSTS", default=0, least=0, most=63_072_000),
        live_url=_live_url(env),
        rate_limited=_switch(env, "GONGDAO_RATE_LIMIT"),
        secret=_key(env, "GONGDAO_SECRET"),
        mail_networks=_networks(env, "GONGDAO_MAIL_NETWORKS"),
        own_hosts=_hosts(env, "GONGDAO_OWN_HOSTS"),
        demo=_switch(env, "GONGDAO_DEMO", default="off"),
    )
    if config.hsts_seconds and not config.is_https:
        raise WrongSetting("GONGDAO_HSTS needs a GONGDAO_PUBLIC_URL that begins with https://")
    return config


def _folder(env: dict[str, str], name: str, *, default: str) -> Path:
    """A folder that is there, or can be made."""
    folder = Path(env.get(name) or default).resolve()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise WrongSetting(
            f"{name} must be a folder in which files can be made, not {str(folder)!r}"
        )
    return folder


def _live_url(env: dict[str, str]) -> str | None:
    url = env.get("GONGDAO_LIVE") or None
    try:
        named = urlsplit(url or "nats://none")
        right = named.scheme in ("nats", "tls") and named.hostname and (named.port or True)
    except ValueError:
        right = False
    if not right:
        # Its text may hold a password, so it is not repeated.
        raise WrongSetting("GONGDAO_LIVE must be nats://host:port or tls://host:port")
    return url


def _networks(env: dict[str, str], name: str) -> tuple[str, ...]:
    """Addresses and networks between commas."""
    words = tuple(word.strip() for word in env.get(name, "").split(",") if word.strip())
    for word in words:
        try:
            ip_network(word)
        except ValueError:
            raise WrongSetting(
                f"{name} must be addresses or networks such as 10.0.0.0/8, not {word!r}"
            ) from None
    return words


def _hosts(env: dict[str, str], name: str) -> tuple[str, ...]:
    """Names of hosts between commas, without what stands before or after them in an address."""
    words = tuple(word.strip().lower() for word in env.get(name, "").split(",") if word.strip())
    for word in words:
        if not re.fullmatch(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+", word):
            raise WrongSetting(f"{name} must be hosts such as shop.example.com, not {word!r}")
    return words


def _key(env: dict[str, str], name: str) -> str | None:
    """32 bytes in hexadecimal digits."""
    text = env.get(name) or None
    if text is not None and not re.fullmatch("[0-9a-fA-F]{64}", text):
        raise WrongSetting(f"{name} must be 64 hexadecimal digits, as `openssl rand -hex 32` makes")
    return text


def _switch(env: dict[str, str], name: str, *, default: str = "on") -> bool:
    text = env.get(name, default)
    if text not in ("on", "off"):
        raise WrongSetting(f"{name} must be on or off, not {text!r}")
    return text == "on"


def _whole_number(env: dict[str, str], name: str, *, default: int, least: int, most: int) -> int:
    text = env.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise WrongSetting(f"{name} must be a whole number from {least} to {most}, not {text!r}")
    return int(text)

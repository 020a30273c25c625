"""The language in which a command speaks."""

import os

import typer

from gongdao.base.i18n import DEFAULT_LOCALE, Locale


def language(wanted: str) -> Locale:
    """The language of --lang; else that of the system where it names one; else Chinese."""
    match wanted:
        case "zh" | "en":
            return wanted
        case "":
            return _of_system()
        case _:
            typer.echo(f"--lang is zh or en, not {wanted!r}", err=True)
            raise typer.Exit(2)


def _of_system() -> Locale:
    env = os.environ
    named = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    neutral = named.partition(".")[0] in ("", "C", "POSIX")
    return DEFAULT_LOCALE if neutral or named.startswith("zh") else "en"

"""The scripts that one agent has at hand: the library, over it the shop's and their own. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale
from gongdao.scripts.bargain import Move
from gongdao.scripts.script import TEXT_MAX, TITLE_MAX, Owner, Script, Step, strange_fields


class OwnScript(msgspec.Struct, frozen=True, kw_only=True):
    """A script of a shop (no owner) or of one agent, as it stands today."""

    id: UUID
    shop_id: UUID
    owner_id: UUID | None
    replaces: str | None
    version: int
    step: Step
    move: Move | Literal[""]
    locale: Locale
    title: str
    body: str
    archived_at: datetime | None = None

    def as_script(self) -> Script:
        """The same as it is shown."""
        owner: Owner = "mine" if self.owner_id else "shop"
        return Script(
            ref=str(self.id), step=self.step, move=self.move, locale=self.locale,
            title=self.title, text=self.body, owner=owner, version=self.version,
            replaces=self.replaces or "",
        )  # fmt: skip


def lay_over(library: Iterable[Script], own: Iterable[OwnScript], locale: Locale) -> list[Script]:
    """The library without what was replaced, and what stands in its place or beside it.

    What an agent says in place of a script counts over what the shop says in its place.
    """
    spoken = [script for script in own if script.locale == locale]
    replaced = {script.replaces for script in spoken if script.replaces}
    by_agent = {script.replaces for script in spoken if script.replaces and script.owner_id}
    kept = [script for script in library if script.ref not in replaced]
    added = [
        script.as_script()
        for script in spoken
        if script.archived_at is None
        and (script.owner_id is not None or script.replaces not in by_agent)
    ]
    return added + kept


def at_key(scripts: Iterable[Script], key: str) -> Script | None:
    """The script of this key or id, or what stands in the place of this key."""
    return next((script for script in scripts if key in (script.ref, script.replaces)), None)


def require_sound(*, title: str, text: str, step: Step, move: Move | Literal[""]) -> None:
    """Refuse a script that cannot be said. Raises Refusal."""
    if not 1 <= len(title.strip()) <= TITLE_MAX or not 1 <= len(text.strip()) <= TEXT_MAX:
        raise Refusal(
            "invalid",
            N_("A title has up to {title} characters, a script up to {text}."),
            title=TITLE_MAX,
            text=TEXT_MAX,
        )
    if strange := strange_fields(text):
        raise Refusal("invalid", N_("There is no variable {{{name}}}."), name=strange[0])
    if move and step != "bargain":
        raise Refusal("invalid", N_("Only a script for bargaining is a move."))

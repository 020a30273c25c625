"""The drawing of a procedure, with a case's place in it; drawn once and kept."""

from functools import lru_cache

from markupsafe import Markup

from gongdao.base.i18n import Locale
from gongdao.flows.settings import pack_with
from gongdao.policy.draw import draw_svg
from gongdao.policy.pack import Pack


def draw_course(pack: Pack, procedure: str, *, here: str | None = None, locale: Locale) -> Markup:
    """A procedure as a drawing that can stand in a page."""
    return _draw(pack.name, frozenset(pack.changed_switches.items()), procedure, here, locale)


@lru_cache(maxsize=256)
def _draw(
    name: str,
    switches: frozenset[tuple[str, str]],
    procedure: str,
    here: str | None,
    locale: Locale,
) -> Markup:
    # The drawing escapes every text that it takes from the pack.
    return Markup(draw_svg(pack_with(name, dict(switches)), procedure, here, locale))  # noqa: S704

"""Manners at the service desk: a text is checked while it is typed."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import JSONBody

from gongdao.accounts.gate import Asked, may, principal_of
from gongdao.api.problems import locale_of
from gongdao.api.scripts import units
from gongdao.base.i18n import Locale
from gongdao.base.texts import NO_NUL
from gongdao.chat.body import TEXT_MAX
from gongdao.flows.talk.manners import look_over
from gongdao.policy.manners import Level
from gongdao.scripts.manners import Remark, worst


class TextToCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is being written, and in which conversation."""

    text: Annotated[str, msgspec.Meta(max_length=TEXT_MAX, pattern=NO_NUL)]
    conversation: UUID | None = None


class RemarkShown(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is minded. `start` and `end` count UTF-16 units, as screens do."""

    id: str
    level: Level
    start: int
    end: int
    reason: str
    rule: str
    source: str


class TextChecked(msgspec.Struct, frozen=True, kw_only=True):
    """What is minded in a text; `blocked`: it would be refused."""

    blocked: bool
    remarks: list[RemarkShown]


@post(
    "/desk/check-text",
    guards=[may("chat.serve")],
    summary="Check a text before it is sent",
    tags=["service desk"],
    status_code=200,
)
async def check_desk_text(request: Asked, data: JSONBody[TextToCheck]) -> TextChecked:
    """What the rule book, the shop, and one's own limit mind in a text."""
    remarks = await look_over(
        request.app.state.pool,
        principal_of(request),
        data.text,
        conversation_id=data.conversation,
    )
    locale = locale_of(request)
    return TextChecked(
        blocked=worst(remarks) == "block",
        remarks=[_shown(remark, data.text, locale) for remark in remarks],
    )


def _shown(remark: Remark, text: str, locale: Locale) -> RemarkShown:
    return RemarkShown(
        id=remark.id,
        level=remark.level,
        start=units(text[: remark.start]),
        end=units(text[: remark.end]),
        reason=remark.say.zh if locale == "zh" else remark.say.en,
        rule=remark.rule,
        source=remark.source,
    )


routes = [check_desk_text]

"""The lines of the access table for conversations and the desk, and a talk to try them on."""

from typing import Any
from uuid import UUID, uuid4

from tests.api.conftest import CLAIM, Town

from gongdao.base.clock import utc_now
from gongdao.base.ids import new_id
from gongdao.flows.talk.open_talk import Wish, open_talk
from gongdao.flows.talk.say import ToSay, say_in_talk

_BUYERS = frozenset({"buyer", "foreign buyer"})
_AT_THE_DESK = frozenset({"owner", "agent", "foreign owner"})
_LEADS = frozenset({"owner", "foreign owner"})
_JUDGES = frozenset({"arbiter", "supervisor"})
_EVERYBODY = (
    _BUYERS | _AT_THE_DESK | _JUDGES | {"operator", "auditor", "juror", "bare agent", "nobody"}
)
_THEIRS = frozenset({"buyer", "owner", "agent"})
_OF_THE_SHOP = frozenset({"owner", "agent"})
_TALK = "/api/v1/conversations/{conversation_id}"

CHAT_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        _EVERYBODY,
        "GET /widget.js, GET /api/v1/widget/shops/{shop_id}, POST /api/v1/widget/visitors",
    ),
    (_BUYERS | _AT_THE_DESK | _JUDGES, "GET /api/v1/conversations"),
    (_BUYERS | _AT_THE_DESK | _JUDGES, "GET /api/v1/conversations/search"),
    (_BUYERS | _AT_THE_DESK | _JUDGES, "GET /api/v1/shops/{shop_id}/storefront"),
    (_BUYERS, "POST /api/v1/conversations, GET /chats, GET /chats/search, GET /chat/{shop_id}"),
    (
        _THEIRS,
        f"""
        GET {_TALK}, GET {_TALK}/messages, POST {_TALK}/messages
        PUT {_TALK}/messages/{{seq}}/recall, PUT {_TALK}/mark, PUT {_TALK}/closure
        GET {_TALK}/excerpts, POST {_TALK}/excerpts, GET {_TALK}/cases
        """,
    ),
    (frozenset({"buyer"}), f"PUT {_TALK}/grade, GET /cases/{{case_id}}/chat"),
    (frozenset({"buyer"}), "GET /cases/{case_id}/chat/choose"),
    (
        _OF_THE_SHOP,
        """
        GET /shop/cases/{case_id}/chat, GET /shop/cases/{case_id}/chat/choose
        """,
    ),
    (_JUDGES, "GET /platform/cases/{case_id}/chat"),
    (
        _AT_THE_DESK,
        """
        GET /api/v1/desk, PUT /api/v1/desk/state, GET /api/v1/desk/agents
        GET /api/v1/desk/groups, GET /api/v1/desk/queue
        GET /desk/search
        """,
    ),
    (
        _LEADS,
        """
        GET /api/v1/desk/rules, PUT /api/v1/desk/rules, GET /api/v1/desk/changes
        POST /api/v1/desk/groups
        GET /api/v1/desk/widget-key, POST /api/v1/desk/widget-key
        GET /api/v1/desk/agents/{agent_id}/states
        GET /desk/figures, GET /desk/figures.csv, GET /desk/wall
        """,
    ),
    (
        _OF_THE_SHOP,
        f"POST {_TALK}/hand-over, GET {_TALK}/routings",
    ),
    # Of groups and agents that are not there.
    (
        frozenset(),
        """
        PUT /api/v1/desk/agents/{agent_id}, PUT /api/v1/desk/agents/{agent_id}/state
        DELETE /api/v1/desk/groups/{group_id}
        PUT /api/v1/desk/groups/{group_id}, PUT /api/v1/desk/groups/{group_id}/members
        """,
    ),
)
CHAT_BODIES: dict[str, Any] = {
    "/api/v1/conversations": {"shop_id": str(new_id())},
    f"{_TALK}/messages": {"client_id": str(new_id()), "body": {"text": "x"}},
    f"{_TALK}/excerpts": {"seqs": [1]},
    f"{_TALK}/hand-over": {"to_agent": str(new_id()), "reason": "x"},
    "/api/v1/widget/visitors": {"shop_id": str(new_id())},
}


async def begin_talk(town: Town) -> UUID:
    """The buyer says something to the shop that nobody else may read."""
    buyer = town.people["buyer"]
    wish = Wish(shop_id=town.ids["shop_id"])
    talk, _ = await open_talk(
        town.pool, buyer.person_id, wish, conversation_id=new_id(), now=utc_now()
    )
    sent = ToSay(conversation_id=talk.id, client_id=uuid4(), body={"text": CLAIM})
    await say_in_talk(town.pool, buyer, sent, now=utc_now())
    return talk.id

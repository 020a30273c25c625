"""Every address with every kind of person: who reaches it, and that nobody sees another's case.

A route that stands in no line of the table fails the test: say there who may reach it.
"""

import re

from tests.api.conftest import CLAIM
from tests.web.care_access import CARE_GROUPS
from tests.web.chat_access import CHAT_GROUPS
from tests.web.customers_access import CUSTOMER_GROUPS
from tests.web.desk_access import DESK_GROUPS
from tests.web.figures_access import FIGURE_GROUPS
from tests.web.guard_access import GUARD_GROUPS
from tests.web.guard_console_access import GUARD_CONSOLE_GROUPS
from tests.web.kit_access import KIT_ROUTES, MARK_ROUTES, RECEIPT_ROUTES
from tests.web.knowledge_access import KNOWLEDGE_GROUPS
from tests.web.mail_access import MAIL_GROUPS
from tests.web.orders_access import ORDER_GROUPS
from tests.web.quality_access import QUALITY_GROUPS
from tests.web.register_access import REGISTER_GROUPS
from tests.web.reviews_access import REVIEW_GROUPS
from tests.web.scripts_access import SCRIPT_GROUPS
from tests.web.team_access import TEAM_GROUPS
from tests.web.votes_access import VOTE_GROUPS
from tests.web.walk import Walk, reached

from gongdao.api.case_forms import RESOURCES

BUYERS = frozenset({"buyer", "foreign buyer"})
SHOPS = frozenset({"owner", "agent", "foreign owner"})
PLATFORM = frozenset({"arbiter", "supervisor", "operator", "auditor"})
#: They see no case but those of a jury, and the town has none.
JURORS = frozenset({"juror"})
SIGNED_IN = BUYERS | SHOPS | PLATFORM | JURORS | {"bare agent"}
EVERYBODY = SIGNED_IN | {"nobody"}
STRANGERS = frozenset({"nobody", "foreign buyer", "foreign owner", "bare agent", "juror"})
CASE = frozenset({"buyer", "owner", "agent"}) | PLATFORM
#: Who reaches what. An address of the case, order and file of the first shop's buyer is reached by
#: those whom it concerns; one without an id by everybody of its audience, who see their own there.
GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (
        EVERYBODY,
        """
        GET /api/docs, GET /api/v1/openapi.json, GET /healthz, GET /locale/{locale},
        GET /static/{file_path}
        GET /sign-in, POST /sign-in, POST /sign-out
        """,
    ),
    (EVERYBODY, KIT_ROUTES),
    (frozenset({"buyer"}), RECEIPT_ROUTES),
    (SHOPS | (PLATFORM - {"auditor"}), MARK_ROUTES),
    (
        SIGNED_IN,
        """
        GET /, GET /account, POST /account/password, POST /account/sessions/end-others
        POST /account/tokens, GET /api/v1/me, GET /api/v1/tokens, POST /api/v1/tokens
        GET /api/v1/packs, GET /api/v1/packs/{name}
        GET /api/v1/dialects, GET /api/v1/dialects/{dialect}
        POST /api/v1/dialects/{dialect}/meanings
        GET /api/v1/packs/{name}/procedures/{procedure}
        GET /notices, POST /notices/read, POST /files
        """,
    ),
    (
        SIGNED_IN - {"bare agent"} - JURORS,
        """
        GET /api/v1/cases, GET /api/v1/orders, POST /api/v1/files
        GET /api/v1/notices, POST /api/v1/notices/read
        """,
    ),
    (
        CASE,
        """
        GET /api/v1/cases/{case_id}, GET /api/v1/cases/{case_id}/events
        GET /api/v1/cases/{case_id}/dialects/{dialect}
        GET /api/v1/cases/{case_id}/money, GET /api/v1/files/{file_id}
        GET /api/v1/orders/{order_id}, GET /files/{file_id}, GET /files/{file_id}/thumb
        GET /live/{channel}
        """
        + ", ".join(
            f"POST /api/v1/cases/{{case_id}}/{resource}{end}"
            for resource in RESOURCES.values()
            for end in ("", "/preview")
        ),
    ),
    (
        CASE - {"arbiter", "operator"},
        """
        GET /api/v1/cases/{case_id}/dossier
        """,
    ),
    (
        frozenset({"buyer"}),
        """
        DELETE /api/v1/tokens/{token_id}, POST /account/tokens/{token_id}/revoke
        GET /cases/{case_id}, GET /cases/{case_id}/modify, POST /cases/{case_id}/modify
        POST /cases/{case_id}/{action}, GET /orders/{order_id}
        GET /orders/{order_id}/apply, POST /orders/{order_id}/apply
        POST /api/v1/orders/{order_id}/confirmation
        """,
    ),
    (BUYERS, "GET /cases, GET /orders"),
    (
        frozenset({"buyer", "owner", "agent"}),
        "POST /api/v1/orders/{order_id}/cases, POST /api/v1/orders/{order_id}/cases/preview",
    ),
    (
        frozenset({"owner", "agent"}),
        """
        GET /shop/cases/{case_id}, POST /shop/cases/{case_id}/{action}
        POST /shop/cases/{case_id}/preview/{action}, GET /shop/orders/{order_id}
        GET /shop/orders/{order_id}/report, POST /shop/orders/{order_id}/report
        POST /shop/orders/{order_id}/dispatch, POST /api/v1/orders/{order_id}/shipment
        POST /api/v1/orders/{order_id}/signature, GET /api/v1/orders/{order_id}/goodwill
        POST /api/v1/orders/{order_id}/goodwill, POST /shop/orders/{order_id}/goodwill
        """,
    ),
    (SHOPS | {"bare agent"}, "GET /shop"),
    *REGISTER_GROUPS,
    (SIGNED_IN, "POST /notices/register/read"),
    (SHOPS, "GET /shop/today, GET /api/v1/today"),
    (SHOPS, "GET /shop/inbox, GET /shop/orders, GET /shop/record"),
    (
        frozenset({"owner", "foreign owner"}),
        """
        GET /shop/money, GET /shop/money/statement.csv, POST /shop/money/top-ups
        GET /shop/orders/import, POST /shop/orders/import, POST /shop/orders/import/check
        GET /shop/staff, POST /shop/staff/people, POST /shop/staff/roles
        """,
    ),
    *ORDER_GROUPS,
    *CARE_GROUPS,
    *VOTE_GROUPS,
    *CHAT_GROUPS,
    *DESK_GROUPS,
    *KNOWLEDGE_GROUPS,
    *MAIL_GROUPS,
    *SCRIPT_GROUPS,
    *QUALITY_GROUPS,
    *REVIEW_GROUPS,
    *TEAM_GROUPS,
    *FIGURE_GROUPS,
    *GUARD_CONSOLE_GROUPS,
    *CUSTOMER_GROUPS,
    *GUARD_GROUPS,
    (
        PLATFORM,
        """
        GET /platform, GET /platform/cases, GET /platform/cases/next
        GET /platform/cases/{case_id}, POST /platform/cases/{case_id}/preview
        POST /platform/cases/{case_id}/{action}, GET /platform/policy, GET /platform/policy/{name}
        GET /platform/shops/{shop_id}, GET /platform/what-if, POST /platform/what-if
        """,
    ),
    (
        frozenset({"arbiter"}),
        """
        POST /platform/cases/{case_id}/claim, POST /platform/cases/{case_id}/release
        POST /platform/cases/next/claim, GET /platform/clusters
        POST /platform/clusters/{shop_id}/rule
        """,
    ),
    (JURORS | {"supervisor"}, "GET /platform/jury"),
    (frozenset({"operator", "auditor", "supervisor"}), "GET /platform/watch"),
    (frozenset({"auditor", "supervisor"}), "GET /platform/log"),
    (
        frozenset({"auditor", "operator"}),
        """
        GET /platform/money, GET /platform/money/check, GET /platform/money/shops
        GET /platform/money/totals, GET /platform/trouble
        """,
    ),
    (
        frozenset({"operator"}),
        """
        GET /platform/ties, POST /platform/ties, POST /platform/ties/{tie_id}/drop
        POST /platform/policy/{name}/choose, POST /platform/policy/{name}/switch
        GET /platform/staff, POST /platform/staff/people, POST /platform/staff/roles
        """,
    ),
    # Of people, sessions, payouts, notices, points and sanctions that are not there.
    (
        frozenset(),
        """
        GET /agreements/{secret}, POST /agreements/{secret}/signature
        POST /agreements/{secret}/refusal
        GET /platform/what-if/{retrial_id}
        GET /platform/clusters/{shop_id}, GET /platform/jury/{case_id}
        POST /platform/jury/{case_id}/vote
        GET /notices/{notice_id}, POST /account/sessions/{session_id}/end
        POST /platform/money/payouts/{payout_id}/retry
        POST /platform/shops/{shop_id}/points/{case_id}/{entry}/restore
        POST /platform/shops/{shop_id}/sanctions/{case_id}/{number}/lift
        POST /platform/staff/people/{person_id}/disable
        POST /platform/staff/people/{person_id}/enable
        POST /platform/staff/people/{person_id}/password
        POST /platform/staff/people/{person_id}/role
        POST /shop/staff/people/{person_id}/disable, POST /shop/staff/people/{person_id}/enable
        POST /shop/staff/people/{person_id}/password, POST /shop/staff/people/{person_id}/role
        """,
    ),
)
TABLE: dict[tuple[str, str], frozenset[str]] = {
    (path, method): who
    for who, routes in GROUPS
    for method, path in re.findall(r"(GET|POST|PUT|DELETE) ([^,\s]+)", routes)
}


#: What ends the session with which the walk goes on; tests of signing in try these.
ENDING = {"/sign-out", "/account/sessions/end-others", "/account/password"}
#: A form that is wrong is refused before it is asked whose case it is; nothing is changed by it.
FORM_REFUSED = {400, 413, 422}


async def test_every_route_stands_in_the_table(walk: Walk) -> None:
    assert set(walk.routes()) == set(TABLE)


async def test_strangers_see_and_change_nothing_of_others(walk: Walk) -> None:
    before = await walk.picture_of_all()
    numbers = await walk.town.pool.fetch("SELECT number FROM orders")
    marks = [CLAIM, *(row["number"] for row in numbers)]
    for path, method in walk.routes():
        if path in ENDING:
            continue
        for who in sorted(STRANGERS):
            answer = await walk.ask(who, method, path)
            told = f"{who}: {method} {path} gave {answer and answer.status_code}"
            assert answer is not None, told
            assert answer.status_code < 500, told
            assert not [mark for mark in marks if mark in answer.text], told
            if who not in TABLE[path, method]:
                refused = method != "GET" and answer.status_code in FORM_REFUSED
                assert refused or not reached(answer), told
    assert await walk.picture_of_all() == before


async def test_everybody_reaches_what_is_theirs_and_nothing_else(walk: Walk) -> None:
    wrong: list[str] = []
    for path, method in walk.routes():
        if path in ENDING:
            continue
        for who in sorted(EVERYBODY - STRANGERS):
            answer = await walk.ask(who, method, path)
            status = answer.status_code if answer else 200
            should = who in TABLE[path, method]
            told = f"{who}: {method} {path} gave {status}"
            assert status < 500, told
            # A command may be refused by the decision, which knows more than the table.
            if method == "GET" and reached(answer) != should:
                wrong.append(told)
            if method != "GET" and not should and reached(answer) and status not in FORM_REFUSED:
                wrong.append(told)
    assert not wrong, "\n".join(wrong)
